// A few connections to one server, opened when they are needed and shared by all stores.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/postgres/connection.hpp"

namespace medflow::inline v1::storage::postgres {

class Pool {
 public:
  /// `check` looks at each new connection and throws where it will not do.
  Pool(Target target, std::size_t connections_max, std::chrono::milliseconds wait, std::function<void(Link&)> check);

  /// One to this database; empty for the target's. Waits for one to be free, unless `has_one`: then there may be one more than the most, since
  /// who holds one and waits for another may wait for who does the same. Fault `unavailable` where none is in time, or where the server cannot be
  /// reached.
  std::unique_ptr<Connection> take(const std::string& database, bool has_one);

  /// Null for one that is not to be used again.
  void give_back(const std::string& database, std::unique_ptr<Connection> connection) noexcept;

  /// Closes those to this database that nobody uses.
  void forget(const std::string& database);

 private:
  struct Idle {
    std::string database{};
    std::unique_ptr<Connection> connection{};
  };
  std::unique_ptr<Connection> idle(const std::string& database, bool has_one);

  const Target target_;
  const std::size_t connections_max_;
  const std::chrono::milliseconds wait_;
  const std::function<void(Link&)> check_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable back_;
  std::vector<Idle> idle_;
  std::size_t open_ = 0;  ///< or being opened, idle or not
};

/// A connection of the pool, held for as long as this lives, which ends on the thread that it began on.
class Lease {
 public:
  /// `database` outlives this.
  Lease(Pool& pool, const std::string& database)
      : pool_(pool), database_(database), connection_(pool.take(database, held > 0)) {
    ++held;
  }
  ~Lease() {
    --held;
    pool_.give_back(database_, std::move(connection_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Connection& operator*() { return *connection_; }
  Connection* operator->() { return connection_.get(); }

  /// It is not to be used again.
  void discard() { connection_.reset(); }

 private:
  static inline thread_local std::size_t held = 0;  // by this thread

  Pool& pool_;
  const std::string& database_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace medflow::inline v1::storage::postgres
