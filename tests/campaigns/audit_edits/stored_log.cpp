#include "tests/campaigns/audit_edits/stored_log.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include "audit/tables.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/audit/fixture.hpp"

namespace medflow::campaign {
namespace {

using audit::testing::Random;

constexpr std::array creates{
    storage::SchemaChange{.table = &audit::events_table}, storage::SchemaChange{.table = &audit::tiles_table},
    storage::SchemaChange{.table = &audit::head_table}, storage::SchemaChange{.table = &audit::checkpoints_table}};
constexpr std::array migrations{storage::Migration{.number = 1, .name = "audit", .changes = creates}};
constexpr storage::Schema schema{.name = "audit", .migrations = migrations};
constexpr std::array<std::byte, 48> page_key{std::byte{5}};

storage::StoreName store_name(const std::string& name) { return {.tenant = name, .part = storage::Part::data}; }

std::unique_ptr<storage::Engine> engine_in(const std::string& folder, bool encrypted) {
  // Nothing here is about power cuts: the edits are made to files that were closed.
  return storage::make_sqlite_engine(
      {.folder = folder, .encrypted = encrypted, .synchronous = storage::Synchronous::off, .readers_max = 1});
}

std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

void append(storage::Database& database, audit::Log& log, std::uint64_t count) {
  database.write([&](storage::Transaction& tx) {
    for (std::uint64_t i = 0; i < count; ++i) {
      auto event = audit::testing::mixed_event(log.last_seq());
      log.append(tx, event);
    }
    log.finish(tx);
  });
  log.committed();
}

void sign(storage::Database& database, const audit::Log& log, audit::Checkpoints& checkpoints) {
  database.write(
      [&](storage::Transaction& tx) { checkpoints.make(tx, {.size = log.size(), .root = log.root()}, {1}); });
  checkpoints.committed();
  if (checkpoints.refused()) throw std::runtime_error("an honest log was not signed");
}

void read_back(testing::RawSqlite& raw, StoredLog& log) {
  for (const auto& row : raw.rows("SELECT hex(event) FROM audit_events ORDER BY seq"))
    log.events.push_back(from_hex(row[0]));
  for (const auto& row : raw.rows("SELECT level, number, hex(hashes) FROM audit_tiles"))
    log.hashes[{std::stoll(row[0]), std::stoll(row[1])}] = from_hex(row[2]);
  for (const auto& row : raw.rows("SELECT size, note FROM audit_checkpoints ORDER BY number"))
    log.checkpoints.emplace_back(std::stoull(row[0]), row[1]);
  log.held = log.checkpoints.back().second;
}

void take_guards_off(testing::RawSqlite& raw) {
  for (const auto& row : raw.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    raw.run("DROP TRIGGER \"" + row[0] + "\"");
}

}  // namespace

Bench::Bench(std::string folder, bool encrypted)
    : folder_(std::move(folder)),
      encrypted_(encrypted),
      library_(storage::sqlite::load_library(encrypted ? storage::sqlite::LibraryKind::sqlcipher
                                                       : storage::sqlite::LibraryKind::sqlite)),
      engine_(engine_in(folder_, encrypted)) {}

std::unique_ptr<storage::Database> Bench::make(const std::string& name) {
  return engine_->create(store_name(name), {.schema = &schema, .page_key = page_key});
}

std::unique_ptr<storage::Database> Bench::open(const std::string& name) {
  return engine_->open(store_name(name), {.schema = &schema, .page_key = page_key});
}

testing::RawSqlite Bench::raw(const std::string& name) const {
  return encrypted_ ? testing::RawSqlite(library_, file(name), page_key) : testing::RawSqlite(library_, file(name));
}

void Bench::copy(const std::string& from, const std::string& to) const {
  namespace fs = std::filesystem;
  for (const char* rest : {"-wal", "-shm", "-journal"}) fs::remove(file(to) + rest);
  fs::create_directories(fs::path(file(to)).parent_path());
  fs::copy_file(file(from), file(to), fs::copy_options::overwrite_existing);
}

audit::HeadSealer StoredLog::sealer() const {
  return [secret = key](std::uint64_t covered, const audit::Digest& root, std::optional<std::uint16_t>) {
    const std::string text = std::to_string(secret) + ' ' + std::to_string(covered);
    const auto hash = crypto::sha256({text, crypto::text_of(root)});
    crypto::RowSeal seal{std::byte{1}};
    std::copy_n(hash.begin(), seal.size() - 2, seal.begin() + 2);
    return seal;
  };
}

crypto::Signer StoredLog::signer() const {
  const std::array<std::byte, 32> seed{std::byte{key}};
  return crypto::Signer(seed);
}

StoredLog make_log(Bench& bench, const std::string& name, std::uint8_t key, std::uint64_t size, std::uint64_t seed) {
  StoredLog stored{.name = name, .older = name + "-older", .key = key};
  Random random(seed);
  audit::Log log(stored.sealer());
  audit::Checkpoints checkpoints(stored.signer(), stored.origin(), {});
  bool copied = false;
  auto database = bench.make(name);
  while (log.size() < size) {
    append(*database, log, 1 + random() % std::min<std::uint64_t>(120, size - log.size()));
    if (log.size() >= size || random() % 3 == 0 || checkpoints.due(log.size())) sign(*database, log, checkpoints);
    if (copied || log.size() < size / 2) continue;
    copied = true;
    sign(*database, log, checkpoints);
    database.reset();
    bench.copy(name, stored.older);
    database = bench.open(name);
  }
  database.reset();
  auto older = bench.raw(stored.older);
  take_guards_off(older);
  auto raw = bench.raw(name);
  take_guards_off(raw);
  read_back(raw, stored);
  return stored;
}

bool found_wrong(Bench& bench, const std::string& name, const StoredLog& log, Plant plant) {
  audit::VerifyOptions options{.origin = log.origin()};
  if (plant != Plant::seal) options.sealer = log.sealer();
  if (plant != Plant::signature) options.key = log.signer().public_key();
  if (plant == Plant::none || plant == Plant::seal) options.checkpoints = {log.held};
  try {
    const auto database = bench.open(name);
    const auto snapshots = [&](storage::Body body) { database->read(body); };
    return !audit::verify(
                snapshots, [](const audit::Event&, std::string_view) {}, options)
                .intact();
  } catch (const storage::Fault&) {
    return true;
  }
}

}  // namespace medflow::campaign
