// Group commit: callers of one database share its transactions, so that many of them wait for one sync of the disk.
//
// Work for one database queues here. One of those who wait leads: it runs the members of a batch one after the other in one
// transaction, commits when the queue is empty or the batch is full, and answers all of them. There is no thread per
// database and no timer: a batch is what came in while the one before was being written.
//
// Where the engine commits first and syncs later, the next batch runs while this one waits for the disk, on a thread that may be kept waiting
// if there is one. It may build on what this one wrote:
// no later commit survives a power cut that takes an earlier one, and nobody is answered before their own is durable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "basics/affinity.hpp"
#include "medflow/ports.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// One caller's work in a batch. It may be run more than once (after a rollback), so it keeps its results to itself and
/// starts them anew each time.
class Member {
 public:
  virtual ~Member() = default;

  /// Names what `run` is going to read, as far as it can be told beforehand. Only where the engine asks.
  virtual void foresee(Transaction&, Foresight&) noexcept {}

  /// Does the work. Throwing means that it failed. `isolated` says that it runs in an attempt of its own, so that what it wrote
  /// before it failed is undone without harm to the others.
  virtual void run(Transaction& transaction, bool isolated) = 0;

  /// Whether it had written something when the last `run` ended.
  virtual bool wrote() const = 0;

  /// Called exactly once: after its batch is durable (null) or when it has failed. Outside all locks; on the caller's thread
  /// for `Committer::run`, on the leader's or one that waits for the disk for `submit`, where it should be short.
  virtual void done(std::exception_ptr failure) noexcept = 0;

 private:
  friend class Committer;
  struct Waiter;
  Waiter* waiter_ = nullptr;  // null for a submitted one
  Member* next_ = nullptr;
  std::exception_ptr failure_{};
};

/// What the owner of a database keeps beside it (the last audit number, indexes in memory) and has to keep in step with it.
/// One batch at a time; calls come in this order: begin, write_first, (before_member, undo_member?)…, end, then one of the last three.
class BatchHooks {
 public:
  virtual ~BatchHooks() = default;

  /// Names what `begin` is going to read; only where it may be asked together with what the members will read.
  virtual void foresee(Foresight&) noexcept {}

  /// A transaction has begun; also before each rerun. Whether others have written since the last one: what is kept in memory is another
  /// then, and with it what members foresee. A throw fails the batch.
  virtual bool begin(Transaction&) { return false; }
  /// Writes that hang on no member and can wait, before the first one: a server is at work on them while members run. Not before each
  /// rerun; before `begin` where nobody else has written for a while, and if somebody has, it is rolled back and begun anew. A throw fails
  /// the batch.
  virtual void write_first(Transaction&) {}
  virtual void before_member() noexcept {}

  /// The member failed and nothing of it stays: forget what it changed since before_member.
  virtual void undo_member() noexcept {}

  /// The last writes before the commit. A throw fails the batch.
  virtual void end(Transaction&) {}

  /// The batch is committed, and durable before anybody is answered.
  virtual void committed() noexcept {}

  /// Whether `committed` tells others than this process, who would remember what a power cut takes: then the batch is durable before it.
  virtual bool tells_others() const noexcept { return false; }

  /// Nothing of the batch stays: forget all of it.
  virtual void rolled_back() noexcept {}

  /// The engine cannot tell whether it committed: is the batch there? Followed by `committed` or `rolled_back`.
  virtual bool settle(Transaction&) noexcept { return false; }

  /// That could not be asked: the batch may be there or not, and is answered so. Comes in the place of `rolled_back`.
  virtual void lost() noexcept { rolled_back(); }

  /// Whether other processes write into the database: then `settle` is asked in a `write`, which waits for what the server may still
  /// be doing with the lost commit.
  virtual bool shared() const noexcept { return false; }
};

