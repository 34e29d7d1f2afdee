// What somebody outside can hold a hospital's audit log to: checkpoints that go to sinks, and proofs.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>

#include "audit/checkpoint.hpp"
#include "audit/event.hpp"
#include "audit/proof.hpp"
#include "crypto/codec.hpp"
#include "tests/support/events.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;
namespace fs = std::filesystem;

namespace {

/// Keeps everything; refuses while it is told to.
class MemorySink final : public CheckpointSink {
 public:
  void keep(std::string_view origin, std::string_view note) override {
    if (down) throw std::runtime_error("the witness is down");
    notes[std::string(origin)].emplace_back(note);
  }
  std::string held(std::string_view origin) override {
    std::string text;
    for (const auto& note : notes[std::string(origin)]) text += note + "\n";
    return text;
  }
  std::map<std::string, std::vector<std::string>> notes{};
  bool down = false;
};

/// A clock whose hands can be moved apart.
class TwoHands final : public Clock {
 public:
  Instant now() override { return {wall}; }
  std::int64_t steady_us() override { return steady; }
  bool synchronised() override { return right; }
  std::int64_t wall = 1'795'305'600'000'000;
  std::int64_t steady = 1'000'000;
  bool right = false;
};

struct Deployment {
  explicit Deployment(std::string_view engine_name) : engine(engine_name) {}
  TestEngine engine;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<MemorySink> sink = std::make_shared<MemorySink>();

  PlatformOptions options() const {
    auto out = test_options(engine, clock);
    out.checkpoint_sinks = {sink};
    return out;
  }
};

crypto::PublicKey key_of(const std::string& verifier_key) {
  const auto bytes = crypto::from_base64(
      std::string_view(verifier_key).substr(verifier_key.find('+', verifier_key.find('+') + 1) + 1));
  REQUIRE(bytes);
  REQUIRE(bytes->size() == 33);
  crypto::PublicKey key;
  std::copy_n(reinterpret_cast<const std::byte*>(bytes->data()) + 1, key.size(), key.begin());
  return key;
}

audit::Digest digest(const std::string& text) {
  const auto bytes = crypto::from_base64(text);
  REQUIRE(bytes);
  REQUIRE(bytes->size() == 32);
  audit::Digest out;
  std::copy_n(reinterpret_cast<const std::byte*>(bytes->data()), out.size(), out.begin());
  return out;
}

std::vector<audit::Digest> digests(const std::vector<std::string>& texts) {
  std::vector<audit::Digest> out;
  for (const auto& text : texts) out.push_back(digest(text));
  return out;
}

/// What the checkpoints of a log say, newest last.
std::vector<audit::SizeAndRoot> opened(const MemorySink& sink, const audit::LogHead& head) {
  std::vector<audit::SizeAndRoot> out;
  for (const auto& note : sink.notes.at(head.origin)) {
    const auto state = audit::open_checkpoint(note, head.origin, key_of(head.verifier_key));
    REQUIRE(state);
    out.push_back(*state);
  }
  return out;
}

}  // namespace

TEST_CASE("AUD-2: a dirty log is signed with a tick, once a second at most, and the checkpoint goes to the sinks") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Deployment it(name);
    Hospital hospital(it.options(), it.clock);
    const Session admin = hospital.as(Role::tenant_admin);
    CHECK(hospital.platform.tick(it.clock->now()).empty());
    const auto head = must(admin.call(audit::GetHead{}));
    CHECK(head.origin == "medflow/local/" + hospital.tenant.id.text());
    REQUIRE(head.checkpoint);
    auto seen = opened(*it.sink, head);
    CHECK(crypto::base64(seen.back().root) == head.checkpoint->root);
    CHECK(seen.back().size == head.checkpoint->size);
    CHECK(seen.back().size == head.size);  // the head's own event comes after

    CHECK(hospital.platform.tick(it.clock->now()).empty());
    CHECK(opened(*it.sink, head).size() == seen.size());  // the second is not over
    it.clock->advance_s(1);
    CHECK(hospital.platform.tick(it.clock->now()).empty());
    const auto next = opened(*it.sink, head);
    CHECK(next.size() == seen.size() + 1);
    CHECK(next.back().size == head.size + 1);
    it.clock->advance_s(1);
    CHECK(hospital.platform.tick(it.clock->now()).empty());
    CHECK(opened(*it.sink, head).size() == next.size());  // nothing came
    CHECK(must(admin.call(audit::Verify{})).intact);
    CHECK(hospital.platform.degradations() == std::vector<std::string>{"recovery.unset"});
  }
}

