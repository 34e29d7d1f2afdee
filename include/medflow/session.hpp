// A Session is somebody at work in one tenant. Every call goes through one; no function takes a tenant id beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "medflow/fields.hpp"
#include "medflow/operation.hpp"
#include "medflow/result.hpp"

namespace medflow::kernel {
class SealedRows;
class SessionState;
}  // namespace medflow::kernel

namespace medflow::inline v1 {

/// An identity that a host vouches for (USR-10). The tenant must have named the issuer among its `trusted_issuers`.
struct Principal {
  std::string issuer{};
  std::string subject{};
  std::string display_name{};
  std::vector<Role> roles{};
  std::vector<FacilityId> facilities{};
  std::optional<PractitionerId> practitioner_id{};
  std::optional<PatientId> patient_id{};
  std::vector<std::string> custom_roles{};  ///< by their names; the tenant must have them
};

/// What accompanies one call.
struct CallContext {
  std::optional<RequestId> request_id{};  ///< made where absent
  std::string address{};                  ///< the caller's network address; stored as a keyed hash
  std::string user_agent{};               ///< the same
  /// Makes a POST that writes safe to send again (R11): 1 to 255 visible ASCII characters, the caller's own for this operation.
  /// Within 24 hours the same request is answered as it was the first time and has no further effect. Another request under
  /// the same key is invalid `idempotency.mismatch`; one that is under way, conflict `idempotency.in_progress`. Only success is kept.
  /// Operations that move money need one (`Operation::key_required`): malformed `idempotency.required`.
  /// Without meaning for reads, for `auth.*` and where the request has content.
  std::string idempotency_key{};
};

/// The outcome of an erased call.
struct MEDFLOW_API Reply {
  Value output{};
  bool replayed = false;  ///< the answer of an earlier call with the same idempotency key
  /// What `submit` still hands over sealed; null where nothing is.
  std::shared_ptr<kernel::SealedRows> sealed{};

  /// Opens what is sealed in `output`, on the calling thread: before the first look at it. Without effect where nothing is.
  /// Error `integrity` where it does not open; `output` is empty then.
  [[nodiscard]] std::optional<Error> open();
};

/// Cheap to copy; all copies are one session. Thread-safe. Outliving its Platform is an error of the program.
class MEDFLOW_API Session {
 public:
  explicit Session(std::shared_ptr<kernel::SessionState> state) : state_(std::move(state)) {}

  /// Runs an operation and returns when its effect and its audit event are durable.
  template <class Op>
  Result<typename Op::Output> call(Op request, const CallContext& context = {}) const;

  /// The same without waiting: `done` is called exactly once, after the batch is durable, on a thread of the library or the host's
  /// executor; it must not block. Never called before `submit` returns on the same thread.
  template <class Op>
  void submit(Op request, std::function<void(Result<typename Op::Output>)> done, CallContext context = {}) const;

  /// The same for an erased operation: `request` is of type `*row.request`, the answer's output of type `*row.output`. After `submit`
  /// the answer is to be opened (`Reply::open`).
  Result<Reply> call(const OperationRow& row, Value request, const CallContext& context = {}) const;
  void submit(const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context = {}) const;

  bool anonymous() const;
  /// Whether it holds the permission in any scope. Where it does not, every call that needs it is refused; where it does, a call may
  /// still be, for the object that it is about.
  bool holds(Permission permission) const;
  TenantId tenant_id() const;
  /// The tenant's slug; "platform" on the platform.
  std::string tenant() const;
  /// Nil where anonymous.
  UserId user_id() const;

 private:
  std::shared_ptr<kernel::SessionState> state_;
};

}  // namespace medflow::inline v1
