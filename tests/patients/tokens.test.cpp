// Exact-match tokens: those of the patients that were written last are in memory, the others in their table.
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernel/tables.hpp"
#include "patients/entities.hpp"
#include "patients/token_index.hpp"
#include "patients/token_table.hpp"
#include "storage/entity.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/watched_engine.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr int everybody = 45;  // with four tokens each: the table is brought up to date after 16, and again

patients::Register person(int i) {
  const std::string number = std::to_string(i);
  return {.names = {{.family = "Person", .given = {"Ann"}}},
          .sex_admin = patients::Sex::female,
          .identifiers = {{.system = "urn:test:national", .value = "N-" + number}},
          .phones = {{.e164 = "+442071234" + std::to_string(100 + i)}},
          .emails = {"Person" + number + "@example.org"},
          .language = "en"};
}

std::vector<PatientId> ids_of(const Session& session, const patients::List& list) {
  std::vector<PatientId> ids;
  for (const auto& patient : must(session.call(patients::List(list))).data) ids.push_back(patient.id);
  return ids;
}

struct Made {
  PatientId id{};
  std::string mrn{};
};

void find_all(const Session& desk, const std::vector<Made>& made) {
  for (int i = 0; i < everybody; ++i) {
    CAPTURE(i);
    const Made& one = made[static_cast<std::size_t>(i)];
    const std::vector<PatientId> only{one.id};
    CHECK(ids_of(desk, {.mrn = one.mrn}) == only);
    CHECK(ids_of(desk, {.identifier = "urn:test:national|n" + std::to_string(i)}) == only);
    CHECK(ids_of(desk, {.identifier = "N " + std::to_string(i)}) == only);
    CHECK(ids_of(desk, {.identifier = "urn:test:other|N-" + std::to_string(i)}).empty());
    CHECK(ids_of(desk, {.phone = "+442071234" + std::to_string(100 + i)}) == only);
    CHECK(ids_of(desk, {.email = "person" + std::to_string(i) + "@EXAMPLE.org"}) == only);
  }
}

/// A patient's identifier changes; the old one is nobody's and can be another's.
void change_identifier(const Session& desk, const Made& one, int i) {
  const auto before = must(desk.call(patients::Get{.id = one.id}));
  patients::Patch patch{.id = one.id, .revision = before.revision};
  patch.identifiers =
      std::vector<patients::Identifier>{{.system = "urn:test:national", .value = "M" + std::to_string(i)}};
  must(desk.call(patch));
}

/// So many of the next rows of facilities are refused.
using Failures = std::atomic<int>;

class FailingTransaction final : public WrappedTransaction {
 public:
  FailingTransaction(storage::Transaction& inner, Failures& failures)
      : WrappedTransaction(inner), failures_(failures) {}
  void insert(const storage::Table& table, storage::RowView row) override {
    if (table.id == patients::facilities_table.id && failures_.fetch_sub(1) > 0)
      throw storage::Fault{storage::FaultKind::unique, "key"};
    WrappedTransaction::insert(table, row);
  }

 private:
  Failures& failures_;
};

using FailingEngine = WatchedEngine<FailingTransaction, Failures>;

/// How many batches brought tokens in, and how many of them did so after a patient was written.
struct Merges {
  std::atomic<int> batches{0};
  std::atomic<int> late{0};
  std::atomic<int> rows{0};
};

class MergeWatcher final : public WrappedTransaction {
 public:
  MergeWatcher(storage::Transaction& inner, Merges& merges) : WrappedTransaction(inner), merges_(merges) {}
  void insert(const storage::Table& table, storage::RowView row) override {
    if (table.id == storage::layout_of<patients::Patient>().table().id) wrote_patient_ = true;
    if (table.id == patients::tokens_table.id) ++merges_.rows;
    if (table.id == patients::tokens_table.id && !std::exchange(merged_, true)) {
      ++merges_.batches;
      if (wrote_patient_) ++merges_.late;
    }
    WrappedTransaction::insert(table, row);
  }

 private:
  Merges& merges_;
  bool wrote_patient_ = false;
  bool merged_ = false;
};

using MergingEngine = WatchedEngine<MergeWatcher, Merges>;

/// Breaks off after so many rows.
class BreakingTransaction final : public WrappedTransaction {
 public:
  BreakingTransaction(storage::Transaction& inner, int rows) : WrappedTransaction(inner), left_(rows) {}
  void insert(const storage::Table& table, storage::RowView row) override {
    if (left_-- == 0) throw storage::Fault{storage::FaultKind::full, {}, "made to fail"};
    WrappedTransaction::insert(table, row);
  }

 private:
  int left_;
};

}  // namespace