TEST_CASE("AUD-2: 1,024 events are signed without a tick") {
  Deployment it("memory");
  Hospital hospital(it.options(), it.clock);
  const Session admin = hospital.as(Role::tenant_admin);
  for (int i = 0; i < 1'100; ++i) must(admin.call(facilities::List{}));
  const auto page = must(admin.call(audit::ListCheckpoints{}));
  REQUIRE(page.data.size() == 1);
  CHECK(page.data[0].size >= 1'024);
}

TEST_CASE("AUD-2: opening and closing a tenant are events, and the close is signed") {
  Deployment it("sqlite");
  std::optional<Hospital> hospital(std::in_place, it.options(), it.clock);
  const auto head = must(hospital->as(Role::tenant_admin).call(audit::GetHead{}));
  const std::string token = hospital->member(Role::tenant_admin).tokens.access_token;
  hospital.reset();
  const auto last = opened(*it.sink, head).back();
  CHECK(last.size == head.size + 2);  // the head's own event, and the closing one
  const Platform platform = must(Platform::open(it.options()));
  const Session admin = must(platform.authenticate(token));
  const auto log = events(admin);
  REQUIRE(log.size() > last.size);
  CHECK(log.at(last.size - 1).event.action == "tenants.close");
  CHECK(log.at(last.size).event.action == "tenants.open");
  CHECK(must(admin.call(audit::Verify{})).intact);
}

TEST_CASE("AUD-2: a log that is put back to an older state is found by what a sink holds, and never signed again") {
  Deployment it("sqlite");
  std::optional<Hospital> hospital(std::in_place, it.options(), it.clock);
  hospital->as(Role::tenant_admin);
  const std::string token = hospital->member(Role::tenant_admin).tokens.access_token;
  hospital.reset();
  const fs::path data = it.engine.folder() / "data";
  const fs::path older = it.engine.folder() / "older";
  fs::copy(data, older, fs::copy_options::recursive);
  std::string origin;
  {
    const Platform platform = must(Platform::open(it.options()));
    origin = must(must(platform.authenticate(token)).call(audit::GetHead{})).origin;
  }
  for (const auto& entry : fs::recursive_directory_iterator(older))
    if (entry.path().extension() == ".db")
      fs::copy_file(entry.path(), data / fs::relative(entry.path(), older), fs::copy_options::overwrite_existing);
  const std::size_t signed_before = it.sink->notes.at(origin).size();
  const Platform platform = must(Platform::open(it.options()));
  const Session admin = must(platform.authenticate(token));
  const auto verified = must(admin.call(audit::Verify{}));
  CHECK_FALSE(verified.intact);
  CHECK(std::any_of(verified.findings.begin(), verified.findings.end(),
                    [](const auto& finding) { return finding.kind == "cut"; }));
  const auto troubles = platform.tick(it.clock->now().plus_s(10));
  REQUIRE_FALSE(troubles.empty());
  CHECK(std::any_of(troubles.begin(), troubles.end(), [](const auto& trouble) {
    return trouble.task == "checkpoints" && trouble.error.code.name == "checkpoint.refused";
  }));
  for (int i = 0; i < 40; ++i) must(admin.call(facilities::List{}));  // longer than it was: now it is a fork
  platform.tick(it.clock->now().plus_s(20));
  CHECK(it.sink->notes.at(origin).size() == signed_before);
  CHECK(platform.degradations() == std::vector<std::string>{"checkpoint.refused", "recovery.unset"});
  const auto again = must(admin.call(audit::Verify{}));
  CHECK(std::any_of(again.findings.begin(), again.findings.end(),
                    [](const auto& finding) { return finding.kind == "fork"; }));
}

TEST_CASE("AUD-2: a sink that is down gets everything once it is back, and nobody waits for it") {
  Deployment it("memory");
  Hospital hospital(it.options(), it.clock);
  const Session admin = hospital.as(Role::tenant_admin);
  const auto head = must(admin.call(audit::GetHead{}));
  CHECK(hospital.platform.tick(it.clock->now()).empty());
  const auto before = it.sink->notes.at(head.origin).size();
  it.sink->down = true;
  for (int i = 0; i < 3; ++i) {
    must(admin.call(facilities::List{}));
    it.clock->advance_s(2);
    const auto troubles = hospital.platform.tick(it.clock->now());
    REQUIRE_FALSE(troubles.empty());
    CHECK(troubles[0].task == "checkpoints");
  }
  it.sink->down = false;
  CHECK(hospital.platform.tick(it.clock->now()).empty());
  CHECK(it.sink->notes.at(head.origin).size() == before + 3);
}

TEST_CASE("AUD-2: a sink that is down keeps nothing from those behind it, and a tenant's last event is written") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Deployment it(name);
    const auto second = std::make_shared<MemorySink>();
    auto options = it.options();
    options.checkpoint_sinks.push_back(second);
    std::optional<Hospital> hospital(std::in_place, options, it.clock);
    const Session admin = hospital->as(Role::tenant_admin);
    const auto head = must(admin.call(audit::GetHead{}));
    CHECK(hospital->platform.tick(it.clock->now()).empty());
    REQUIRE(second->notes.at(head.origin) == it.sink->notes.at(head.origin));
    const auto before = second->notes.at(head.origin).size();
    it.sink->down = true;
    for (std::size_t i = 1; i <= 3; ++i) {
      must(admin.call(facilities::List{}));
      it.clock->advance_s(2);
      const auto troubles = hospital->platform.tick(it.clock->now());
      REQUIRE_FALSE(troubles.empty());
      CHECK(troubles[0].task == "checkpoints");
      CHECK(second->notes.at(head.origin).size() == before + i);
    }
    it.sink->down = false;
    CHECK(hospital->platform.tick(it.clock->now()).empty());
    CHECK(it.sink->notes.at(head.origin) == second->notes.at(head.origin));
    const auto size = opened(*second, head).back().size;
    it.sink->down = true;
    hospital.reset();
    CHECK(opened(*second, head).back().size == size + 1);  // the closing event
  }
}

