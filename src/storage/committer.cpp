#include "storage/committer.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <utility>

#include "storage/housekeeping.hpp"

namespace medflow::inline v1::storage {
namespace {

// Thrown out of a batch whose member failed after it had written: the batch is to be run again, each member for itself.
struct Rerun {};

// The same, as it is: others have written since the last one, and what was written first hung on that.
struct Overtaken {};

// Batches before which nobody else has written, until it is taken for granted that nobody does: what is written first is in vain where
// somebody has.
constexpr std::size_t quiet_min = 8;

// So many that wait are worth two syncs.
constexpr std::size_t halved_min = 4;

FaultKind kind_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Fault& fault) {
    return fault.kind;
  } catch (...) {
    return FaultKind::misuse;
  }
}

// A row that broke a rule. An engine may report it as late as at the commit, when it no longer says whose row it was.
bool is_conflict(FaultKind kind) {
  return kind == FaultKind::unique || kind == FaultKind::exclusion || kind == FaultKind::revision;
}

// After one of these nothing more may be run in the transaction, whatever a member made of it.
bool is_fatal(FaultKind kind) {
  return kind == FaultKind::unavailable || kind == FaultKind::full || kind == FaultKind::corrupt ||
         kind == FaultKind::unknown_outcome;
}

}  // namespace

/// Somebody who waits for a member; lives in the waiting frame.
struct Member::Waiter {
  std::mutex mutex{};
  std::condition_variable changed{};
  bool answered = false;
  bool leads = false;

  // Under the mutex to the end: once the waiter sees the change, this object is gone.
  void set(bool& what) {
    const std::lock_guard lock{mutex};
    what = true;
    changed.notify_one();
  }

  // True when it is answered, false when it is to lead.
  bool wait() {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return answered || leads; });
    leads = false;
    return answered;
  }
};

/// Leadership on its way through the executor. Who waits may take it before it arrives: the executor may be about to run it on their own
/// thread. The committer may be gone by the time that it does.
class Committer::Offer {
 public:
  explicit Offer(Committer& committer) : committer_(&committer) {}

  /// The committer that is to be led, once.
  Committer* take() { return committer_.exchange(nullptr); }

 private:
  std::atomic<Committer*> committer_;
};

namespace {

// What was submitted and answered. It may be the last to hold whatever this committer is part of, which then ends here and waits for those who
// are still in it: so who lets go is not in it any more.
void let_go(const std::vector<Member*>& batch) {
  for (Member* member : batch) const std::unique_ptr<Member> last{member};
}

}  // namespace

void Committer::Queue::push(Member& member) {
  ++size_;
  member.next_ = nullptr;
  (last_ == nullptr ? first_ : last_->next_) = &member;
  last_ = &member;
}

Member* Committer::Queue::pop() {
  --size_;
  Member* member = first_;
  first_ = member->next_;
  if (first_ == nullptr) last_ = nullptr;
  return member;
}

Committer::Committer(Database& database, BatchHooks& hooks, Executor& executor, BatchLimits limits, Executor* disk)
    : database_(database), hooks_(hooks), executor_(executor), limits_(limits), disk_(disk) {}

Committer::~Committer() {
  std::unique_lock lock{mutex_};
  drained_.wait(lock, [&] { return !leading_ && finishing_ == 0; });
}

void Committer::run(Member& member) {
  Member::Waiter waiter;
  member.waiter_ = &waiter;
  std::unique_lock lock{mutex_};
  queue_.push(member);
  bool to_lead = !leading_ || (offer_ && offer_->take() != nullptr);
  leading_ = true;
  lock.unlock();
  while (to_lead || !waiter.wait()) {
    to_lead = false;
    lead(false);
  }
  member.done(std::exchange(member.failure_, nullptr));
}

void Committer::submit(std::unique_ptr<Member> member) {
  Executor& executor = executor_;
  std::shared_ptr<Offer> offer;
  {
    const std::lock_guard lock{mutex_};
    queue_.push(*member.release());
    if (leading_) return;
    leading_ = true;
    offer = make_offer();
  }
  post(executor, offer);
}

// Under the mutex. It is posted outside of it, when somebody else may have taken it already.
std::shared_ptr<Committer::Offer> Committer::make_offer() { return offer_ = std::make_shared<Offer>(*this); }

