// What a handler's `prepare` is given: slow things that must not happen in the tenant's transaction, such as hashing a password or
// opening another tenant's store. What it reads is checked again by `handle`.
#pragma once

#include <string_view>

#include "kernel/platform_state.hpp"
#include "kernel/work.hpp"
#include "medflow/function_ref.hpp"

namespace medflow::kernel {

class Outside {
 public:
  explicit Outside(CallFrame& frame) : frame_(frame) {}

  Instant now() const { return frame_.now; }
  PlatformState& platform() const { return frame_.session->platform(); }
  const SessionState& session() const { return *frame_.session; }
  const CallContext& context() const { return frame_.context; }
  /// Null for an unknown tenant.
  Store* store() const { return frame_.store; }

  /// Reads this tenant on a snapshot. Nothing of it may reach the caller but through `handle`, which is audited.
  void read(FunctionRef<void(Work&)> body) { read_in(*store(), body); }
  /// The same of a tenant that is not the caller's, as the system.
  void read_in(Store& store, FunctionRef<void(Work&)> body);

  /// Writes in a tenant, as the system, with an event of this operation's name there. Throws Failure where it fails.
  void write_in(Store& store, FunctionRef<void(Work&)> body);

  /// Refuses at a tenant that is not there, where one that is would answer the same: with an event, which is the platform's, so that neither
  /// the answer nor its cost tells.
  [[noreturn]] void refuse_nowhere(const Failure& refusal);

 private:
  CallFrame& frame_;
};

}  // namespace medflow::kernel