TEST_CASE("AUD-2: a note of which a full disk took only a piece leaves nothing in the folder of checkpoints") {
  const TemporaryFolder folder;
  const std::string file = folder / "sink/medflow.local.x.checkpoints";
  const auto sink = file_checkpoint_sink(folder / "sink");
  const auto signer = crypto::Signer(std::array<std::byte, 32>{std::byte{1}});
  const std::string one = audit::sign_checkpoint(signer, "medflow/local/x", {.size = 1});
  const std::string two = audit::sign_checkpoint(signer, "medflow/local/x", {.size = 2});
  sink->keep("medflow/local/x", one);
  const auto size = fs::file_size(file);
  limit_file_size(size + two.size() - 20);
  CHECK_THROWS(sink->keep("medflow/local/x", two));
  limit_file_size(RLIM_INFINITY);
  CHECK(fs::file_size(file) == size);
  sink->keep("medflow/local/x", two);
  CHECK(sink->held("medflow/local/x") == one + "\n" + two);
}

TEST_CASE(
    "AUD-2: wherever a note in the folder of checkpoints is torn, an honest log verifies, and an edited note is "
    "found") {
  const TemporaryFolder folder;
  Deployment it("memory");
  auto options = it.options();
  const auto sink = file_checkpoint_sink(folder / "sink");
  options.checkpoint_sinks = {sink};
  Hospital hospital(options, it.clock);
  const Session admin = hospital.as(Role::tenant_admin);
  REQUIRE(hospital.platform.tick(it.clock->now()).empty());
  const auto head = must(admin.call(audit::GetHead{}));
  std::string name = head.origin;
  std::replace(name.begin(), name.end(), '/', '.');
  const std::string file = folder / ("sink/" + name + ".checkpoints");
  const std::string held = sink->held(head.origin);
  const std::string note(audit::split_notes(held).back());
  for (std::size_t cut = 1; cut <= note.size(); ++cut) {
    CAPTURE(cut);
    std::ofstream(file, std::ios::app) << '\n' << note.substr(0, cut);
    it.clock->advance_s(1);
    REQUIRE(hospital.platform.tick(it.clock->now()).empty());  // the last round's look is signed
    REQUIRE(must(admin.call(audit::Verify{})).intact);
  }
  std::string edited = note;
  edited[edited.size() - 20] = edited[edited.size() - 20] == 'A' ? 'B' : 'A';
  std::ofstream(file, std::ios::app) << '\n' << edited;
  CHECK_FALSE(must(admin.call(audit::Verify{})).intact);
}