void Committer::post(Executor& executor, const std::shared_ptr<Offer>& offer) {
  executor.post([offer]() noexcept {  // who leads and does not end would leave the others waiting for ever
    if (Committer* committer = offer->take()) committer->lead(true);
  });
}

// Leads one batch. Where it is durable at once, those who wait are woken before somebody else leads: they come back with new work while
// the next batch is still to begin, which makes it larger. Else the next one may begin while the disk is waited for, and house is kept before
// it where the last leader could not. After leadership was passed on this object may be gone, unless a batch is still to be answered.
void Committer::lead(bool for_executor) {
  if (take_untidy()) keep_house(database_, false);
  Batch batch;
  take(batch);
  bool ahead = false;
  if (const std::exception_ptr refusal = begin_driving()) {
    fail(batch, refusal);
  } else {
    ahead = drive(batch);
    end_driving();
  }
  if (!ahead) {
    answer(batch);
    maintain(true);
    pass_leadership();
    return let_go(batch);
  }
  note_ahead();
  if (for_executor && disk_ != nullptr) {
    sync_aside(std::move(batch));
    return pass_leadership();
  }
  pass_leadership();
  fail(batch, make_durable());
  note_synced();
  answer(batch);
  maintain(false);
  finish(1);
  let_go(batch);
}

void Committer::note_ahead() {
  const std::lock_guard lock{mutex_};
  ahead_ = true;
  ++syncing_;
  ++finishing_;
}

void Committer::sync_aside(Batch batch) {
  {
    const std::lock_guard lock{mutex_};
    unsynced_.push_back(std::move(batch));
    if (std::exchange(syncs_aside_, true)) return;
  }
  disk_->post([this]() noexcept { sync_all(); });
}

// On a thread of `disk_`. What has ended meanwhile is somebody else's there, so that the disk does not wait for the answers to these.
void Committer::sync_all() {
  std::vector<Batch> batches;
  {
    const std::lock_guard lock{mutex_};
    batches.swap(unsynced_);
  }
  const std::exception_ptr failure = make_durable();
  bool more = false;
  {
    const std::lock_guard lock{mutex_};
    syncing_ -= batches.size();
    more = syncs_aside_ = !unsynced_.empty();
  }
  if (more) disk_->post([this]() noexcept { sync_all(); });
  for (Batch& batch : batches) {
    fail(batch, failure);
    answer(batch);
  }
  maintain(false);
  finish(batches.size());
  for (const Batch& batch : batches) let_go(batch);
}

void Committer::note_synced() {
  const std::lock_guard lock{mutex_};
  --syncing_;
}

// After the unlock this object may be gone.
void Committer::finish(std::size_t batches) {
  const std::lock_guard lock{mutex_};
  finishing_ -= batches;
  drained_.notify_all();
}

// What to answer instead, where nothing is to be run any more.
std::exception_ptr Committer::begin_driving() {
  const std::lock_guard lock{mutex_};
  driving_ = !stopped_;
  return stopped_;
}

void Committer::end_driving() {
  const std::lock_guard lock{mutex_};
  driving_ = false;
  drained_.notify_all();
}

void Committer::stop(std::exception_ptr failure) {
  std::unique_lock lock{mutex_};
  stopped_ = std::move(failure);
  drained_.wait(lock, [&] { return !driving_; });
}

void Committer::run_stopped(Member& member) {
  Batch batch{&member};
  if (drive(batch)) fail(batch, make_durable());
  if (member.failure_) std::rethrow_exception(std::exchange(member.failure_, nullptr));
}

void Committer::resume() {
  const std::lock_guard lock{mutex_};
  stopped_ = nullptr;
}

// To the one who has waited longest; if nobody waits, to the executor. The queue and `leading_` change together, so that
// nobody queues behind a leader who has looked for the last time. After the last unlock this object may be gone.
void Committer::pass_leadership() {
  Executor& executor = executor_;
  std::shared_ptr<Offer> offer;
  {
    const std::lock_guard lock{mutex_};
    if (queue_.empty()) {
      leading_ = false;
      drained_.notify_all();
      return;
    }
    for (Member* member = queue_.first(); member != nullptr; member = member->next_) {
      if (member->waiter_ != nullptr) return member->waiter_->set(member->waiter_->leads);
    }
    offer = make_offer();
  }
  post(executor, offer);
}

