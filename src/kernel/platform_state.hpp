// One deployment in this process: its engine, its keys, the platform's store and the tenants' stores that are open.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/password.hpp"
#include "jobs/kinds.hpp"
#include "kernel/in_flight.hpp"
#include "kernel/lane.hpp"
#include "kernel/store.hpp"
#include "medflow/function_ref.hpp"
#include "medflow/platform.hpp"

namespace medflow::kernel {

/// The platform's own id; as a tenant it has no place in the directory.
inline constexpr TenantId platform_id{
    Uuid{{'m', 'e', 'd', 'f', 'l', 'o', 'w', '-', 'p', 'l', 'a', 't', 'f', 'o', 'r', 'm'}}};
inline constexpr std::string_view platform_slug = "platform";

/// Turns what the inside throws into what a caller is told.
Error error_of(std::exception_ptr failure);

class PlatformState : public std::enable_shared_from_this<PlatformState> {
 public:
  explicit PlatformState(PlatformOptions options, const Schemas& schemas = Schemas::of_this_build(),
                         jobs::JobKinds kinds = jobs::job_kinds());

  /// Opens the platform's store (makes it where asked to), reads the directory and clears away half-made tenants.
  void open();

  const PlatformOptions& options() const { return options_; }
  const Schemas& schemas() const { return schemas_; }
  jobs::JobKinds job_kinds() const { return kinds_; }
  /// Of tenants' tables, as this build has them.
  std::uint32_t schema_version() const { return schemas_.tenant->migrations.back().number; }
  Clock& clock() { return *options_.clock; }
  Rng& rng() { return *options_.rng; }
  Executor& workers() { return *workers_; }
  /// Of calls that hash passwords, under one key; of those that take seconds or more, by their tenant.
  Lane& passwords() { return *passwords_; }
  Lane& long_work() { return *long_work_; }
  crypto::PasswordGate& password_gate() { return gate_; }
  crypto::PasswordCost password_cost() const {
    return {.passes = options_.password_passes, .memory_kib = options_.password_memory_kib};
  }

  const std::shared_ptr<Store>& platform() const { return platform_; }
  /// The tenant's store, opened where it is not yet; null where the directory has none, or not in a state in which it is used.
  std::shared_ptr<Store> store(std::string_view slug);
  std::shared_ptr<Store> store(TenantId id);
  /// The same as the first, at a cost that does not tell whether there is such a tenant.
  std::shared_ptr<Store> store_for_stranger(std::string_view slug);
  /// The platform's store and those of the tenants that are open in this process.
  std::vector<std::shared_ptr<Store>> open_stores();
  /// Whether the platform has a recovery recipient, as its row says.
  void set_recovery(bool is_set) { recovery_set_ = is_set; }
  /// What `Platform::degradations` answers.
  std::vector<std::string> degradations();
  /// The rows of all tenants that were opened lately.
  OpenedRows& opened() { return *opened_; }
  /// Held by whoever does background work.
  std::mutex& ticking() { return ticking_; }

  /// Ends every session that is live in this process and waits for the calls that are under way. Without it sessions would keep
  /// their stores, and this, for ever; and the last call would take this apart on a thread of its own pool.
  void close();
  const std::shared_ptr<FlightGate>& flight_gate() const { return flight_gate_; }

  // For the directory's own operations.

