#include "kernel/call.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "crypto/password.hpp"
#include "kernel/codes.hpp"
#include "kernel/outside.hpp"
#include "kernel/platform_state.hpp"
#include "kernel/validate.hpp"
#include "text/utf8.hpp"

namespace medflow::kernel {
namespace {

constexpr std::size_t reason_min = 10;

/// The text of a field of the request, empty where it has no such field.
std::string_view text_field(const OperationRow& row, const void* request, std::string_view name) {
  for (const Field& field : row.request->fields)
    if (field.name == name && field.type->kind == Kind::text)
      return *static_cast<const std::string*>(field.at_const(request));
  return {};
}

const Code* code_of_index(std::string_view index) {
  for (const storage::Layout* layout : storage::layouts())
    if (const Code* code = layout->code_of(index)) return code;
  return nullptr;
}

/// A suspended tenant is not written; who signs in or out, or comes as a stranger, meets rules of its own.
void require_active(const Operation& operation, const Store& store) {
  const bool signs_in = operation.permission == Permission::anonymous || operation.permission == Permission::session;
  if (operation.effect == Effect::write && !signs_in && store.status() != TenantStatus::active)
    throw Failure(tenant_suspended);
}

/// What a hit on a constraint means to the caller; nothing for other faults.
std::optional<Failure> failure_of(const storage::Fault& fault) {
  if (fault.kind == storage::FaultKind::unique || fault.kind == storage::FaultKind::exclusion) {
    const Code* code = code_of_index(fault.name);
    return Failure(code != nullptr ? *code : codes::id_reused);
  }
  if (fault.kind == storage::FaultKind::revision) return Failure(codes::revision);
  return std::nullopt;
}

}  // namespace

Call::Call(const SessionState& session, const OperationRow& row, Value request, CallContext context)
    : in_flight_(session.platform().flight_gate()),
      frame_{.session = &session,
             .store = session.store().get(),
             .row = &row,
             .context = std::move(context),
             .now = session.platform().clock().now()},
      handler_(handler_at(row.index)),
      request_(std::move(request)) {}

void Call::check_permission() const {
  const Operation& operation = *frame_.row->operation;
  const Store& store = *frame_.store;
  if (!frame_.session->access().holds(operation.permission)) {
    const bool unknown = frame_.session->actor().kind == audit::ActorKind::anonymous;
    throw Failure(unknown ? codes::unauthenticated : codes::forbidden);
  }
  if (operation.realm != Realm::any && operation.realm != store.realm()) throw Failure(codes::forbidden);
  require_active(operation, store);
  require_staying();
}

/// A tenant that is being moved is not written.
void Call::require_staying() const {
  const Code* refusal = frame_.row->operation->effect == Effect::write ? frame_.store->refusal() : nullptr;
  if (refusal != nullptr) throw Failure(*refusal);
}

void Call::check_reason() {
  const std::string_view reason = text_field(*frame_.row, request_.data(), "reason");
  const std::string_view coded = text_field(*frame_.row, request_.data(), "reason_code");
  reason_ = reason.empty() ? coded : reason;
  coded_reason_ = coded;
  if (!frame_.row->operation->reason_required || !coded.empty()) return;
  // Of patients who act on what is theirs no reason is asked (roles.md).
  const auto ways = frame_.session->access().ways(frame_.row->operation->permission);
  if (std::all_of(ways.begin(), ways.end(), [](const Granted& way) { return way.scope == Scope::own; })) return;
  if (text::code_points(reason) < reason_min)
    throw Failure(codes::reason_required, "/reason", "reason.required",
                  "give at least 10 characters, or a reason_code");
}

bool Call::admit() {
  try {
    if (frame_.store != nullptr) frame_.store->keep_up(frame_.now);
    if (!frame_.session->use(frame_.now)) throw Failure(codes::unauthenticated);
    if (frame_.store == nullptr) {
      // An unknown tenant: `prepare` answers as one that is there would, at the same cost; what it does not refuse went well.
      if (frame_.row->operation->permission != Permission::anonymous || handler_.prepare == nullptr)
        Outside(frame_).refuse_nowhere(Failure(codes::unauthenticated));
      require_valid(*frame_.row->request, request_.data());
      if (prepare()) output_ = Value(*frame_.row->output);
      return false;
    }
    try {
      check_permission();
    } catch (const Failure& failure) {
      fail(failure);
      return true;
    }
    if (frame_.row->operation->key_required && frame_.context.idempotency_key.empty()) throw Failure(key_missing);
    if (keyed()) idempotent_ = std::make_unique<Idempotent>(frame_, request_.data());
    if (idempotent_ && handler_.prepare != nullptr) look_up_key();
    if (replays()) return true;
    try {
      require_valid(*frame_.row->request, request_.data());
      check_reason();
    } catch (const Failure&) {
      breaks_rule_ = true;
      throw;
    }
    return true;
  } catch (...) {
    error_ = error_of(std::current_exception());
    return false;
  }
}

void Call::look_up_key() {
  idempotent_->look_up(frame_.now);
  knows_key_ = true;
}

bool Call::replays_instead() {
  if (!breaks_rule_ || !idempotent_ || knows_key_) return false;
  try {
    look_up_key();
    if (!replays()) return false;
    error_.reset();
    return true;
  } catch (...) {
    error_ = error_of(std::current_exception());
    return false;
  }
}

bool Call::prepare() {
  if (refused_ || !needs_prepare()) return true;
  if (frame_.session->revoked()) {  // while it waited for its turn
    fail(Failure(codes::unauthenticated));
    return true;
  }
  try {
    Outside outside(frame_);
    prepared_ = handler_.prepare(outside, request_.data());
    return true;
  } catch (const Failure& failure) {
    const Errc kind = failure.error.kind();
    if (frame_.store == nullptr || kind == Errc::invalid || kind == Errc::unavailable) {
      error_ = failure.error;
      return false;
    }
    fail(failure);  // a denial: it is left to be audited
    return true;
  } catch (...) {
    error_ = error_of(std::current_exception());
    return false;
  }
}

void Call::handle(Work& work) {
  // After the call began. What has moved or migrated a tenant is done.
  if (frame_.session->revoked() && !changes_tenants()) throw Failure(codes::unauthenticated);
  if (refused_) throw *refused_;
  require_staying();                                      // the move may have begun after the call did
  require_active(*frame_.row->operation, *frame_.store);  // as may the suspension
  try {
    if (!reason_.empty()) work.reason(reason_, coded_reason_);
    output_ = Value(*frame_.row->output);
    // An answer that was found before stays the answer, whoever removes it meanwhile: nothing was prepared.
    const bool may_be_new = !knows_key_ || (frame_.store->shared() && !replays());
    if (idempotent_ && may_be_new) idempotent_->look_up(work.transaction(), frame_.now);
    if (replays()) return idempotent_->replay(work, output_.data());
    handler_.handle(work, request_.data(), prepared_.get(), output_.data());
    if (idempotent_ && !work.answer()) idempotent_->keep(work, output_.data());
  } catch (const storage::Fault& fault) {
    auto failure = failure_of(fault);
    if (!failure) throw;
    throw *failure;
  }
}

void Call::foresee(storage::Transaction& transaction, storage::Foresight& foresight) noexcept {
  if (refused_ || replays()) return;
  try {
    if (idempotent_) idempotent_->foresee(foresight);
    if (handler_.foresee == nullptr) return;
    Work work(frame_, transaction);
    handler_.foresee(work, foresight, request_.data());
  } catch (...) {
    // It runs all the same, and says itself what is wrong.
  }
}

void Call::run(storage::Transaction& transaction, bool isolated) {
  error_.reset();
  frame_.sealed.reset();
  wrote_ = false;
  std::optional<Failure> failed;
  {
    Work work(frame_, transaction);
    try {
      if (isolated) {
        transaction.attempt([&] { handle(work); });
      } else {
        handle(work);
      }
      wrote_ = true;
      work.finish(nullptr);
      if (work.answer()) error_ = work.answer()->error;
      return;
    } catch (const Failure& failure) {
      wrote_ = work.wrote();
      if (wrote_ && !isolated) throw;  // the batch is run again, each member in an attempt of its own
      failed = failure;
    } catch (...) {
      wrote_ = work.wrote();  // whatever it was: what has been written is undone, or it would stay without an event
      throw;
    }
    if (!wrote_) {
      wrote_ = true;
      work.finish(&*failed);
      error_ = failed->error;
      return;
    }
  }
  frame_.store->undo();
  Work again(frame_, transaction);
  again.finish(&*failed);
  error_ = failed->error;
}

void Call::done(std::exception_ptr failure) noexcept {
  if (failure) error_ = error_of(failure);
  if (!done_) return;
  Result<Reply> answer = result();
  idempotent_.reset();  // who has the answer may send the request again at once
  done_(std::move(answer));
}

Uuid Call::lane() const {
  if (!changes_tenants()) return frame_.store->id().uuid;
  static std::atomic<std::uint64_t> calls{0};
  const std::uint64_t number = ++calls;
  Uuid own;
  std::memcpy(own.bytes.data(), &number, sizeof number);
  return own;
}

bool Call::changes_tenants() const {
  return handler_.slow == Slow::long_work && frame_.row->operation->effect == Effect::write;
}

Result<Reply> Call::result() {
  if (error_) return std::move(*error_);
  // Its own batch may have ended its session, or one that ended while the disk was waited for. What was written is answered all the same: whoever
  // signs out is told so.
  if (frame_.row->operation->effect == Effect::read && frame_.session->revoked())
    return Error{.code = codes::unauthenticated};
  return Reply{.output = std::move(output_), .replayed = replays(), .sealed = std::move(frame_.sealed)};
}

}  // namespace medflow::kernel

