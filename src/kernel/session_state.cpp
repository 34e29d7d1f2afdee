#include "kernel/session_state.hpp"

#include <algorithm>
#include <limits>

namespace medflow::kernel {

std::uint16_t SessionState::role_bits() const {
  unsigned bits = 0;
  for (Role role : actor_.roles) bits |= 1U << static_cast<unsigned>(role);
  return static_cast<std::uint16_t>(bits);
}

Instant end_of_session(const SessionLimits& limits, Instant begun, Instant last_used) {
  Instant end{std::numeric_limits<std::int64_t>::max()};
  if (limits.total_s != 0) end = std::min(end, begun.plus_s(limits.total_s));
  if (limits.idle_s != 0) end = std::min(end, last_used.plus_s(limits.idle_s));
  return end;
}

void SessionState::begin(const SessionLimits& limits, Instant begun, Instant last_used) {
  begun_ = begun;
  last_used_us_ = last_used.us;
  stored_use_us_ = last_used.us;
  limit(limits);
}

void SessionState::limit(const SessionLimits& limits) {
  total_s_.store(limits.total_s, std::memory_order_relaxed);
  idle_s_.store(limits.idle_s, std::memory_order_relaxed);
}

bool SessionState::usable(Instant now) const {
  const SessionLimits limits{.total_s = total_s_.load(std::memory_order_relaxed),
                             .idle_s = idle_s_.load(std::memory_order_relaxed)};
  return alive() && now < end_of_session(limits, begun_, last_used());
}

bool SessionState::use(Instant now) const {
  if (!usable(now)) return false;
  // To the second: the threads of one session's calls would else pass this memory to and fro.
  if (now.us - last_used_us_.load(std::memory_order_relaxed) >= 1'000'000)
    last_used_us_.store(now.us, std::memory_order_relaxed);
  return true;
}

void SessionState::used_elsewhere(Instant at) {
  std::int64_t known = last_used_us_.load(std::memory_order_relaxed);
  while (known < at.us && !last_used_us_.compare_exchange_weak(known, at.us, std::memory_order_relaxed)) {
  }
  if (stored_use() < at) set_stored_use(at);
}

std::shared_ptr<SessionState> LiveSessions::find(SessionId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::shared_ptr<SessionState> LiveSessions::put(SessionId id, std::shared_ptr<SessionState> session) {
  const std::unique_lock lock(mutex_);
  return sessions_.emplace(id, std::move(session)).first->second;
}

std::vector<std::pair<SessionId, std::shared_ptr<SessionState>>> LiveSessions::all() const {
  const std::shared_lock lock(mutex_);
  return {sessions_.begin(), sessions_.end()};
}

std::optional<std::size_t> LiveSessions::unused() const {
  const std::shared_lock lock(mutex_);
  const bool used =
      std::any_of(sessions_.begin(), sessions_.end(), [](const auto& entry) { return entry.second.use_count() > 1; });
  return used ? std::nullopt : std::optional(sessions_.size());
}

void LiveSessions::end(SessionId id) {
  const std::unique_lock lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second->end();
  sessions_.erase(found);
}

void LiveSessions::end(SessionId id, const std::shared_ptr<SessionState>& session) {
  leave(id, session);
  session->end();
}

void LiveSessions::leave(SessionId id, const std::shared_ptr<SessionState>& session) {
  const std::unique_lock lock(mutex_);
  session->leave();
  const auto found = sessions_.find(id);
  if (found != sessions_.end() && found->second == session) sessions_.erase(found);
}

void LiveSessions::end_user(UserId user) {
  const std::unique_lock lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) {
    if (entry.second->actor().user != user) return false;
    entry.second->end();
    return true;
  });
}

void LiveSessions::end_role(RoleId role) {
  const std::unique_lock lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) {
    const auto& held = entry.second->actor().custom_roles;
    if (std::none_of(held.begin(), held.end(), [&](const HeldRole& one) { return one.id == role; })) return false;
    entry.second->end();
    return true;
  });
}

void LiveSessions::end_unused(SessionId id, const std::shared_ptr<SessionState>& session) {
  const std::unique_lock lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second != session || session.use_count() > 2) return;
  session->end();
  sessions_.erase(found);
}

void LiveSessions::leave_all() {
  std::unordered_map<SessionId, std::shared_ptr<SessionState>>
      all;  // outlives the lock: a session may be the last to hold the store
  const std::unique_lock lock(mutex_);
  all.swap(sessions_);
  for (auto& [id, session] : all) session->leave();
}

}  // namespace medflow::kernel