/// How long a batch may grow.
struct BatchLimits {
  std::size_t members_max = 512;
  std::chrono::microseconds run_max{5'000};
};

/// The queue in front of one database. Thread-safe. The database, the hooks and the executor have to outlive it.
class Committer {
 public:
  /// `executor` leads the batches for which nobody waits: a CommitPool, or the host's own. `disk`, which has to outlive it too, waits for the disk
  /// in its place, and answers: one sync for all batches that ended during the last one.
  Committer(Database& database, BatchHooks& hooks, Executor& executor, BatchLimits limits = {},
            Executor* disk = nullptr);

  /// Waits until everything that was submitted has been answered.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Returns when the member's batch is durable or the member has failed, after calling its `done`. May lead batches meanwhile.
  void run(Member& member);

  /// Returns at once; `done` is called later, on another thread, and then the member is destroyed.
  void submit(std::unique_ptr<Member> member);

  /// Lets the batch that runs end and runs no other until `resume`: whoever is queued or comes fails with `failure`.
  void stop(std::exception_ptr failure);
  void resume();
  /// Runs one more batch, of this member alone, for who has stopped the others. It is not answered: what it fails with is thrown.
  void run_stopped(Member& member);

 private:
  using Batch = std::vector<Member*>;
  enum class Outcome { committed, ahead, overtaken, rerun, failed };

  class Queue {
   public:
    void push(Member& member);
    Member* pop();
    bool empty() const { return first_ == nullptr; }
    std::size_t size() const { return size_; }
    Member* first() const { return first_; }

   private:
    Member* first_ = nullptr;
    Member* last_ = nullptr;
    std::size_t size_ = 0;
  };

  class Offer;

  void lead(bool for_executor);
  void note_ahead();
  std::shared_ptr<Offer> make_offer();
  static void post(Executor& executor, const std::shared_ptr<Offer>& offer);
  void sync_aside(Batch batch);
  void sync_all();
  void note_synced();
  void pass_leadership();
  void finish(std::size_t batches);
  std::exception_ptr begin_driving();
  void end_driving();
  bool drive(Batch& batch);
  std::exception_ptr make_durable() noexcept;
  static void fail(Batch& batch, const std::exception_ptr& failure);
  Outcome attempt_batch(Batch& batch, bool isolated, std::exception_ptr& failure);
  bool run_batch(Transaction& transaction, Batch& batch, bool isolated);
  void begin_batch(Transaction& transaction, bool isolated, bool early);
  bool run_member(Transaction& transaction, Member& member, bool isolated);
  Outcome settle(std::exception_ptr& failure);
  void take(Batch& batch);
  void grow(Batch& batch);
  static void answer(Batch& batch);
  void maintain(bool leads) noexcept;
  bool take_untidy() noexcept;

  Database& database_;
  BatchHooks& hooks_;
  Executor& executor_;
  const BatchLimits limits_;
  Executor* const disk_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable drained_;
  Queue queue_;
  bool leading_ = false;
  std::shared_ptr<Offer> offer_{};  // the last one
  bool ahead_ = false;              // the engine commits first and syncs later
  std::size_t syncing_ = 0;         // batches that wait for the disk while others may run
  std::size_t finishing_ = 0;       // those, and the ones that are being answered
  std::vector<Batch> unsynced_{};   // of those that wait, the ones that `disk_` has not begun with
  bool syncs_aside_ = false;        // `disk_` is at work, or about to be
  bool driving_ = false;            // a batch is in its transaction
  bool untidy_ = false;             // a batch has ended after which the database has not kept house
  bool others_ = true;              // others have written before the last batch; of the one that drives, as is the next
  std::size_t quiet_ = 0;           // batches in a row before which they have not
  std::exception_ptr stopped_{};    // what to answer instead of running anything
};

/// A small pool of threads that leads batches, shared by all databases of a platform. Its threads start with the first work and
/// end with the pool, which has to outlive the committers that use it.
class CommitPool final : public Executor {
 public:
  explicit CommitPool(std::size_t threads_max = 1);
  ~CommitPool() override;
  CommitPool(const CommitPool&) = delete;
  CommitPool& operator=(const CommitPool&) = delete;

  void post(std::function<void()> work) override;

 private:
  void serve();

  const std::size_t threads_max_;
  const Affinity affinity_{};
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::vector<std::function<void()>> work_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace medflow::inline v1::storage
