// Who is at work in a tenant: what a Session refers to, and the sessions of a tenant that are live in this process.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "audit/event.hpp"
#include "kernel/access.hpp"
#include "medflow/session.hpp"
#include "medflow/time.hpp"

namespace medflow::kernel {

class Store;
class PlatformState;

/// A role of the tenant's own, in the state in which its grants were read.
struct HeldRole {
  RoleId id{};
  std::uint64_t revision = 0;

  friend bool operator==(const HeldRole&, const HeldRole&) = default;
};

/// Who acts. `id` is the user's, nil for anonymous; a local operator has a name instead.
struct Actor {
  audit::ActorKind kind = audit::ActorKind::anonymous;
  UserId user{};
  SessionId session{};
  std::string label{};
  std::vector<Role> roles{};
  std::vector<FacilityId> facilities{};
  std::optional<PatientId> patient_id{};
  std::optional<PractitionerId> practitioner_id{};
  std::string unknown_tenant{};  ///< the slug that an anonymous caller named, where no tenant has it
  std::vector<HeldRole> custom_roles{};
  std::string issuer{};         ///< of an identity that a host vouches for: its session has no row
  std::vector<Label> labels{};  ///< which labelled records it sees

  bool of_host() const { return !issuer.empty(); }
};

/// How long a session lasts, in seconds: in all, and without a call. 0 is no such limit.
struct SessionLimits {
  std::int64_t total_s = 0;
  std::int64_t idle_s = 0;

  friend bool operator==(const SessionLimits&, const SessionLimits&) = default;
};

/// Until when a session lasts that began and was last used then.
Instant end_of_session(const SessionLimits& limits, Instant begun, Instant last_used);

/// Immutable but for its limits, its last use and its end. A change of the user's roles or facilities, or of what one of the roles holds,
/// ends it in memory; it is then read anew.
class SessionState : public std::enable_shared_from_this<SessionState> {
 public:
  /// `store` is null for an unknown tenant: nothing answers there.
  SessionState(std::shared_ptr<PlatformState> platform, std::shared_ptr<Store> store, Actor actor, Access access)
      : platform_(std::move(platform)),
        store_(std::move(store)),
        actor_(std::move(actor)),
        access_(std::move(access)) {}

  /// Lets it last no longer than these limits allow (USR-5). Before anybody has it.
  void begin(const SessionLimits& limits, Instant begun, Instant last_used);
  /// Changes the limits of one that is in use.
  void limit(const SessionLimits& limits);
  /// Whether it is alive and within its limits.
  bool usable(Instant now) const;
  /// The same for a call that is made now: its last use.
  bool use(Instant now) const;
  Instant last_used() const { return {last_used_us_.load(std::memory_order_relaxed)}; }
  /// Its row tells of a use that may have been another process's.
  void used_elsewhere(Instant at);
  /// The last use that its row tells of; set once it does.
  Instant stored_use() const { return {stored_use_us_.load(std::memory_order_relaxed)}; }
  void set_stored_use(Instant at) { stored_use_us_.store(at.us, std::memory_order_relaxed); }

  PlatformState& platform() const { return *platform_; }
  const std::shared_ptr<PlatformState>& platform_handle() const { return platform_; }
  const std::shared_ptr<Store>& store() const { return store_; }
  const Actor& actor() const { return actor_; }
  const Access& access() const { return access_; }

  bool alive() const { return alive_.load(std::memory_order_acquire); }
  /// What it was allowed goes no more: no further call begins, and those under way are refused as well.
  void end() {
    revoked_.store(true, std::memory_order_release);
    leave();
  }
  bool revoked() const { return revoked_.load(std::memory_order_acquire); }
  /// Its store is closed here: no further call begins.
  void leave() { alive_.store(false, std::memory_order_release); }

  /// The bits of the roles, for events.
  std::uint16_t role_bits() const;

 private:
  std::shared_ptr<PlatformState> platform_;
  std::shared_ptr<Store> store_;
  Actor actor_;
  Access access_;
  std::atomic<bool> alive_{true};
  std::atomic<bool> revoked_{false};
  Instant begun_{};
  std::atomic<std::int64_t> total_s_{0};
  std::atomic<std::int64_t> idle_s_{0};
  mutable std::atomic<std::int64_t> last_used_us_{0};
  std::atomic<std::int64_t> stored_use_us_{0};
};

/// The sessions of one tenant that have been used in this process. Thread-safe.
class LiveSessions {
 public:
  std::shared_ptr<SessionState> find(SessionId id) const;
  /// Keeps a session; answers the one that is there already if there is one.
  std::shared_ptr<SessionState> put(SessionId id, std::shared_ptr<SessionState> session);
  /// All of them, as they are now.
  std::vector<std::pair<SessionId, std::shared_ptr<SessionState>>> all() const;
  /// How many there are, if nobody has any of them.
  std::optional<std::size_t> unused() const;
  /// Ends a session, or all of a user's; the next call with it is refused or reads it anew, and calls under way are refused.
  void end(SessionId id);
  /// The same of this one alone: in its place there may be another by now.
  void end(SessionId id, const std::shared_ptr<SessionState>& session);
  /// Lets go of one that has run out. Its calls under way go on.
  void leave(SessionId id, const std::shared_ptr<SessionState>& session);
  void end_user(UserId user);
  /// The same for those that hold a role of the tenant's own.
  void end_role(RoleId role);
  /// Ends one of which `session` is another holder, if nobody else has it: so none of its calls is under way.
  void end_unused(SessionId id, const std::shared_ptr<SessionState>& session);
  /// No call of any of them begins any more, and they let go of the store that they hold and that holds them. Calls under way go on.
  void leave_all();

 private:
  mutable std::shared_mutex mutex_{};
  std::unordered_map<SessionId, std::shared_ptr<SessionState>> sessions_{};
};

}  // namespace medflow::kernel
