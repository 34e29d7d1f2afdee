#include "kernel/store.hpp"

#include <array>
#include <cassert>

#include "kernel/tables.hpp"

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::RowView;

storage::StoreName name_of(const StoreIdentity& identity, storage::Part part) {
  return {.tenant = identity.realm == Realm::platform ? std::string("platform") : identity.id.text(), .part = part};
}

storage::OpenOptions key_options() { return {.schema = &keys::key_schema()}; }

storage::OpenOptions data_options(const StoreIdentity& identity, const keys::KeyStore& keys) {
  return {.schema = &data_schema(identity.realm), .page_key = keys.tenant().page_key()};
}

constexpr std::string_view token_issuer = "medflow";
constexpr std::string_view token_audience = "medflow";

}  // namespace

void Store::create(const StoreOptions& options, const StoreIdentity& identity) {
  try {
    auto database = options.engine->create(name_of(identity, storage::Part::keys), key_options());
    keys::KeyStore::create(*database, *options.root_key, identity.id.uuid, *options.rng);
    const keys::KeyStore keys(std::move(database), *options.root_key, identity.id.uuid, options.arena, *options.rng);
    options.engine->create(name_of(identity, storage::Part::data), data_options(identity, keys));
  } catch (...) {
    drop(options, identity);
    throw;
  }
}

void Store::drop(const StoreOptions& options, const StoreIdentity& identity) {
  options.engine->drop(name_of(identity, storage::Part::data));
  options.engine->drop(name_of(identity, storage::Part::keys));
}

Store::Store(const StoreOptions& options, StoreIdentity identity)
    : options_(options), identity_(std::move(identity)), status_(identity_.status), log_(head_sealer()) {
  keys_ =
      std::make_unique<keys::KeyStore>(options_.engine->open(name_of(identity_, storage::Part::keys), key_options()),
                                       *options_.root_key, identity_.id.uuid, options_.arena, *options_.rng);
  rows_ = std::make_unique<RowCrypto>(*keys_, identity_.id.uuid, *options_.rng);
  blind_ = std::make_unique<crypto::BlindIndex>(options_.arena, keys_->tenant().blind_root());
  const crypto::SecureKey token_key = keys_->own(crypto::purpose_access_tokens);
  tokens_ = std::make_unique<crypto::AccessTokens>(
      identity_.id, token_issuer, token_audience,
      std::vector<crypto::AccessTokens::Key>{{.version = 1, .key = token_key.view()}});
  data_ = options_.engine->open(name_of(identity_, storage::Part::data), data_options(identity_, *keys_));
  data_->read([&](storage::Transaction& transaction) {
    log_.open(transaction);
    read_counters(transaction);
  });
  committer_ =
      std::make_unique<storage::Committer>(*data_, static_cast<storage::BatchHooks&>(*this), *options_.executor);
}

Store::~Store() = default;

audit::HeadSealer Store::head_sealer() {
  return [this](std::uint64_t size, const audit::Digest& root, std::optional<std::uint16_t> version) {
    if (version && *version != keys_->tenant().version()) throw Failure(codes::integrity);
    crypto::RowSealer sealer(keys_->tenant().row_mac(), keys_->tenant().version(),
                             {.tenant = identity_.id.uuid, .table_id = 3});
    std::string covered(sizeof size, '\0');
    for (unsigned i = 0; i < sizeof size; ++i) covered[i] = static_cast<char>(size >> (8 * i));
    covered.append(reinterpret_cast<const char*>(root.data()), root.size());
    sealer.plain(covered);
    return sealer.finish();
  };
}

void Store::read_counters(storage::Transaction& transaction) {
  counters_.clear();
  transaction.scan({.table = &counters_table}, [&](RowView row) {
    counters_[std::string(row[0].data)] = {.value = row[2].integer, .stored = row[2].integer};
    return true;
  });
  change_ = 0;
  transaction.scan({.table = &changes_table, .backwards = true, .limit = 1}, [&](RowView row) {
    change_ = row[0].integer;
    return false;
  });
  durable_change_ = change_;
}

void Store::changed(storage::Transaction& transaction, std::uint16_t table, const Uuid& id, std::uint64_t revision) {
  const Cell row[] = {Cell::of(++change_), Cell::of(table), Cell::bytes(id.view()),
                      Cell::of(static_cast<std::int64_t>(revision))};
  transaction.insert(changes_table, row);
}

std::int64_t Store::next_number(std::string_view counter) {
  auto found = counters_.find(counter);
  if (found == counters_.end()) found = counters_.emplace(std::string(counter), Counter{}).first;
  return ++found->second.value;
}

void Store::begin(storage::Transaction&) { batch_slot_ = keys_->mark(); }

void Store::before_member() noexcept {
  mark_ = {.log = log_.mark(), .change = change_, .slot = keys_->mark(), .effects = effects_.size()};
}

void Store::undo_member() noexcept {
  log_.undo(mark_.log);
  change_ = mark_.change;
  keys_->undo(mark_.slot);
  effects_.resize(mark_.effects);
}

void Store::end(storage::Transaction& transaction) {
  for (auto& [name, counter] : counters_) {
    if (counter.value == counter.stored) continue;
    const Cell key_cells[] = {Cell::text(name)};
    const storage::Key keys[] = {key_cells};
    std::int64_t revision = 0;
    transaction.get(counters_table, keys, [&](std::size_t, RowView row) { revision = row[1].integer; });
    const Cell row[] = {Cell::text(name), Cell::of(revision + 1), Cell::of(counter.value)};
    if (revision == 0) {
      transaction.insert(counters_table, row);
    } else {
      transaction.update(counters_table, row, static_cast<std::uint64_t>(revision));
    }
  }
  log_.finish(transaction);
}

void Store::committed() noexcept {
  log_.committed();
  durable_change_ = change_;
  for (auto& [name, counter] : counters_) counter.stored = counter.value;
  for (auto& effect : effects_) effect();
  effects_.clear();
}

void Store::rolled_back() noexcept {
  log_.rolled_back();
  change_ = durable_change_;
  keys_->undo(batch_slot_);
  effects_.clear();
}

bool Store::settle(storage::Transaction& transaction) noexcept {
  try {
    const auto head = audit::read_head(transaction);
    return head && head->size == log_.last_seq();
  } catch (const std::exception&) {
    return false;  // nothing can be read: the batch is not acknowledged
  }
}

}  // namespace medflow::kernel
