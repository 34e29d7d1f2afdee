// One call on its way through the house: it is checked, prepared, and becomes a member of a batch.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "kernel/handler.hpp"
#include "kernel/idempotency.hpp"
#include "kernel/in_flight.hpp"
#include "kernel/work.hpp"
#include "medflow/session.hpp"
#include "storage/committer.hpp"

namespace medflow::kernel {

/// session alive → permission → field rules → prepare → transaction { session not revoked → idempotency → handler }; where there is something to prepare, or a field
/// rule is broken, the idempotency key comes before that. What fails before the transaction and was a denial is audited
/// in a transaction of its own.
class Call final : public storage::Member {
 public:
  Call(const SessionState& session, const OperationRow& row, Value request, CallContext context);

  /// Everything before the transaction but `prepare`. False where there is nothing to run: `result` tells why.
  bool admit();
  bool needs_prepare() const { return handler_.prepare != nullptr && !replays(); }
  /// Whether `prepare` may run on a thread that must not block.
  bool prepares_quickly() const {
    return handler_.prepares_quickly != nullptr && handler_.prepares_quickly(*frame_.store, request_.data());
  }
  /// Where it is prepared once it is admitted, if not at once.
  Slow slow() const { return needs_prepare() && !refused_ ? handler_.slow : Slow::no; }
  /// Answers this instead of going on.
  void refuse(Error error) { error_ = std::move(error); }
  /// Whether `admit` reads the store, which a thread that must not block should not do: what is prepared is not prepared twice.
  bool reads_first() const { return keyed() && handler_.prepare != nullptr; }
  /// Where `admit` said no: whether the request is answered all the same, since it broke no rule when it was first sent. Reads the store.
  bool replays_instead();
  /// False where it failed and the failure leaves no event.
  bool prepare();

  Result<Reply> result();
  /// With what other long work it takes turns: its tenant's. What changes tenants from the platform says itself what may not run beside it.
  Uuid lane() const;
  storage::Committer& committer() const { return frame_.store->committer(); }
  /// Called with the result once the batch is durable; for submitted calls.
  void on_done(std::function<void(Result<Reply>)> done) { done_ = std::move(done); }

  void foresee(storage::Transaction& transaction, storage::Foresight& foresight) noexcept override;
  void run(storage::Transaction& transaction, bool isolated) override;
  bool wrote() const override { return wrote_; }
  void done(std::exception_ptr failure) noexcept override;

 private:
  /// Whether it moves or migrates one, all of it by preparing.
  bool changes_tenants() const;
  void check_permission() const;
  void require_staying() const;
  void check_reason();
  bool keyed() const { return !frame_.context.idempotency_key.empty() && keeps_answers(*frame_.row); }
  void look_up_key();
  bool replays() const { return idempotent_ && idempotent_->replays(); }
  void handle(Work& work);
  void fail(const Failure& failure) { refused_ = failure; }

  InFlight in_flight_;  // first, so that it goes last: after everything that keeps the platform
  CallFrame frame_;
  const Handler& handler_;
  Value request_;
  Value output_{};
  std::shared_ptr<void> prepared_{};
  std::string reason_{};
  std::string coded_reason_{};
  std::unique_ptr<Idempotent> idempotent_{};
  bool knows_key_ = false;            ///< it was looked up before the transaction
  bool breaks_rule_ = false;          ///< a field rule, so that `error_` says so
  std::optional<Failure> refused_{};  ///< known before the transaction: only its event is left to write
  std::optional<Error> error_{};
  bool wrote_ = false;
  std::function<void(Result<Reply>)> done_{};
};

}  // namespace medflow::kernel
