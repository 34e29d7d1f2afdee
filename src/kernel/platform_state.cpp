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
    case storage::FaultKind::unknown_outcome:
      return codes::store_outcome_unknown;
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

constexpr std::size_t long_work_threads = 2;      // of all tenants
constexpr std::size_t long_work_waiting_max = 8;  // of one

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
  } catch (...) {  // whatever a host's own code throws
    return {.code = codes::internal};
  }
}

PlatformState::PlatformState(PlatformOptions options, const Schemas& schemas, jobs::JobKinds kinds)
    : options_(std::move(options)),
      schemas_(schemas),
      kinds_(kinds),
      gate_(std::max(1U, std::thread::hardware_concurrency())) {
  crypto::init();
  if (!options_.clock) options_.clock = system_clock();
  if (!options_.rng) options_.rng = system_rng();
  arena_ = crypto::KeyArena::create();
  commits_ = options_.executor ? options_.executor : pool(std::max(3U, std::thread::hardware_concurrency()));
  if (options_.commits) disk_ = pool(std::max(3U, std::thread::hardware_concurrency()));
  workers_ = options_.executor ? options_.executor : pool(std::max(2U, std::thread::hardware_concurrency()));
  const std::size_t hashes = std::max(1U, std::thread::hardware_concurrency());
  passwords_ = std::make_unique<Lane>(options_.executor ? options_.executor : pool(hashes), hashes,
                                      crypto::PasswordGate::queue_max_default);
  long_work_ =
      std::make_unique<Lane>(options_.executor ? options_.executor : pool(long_work_threads), 1, long_work_waiting_max);
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
  const bool apart = options_.commits && !(*engine)->shared();
  return {.schemas = schemas_,
          .engine = *engine,
          .root_key = options_.root_key,
          .rng = options_.rng,
          .clock = options_.clock,
          .arena = arena_,
          .opened = opened_,
          .executor = apart ? disk_ : commits_,
          .commits = apart ? options_.commits : nullptr,
          .deployment = options_.deployment,
          .sinks = options_.checkpoint_sinks};
}

void PlatformState::open() {
  const StoreIdentity identity{.id = platform_id, .slug = std::string(platform_slug), .realm = Realm::platform};
  const auto stores = options_.engine->list();
  const bool there = std::any_of(stores.begin(), stores.end(), [](const storage::StoreName& store) {
    return store.tenant == platform_slug && store.part == storage::Part::data;
  });
  if (options_.create) Store::create(store_options(), identity);
  if (there && options_.migrate) Store::migrate(store_options(), identity);
  platform_ = std::make_shared<Store>(store_options(), identity);
  platform_->follow_directory(
      {.tenant = [this](const StoreIdentity& tenant) { enter(tenant); }, .recovery = [this] { set_recovery(true); }});
  tenants::read_directory(*this);
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

std::vector<std::string> PlatformState::degradations() {
  std::vector<std::string> words;
  const auto stores = open_stores();
  const bool refused =
      std::any_of(stores.begin(), stores.end(), [](const auto& store) { return store->checkpoints().refused(); });
  if (refused) words.emplace_back("checkpoint.refused");
  words.emplace_back(recovery_set_ ? "recovery.uncopied" : "recovery.unset");
  if (!unfinished().empty()) words.emplace_back("move.unfinished");
  return words;
}

void PlatformState::close() {
  for (const auto& store : open_stores()) store->sessions().leave_all();
  flight_gate_->wait_idle();
  for (const auto& store : open_stores()) {
    try {
      store->close();
    } catch (...) {
      // Nobody is left to be told. A log that does not end with its closing event says that it was broken off.
    }
  }
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

std::shared_ptr<SessionState> PlatformState::system_session(std::shared_ptr<Store> store, std::string_view label) {
  Actor actor{.kind = audit::ActorKind::system, .label = std::string(label)};
  const Role role[] = {store->realm() == Realm::platform ? Role::super_admin : Role::tenant_admin};
  return std::make_shared<SessionState>(shared_from_this(), std::move(store), std::move(actor), Access(role));
}

std::shared_ptr<SessionState> PlatformState::operator_session(std::string_view label) {
  return system_session(platform_, label);
}

}  // namespace medflow::kernel
