// How fast the audit log is verified (AUD-3: 10 million events in 60 s, so 167,000 events/s).
//
//   bench_audit_verify [EVENTS, default 1,000,000]
//
// Events are of the size of audited reads of one patient, with every fifth one a write; the log lies in a file of the engine and is
// read in the pages that `audit.verify` reads. Rows and their blocks are not part of it.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "audit/row_ledger.hpp"
#include "audit/tables.hpp"
#include "audit/verify.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/audit/fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace medflow;
using Time = std::chrono::steady_clock;

constexpr std::array creates{
    storage::SchemaChange{.table = &audit::events_table}, storage::SchemaChange{.table = &audit::tiles_table},
    storage::SchemaChange{.table = &audit::head_table}, storage::SchemaChange{.table = &audit::checkpoints_table}};
constexpr std::array migrations{storage::Migration{.number = 1, .name = "audit", .changes = creates}};
constexpr storage::Schema schema{.name = "audit", .migrations = migrations};
constexpr std::array<std::byte, 48> page_key{std::byte{5}};
constexpr std::uint64_t batch = 8'192;

void fill(storage::Database& database, std::uint64_t size) {
  audit::Log log;
  while (log.size() < size) {
    database.write([&](storage::Transaction& tx) {
      for (std::uint64_t i = 0; i < batch && log.last_seq() < size; ++i) {
        const std::uint64_t n = log.last_seq();
        auto event = audit::testing::read_event(n);
        if (n % 5 == 0) event.rows.push_back({.table = 30, .id = audit::testing::some_uuid(n), .revision = 1});
        log.append(tx, event);
      }
      log.finish(tx);
    });
    log.committed();
    database.maintain(false);
  }
}

void measure(bool encrypted, std::uint64_t size) {
  const testing::TemporaryFolder folder;
  const auto engine = storage::make_sqlite_engine(
      {.folder = folder / "data", .encrypted = encrypted, .synchronous = storage::Synchronous::off});
  const auto database = engine->create({.tenant = "t"}, {.schema = &schema, .page_key = page_key});
  fill(*database, size);
  audit::RowLedger ledger;
  const auto start = Time::now();
  const auto cpu = std::clock();
  const auto report = audit::verify(
      [&](storage::Body body) { database->read(body); },
      [&](const audit::Event& event, std::string_view) { ledger.add(event, [](const audit::RowEntry&) {}); });
  const double wall_s = std::chrono::duration<double>(Time::now() - start).count();
  const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const auto events = static_cast<double>(report.events);
  std::printf("%-9s %s, %.0f events, %.2f s (%.2f s of CPU): %.0f events/s, 10 million in %.0f s (%.0f s of CPU)\n",
              encrypted ? "sqlcipher" : "sqlite", report.intact() ? "intact" : "NOT INTACT", events, wall_s, cpu_s,
              events / wall_s, 1e7 * wall_s / events, 1e7 * cpu_s / events);
}

}  // namespace

int main(int count, char** words) {
  const std::uint64_t size = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1'000'000;
  measure(false, size);
  measure(true, size);
  return 0;
}
