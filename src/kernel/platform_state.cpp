#include "kernel/platform_state.hpp"

#include <algorithm>
#include <thread>

#include "tenants/directory.hpp"

namespace medflow::kernel {
namespace {

Code code_of(storage::FaultKind kind) {
  switch (kind) {
    case storage::FaultKind::in_use:
      return codes::store_in_use;
    case storage::FaultKind::wrong_key:
      return codes::key_mismatch;
    case storage::FaultKind::schema_newer:
      return codes::schema_newer;
    case storage::FaultKind::schema_outdated:
      return codes::schema_outdated;
    case storage::FaultKind::full:
      return codes::store_full;
    case storage::FaultKind::corrupt:
      return codes::integrity;
    case storage::FaultKind::misuse:
      return codes::internal;
    default:
      return codes::store_unavailable;
  }
}

/// Faults met while opening name the file they are about; later ones say nothing more.
bool names_its_file(storage::FaultKind kind) {
  using enum storage::FaultKind;
  return kind == in_use || kind == wrong_key || kind == schema_newer || kind == schema_outdated || kind == missing ||
         kind == corrupt;
}

bool in_use(TenantStatus status) { return status == TenantStatus::active || status == TenantStatus::suspended; }

std::shared_ptr<Executor> pool(std::size_t threads) { return std::make_shared<storage::CommitPool>(threads); }

}  // namespace

Error error_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const Failure& known) {
    return known.error;
  } catch (const storage::Fault& fault) {
    Error error{.code = code_of(fault.kind)};
    if (names_its_file(fault.kind)) error.detail = fault.name;
    return error;
  } catch (const std::bad_alloc&) {
    return {.code = codes::store_unavailable};
  } catch (const std::exception&) {
    return {.code = codes::internal};
  }
}

PlatformState::PlatformState(PlatformOptions options)
    : options_(std::move(options)), gate_(std::max(1U, std::thread::hardware_concurrency())) {
  crypto::init();
  if (!options_.clock) options_.clock = system_clock();
  if (!options_.rng) options_.rng = system_rng();
  arena_ = crypto::KeyArena::create();
  commits_ = options_.executor ? options_.executor : pool(1);
  workers_ = options_.executor ? options_.executor : pool(std::max(2U, std::thread::hardware_concurrency()));
}

const std::shared_ptr<storage::Engine>* PlatformState::engine_of(std::string_view placement) const {
  if (placement == default_placement) return &options_.engine;
  const auto found = options_.placements.find(placement);
  return found == options_.placements.end() ? nullptr : &found->second;
}

StoreOptions PlatformState::store_options(std::string_view placement) const {
  const auto* engine = engine_of(placement);
  if (engine == nullptr)
    throw Failure(codes::store_unavailable, "the placement " + std::string(placement) + " is not configured");
  return {.engine = *engine,
          .root_key = options_.root_key,
          .rng = options_.rng,
          .clock = options_.clock,
          .arena = arena_,
          .opened = opened_,
          .executor = commits_,
          .deployment = options_.deployment,
          .sinks = options_.checkpoint_sinks};
}

void PlatformState::open() {
  const StoreIdentity identity{.id = platform_id, .slug = std::string(platform_slug), .realm = Realm::platform};
  const auto stores = options_.engine->list();
  const bool there = std::any_of(stores.begin(), stores.end(), [](const storage::StoreName& store) {
    return store.tenant == platform_slug && store.part == storage::Part::data;
  });
  if (!there && options_.create) Store::create(store_options(), identity);
  platform_ = std::make_shared<Store>(store_options(), identity);
  platform_->follow_directory(
      {.tenant = [this](const StoreIdentity& tenant) { enter(tenant); }, .recovery = [this] { set_recovery(true); }});
  tenants::read_directory(*this);
}

std::shared_ptr<Store> PlatformState::opened(Entry& entry) const {
  if (!in_use(entry.identity.status)) return nullptr;
  if (!entry.store) entry.store = std::make_shared<Store>(store_options(entry.identity.placement), entry.identity);
  return entry.store;
}