TEST_CASE("PAT-5: an exact search finds whoever is there, written just now or long ago, and after a restart") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    std::optional<Hospital> hospital(std::in_place, test_options(engine, clock), clock);
    std::vector<Made> made;
    {
      const Session desk = hospital->as(Role::receptionist);
      for (int i = 0; i < everybody; ++i) {
        const auto patient = must(desk.call(person(i)));
        made.push_back({patient.id, patient.mrn});
      }
      find_all(desk, made);
      for (const int i : {0, everybody - 1}) {
        CHECK(code_of(desk.call(person(i))) == "patient.duplicate");
        change_identifier(desk, made[static_cast<std::size_t>(i)], i);
        CHECK(ids_of(desk, {.identifier = "N" + std::to_string(i)}).empty());
        CHECK(ids_of(desk, {.identifier = "M" + std::to_string(i)}).size() == 1);
        change_identifier(desk, made[static_cast<std::size_t>(i)], i);  // to what it is already
      }
    }
    const auto verified = must(hospital->as(Role::tenant_admin).call(audit::Verify{}));
    CHECK(verified.intact);
    CHECK(verified.findings.empty());
    if (name == "memory") continue;

    const std::string desk_token = hospital->member(Role::receptionist).tokens.access_token;
    const std::string admin_token = hospital->member(Role::tenant_admin).tokens.access_token;
    hospital.reset();
    const Platform again = must(Platform::open(test_options(engine, clock)));
    const Session desk = must(again.authenticate(desk_token));
    for (const int i : {0, 20, everybody - 1}) {
      const bool changed = i != 20;
      CHECK(ids_of(desk, {.identifier = "N" + std::to_string(i)}).size() == (changed ? 0 : 1));
      CHECK(ids_of(desk, {.identifier = "M" + std::to_string(i)}).size() == (changed ? 1 : 0));
      CHECK(ids_of(desk, {.mrn = made[static_cast<std::size_t>(i)].mrn}).size() == 1);
    }
    // What the one gave up, another may take; what was brought into the table after the restart is there once.
    CHECK(code_of(desk.call(person(0))) == "ok");
    for (int i = everybody; i < 2 * everybody; ++i) must(desk.call(person(i)));
    CHECK(ids_of(desk, {.identifier = "M0"}).size() == 1);
    CHECK(must(must(again.authenticate(admin_token)).call(audit::Verify{})).findings.empty());
  }
}

TEST_CASE("PAT-3: what a failed registration would have held is free") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<FailingEngine>(inner);
    const auto clock = std::make_shared<FakeClock>();
    Hospital hospital(test_options(engine, clock), clock);
    settings::Update by_hand{.revision = 0};
    by_hand.mrn_strategy = settings::MrnStrategy::manual;
    must(hospital.as(Role::tenant_admin).call(by_hand));
    const Session desk = hospital.as(Role::receptionist);
    for (int i = 0; i < 40; ++i) {
      patients::Register request = person(i);
      request.mrn = "A" + std::to_string(i);
      engine->notes = i % 3;  // none; the first attempt, or the batch and its repetition
      const auto first = desk.call(patients::Register(request));
      engine->notes = 0;
      if (!first.ok()) CHECK(code_of(desk.call(patients::Register(request))) == "ok");
      CHECK(code_of(desk.call(patients::Register(request))) == "patient.duplicate");
      request.identifiers.clear();
      CHECK(code_of(desk.call(patients::Register(request))) == "mrn.taken");
    }
    CHECK(must(hospital.as(Role::tenant_admin).call(audit::Verify{})).findings.empty());
  }
}

TEST_CASE(
    "PAT-3: tokens come into their table before a batch's patients do, so that a server is at work while those are "
    "made") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<MergingEngine>(inner);
    const auto clock = std::make_shared<FakeClock>();
    Hospital hospital(test_options(engine, clock), clock);
    const Session desk = hospital.as(Role::receptionist);
    must(desk.call(person(0)));  // from here on it is known which tokens are in memory
    engine->notes.batches = engine->notes.late = 0;
    for (int i = 1; i < 150; ++i) must(desk.call(person(i)));
    CHECK(engine->notes.batches >= 2);
    CHECK(engine->notes.late == 0);
  }
}

TEST_CASE("PAT-3: tokens whose slice breaks off are brought in by a later one") {
  constexpr std::size_t everything = 300;
  const auto engine = storage::memory_engine();
  const auto database = engine->create({.tenant = "tokens", .part = storage::Part::data},
                                       {.schema = &kernel::data_schema(Realm::tenant)});
  std::vector<patients::TokenIndex::Entry> entries(everything);
  for (std::size_t i = 0; i < everything; ++i) {
    entries[i].token[0] = static_cast<std::byte>(i % 256);
    entries[i].token[1] = static_cast<std::byte>(i / 256);
    entries[i].patient.uuid.bytes[0] = 1;
  }
  patients::TokenIndex index;
  index.load(entries);
  const auto merge = [&](std::size_t most, int breaks_after) {
    try {
      database->write([&](storage::Transaction& transaction) {
        BreakingTransaction breaking(transaction, breaks_after);
        index.merge(breaking, 1, most);
      });
      index.committed();
    } catch (const storage::Fault&) {
      index.rolled_back();
    }
  };
  const auto rows = [&] {
    std::size_t count = 0;
    database->read([&](storage::Transaction& transaction) {
      transaction.scan({.table = &patients::tokens_table}, [&](storage::RowView) { return ++count != 0; });
    });
    return count;
  };
  merge(100, -1);
  CHECK(rows() == 100);
  for (const int breaks_after : {0, 150}) merge(everything, breaks_after);  // more than what is there already
  CHECK(rows() == 100);
  merge(150, -1);
  CHECK(rows() == 250);
  merge(everything, -1);
  CHECK(rows() == everything);
}

TEST_CASE("PAT-3: the table of tokens keeps up with batches of any size") {
  constexpr int everybody_at_once = 1'500;
  constexpr int rounds = 3;
  const TestEngine inner("sqlite");
  const auto engine = std::make_shared<MergingEngine>(inner);
  const auto clock = std::make_shared<FakeClock>();
  std::atomic<int> done{0};  // outlives who counts in it
  Hospital hospital(test_options(engine, clock), clock);
  const Session desk = hospital.as(Role::receptionist);
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < everybody_at_once; ++i) {
      patients::Register request = person(round * everybody_at_once + i);
      request.phones.clear();
      desk.submit(std::move(request), [&](const Result<patients::Patient>& result) {
        CHECK(result.ok());
        ++done;
        done.notify_all();
      });
    }
    for (int now = done; now < (round + 1) * everybody_at_once; now = done) done.wait(now);
  }
  CHECK(engine->notes.rows > rounds * everybody_at_once * 3 / 2);  // half of their three
}