// What is queued, up to the limit. Half of it, where others than who leads wait for the disk and it has nothing to do: it can begin sooner then, and
// works while the other half runs. Not where somebody waits for a member, who may be the one who leads and syncs.
void Committer::take(Batch& batch) {
  const std::lock_guard lock{mutex_};
  const auto nobody_waits = [&] {
    for (const Member* member = queue_.first(); member != nullptr; member = member->next_)
      if (member->waiter_ != nullptr) return false;
    return true;
  };
  std::size_t most = limits_.members_max;
  if (disk_ != nullptr && ahead_ && syncing_ == 0 && queue_.size() >= halved_min && nobody_waits())
    most = std::min(most, (queue_.size() + 1) / 2);
  while (!queue_.empty() && batch.size() < most) batch.push_back(queue_.pop());
}

// The same while it runs; what has been stopped takes nobody in any more. Where the disk could be at work already on what there is, it is
// not kept waiting: or all who call would end up in one batch, and wait for it and for the disk in turn.
void Committer::grow(Batch& batch) {
  const std::lock_guard lock{mutex_};
  if (ahead_ && syncing_ == 0) return;
  while (!stopped_ && !queue_.empty() && batch.size() < limits_.members_max) batch.push_back(queue_.pop());
}

// Runs a batch to its commit: every member's `failure_` says afterwards what to answer. True where it is yet to be made durable.
bool Committer::drive(Batch& batch) {
  std::exception_ptr failure;
  Outcome outcome = attempt_batch(batch, false, failure);
  if (outcome == Outcome::overtaken) outcome = attempt_batch(batch, false, failure);
  if (outcome == Outcome::rerun) outcome = attempt_batch(batch, true, failure);
  if (outcome == Outcome::committed || outcome == Outcome::ahead) {
    hooks_.committed();
    return outcome == Outcome::ahead;
  }
  fail(batch, failure);
  return false;
}

// All of them, where there is a failure.
void Committer::fail(Batch& batch, const std::exception_ptr& failure) {
  if (!failure) return;
  for (Member* member : batch) member->failure_ = failure;
}

// What is kept in memory is ahead of the disk where this fails; the database is not to be used any more then, and says so.
std::exception_ptr Committer::make_durable() noexcept {
  try {
    database_.sync();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

Committer::Outcome Committer::attempt_batch(Batch& batch, bool isolated, std::exception_ptr& failure) {
  try {
    bool lost = false;
    const bool ahead =
        database_.write_ahead([&](Transaction& transaction) { lost = !run_batch(transaction, batch, isolated); });
    if (lost) throw Fault{FaultKind::unavailable, {}, "the transaction was given up"};
    if (ahead && !hooks_.tells_others()) return Outcome::ahead;
    if (ahead) database_.sync();
    return Outcome::committed;
  } catch (const Overtaken&) {
    hooks_.rolled_back();
    return Outcome::overtaken;
  } catch (const Rerun&) {
    hooks_.rolled_back();
    return Outcome::rerun;
  } catch (...) {
    failure = std::current_exception();
  }
  const FaultKind kind = kind_of(failure);
  if (kind == FaultKind::unknown_outcome) return settle(failure);
  hooks_.rolled_back();
  return is_conflict(kind) && !isolated ? Outcome::rerun : Outcome::failed;
}

// The batch grows while it runs, except when it is run again. False where the engine has given the transaction up: it says why
// when the body returns, which may be another member's conflict that this one met.
bool Committer::run_batch(Transaction& transaction, Batch& batch, bool isolated) {
  const auto start = std::chrono::steady_clock::now();
  std::size_t foreseen = 0;
  const auto foresee = [&](bool first) {
    transaction.foresee([&](Foresight& foresight) {
      if (first) hooks_.foresee(foresight);
      for (; foreseen < batch.size(); ++foreseen) batch[foreseen]->foresee(transaction, foresight);
    });
    foreseen = batch.size();
  };
  if (!isolated) transaction.defer_conflicts();
  // Together with the lock and what `begin` reads, unless others are at work too: then what members foresee hangs on that.
  const bool early = !isolated && !others_;
  if (early) foresee(true);
  begin_batch(transaction, isolated, early);
  if (others_) foreseen = 0;
  if (!isolated && foreseen == 0) foresee(false);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!isolated && i == foreseen) foresee(false);
    if (!run_member(transaction, *batch[i], isolated)) return false;
    if (isolated || i + 1 < batch.size()) continue;
    if (std::chrono::steady_clock::now() - start < limits_.run_max) grow(batch);
  }
  hooks_.end(transaction);
  return true;
}