namespace medflow::inline v1 {

using kernel::Call;

namespace {

using Owned = std::unique_ptr<Call>;
using Step = void (*)(kernel::PlatformState&, Owned);

/// How a submitted call goes on, on a thread that may block.
std::function<void()> later(kernel::PlatformState& platform, const std::shared_ptr<Owned>& call, Step step) {
  // The worker is under way too: the call may be answered before it leaves the committer.
  return
      [worker = kernel::InFlight(platform.flight_gate()), &platform, call, step] { step(platform, std::move(*call)); };
}

void post(kernel::PlatformState& platform, Owned call, Step step) {
  platform.workers().post(later(platform, std::make_shared<Owned>(std::move(call)), step));
}

/// `runs`: there is something to run.
void go_on(Owned call, bool runs) {
  if (!runs) return call->done(nullptr);
  storage::Committer& committer = call->committer();
  committer.submit(std::move(call));
}

/// Waits for its turn, unless too many do.
void post_slow(kernel::PlatformState& platform, Owned call, Step step) {
  constexpr std::uint32_t retry_after_s = 5;
  const bool hashes = call->slow() == kernel::Slow::password;
  const Uuid key = hashes ? Uuid{} : call->lane();
  const auto kept = std::make_shared<Owned>(std::move(call));
  if ((hashes ? platform.passwords() : platform.long_work()).post(key, later(platform, kept, step))) return;
  (*kept)->refuse({.code = hashes ? crypto::codes::auth_busy : kernel::tenant_busy, .retry_after_s = retry_after_s});
  post(platform, std::move(*kept), [](kernel::PlatformState&, Owned refused) { go_on(std::move(refused), false); });
}

/// An error where the host's clock does not tell when it begins.
Result<Owned> make_call(const kernel::SessionState& session, const OperationRow& row, Value request,
                        CallContext context) {
  try {
    return std::make_unique<Call>(session, row, std::move(request), std::move(context));
  } catch (...) {
    return kernel::error_of(std::current_exception());
  }
}

void prepare(kernel::PlatformState&, Owned call) {
  const bool runs = call->prepare();
  go_on(std::move(call), runs);
}

/// What is slow is prepared elsewhere.
void admit(kernel::PlatformState& platform, Owned call) {
  if (!call->admit()) {
    const bool runs = call->replays_instead();
    return go_on(std::move(call), runs);
  }
  if (call->slow() != kernel::Slow::no) return post_slow(platform, std::move(call), prepare);
  prepare(platform, std::move(call));
}

}  // namespace

std::optional<Error> Reply::open() {
  if (!sealed) return std::nullopt;
  try {
    std::exchange(sealed, nullptr)->open(output.type(), output.data());
    return std::nullopt;
  } catch (...) {
    output = {};
    return kernel::error_of(std::current_exception());
  }
}

Result<Reply> Session::call(const OperationRow& row, Value request, const CallContext& context) const {
  try {
    Call call(*state_, row, std::move(request), context);
    if (!call.admit() && !call.replays_instead()) return call.result();
    if (call.needs_prepare() && !call.prepare()) return call.result();
    call.committer().run(call);
    Result<Reply> result = call.result();
    if (!result.ok()) return result;
    if (auto error = result->open()) return std::move(*error);
    return result;
  } catch (...) {  // there is no call yet: the host's clock does not tell when it begins
    return kernel::error_of(std::current_exception());
  }
}

void Session::submit(const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
                     CallContext context) const {
  auto made = make_call(*state_, row, std::move(request), std::move(context));
  if (!made.ok()) {
    const kernel::InFlight in_flight(state_->platform().flight_gate());
    return state_->platform().workers().post(
        [in_flight, done = std::move(done), error = made.error()] { done(error); });
  }
  Owned call = std::move(made).value();
  // The session has to last as long as its call does.
  call->on_done([state = state_, done = std::move(done), streams = row.shape == Shape::stream](Result<Reply> result) {
    if (!streams || !result.ok()) return done(std::move(result));
    // Whoever lets go of a stream here would wait for its end on the thread that has to write it: a worker is the last to have it.
    Pull stream = static_cast<const Stream*>(result->output.data())->pull;
    const kernel::InFlight in_flight(state->platform().flight_gate());
    done(std::move(result));
    state->platform().workers().post([in_flight, stream = std::move(stream)] {});
  });
  const bool anonymous_tenant = state_->store() == nullptr;
  if (anonymous_tenant && call->slow() == kernel::Slow::password)  // it is admitted by being prepared
    return post_slow(state_->platform(), std::move(call), admit);
  if (anonymous_tenant || (call->needs_prepare() && !call->prepares_quickly()) || call->reads_first())
    return post(state_->platform(), std::move(call), admit);
  if (!call->admit() || !call->prepare())  // a refusal must not come before this returns
    return post(state_->platform(), std::move(call), [](kernel::PlatformState&, Owned refused) {
      const bool runs = refused->replays_instead();
      go_on(std::move(refused), runs);
    });
  storage::Committer& committer = call->committer();
  committer.submit(std::move(call));
}

bool Session::anonymous() const { return state_->actor().kind == audit::ActorKind::anonymous; }
bool Session::holds(Permission permission) const { return state_->access().holds(permission); }
TenantId Session::tenant_id() const { return state_->store() == nullptr ? TenantId{} : state_->store()->id(); }
std::string Session::tenant() const { return state_->store() == nullptr ? std::string() : state_->store()->slug(); }
UserId Session::user_id() const { return state_->actor().user; }

}  // namespace medflow::inline v1
