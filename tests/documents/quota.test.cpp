#include <doctest/doctest.h>

#include <algorithm>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/documents/wards.hpp"

using namespace medflow;
using namespace medflow::testing;
using files::filler;
using files::pdf;

namespace {

std::uint64_t limit(std::size_t bytes) { return bytes; }

std::size_t listed(Ward& ward) {
  return must(ward.doctor().call(documents::List{.patient_id = ward.patient})).data.size();
}

/// What a call is answered that this user's quota stands against.
template <class T>
bool over_quota(const Result<T>& result) {
  return code_of(result) == "document.quota" && fields_of(result) == "/content:quota.user";
}

}  // namespace

TEST_CASE("DOC-1: one user's files take no more than the tenant allows one user, and others go on") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames));
    const Session doctor = ward.doctor();
    const Session nurse = ward.hospital.as(Role::nurse);
    const std::string large = pdf(filler(60'000));
    const std::string small = pdf("small");
    // 0 means no limit of its own; what is sent meanwhile counts all the same.
    CHECK(must(ward.admin().call(settings::Get{})).user_files_bytes_max == 0);
    const auto first = must(doctor.call(ward.letter(large)));
    CHECK(ward.hospital.configure({.user_files_bytes_max = limit(large.size() + small.size())}).user_files_bytes_max ==
          large.size() + small.size());
    const std::size_t before = frames->left();
    const auto refused = doctor.call(ward.letter(large));
    CHECK(over_quota(refused));
    CHECK(refused.error().code.kind == Errc::conflict);
    auto unsaid = ward.letter(large);
    unsaid.content.size_bytes.reset();
    CHECK(over_quota(doctor.call(std::move(unsaid))));
    CHECK(over_quota(doctor.call(documents::Replace{.id = first.id,
                                                    .revision = first.revision,
                                                    .file_name = "letter.pdf",
                                                    .content = Content::of("application/pdf", large)})));
    CHECK(must(doctor.call(documents::Get{.id = first.id})).revision == first.revision);
    CHECK(frames->left() == before);
    CHECK(listed(ward) == 1);
    // To the last byte, and not one more.
    CHECK(code_of(doctor.call(ward.letter(small))) == "ok");
    CHECK(over_quota(doctor.call(ward.letter(small))));
    // What another has sent is no matter, up to a limit that is theirs.
    CHECK(code_of(nurse.call(ward.letter(large))) == "ok");
    CHECK(over_quota(nurse.call(ward.letter(large))));
    CHECK(over_quota(doctor.call(ward.letter(small))));
    CHECK(listed(ward) == 3);

    ward.hospital.configure({.user_files_bytes_max = limit(0)});
    CHECK(code_of(doctor.call(ward.letter(large))) == "ok");
    ward.hospital.configure({.user_files_bytes_max = limit(2 * (large.size() + small.size()))});
    CHECK(code_of(doctor.call(ward.letter(small))) == "ok");
    CHECK(over_quota(doctor.call(ward.letter(small))));
    // The tenant's own limit goes beside it.
    ward.hospital.configure({.files_bytes_max = limit(1), .user_files_bytes_max = limit(1'000'000)});
    const auto full = doctor.call(ward.letter(small));
    CHECK(code_of(full) == "document.quota");
    CHECK(fields_of(full).empty());
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-1: a user's quota is changed, not removed") {
  Ward ward{TestEngine("memory")};
  const auto set = [&](Change<std::uint64_t> to) {
    return ward.admin().call(
        settings::Update{.revision = must(ward.admin().call(settings::Get{})).revision, .user_files_bytes_max = to});
  };
  CHECK(must(set(limit(5))).user_files_bytes_max == 5);
  CHECK(fields_of(set(Change<std::uint64_t>::removed())) == ":setting.not_removable");
  CHECK(must(ward.admin().call(settings::Get{})).user_files_bytes_max == 5);
}

TEST_CASE("DOC-1: an upload that is given up, refused or left by a dead process takes none of its sender's room") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    auto frames = std::make_shared<Frames>();
    Ward ward(std::make_shared<WatchedEngine>(TestEngine(engine), frames));
    const std::string content = pdf(filler(2'200'000));
    ward.hospital.configure({.user_files_bytes_max = limit(content.size())});
    auto broken_off = ward.letter();
    broken_off.content = breaking_off("application/pdf", content, content.size() - 1);
    CHECK(code_of(ward.doctor().call(std::move(broken_off))) == "document.cut_short");
    CHECK(code_of(ward.doctor().call(ward.letter(content.substr(0, 1'300'000)))) == "document.polyglot");
    CHECK(frames->left() == 0);
    // From the first frames on the store refuses to write: nothing can be cleared away, as by a process that is gone.
    auto dead = ward.letter();
    dead.content.size_bytes.reset();
    dead.content.pull = [&, at = std::size_t{0}, before = frames->written.load()](std::span<std::byte> out) mutable {
      frames->refuses = frames->written > before;
      const std::size_t count = std::min(out.size(), content.size() - at);
      std::copy_n(reinterpret_cast<const std::byte*>(content.data()) + at, count, out.begin());
      at += count;
      return Result<std::size_t>(count);
    };
    CHECK(code_of(ward.doctor().call(std::move(dead))) == "store.unavailable");
    frames->refuses = false;
    CHECK(frames->left() == 16);

    CHECK(code_of(ward.doctor().call(ward.letter(content))) == "ok");
    CHECK(over_quota(ward.doctor().call(ward.letter())));
    CHECK(frames->left() == 16 + (content.size() + 65535) / 65536);
    // What takes away the frames of the dead leaves the count of what is there.
    for (int i = 0; i < 3; ++i) {
      ward.hospital.clock->advance_s(25 * 60 * 60);
      ward.tick();
    }
    CHECK(frames->left() == (content.size() + 65535) / 65536);
    CHECK(over_quota(ward.doctor().call(ward.letter())));
    CHECK(listed(ward) == 1);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("DOC-1: of a user's uploads at the same time no more are stored than there is room for") {
  constexpr std::size_t at_once = 4;
  constexpr std::size_t fit = 2;
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const EngineHome home(engine);  // its files have to be there when more readers open them
    Ward ward{home.engine()};
    const std::string content = pdf(filler(100'000));
    ward.hospital.configure({.user_files_bytes_max = limit(fit * content.size())});
    const Session doctor = ward.doctor();
    // Nobody reads on before all have been let in: at that time there was room for each.
    std::latch all_in(at_once);
    std::vector<std::string> answers(at_once);
    std::vector<std::thread> threads;
    for (std::string& answer : answers)
      threads.emplace_back([&] {
        bool in = false;
        auto request = ward.letter();
        request.content.size_bytes = content.size();
        request.content.pull = [&, at = std::size_t{0}](std::span<std::byte> out) mutable {
          if (!std::exchange(in, true)) all_in.arrive_and_wait();
          const std::size_t count = std::min(out.size(), content.size() - at);
          std::copy_n(reinterpret_cast<const std::byte*>(content.data()) + at, count, out.begin());
          at += count;
          return Result<std::size_t>(count);
        };
        answer = code_of(doctor.call(std::move(request)));
        if (!in) all_in.count_down();
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(std::count(answers.begin(), answers.end(), "ok") == fit);
    CHECK(std::count(answers.begin(), answers.end(), "document.quota") == at_once - fit);
    CHECK(listed(ward) == fit);
    CHECK(over_quota(doctor.call(ward.letter())));
  }
}

TEST_CASE("DOC-1: no document is given the id of a row that counts, whoever chooses it") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Ward ward{TestEngine(engine)};
    const UserId sender = ward.hospital.member(Role::doctor).id;
    const UserId other = ward.hospital.member(Role::nurse).id;
    const std::string content = pdf(filler(1'400'000));
    ward.hospital.configure({.user_files_bytes_max = limit(content.size())});
    for (const DocumentId& id : {documents::usage_id, documents::usage_id_of(sender), documents::usage_id_of(other)}) {
      auto request = ward.letter(content);
      request.id = id;
      CHECK(code_of(ward.doctor().call(std::move(request))) == "conflict.id_reused");
    }
    CHECK(listed(ward) == 0);
    CHECK(code_of(ward.doctor().call(ward.letter(content))) == "ok");
    CHECK(over_quota(ward.doctor().call(ward.letter())));
  }
}
