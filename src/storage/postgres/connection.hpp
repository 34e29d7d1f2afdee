// A connection of the pool: statements queue in it and travel together.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/codec.hpp"
#include "storage/postgres/link.hpp"
#include "storage/postgres/sql.hpp"

namespace medflow::inline v1::storage::postgres {

/// What a queued statement is for, so that a refusal can be told of the right thing.
enum class Purpose : std::uint8_t { read, write, update, commit, control };

/// The first refusal of what was sent together, and whose it was. What followed it was not run.
struct Setback {
  Refusal refusal{};
  Purpose purpose = Purpose::control;
  const Table* table = nullptr;
};

/// The answers to what was sent together: the rows of its readings, in order.
struct Answers {
  std::vector<Result> rows{};
  bool committed = false;
  std::optional<Setback> setback{};
};

/// Used by one thread at a time. Its session has no settings but those it began with and those of the transaction.
class Connection final : public Link {
 public:
  explicit Connection(const Target& target);

  /// Queues a statement; nothing waits. Throws `unavailable` where the connection is gone.
  void queue(const Statement& statement, const Values& values, Purpose purpose, const Table* table = nullptr);
  void queue(const Statement& statement) { queue(statement, Values{0}, Purpose::control); }

  /// Lets the server begin on what is queued.
  void send();

  /// Sends all that is queued and waits for the answers. Throws `unavailable` where the connection is gone.
  Answers exchange();

  /// Sends all that is queued, whose answers are read later: by `collect`, one sending after the other, or by `settled`.
  void leave();

  /// Waits for the answers to the first of the sendings that were left. Throws `unavailable` where the connection is gone.
  Answers collect();

  /// Whether the connection can be used: its last answers were good, and the server has not closed it meanwhile.
  bool settled() noexcept;

  /// The server's process, and when it began: its number may be another's later. Known also of a connection that is lost.
  const std::string& process() const { return process_; }
  const std::string& began() const { return began_; }

 private:
  struct Queued {
    Purpose purpose;
    const Table* table;
    std::size_t prepares;  ///< the statement that this prepares, plus one; 0 where it runs one
    bool ends = false;     ///< no statement: the end of what is sent together
  };

  void prepare(const Statement& statement);
  void sync();
  void push();
  void wait(bool to_write);
  Result next();
  Answers drain();
  void take(Result result, const Queued& queued, Answers& answers);

  std::atomic<std::uint64_t>* round_trips_;
  std::deque<Queued> queued_{};
  std::vector<bool> prepared_{};  ///< by statement
  std::size_t unsent_ = 0;
  std::size_t left_ = 0;  ///< sendings whose answers are to be read
  std::string process_{};
  std::string began_{};
};

}  // namespace medflow::inline v1::storage::postgres
