// How streams end that are not read to their end, and what a host's own code may throw.
#include "tests/support/streams.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "medflow/testing/faulty_engine.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

const std::string letter_bytes =
    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R "
    ">>\nstartxref\n52\n%%EOF\n";

/// An operation whose stream leaves an event when it ends, and who reads it here.
struct Streaming {
  std::string_view action{};
  Role role{};
  std::function<Result<Stream>(const Session&)> open{};
};

std::vector<Streaming> kinds(Charted& ward) {
  const auto letter =
      must(ward.doctor().call(documents::Upload{.patient_id = ward.patient.id,
                                                .file_name = "letter.pdf",
                                                .content = Content::of("application/pdf", letter_bytes)}));
  return {{"audit.export", Role::auditor, [](const Session& by) { return by.call(audit::Export{}); }},
          {"documents.download", Role::doctor,
           [id = letter.id](const Session& by) { return by.call(documents::Download{.id = id}); }},
          {"patients.export", Role::doctor, [id = ward.patient.id](const Session& by) {
             return by.call(patients::Export{.id = id, .reason = "the patient asked for it"});
           }}};
}

/// How the streams of somebody ended: "audit.export ok 7", in order.
std::vector<std::string> ends(Charted& ward, const Streaming& kind) {
  const UserId user = ward.hospital.member(kind.role).id;
  std::vector<std::string> all;
  for (const ReadEvent& each : events(ward.admin()))
    if (each.event.action == kind.action && each.event.on_behalf_of == user.uuid)
      all.push_back(each.text() + ' ' + std::to_string(each.event.count));
  return all;
}

/// The next transaction fails as it commits; those after it do not.
void fail_commit(Faults& faults, storage::FaultKind kind) {
  faults.script([kind, failed = false](const StorageStep& at) mutable {
    if (at.call == StorageCall::commit && !std::exchange(failed, true))
      throw storage::Fault{kind, "key", "made to fail"};
  });
}

}  // namespace

TEST_CASE("AUD-1: a stream that nobody reads leaves an event that says so, once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    for (const Streaming& kind : kinds(ward)) {
      CAPTURE(kind.action);
      const Session by = ward.hospital.as(kind.role);
      {
        const std::vector<Stream> unread(2, must(kind.open(by)));
        CHECK(ends(ward, kind).empty());
      }
      CHECK(ends(ward, kind) == std::vector{std::string(kind.action) + " error stream.broken_off 0"});
      static_cast<void>(read_all(must(kind.open(by))));
      REQUIRE(ends(ward, kind).size() == 2);
      CHECK(ends(ward, kind)[1].starts_with(std::string(kind.action) + " ok "));
    }
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("AUD-1: a stream whose call failed has no end, and one whose call was run again has one") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    const auto faults = std::make_shared<Faults>();
    Charted ward{make_platform(std::make_shared<FaultyEngine>(TestEngine(engine), faults))};
    for (const Streaming& kind : kinds(ward)) {
      CAPTURE(kind.action);
      const Session by = ward.hospital.as(kind.role);
      fail_commit(*faults, storage::FaultKind::unavailable);
      CHECK(code_of(kind.open(by)) == "store.unavailable");
      CHECK(faults->count() == 1);
      CHECK(ends(ward, kind).empty());
      fail_commit(*faults, storage::FaultKind::unique);
      static_cast<void>(read_all(must(kind.open(by))));
      CHECK(faults->count() == 1);
      REQUIRE(ends(ward, kind).size() == 1);
      CHECK(ends(ward, kind)[0].starts_with(std::string(kind.action) + " ok "));
      faults->clear();
    }
  }
}

TEST_CASE("AUD-1: whoever submits a call may drop its stream where it is answered") {
  constexpr int looks_max = 1'000;
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Streaming kind = kinds(ward)[0];
    const Session by = ward.hospital.as(kind.role);
    std::promise<std::string> answered;
    by.submit(audit::Export{}, [&](Result<Stream> answer) {
      if (answer.ok()) answer->pull = nullptr;
      answered.set_value(code_of(answer));
    });
    CHECK(answered.get_future().get() == "ok");
    for (int looks = 0; looks < looks_max && ends(ward, kind).empty(); ++looks) std::this_thread::yield();
    CHECK(ends(ward, kind) == std::vector<std::string>{"audit.export error stream.broken_off 0"});
  }
}

TEST_CASE("USR-4 USR-8: a stream ends with the session that asked for it, and its last event says so") {
  for (const std::string_view engine : engine_names) {
    for (std::size_t i = 0; i < 3; ++i) {
      CAPTURE(engine);
      Charted ward{TestEngine(engine)};
      const Streaming kind = kinds(ward).at(i);
      CAPTURE(kind.action);
      const Stream stream = must(kind.open(ward.hospital.as(kind.role)));
      std::array<std::byte, 20> room{};
      CHECK(must(stream.pull(room)) == room.size());
      must(ward.admin().call(users::Disable{.id = ward.hospital.member(kind.role).id}));
      CHECK(code_of(stream.pull(room)) == "unauthenticated");
      CHECK(code_of(stream.pull(room)) == "unauthenticated");
      REQUIRE(ends(ward, kind).size() == 1);
      CHECK(ends(ward, kind)[0].starts_with(std::string(kind.action) + " error unauthenticated "));
      CHECK(must(ward.admin().call(audit::Verify{})).intact);
    }
  }
}

TEST_CASE("DOC-1 REL-2: what a host's own code throws, whatever it is, is answered as internal") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    const auto faults = std::make_shared<Faults>();
    Charted ward{make_platform(std::make_shared<FaultyEngine>(TestEngine(engine), faults))};
    const Session doctor = ward.doctor();
    const auto letter = [&] {
      return documents::Upload{.patient_id = ward.patient.id,
                               .file_name = "letter.pdf",
                               .content = {.media_type = "application/pdf",
                                           .pull = [](std::span<std::byte>) -> Result<std::size_t> { throw 42; }}};
    };
    const auto submitted = [&](auto request) {
      std::promise<std::string> answered;
      doctor.submit(std::move(request), [&](auto answer) { answered.set_value(code_of(answer)); });
      return answered.get_future().get();
    };
    CHECK(code_of(doctor.call(letter())) == "internal");
    CHECK(submitted(letter()) == "internal");

    const auto fail = [&] {
      faults->script([](const StorageStep& at) {
        if (at.call == StorageCall::commit) throw 42;
      });
    };
    fail();
    CHECK(code_of(doctor.call(patients::Get{.id = ward.patient.id})) == "internal");
    CHECK(submitted(patients::Get{.id = ward.patient.id}) == "internal");
    faults->clear();
    CHECK(submitted(patients::Get{.id = ward.patient.id}) == "ok");
  }
}