void Committer::begin_batch(Transaction& transaction, bool isolated, bool early) {
  const bool ahead = early && quiet_ >= quiet_min;
  try {
    if (ahead) hooks_.write_first(transaction);
    others_ = hooks_.begin(transaction);
  } catch (const Fault& fault) {
    others_ = ahead && is_conflict(fault.kind);  // they have written the same
    if (!others_) throw;
  }
  quiet_ = others_ ? 0 : quiet_ + 1;
  if (others_ && ahead) throw Overtaken{};
  if (!isolated && !ahead) hooks_.write_first(transaction);
}

// False where the transaction is lost.
bool Committer::run_member(Transaction& transaction, Member& member, bool isolated) {
  member.failure_ = nullptr;
  hooks_.before_member();
  try {
    if (isolated)
      transaction.attempt([&] { member.run(transaction, true); });
    else
      member.run(transaction, false);
  } catch (...) {
    member.failure_ = std::current_exception();
  }
  if (member.failure_ && is_fatal(kind_of(member.failure_))) std::rethrow_exception(member.failure_);
  if (!transaction.alive()) return false;
  if (!member.failure_) return true;
  if (!isolated && member.wrote()) throw Rerun{};
  hooks_.undo_member();
  return true;
}

Committer::Outcome Committer::settle(std::exception_ptr& failure) {
  bool there = false;
  const auto look = [&](Transaction& transaction) { there = hooks_.settle(transaction); };
  try {
    if (hooks_.shared())
      database_.write(look);
    else
      database_.read(look);
  } catch (...) {
    // Nothing can be read, so the answer is as open as before: `failure` goes on saying so.
    hooks_.lost();
    return Outcome::failed;
  }
  if (there) return Outcome::committed;
  failure = std::make_exception_ptr(Fault{FaultKind::unavailable, {}, "the commit failed"});
  hooks_.rolled_back();
  return Outcome::failed;
}

// The ones that wait first: they run on while the others are called back. Those stay in the batch until they are let go.
void Committer::answer(Batch& batch) {
  const auto submitted =
      std::stable_partition(batch.begin(), batch.end(), [](Member* member) { return member->waiter_ != nullptr; });
  std::for_each(batch.begin(), submitted, [](Member* member) { member->waiter_->set(member->waiter_->answered); });
  batch.erase(batch.begin(), submitted);
  for (Member* member : batch) member->done(std::exchange(member->failure_, nullptr));
}

// Who does not lead any more would have to wait for the batch that runs by now: then it is left to who leads next.
void Committer::maintain(bool leads) noexcept {
  bool idle = false;
  {
    const std::lock_guard lock{mutex_};
    idle = queue_.empty() && (leads || !leading_);
    untidy_ = !idle && !leads;
  }
  if (idle || leads) keep_house(database_, idle);
}

bool Committer::take_untidy() noexcept {
  const std::lock_guard lock{mutex_};
  return std::exchange(untidy_, false);
}

CommitPool::CommitPool(std::size_t threads_max) : threads_max_(threads_max) {}

CommitPool::~CommitPool() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
    wake_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

void CommitPool::post(std::function<void()> work) {
  const std::lock_guard lock{mutex_};
  work_.push_back(std::move(work));
  wake_.notify_one();
  if (ending_ || idle_ >= work_.size() || threads_.size() == threads_max_) return;
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {  // no more are to be had: those that there are do it
    if (!threads_.empty()) return;
    work_.pop_back();
    throw;
  }
}

void CommitPool::serve() {
  affinity_.apply();
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    wake_.wait(lock, [&] { return ending_ || !work_.empty(); });
    --idle_;
    if (work_.empty()) return;
    {
      const auto work = std::move(work_.front());
      work_.erase(work_.begin());
      lock.unlock();
      work();
    }  // what it holds goes without the lock: that may post something else
    lock.lock();
  }
}

}  // namespace medflow::inline v1::storage