TEST_CASE("AUD-2: the folder of checkpoints holds whole notes only, and takes up where it was") {
  const TemporaryFolder folder;
  const std::string file = folder / "sink/medflow.local.x.checkpoints";
  const auto sink = file_checkpoint_sink(folder / "sink");
  const auto signer = crypto::Signer(std::array<std::byte, 32>{std::byte{1}});
  const std::string one = audit::sign_checkpoint(signer, "medflow/local/x", {.size = 1});
  const std::string two = audit::sign_checkpoint(signer, "medflow/local/x", {.size = 2});
  CHECK(sink->held("medflow/local/x").empty());
  sink->keep("medflow/local/x", one);
  fs::resize_file(file, fs::file_size(file) + 20);  // a power cut left zeros
  sink->keep("medflow/local/x", two.substr(0, 40));
  sink->keep("medflow/local/x", two);
  CHECK(sink->held("medflow/local/x") == one + "\n" + two);
  CHECK(sink->held("medflow/local/y").empty());
  CHECK((fs::status(file).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE(
    "AUD-2: inclusion and consistency are proved over the public operations, and hold with nothing but the export") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Deployment it(name);
    Hospital hospital(it.options(), it.clock);
    const Session admin = hospital.as(Role::tenant_admin);
    for (int i = 0; i < 300; ++i) must(admin.call(facilities::List{}));
    REQUIRE(hospital.platform.tick(it.clock->now()).empty());
    const auto head = must(admin.call(audit::GetHead{}));
    const auto lines = events(admin);
    REQUIRE(lines.size() >= head.size);
    for (const std::uint64_t seq : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{256}, head.checkpoint->size}) {
      CAPTURE(seq);
      const auto proof = must(admin.call(audit::ProveInclusion{.seq = seq}));
      const auto leaf = audit::leaf_hash(lines.at(seq - 1).bytes);
      CHECK(digest(proof.leaf) == leaf);
      const auto state = audit::open_checkpoint(proof.note, head.origin, key_of(head.verifier_key));
      REQUIRE(state);
      CHECK(state->size == proof.size);
      CHECK(audit::inclusion_holds(seq - 1, proof.size, leaf, state->root, digests(proof.hashes)));
    }
    const auto proof = must(admin.call(audit::ProveConsistency{.earlier_size = 100, .size = head.size}));
    CHECK(digest(proof.root) == digest(head.root));
    CHECK(
        audit::consistency_holds(100, digest(proof.earlier_root), head.size, digest(head.root), digests(proof.hashes)));
    CHECK(code_of(admin.call(audit::ProveInclusion{.seq = 5'000})) == "invalid");
    CHECK(fields_of(admin.call(audit::ProveInclusion{.seq = 9, .size = 8})) == "/seq:number.out_of_range");
    CHECK(fields_of(admin.call(audit::ProveConsistency{.earlier_size = 9, .size = 8})) ==
          "/earlier_size:number.out_of_range");
    CHECK(code_of(hospital.as(Role::receptionist).call(audit::GetHead{})) == "forbidden");
  }
}

TEST_CASE("AUD-2: checkpoints are listed page by page, the newest first") {
  Deployment it("memory");
  Hospital hospital(it.options(), it.clock);
  const Session admin = hospital.as(Role::tenant_admin);
  for (int i = 0; i < 5'400; ++i) must(admin.call(facilities::List{}));
  const auto all = must(admin.call(audit::ListCheckpoints{}));
  REQUIRE(all.data.size() >= 5);
  CHECK(std::is_sorted(all.data.begin(), all.data.end(), [](const auto& a, const auto& b) { return a.size > b.size; }));
  std::vector<std::uint64_t> sizes;
  audit::ListCheckpoints request{.limit = 2};
  Page<audit::Checkpoint> page;
  do {
    page = must(admin.call(request));
    for (const auto& checkpoint : page.data) sizes.push_back(checkpoint.size);
    if (page.page.next) request.cursor = *page.page.next;
  } while (page.page.next);
  CHECK(sizes.size() == all.data.size());
  REQUIRE(page.page.prev);
  const auto before = must(admin.call(audit::ListCheckpoints{.limit = 2, .cursor = *page.page.prev}));
  REQUIRE(before.data.size() == 2);
  CHECK(before.data.back().size > page.data.front().size);
  CHECK(code_of(admin.call(audit::ListCheckpoints{.cursor = "nonsense"})) == "cursor.invalid");
}

TEST_CASE(
    "AUD-2: a clock that was set by more than two seconds is an event, and each event says whether it was right") {
  const TestEngine engine("memory");
  auto clock = std::make_shared<TwoHands>();
  auto options = test_options(engine, clock);
  const Platform platform = must(Platform::open(std::move(options)));
  const Session root = platform.local_operator("test");
  const auto status = [&] { must(root.call(platforms::GetStatus{})); };
  const auto run = [&](std::int64_t wall_s, std::int64_t steady_s) {
    clock->wall += wall_s * 1'000'000;
    clock->steady += steady_s * 1'000'000;
    status();
  };
  status();
  run(10, 10);
  run(11, 10);  // drift
  run(60, 1);   // set on
  run(5, 5);
  run(-60, 1);  // set back
  clock->right = true;
  status();
  std::vector<std::string> actions;
  const auto log = events(root);
  for (const auto& read : log) actions.emplace_back(read.event.action);
  CHECK(std::count(actions.begin(), actions.end(), "clock.step") == 2);
  CHECK_FALSE(log.front().event.clock_synchronised);
  CHECK(log.back().event.clock_synchronised);
}
