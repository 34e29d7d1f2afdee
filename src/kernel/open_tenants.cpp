// Which tenants' stores are open in this process: few of many, those that were used last.
#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "kernel/awaited.hpp"
#include "kernel/codes.hpp"
#include "kernel/platform_state.hpp"
#include "users/background.hpp"

namespace medflow::kernel {
namespace {

/// After so long a closed store is opened again that could not be asked what waits in it.
constexpr std::int64_t looked_again_s = 30;

bool is_served(TenantStatus status) { return status == TenantStatus::active || status == TenantStatus::suspended; }

/// Whether nobody but the directory has it, and its sessions, which nobody has either. Asked where nobody can get it anew.
bool is_idle(const std::shared_ptr<Store>& store) {
  const auto sessions = store->sessions().unused();
  return sessions && store.use_count() == static_cast<long>(*sessions) + 1;
}

/// Ends its sessions here, and waits a second at most for the calls that run. Whether the caller alone has it then. Asked where nobody can
/// get it anew.
bool is_given_back(const std::shared_ptr<Store>& store) {
  constexpr int looks_max = 100;
  for (int looks = 0; looks < looks_max; ++looks) {
    store->sessions().leave_all();  // each time: who had it already may have begun one
    if (store.use_count() == 1) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

PlatformState::Found PlatformState::look_up(std::string_view slug) {
  std::unique_lock lock(mutex_);
  const auto found_id = by_slug_.find(slug);
  if (found_id == by_slug_.end()) return std::nullopt;
  return found(lock, found_id->second);
}

PlatformState::Found PlatformState::look_up(TenantId id) {
  std::unique_lock lock(mutex_);
  return found(lock, id);
}

PlatformState::Found PlatformState::found(std::unique_lock<std::mutex>& lock, TenantId id) {
  for (;;) {
    const auto entry = tenants_.find(id);
    if (entry == tenants_.end()) return std::nullopt;
    if (!is_served(entry->second.identity.status)) return nullptr;
    if (entry->second.shut) throw Failure(codes::schema_outdated);
    if (entry->second.busy) {
      free_.wait(lock);
      continue;
    }
    entry->second.used = ++uses_;
    if (entry->second.store) return entry->second.store;
    entry->second.busy = true;
    open_.insert(id);
    if (auto store = open_tenant(lock, id, StoreIdentity(entry->second.identity))) return store;
  }
}

/// Null where it has meanwhile become another's to open. Not under the lock: others go on.
std::shared_ptr<Store> PlatformState::open_tenant(std::unique_lock<std::mutex>& lock, TenantId id,
                                                  const StoreIdentity& identity) {
  std::shared_ptr<Store> store;
  std::exception_ptr failure;
  lock.unlock();
  try {
    make_room();
    store = std::make_shared<Store>(store_options(identity.placement), identity);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  free_.notify_all();
  Entry& entry = tenants_.at(id);
  entry.busy = false;
  const bool moved = entry.identity.placement != identity.placement;
  if (failure || moved) open_.erase(id);
  if (failure && !moved) std::rethrow_exception(failure);
  if (moved) return nullptr;
  store->set_status(entry.identity.status);
  entry.store = store;
  return store;
}

/// Closes those that were used longest ago, as far as nobody uses them, until there is room for what is about to be opened.
void PlatformState::make_room() {
  for (auto& [id, store] : idle_stores()) {
    rest(*store);
    store.reset();
    set_free(id);
  }
}

std::vector<PlatformState::Held> PlatformState::idle_stores() {
  std::vector<Held> idle;
  const std::lock_guard lock(mutex_);
  if (open_.size() <= options_.open_tenants_max) return idle;
  std::vector<std::pair<std::uint64_t, TenantId>> order;
  for (const TenantId& id : open_) order.emplace_back(tenants_.at(id).used, id);
  std::sort(order.begin(), order.end());
  for (const auto& [used, id] : order) {
    if (open_.size() <= options_.open_tenants_max) break;
    Entry& entry = tenants_.at(id);
    if (entry.busy || !entry.store || !is_idle(entry.store)) continue;
    entry.busy = true;
    idle.emplace_back(id, let_go(id, entry));
  }
  return idle;
}

/// Everything that only this process knows of a store is written before it is closed. What waits in it is noted first: it is not to be
/// forgotten with what cannot be written.
void PlatformState::rest(Store& store) {
  const bool writes = store.refusal() == nullptr;
  try {
    if (const auto due = writes ? next_due(*this, store) : std::nullopt) set_awaited(store.id(), *due);
  } catch (...) {
    set_awaited(store.id(), clock().now().plus_s(looked_again_s));
  }
  try {
    if (writes) users::store_uses(*this, store, clock().now());
    store.sessions().leave_all();
    store.close();
  } catch (...) {
    // Nobody is there to be told. A log that does not end with its closing event says that it was broken off.
    store.sessions().leave_all();
  }
}

void PlatformState::set_awaited(TenantId id, Instant due) {
  const std::lock_guard lock(mutex_);
  awaited_[id] = due;
}

std::vector<TenantId> PlatformState::take_awaited(Instant now, std::size_t max) {
  std::vector<TenantId> taken;
  const std::lock_guard lock(mutex_);
  for (auto at = awaited_.begin(); at != awaited_.end() && taken.size() < max;) {
    if (now < at->second || !is_worked_for(tenants_.at(at->first))) {
      ++at;
      continue;
    }
    taken.push_back(at->first);
    at = awaited_.erase(at);
  }
  return taken;
}

std::vector<TenantId> PlatformState::take_unseen(Instant now, std::int64_t again_s, std::size_t max) {
  std::vector<TenantId> taken;
  const std::lock_guard lock(mutex_);
  if (!unseen_again_ || *unseen_again_ <= now) {
    for (const auto& [id, entry] : tenants_) {
      const auto* engine = unseen_again_ ? engine_of(entry.identity.placement) : nullptr;
      if (engine != nullptr && (*engine)->shared()) unseen_.insert(id);
    }
    unseen_again_ = now.plus_s(again_s);
  }
  for (auto at = unseen_.begin(); at != unseen_.end() && taken.size() < max;) {
    const Entry& entry = tenants_.at(*at);
    if (!entry.store && is_worked_for(entry)) taken.push_back(*at);  // one that is open is looked after
    at = unseen_.erase(at);
  }
  return taken;
}

void PlatformState::set_unused(TenantId id) {
  const std::lock_guard lock(mutex_);
  tenants_.at(id).used = 0;
}

/// Whether a tick does in it what nobody has asked for: not where it rests, nor where nothing can be written as it is.
bool PlatformState::is_worked_for(const Entry& entry) const {
  const StoreIdentity& identity = entry.identity;
  const bool behind = identity.schema_version != 0 && identity.schema_version < schema_version();
  return identity.status == TenantStatus::active && !entry.shut && !behind && engine_of(identity.placement) != nullptr;
}

void PlatformState::set_free(TenantId id) {
  const std::lock_guard lock(mutex_);
  tenants_.at(id).busy = false;
  free_.notify_all();
}

std::shared_ptr<Store> PlatformState::let_go(TenantId id, Entry& entry) {
  open_.erase(id);
  entry.asked_back = false;
  return std::exchange(entry.store, nullptr);
}

bool PlatformState::ask_back(TenantId id) {
  std::shared_ptr<Store> asked;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = tenants_.at(id);
    if (!entry.store || !entry.store->behind()) return false;
    if (!std::exchange(entry.asked_back, true)) asked = entry.store;
  }
  if (asked) asked->sessions().leave_all();
  return true;
}

void PlatformState::while_closed(TenantId id, FunctionRef<void()> body) {
  std::shared_ptr<Store> store;
  {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [&] { return !tenants_.at(id).busy; });
    Entry& entry = tenants_.at(id);
    entry.busy = entry.shut = true;
    store = let_go(id, entry);
  }
  const auto end = [&]() noexcept {
    const std::lock_guard lock(mutex_);
    Entry& entry = tenants_.at(id);
    entry.busy = entry.shut = false;
    if (store && store->placement() == entry.identity.placement) {  // somebody has it still: it goes on as it was
      store->set_status(entry.identity.status);
      open_.insert(id);
      entry.store = std::move(store);
    }
    free_.notify_all();
  };
  try {
    if (store && !is_given_back(store)) throw Failure(tenant_in_use);
    if (store) rest(*store);
    store.reset();
    body();
  } catch (...) {
    end();
    throw;
  }
  end();
}

std::vector<std::shared_ptr<Store>> PlatformState::open_stores() {
  std::vector<std::shared_ptr<Store>> stores;
  if (platform_) stores.push_back(platform_);
  const std::lock_guard lock(mutex_);
  for (const TenantId& id : open_)
    if (const auto& store = tenants_.at(id).store) stores.push_back(store);
  return stores;
}

std::shared_ptr<Store> PlatformState::open_store(TenantId id) {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(id);
  return found == tenants_.end() ? nullptr : found->second.store;
}

void PlatformState::enter(const StoreIdentity& identity) {
  std::shared_ptr<Store> left;  // outlives the lock: this may be the last to hold it
  const std::lock_guard lock(mutex_);
  Entry& entry = tenants_[identity.id];
  // One that is in use is let go by a tick: opened a second time beside it, the other would be refused.
  const bool migrated =
      entry.store && entry.store->behind() && identity.schema_version == schema_version() && is_idle(entry.store);
  entry.identity = identity;
  by_slug_[identity.slug] = identity.id;
  if (entry.store && (migrated || entry.store->placement() != identity.placement)) left = let_go(identity.id, entry);
  if (entry.store)
    entry.store->set_status(identity.status);
  else
    unseen_.insert(identity.id);
  if (left) left->sessions().leave_all();
}

}  // namespace medflow::kernel