PlatformState::Found PlatformState::look_up(std::string_view slug) {
  const std::lock_guard lock(mutex_);
  const auto found = by_slug_.find(slug);
  if (found == by_slug_.end()) return std::nullopt;
  return opened(tenants_.at(found->second));
}

PlatformState::Found PlatformState::look_up(TenantId id) {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(id);
  if (found == tenants_.end()) return std::nullopt;
  return opened(found->second);
}

// Another process may have made what is not known here. Not under the mutex: what is followed enters tenants.
std::shared_ptr<Store> PlatformState::store(std::string_view slug) {
  if (slug == platform_slug) return platform_;
  if (auto known = look_up(slug)) return *known;
  platform_->catch_up();
  return look_up(slug).value_or(nullptr);
}

std::shared_ptr<Store> PlatformState::store(TenantId id) {
  if (id == platform_id) return platform_;
  if (auto known = look_up(id)) return *known;
  platform_->catch_up();
  return look_up(id).value_or(nullptr);
}

std::shared_ptr<Store> PlatformState::store_for_stranger(std::string_view slug) {
  platform_->catch_up();
  return slug == platform_slug ? platform_ : look_up(slug).value_or(nullptr);
}

std::vector<std::shared_ptr<Store>> PlatformState::open_stores() {
  std::vector<std::shared_ptr<Store>> stores;
  if (platform_) stores.push_back(platform_);
  const std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : tenants_)
    if (entry.store) stores.push_back(entry.store);
  return stores;
}

std::vector<std::string> PlatformState::degradations() {
  std::vector<std::string> words;
  const auto stores = open_stores();
  const bool refused =
      std::any_of(stores.begin(), stores.end(), [](const auto& store) { return store->checkpoints().refused(); });
  if (refused) words.emplace_back("checkpoint.refused");
  if (!recovery_set_) words.emplace_back("recovery.unset");
  if (!unfinished().empty()) words.emplace_back("move.unfinished");
  return words;
}

void PlatformState::close() {
  for (const auto& store : open_stores()) store->sessions().end_all();
  flight_gate_->wait_idle();
  for (const auto& store : open_stores()) {
    try {
      store->close();
    } catch (const std::exception&) {
      // Nobody is left to be told. A log that does not end with its closing event says that it was broken off.
    }
  }
}

void PlatformState::enter(const StoreIdentity& identity) {
  std::shared_ptr<Store> left;  // outlives the lock: this may be the last to hold it
  const std::lock_guard lock(mutex_);
  Entry& entry = tenants_[identity.id];
  entry.identity = identity;
  by_slug_[identity.slug] = identity.id;
  if (entry.store && entry.store->placement() != identity.placement) left = std::move(entry.store);
  if (entry.store) entry.store->set_status(identity.status);
  if (left) left->sessions().end_all();
}

std::shared_ptr<Store> PlatformState::open_store(TenantId id) {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(id);
  return found == tenants_.end() ? nullptr : found->second.store;
}

void PlatformState::set_unfinished(TenantId id, bool unfinished) {
  const std::lock_guard lock(mutex_);
  if (unfinished)
    unfinished_.insert(id);
  else
    unfinished_.erase(id);
}

std::vector<TenantId> PlatformState::unfinished() {
  const std::lock_guard lock(mutex_);
  return {unfinished_.begin(), unfinished_.end()};
}

void PlatformState::forget(TenantId id) {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(id);
  if (found == tenants_.end()) return;
  by_slug_.erase(found->second.identity.slug);
  tenants_.erase(found);
}

std::shared_ptr<SessionState> PlatformState::system_session(std::shared_ptr<Store> store, std::string_view label) {
  Actor actor{.kind = audit::ActorKind::system, .label = std::string(label)};
  const Role role[] = {store->realm() == Realm::platform ? Role::super_admin : Role::tenant_admin};
  return std::make_shared<SessionState>(shared_from_this(), std::move(store), std::move(actor), Access(role));
}

std::shared_ptr<SessionState> PlatformState::operator_session(std::string_view label) {
  return system_session(platform_, label);
}

}  // namespace medflow::kernel
