#include "storage/postgres/pool.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace medflow::inline v1::storage::postgres {

Pool::Pool(Target target, std::size_t connections_max, std::chrono::milliseconds wait, std::function<void(Link&)> check)
    : target_(std::move(target)), connections_max_(connections_max), wait_(wait), check_(std::move(check)) {}

// The one that was used last: its statements are prepared and its memory is warm. One to another database makes room.
std::unique_ptr<Connection> Pool::idle(const std::string& database, bool has_one) {
  Idle other;  // outlives the lock: it is closed
  std::unique_lock lock{mutex_};
  if (!has_one && !back_.wait_for(lock, wait_, [&] { return !idle_.empty() || open_ < connections_max_; }))
    throw Fault{FaultKind::unavailable, place_of(target_.url), "all connections are in use"};
  const auto found =
      std::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& one) { return one.database == database; });
  if (found != idle_.rend()) {
    auto connection = std::move(found->connection);
    idle_.erase(std::next(found).base());
    return connection;
  }
  if (open_ < connections_max_ || idle_.empty()) {
    ++open_;
    return nullptr;
  }
  other = std::move(idle_.front());
  idle_.erase(idle_.begin());
  return nullptr;
}

std::unique_ptr<Connection> Pool::take(const std::string& database, bool has_one) {
  for (;;) {
    auto connection = idle(database, has_one);
    if (connection && connection->settled()) return connection;
    if (connection) {
      give_back(database, nullptr);
      continue;
    }
    try {
      Target target = target_;
      if (!database.empty()) target.database = database;
      connection = std::make_unique<Connection>(target);
      check_(*connection);
      return connection;
    } catch (...) {
      give_back(database, nullptr);
      throw;
    }
  }
}

void Pool::give_back(const std::string& database, std::unique_ptr<Connection> connection) noexcept {
  const std::lock_guard lock{mutex_};
  if (connection && open_ <= connections_max_)
    idle_.push_back({.database = database, .connection = std::move(connection)});
  else
    --open_;
  back_.notify_one();
}

void Pool::forget(const std::string& database) {
  std::vector<Idle> closed;  // outlives the lock
  const std::lock_guard lock{mutex_};
  const auto rest =
      std::stable_partition(idle_.begin(), idle_.end(), [&](const Idle& one) { return one.database != database; });
  std::move(rest, idle_.end(), std::back_inserter(closed));
  idle_.erase(rest, idle_.end());
  open_ -= closed.size();
}

}  // namespace medflow::inline v1::storage::postgres
