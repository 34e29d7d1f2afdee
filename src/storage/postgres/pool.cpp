#include "storage/postgres/pool.hpp"

#include <utility>

namespace medflow::inline v1::storage::postgres {

Pool::Pool(Target target, std::size_t connections_max, std::chrono::milliseconds wait, std::function<void(Link&)> check)
    : target_(std::move(target)), connections_max_(connections_max), wait_(wait), check_(std::move(check)) {}

// The one that was used last: its statements are prepared and its memory is warm.
std::unique_ptr<Connection> Pool::idle() {
  std::unique_lock lock{mutex_};
  if (!back_.wait_for(lock, wait_, [&] { return !idle_.empty() || open_ < connections_max_; }))
    throw Fault{FaultKind::unavailable, place_of(target_.url), "all connections are in use"};
  if (idle_.empty()) {
    ++open_;
    return nullptr;
  }
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

std::unique_ptr<Connection> Pool::take() {
  for (;;) {
    auto connection = idle();
    if (connection && connection->settled()) return connection;
    if (connection) {
      give_back(nullptr);
      continue;
    }
    try {
      connection = std::make_unique<Connection>(target_);
      check_(*connection);
      return connection;
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) noexcept {
  const std::lock_guard lock{mutex_};
  if (connection)
    idle_.push_back(std::move(connection));
  else
    --open_;
  back_.notify_one();
}

}  // namespace medflow::inline v1::storage::postgres
