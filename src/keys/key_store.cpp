#include "keys/key_store.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "medflow/error.hpp"

namespace medflow::keys {
namespace {

using storage::Cell;
using storage::CellKind;
using storage::Column;
using storage::Key;
using storage::RowView;
using storage::Table;

constexpr std::uint64_t lot_max = 1024;
constexpr std::uint64_t chunk_slots = 64;
constexpr std::size_t chunks_max = 1024;  // 65,536 wrapped keys, 8 MiB
constexpr std::size_t opened_max = 4096;
constexpr std::int64_t opened_ttl_s = 300;
constexpr std::array<std::string_view, 2> own_purposes = {crypto::purpose_access_tokens, crypto::purpose_audit_seed};

constexpr Column tenant_key_columns[] = {
    {.name = "version", .kind = CellKind::integer, .meaning = "1, 2, 3 …; the highest is in use"},
    {.name = "root_id", .kind = CellKind::bytes, .meaning = "the root key that wraps it"},
    {.name = "wrapped", .kind = CellKind::bytes, .meaning = "the tenant key, wrapped"}};
constexpr Table tenant_key_table{.id = 1,
                                 .name = "tenant_keys",
                                 .meaning = "the tenant key, by version",
                                 .columns = tenant_key_columns,
                                 .key_columns = 1};

constexpr Column own_key_columns[] = {
    {.name = "purpose", .kind = CellKind::text, .meaning = "what the key is for"},
    {.name = "version", .kind = CellKind::integer, .meaning = "1, 2, 3 …"},
    {.name = "wrapped", .kind = CellKind::bytes, .meaning = "the key, wrapped by the tenant key"}};
constexpr Table own_key_table{.id = 2,
                              .name = "own_keys",
                              .meaning = "random keys of the tenant itself",
                              .columns = own_key_columns,
                              .key_columns = 2};

constexpr Column patient_key_columns[] = {
    {.name = "slot", .kind = CellKind::integer, .meaning = "the slot that a patient's row names"},
    {.name = "wrapped", .kind = CellKind::bytes, .meaning = "the patient key, wrapped by the tenant key"}};
constexpr Table patient_key_table{.id = 3,
                                  .name = "patient_keys",
                                  .meaning = "patient keys, by slot",
                                  .columns = patient_key_columns,
                                  .key_columns = 1};

constexpr storage::SchemaChange first_changes[] = {
    {.table = &tenant_key_table}, {.table = &own_key_table}, {.table = &patient_key_table}};
constexpr storage::Migration migrations[] = {{.number = 1, .name = "key store", .changes = first_changes}};
constexpr storage::Schema schema{.name = "keys", .migrations = migrations};

std::string_view text_of(std::span<const std::byte> bytes) { return crypto::text_of(bytes); }

template <std::size_t N>
bool copy_to(std::array<std::byte, N>& to, std::string_view from) {
  if (from.size() != N) return false;
  std::memcpy(to.data(), from.data(), N);
  return true;
}

struct StoredTenantKey {
  std::int64_t version = 0;
  RootId root{};
  std::string wrapped{};
};

std::optional<StoredTenantKey> newest_tenant_key(storage::Database& database) {
  std::optional<StoredTenantKey> found;
  database.read([&](storage::Transaction& transaction) {
    transaction.scan({.table = &tenant_key_table, .backwards = true, .limit = 1}, [&](RowView row) {
      StoredTenantKey key{.version = row[0].integer, .wrapped = std::string(row[2].data)};
      if (copy_to(key.root, row[1].data)) found = std::move(key);
      return false;
    });
  });
  return found;
}

}  // namespace

const storage::Schema& key_schema() { return schema; }

void KeyStore::create(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng) {
  const crypto::SecureKey tenant_key = crypto::random_key(rng);
  const RootId root = roots.current();
  const auto wrapped = crypto::wrap_tenant_key(roots, root, tenant, 1, tenant_key);
  const crypto::TenantKeys keys(crypto::KeyArena::create(std::size_t{1} << 14), tenant, 1, tenant_key);
  database.write([&](storage::Transaction& transaction) {
    const Cell row[] = {Cell::of(1), Cell::bytes(text_of(root)), Cell::bytes(text_of(wrapped))};
    transaction.insert(tenant_key_table, row);
    for (std::string_view purpose : own_purposes) {
      const auto own = keys.wrap_own(purpose, 1, crypto::random_key(rng), rng);
      const Cell own_row[] = {Cell::text(purpose), Cell::of(1), Cell::bytes(text_of(own))};
      transaction.insert(own_key_table, own_row);
    }
  });
}

KeyStore::KeyStore(std::unique_ptr<storage::Database> database, RootKeyProvider& roots, const Uuid& tenant,
                   const std::shared_ptr<crypto::KeyArena>& arena, Rng& rng)
    : database_(std::move(database)), tenant_(tenant), rng_(rng) {
  const auto stored = newest_tenant_key(*database_);
  if (!stored) throw Failure(codes::integrity, "the key store holds no tenant key");
  const auto version = static_cast<std::uint16_t>(stored->version);
  const crypto::SecureKey key =
      crypto::unwrap_tenant_key(roots, stored->root, tenant, version, std::as_bytes(std::span(stored->wrapped)));
  tenant_keys_ = std::make_unique<crypto::TenantKeys>(arena, tenant, version, key);
  database_->read([&](storage::Transaction& transaction) {
    transaction.scan({.table = &patient_key_table, .backwards = true, .limit = 1}, [&](RowView row) {
      next_ = end_ = static_cast<std::uint64_t>(row[0].integer) + 1;
      return false;
    });
  });
}

crypto::SecureKey KeyStore::own(std::string_view purpose) const {
  std::optional<crypto::SecureKey> key;
  database_->read([&](storage::Transaction& transaction) {
    const Cell cells[] = {Cell::text(purpose), Cell::of(1)};
    const Key wanted[] = {cells};
    transaction.get(own_key_table, wanted, [&](std::size_t, RowView row) {
      key = tenant_keys_->unwrap_own(purpose, 1, crypto::bytes_of(row[2].data));
    });
  });
  if (!key) throw Failure(codes::integrity, "a key of the tenant is missing or damaged");
  return std::move(*key);
}

std::uint64_t KeyStore::take_slot() {
  if (next_ == end_) make_lot();
  return next_++;
}

void KeyStore::make_lot() {
  std::vector<crypto::WrappedKey> lot;
  for (std::uint64_t slot = end_; slot < end_ + lot_; ++slot)
    lot.push_back(tenant_keys_->wrap_patient_key(slot, 1, crypto::random_key(rng_), rng_));
  database_->write([&](storage::Transaction& transaction) {
    for (std::size_t i = 0; i < lot.size(); ++i) {
      const Cell row[] = {Cell::of(static_cast<std::int64_t>(end_ + i)), Cell::bytes(text_of(lot[i]))};
      transaction.insert(patient_key_table, row);
    }
  });
  database_->maintain(false);
  {
    const std::lock_guard lock(mutex_);
    wrapped_.erase(end_ / chunk_slots);  // the chunk was read before these slots were in it
  }
  end_ += lot_;
  lot_ = std::min(lot_ * 2, lot_max);
}

const crypto::WrappedKey* KeyStore::wrapped(std::uint64_t slot) {
  const std::uint64_t chunk = slot / chunk_slots;
  auto found = wrapped_.find(chunk);
  if (found == wrapped_.end()) {
    std::vector<crypto::WrappedKey> keys(chunk_slots);
    std::size_t count = 0;
    const auto first = static_cast<std::int64_t>(chunk * chunk_slots);
    database_->read([&](storage::Transaction& transaction) {
      transaction.scan({.table = &patient_key_table,
                        .from = Cell::of(first),
                        .to = Cell::of(first + static_cast<std::int64_t>(chunk_slots))},
                       [&](RowView row) {
                         if (copy_to(keys[static_cast<std::size_t>(row[0].integer - first)], row[1].data)) ++count;
                         return true;
                       });
    });
    if (count == 0) return nullptr;
    if (wrapped_.size() >= chunks_max) wrapped_.erase(wrapped_.begin());
    found = wrapped_.emplace(chunk, std::move(keys)).first;
  }
  return &found->second[slot % chunk_slots];
}

crypto::SecureKey KeyStore::patient_key(std::uint64_t slot, Instant now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = opened_by_slot_.find(slot); found != opened_by_slot_.end()) {
    if (now <= found->second->until) {
      opened_.splice(opened_.begin(), opened_, found->second);
      return crypto::SecureKey(found->second->key.view());
    }
    opened_.erase(found->second);
    opened_by_slot_.erase(found);
  }
  const crypto::WrappedKey* stored = wrapped(slot);
  auto key = stored == nullptr ? std::nullopt : tenant_keys_->unwrap_patient_key(slot, 1, *stored);
  if (!key) throw Failure(codes::integrity, "a patient key is missing or damaged");
  return remember(slot, std::move(*key), now);
}

crypto::SecureKey KeyStore::remember(std::uint64_t slot, crypto::SecureKey key, Instant now) {
  if (opened_.size() >= opened_max) {
    opened_by_slot_.erase(opened_.back().slot);
    opened_.pop_back();
  }
  opened_.push_front({.slot = slot, .key = crypto::SecureKey(key.view()), .until = now.plus_s(opened_ttl_s)});
  opened_by_slot_[slot] = opened_.begin();
  return key;
}

}  // namespace medflow::keys
