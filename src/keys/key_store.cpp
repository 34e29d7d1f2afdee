#include "keys/key_store.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "medflow/error.hpp"
#include "storage/housekeeping.hpp"

namespace medflow::keys {
namespace {

using storage::Cell;
using storage::CellKind;
using storage::Column;
using storage::Key;
using storage::RowView;
using storage::Table;

constexpr std::uint64_t lot_max = 1'024;
constexpr std::uint64_t aside_min = 64;  // a smaller one is made while its caller waits
constexpr std::uint64_t chunk_slots = 64;
constexpr std::size_t chunks_max = 512;     // 32,768 wrapped keys, 4 MiB
constexpr std::size_t opened_min = 1'024;   // 48 KiB
constexpr std::size_t opened_max = 65'536;  // 3 MiB
constexpr std::size_t opened_ways = 4;      // places that a slot's key may lie in
constexpr std::int64_t opened_ttl_s = 300;
constexpr std::int64_t forget_every_s = 60;
constexpr std::array<std::string_view, 3> own_purposes = {crypto::purpose_access_tokens, crypto::purpose_audit_seed,
                                                          crypto::purpose_record_seed};

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

/// Whether a key is still among those that were made ahead. One that was handed over has left zeros behind.
bool made_ahead(std::span<const crypto::SecureKey> lot, std::uint64_t first, std::uint64_t slot) {
  static const crypto::SecureKey none;
  return slot - first < lot.size() && !crypto::constant_time_equal(lot[slot - first].view(), none.view());
}

struct StoredTenantKey {
  std::int64_t version = 0;
  RootId root{};
  std::string wrapped{};
};

std::optional<StoredTenantKey> newest_tenant_key(storage::Transaction& transaction) {
  std::optional<StoredTenantKey> found;
  transaction.scan({.table = &tenant_key_table, .backwards = true, .limit = 1}, [&](RowView row) {
    StoredTenantKey key{.version = row[0].integer, .wrapped = std::string(row[2].data)};
    if (copy_to(key.root, row[1].data)) found = std::move(key);
    return false;
  });
  return found;
}

/// One beyond the last slot that is stored.
std::uint64_t end_of_slots(storage::Transaction& transaction) {
  std::uint64_t end = 1;
  transaction.scan({.table = &patient_key_table, .backwards = true, .limit = 1}, [&](RowView row) {
    end = static_cast<std::uint64_t>(row[0].integer) + 1;
    return false;
  });
  return end;
}

}  // namespace

const storage::Schema& key_schema() { return schema; }

namespace {

void insert_own(storage::Transaction& transaction, const crypto::TenantKeys& keys, Rng& rng) {
  for (std::string_view purpose : own_purposes) {
    const auto own = keys.wrap_own(purpose, 1, crypto::random_key(rng), rng);
    const Cell row[] = {Cell::text(purpose), Cell::of(1), Cell::bytes(text_of(own))};
    transaction.insert(own_key_table, row);
  }
}

bool has_own(storage::Transaction& transaction) {
  bool found = false;
  transaction.scan({.table = &own_key_table, .limit = 1}, [&](RowView) {
    found = true;
    return false;
  });
  return found;
}

void fill(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng, bool with_own) {
  const crypto::SecureKey tenant_key = crypto::random_key(rng);
  const RootId root = roots.current();
  const auto wrapped = crypto::wrap_tenant_key(roots, root, tenant, 1, tenant_key);
  const crypto::TenantKeys keys(crypto::KeyArena::create(std::size_t{1} << 14), tenant, 1, tenant_key);
  database.write([&](storage::Transaction& transaction) {
    if (newest_tenant_key(transaction)) return;
    const Cell row[] = {Cell::of(1), Cell::bytes(text_of(root)), Cell::bytes(text_of(wrapped))};
    transaction.insert(tenant_key_table, row);
    if (with_own) insert_own(transaction, keys, rng);
  });
}

}  // namespace

void KeyStore::create(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng) {
  fill(database, roots, tenant, rng, true);
}

void KeyStore::begin(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng) {
  bool begun = false;
  database.read([&](storage::Transaction& transaction) { begun = newest_tenant_key(transaction).has_value(); });
  if (!begun) fill(database, roots, tenant, rng, false);
}

bool KeyStore::is_complete() const {
  bool complete = false;
  database_->read([&](storage::Transaction& transaction) { complete = has_own(transaction); });
  return complete;
}

void KeyStore::complete() {
  database_->write([&](storage::Transaction& transaction) {
    if (!has_own(transaction)) insert_own(transaction, *tenant_keys_, rng_);
  });
}

KeyStore::KeyStore(std::unique_ptr<storage::Database> database, RootKeyProvider& roots, const Uuid& tenant,
                   const std::shared_ptr<crypto::KeyArena>& arena, Rng& rng, bool shared,
                   std::shared_ptr<Executor> aside)
    : database_(std::move(database)),
      tenant_(tenant),
      rng_(rng),
      shared_(shared),
      executor_(std::move(aside)),
      aside_(std::make_shared<Aside>()) {
  std::optional<StoredTenantKey> stored;
  database_->read([&](storage::Transaction& transaction) {
    stored = newest_tenant_key(transaction);
    aside_->end = next_ = end_ = run_ = end_of_slots(transaction);
  });
  if (!stored) throw Failure(codes::integrity, "the key store holds no tenant key");
  const auto version = static_cast<std::uint16_t>(stored->version);
  const crypto::SecureKey key =
      crypto::unwrap_tenant_key(roots, stored->root, tenant, version, std::as_bytes(std::span(stored->wrapped)));
  tenant_keys_ = std::make_unique<crypto::TenantKeys>(arena, tenant, version, key);
  aside_->store = this;
}

KeyStore::~KeyStore() {
  const std::lock_guard lock(aside_->mutex);
  aside_->store = nullptr;
  aside_->lot.reset();
}

storage::Database& KeyStore::database() {
  const std::lock_guard lock(aside_->mutex);
  aside_->asked = false;
  return *database_;
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
  if (next_ == end_) take_lot();
  if (next_ == ask_at_) ask_aside();
  return next_++;
}

void KeyStore::take_lot() {
  Lot lot;
  {
    const std::lock_guard lock(aside_->mutex);
    lot = aside_->lot ? std::move(*std::exchange(aside_->lot, std::nullopt)) : make_lot();
  }
  const std::uint64_t size = lot.keys.size();
  if (lot.first != end_) next_ = run_ = lot.first;
  end_ = lot.first + size;
  ask_at_ = executor_ && size >= aside_min ? end_ - size / 2 : 0;
  const std::lock_guard lock(mutex_);
  lot_keys_ = std::move(lot.keys);
  lot_first_ = lot.first;
}

void KeyStore::ask_aside() {
  {
    const std::lock_guard lock(aside_->mutex);
    if (aside_->asked || aside_->lot) return;
    aside_->asked = true;
  }
  try {
    executor_->post([aside = aside_] {
      const std::lock_guard lock(aside->mutex);
      if (aside->store == nullptr || !std::exchange(aside->asked, false) || aside->lot) return;
      try {
        aside->lot = aside->store->make_lot();
      } catch (...) {
        // Who needs a slot makes the lot then, and is told what is wrong.
      }
    });
  } catch (...) {
    const std::lock_guard lock(aside_->mutex);
    aside_->asked = false;  // the same
  }
}

/// With the mutex of `aside_` held.
KeyStore::Lot KeyStore::make_lot() {
  Aside& at = *aside_;
  Lot lot{.first = at.end};
  const bool others = shared_ || at.unsure;
  at.unsure = true;
  database_->write([&](storage::Transaction& transaction) {
    transaction.defer_conflicts();
    if (others) lot.first = end_of_slots(transaction);  // of whoever made the last ones
    lot.keys.clear();
    lot.keys.reserve(at.size);
    for (std::uint64_t slot = lot.first; slot < lot.first + at.size; ++slot) {
      lot.keys.push_back(crypto::random_key(rng_));
      const crypto::WrappedKey wrapped = tenant_keys_->wrap_patient_key(slot, 1, lot.keys.back(), rng_);
      const Cell row[] = {Cell::of(static_cast<std::int64_t>(slot)), Cell::bytes(text_of(wrapped))};
      transaction.insert(patient_key_table, row);
    }
  });
  at.unsure = false;
  at.end = lot.first + at.size;
  at.size = std::min(at.size * 2, lot_max);
  storage::keep_house(*database_, false);
  return lot;
}

const crypto::WrappedKey* KeyStore::wrapped(std::uint64_t slot) const {
  const std::uint64_t chunk = slot / chunk_slots;
  if (chunk >= wrapped_.size() || !wrapped_[chunk]) return nullptr;
  const bool there = (wrapped_[chunk]->present >> (slot % chunk_slots) & 1U) != 0;
  return there ? &wrapped_[chunk]->keys[slot % chunk_slots] : nullptr;
}

/// Where a stored key is kept; another chunk is forgotten where there are enough.
KeyStore::Chunk& KeyStore::chunk_of(std::uint64_t slot) {
  const std::uint64_t chunk = slot / chunk_slots;
  if (chunk >= wrapped_.size()) wrapped_.resize(chunk + 1);
  if (wrapped_[chunk]) return *wrapped_[chunk];
  if (chunks_ == chunks_max) {
    while (!wrapped_[chunk_hand_]) chunk_hand_ = (chunk_hand_ + 1) % wrapped_.size();
    wrapped_[chunk_hand_].reset();
  } else {
    ++chunks_;
  }
  wrapped_[chunk] = std::make_unique<Chunk>();
  return *wrapped_[chunk];
}

void KeyStore::fetch(std::span<const std::uint64_t> slots) {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> missing;
  for (const std::uint64_t slot : slots) {
    const auto places = places_of(slot);
    const auto known = std::find_if(places.begin(), places.end(), [&](const Opened& o) { return o.slot == slot; });
    if (known == places.end() && !made_ahead(lot_keys_, lot_first_, slot) && wrapped(slot) == nullptr)
      missing.push_back(slot);
  }
  if (!missing.empty()) fetch_locked(missing);
}

void KeyStore::fetch_locked(std::span<const std::uint64_t> slots) {
  std::vector<Cell> cells;
  cells.reserve(slots.size());
  for (const std::uint64_t slot : slots) cells.push_back(Cell::of(static_cast<std::int64_t>(slot)));
  std::vector<Key> keys;
  keys.reserve(cells.size());
  for (const Cell& cell : cells) keys.emplace_back(&cell, 1);
  database_->read([&](storage::Transaction& transaction) {
    transaction.get(patient_key_table, keys, [&](std::size_t, RowView row) { keep(row); });
  });
}

void KeyStore::keep(RowView row) {
  const auto slot = static_cast<std::uint64_t>(row[0].integer);
  Chunk& into = chunk_of(slot);
  if (copy_to(into.keys[slot % chunk_slots], row[1].data)) into.present |= std::uint64_t{1} << (slot % chunk_slots);
}

/// This slot; with all of its chunk where the slots are asked for in order, or as long as there is room for all that are asked for.
void KeyStore::fetch_near(std::uint64_t slot) {
  const bool in_order = slot - last_missed_ <= chunk_slots;
  last_missed_ = slot;
  if (!in_order && chunks_ == chunks_max) return fetch_locked({&slot, 1});
  const auto first = static_cast<std::int64_t>(slot / chunk_slots * chunk_slots);
  const storage::Scan scan{.table = &patient_key_table,
                           .from = Cell::of(first),
                           .to = Cell::of(first + static_cast<std::int64_t>(chunk_slots))};
  database_->read([&](storage::Transaction& transaction) {
    transaction.scan(scan, [&](RowView row) {
      keep(row);
      return true;
    });
  });
}

std::span<KeyStore::Opened> KeyStore::places_of(std::uint64_t slot) {
  if (opened_.empty()) opened_.resize(opened_min);
  return std::span(opened_).subspan(slot % (opened_.size() / opened_ways) * opened_ways, opened_ways);
}

/// Doubles the room for unwrapped keys. Two places' worth came of one, so each finds room in its new one.
void KeyStore::grow_opened() {
  std::vector<Opened> before(2 * opened_.size());
  before.swap(opened_);
  for (Opened& old : before) {
    if (old.slot == 0) continue;
    const auto places = places_of(old.slot);
    *std::find_if(places.begin(), places.end(), [](const Opened& o) { return o.slot == 0; }) = std::move(old);
  }
}

void KeyStore::forget_expired(Instant now) {
  const std::lock_guard lock(mutex_);
  if (now < forgot_at_.plus_s(forget_every_s) && forgot_at_ <= now) return;
  forgot_at_ = now;
  for (Opened& opened : opened_)
    if (opened.slot != 0 && opened.until < now) opened = {};
}

crypto::SecureKey KeyStore::patient_key(std::uint64_t slot, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto places = places_of(slot);
  for (const Opened& opened : places)
    if (opened.slot == slot && now <= opened.until) return crypto::SecureKey(opened.key.view());
  std::optional<crypto::SecureKey> key;
  if (made_ahead(lot_keys_, lot_first_, slot)) {
    key = std::move(lot_keys_[slot - lot_first_]);  // from now on it is a patient's, and kept no longer than others
  } else {
    if (wrapped(slot) == nullptr) fetch_near(slot);
    if (const crypto::WrappedKey* stored = wrapped(slot)) key = tenant_keys_->unwrap_patient_key(slot, 1, *stored);
  }
  if (!key) throw Failure(codes::integrity, "a patient key is missing or damaged");
  // In the place of its own older one, else of the one that expires first.
  const auto rank = [&](const Opened& opened) { return opened.slot == slot ? Instant{.us = INT64_MIN} : opened.until; };
  const auto least = [&](std::span<Opened> among) {
    return std::min_element(among.begin(), among.end(),
                            [&](const Opened& a, const Opened& b) { return rank(a) < rank(b); });
  };
  auto place = least(places);
  if (place->slot != slot && now <= place->until && opened_.size() < opened_max) {
    grow_opened();
    place = least(places_of(slot));
  }
  *place = {.slot = slot, .until = now.plus_s(opened_ttl_s), .key = crypto::SecureKey(key->view())};
  return std::move(*key);
}

}  // namespace medflow::keys