  /// Enters a tenant, or its new state, into what `store` looks up. A store that is open where the tenant is no more is let go: its
  /// sessions end, and it is closed when the last of those who hold it lets go too.
  void enter(const StoreIdentity& identity);
  /// Of stores in this placement. Throws Failure `store.unavailable` where this platform has none of that name.
  StoreOptions store_options(std::string_view placement = default_placement) const;
  /// Null where there is none of that name.
  const std::shared_ptr<storage::Engine>* engine_of(std::string_view placement) const;
  /// Held while a tenant is being made: two callers who make the same one would undo each other's work.
  std::mutex& provisioning() { return provisioning_; }
  /// Held while a tenant is being moved, and while what is left of moves is removed; shared while tenants are migrated.
  std::shared_mutex& moving() { return moving_; }
  /// The tenants of which something is left where they are not, as this process knows.
  void set_unfinished(TenantId id, bool unfinished);
  std::vector<TenantId> unfinished();
  /// A tenant whose store is closed has a message or a job that is to be looked at then.
  void set_awaited(TenantId id, Instant due);
  /// Those whose time has come; each is named once. One that is not served now stays.
  std::vector<TenantId> take_awaited(Instant now, std::size_t max);
  /// Some that were not open since they were entered into the directory; of shared engines also not within `again_s` seconds.
  std::vector<TenantId> take_unseen(Instant now, std::int64_t again_s, std::size_t max);
  /// Of those that are open it is the next to be closed, unless somebody asks for it.
  void set_unused(TenantId id);
  /// With which of the open tenants a tick begins, so that each comes first some time.
  std::atomic<std::size_t>& job_turn() { return job_turn_; }
  /// The same for messages.
  std::atomic<std::size_t>& message_turn() { return message_turn_; }
  /// The tenant's store where it is open.
  std::shared_ptr<Store> open_store(TenantId id);
  /// Of a store that is read as it was before a migration, and is held: ends its sessions, so that it is given back. Once for each opening: who
  /// comes anew is not troubled. False where there is none.
  bool ask_back(TenantId id);
  /// Closes the tenant's store and runs `body`; whoever asks for the store until its end is told `schema.outdated`.
  void while_closed(TenantId id, FunctionRef<void()> body);

  /// The session of a local operator, and the system's own in a tenant.
  std::shared_ptr<SessionState> operator_session(std::string_view label);
  std::shared_ptr<SessionState> system_session(std::shared_ptr<Store> store, std::string_view label);

 private:
  struct Entry {
    StoreIdentity identity{};
    std::shared_ptr<Store> store{};
    bool busy = false;  ///< somebody opens or closes it, and others wait
    bool shut = false;  ///< others are not to wait
    bool asked_back = false;
    std::uint64_t used = 0;  ///< when it was asked for last, in the order of all
  };
  using Held = std::pair<TenantId, std::shared_ptr<Store>>;

  /// Nothing where the directory, as it is known here, has no such tenant.
  using Found = std::optional<std::shared_ptr<Store>>;
  Found found(std::unique_lock<std::mutex>& lock, TenantId id);
  std::shared_ptr<Store> open_tenant(std::unique_lock<std::mutex>& lock, TenantId id, const StoreIdentity& identity);
  void make_room();
  std::vector<Held> idle_stores();
  void rest(Store& store);
  bool is_worked_for(const Entry& entry) const;
  void set_free(TenantId id);
  std::shared_ptr<Store> let_go(TenantId id, Entry& entry);
  Found look_up(std::string_view slug);
  Found look_up(TenantId id);

  PlatformOptions options_;
  const Schemas schemas_;
  const jobs::JobKinds kinds_;
  std::shared_ptr<crypto::KeyArena> arena_;
  std::shared_ptr<OpenedRows> opened_ = std::make_shared<OpenedRows>();
  std::shared_ptr<Executor> commits_;
  // Waits for the disk where the host commits. Not the host's executor, where calls may be waited for.
  std::shared_ptr<Executor> disk_;
  std::shared_ptr<Executor> workers_;
  std::unique_ptr<Lane> passwords_{};
  std::unique_ptr<Lane> long_work_{};
  crypto::PasswordGate gate_;
  std::shared_ptr<FlightGate> flight_gate_ = std::make_shared<FlightGate>();
  std::shared_ptr<Store> platform_{};
  std::mutex provisioning_{};
  std::mutex ticking_{};
  std::atomic<bool> recovery_set_{false};
  std::atomic<std::size_t> job_turn_{0};
  std::atomic<std::size_t> message_turn_{0};
  std::shared_mutex moving_{};
  std::mutex mutex_{};  // guards what follows
  std::condition_variable free_{};
  std::set<TenantId> open_{};  ///< those with a store, or about to have one
  std::uint64_t uses_ = 0;
  std::map<TenantId, Entry> tenants_{};
  std::map<std::string, TenantId, std::less<>> by_slug_{};
  std::set<TenantId> unfinished_{};
  std::map<TenantId, Instant> awaited_{};
  std::set<TenantId> unseen_{};
  std::optional<Instant> unseen_again_{};  ///< when those of shared engines are looked into anew
};

}  // namespace medflow::kernel
