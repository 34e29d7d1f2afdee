#include "kernel/session_state.hpp"

namespace medflow::kernel {

std::uint16_t SessionState::role_bits() const {
  unsigned bits = 0;
  for (Role role : actor_.roles) bits |= 1U << static_cast<unsigned>(role);
  return static_cast<std::uint16_t>(bits);
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

void LiveSessions::end(SessionId id) {
  const std::unique_lock lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second->end();
  sessions_.erase(found);
}

void LiveSessions::end_user(UserId user) {
  const std::unique_lock lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) {
    if (entry.second->actor().user != user) return false;
    entry.second->end();
    return true;
  });
}

void LiveSessions::end_all() {
  std::unordered_map<SessionId, std::shared_ptr<SessionState>>
      all;  // outlives the lock: a session may be the last to hold the store
  const std::unique_lock lock(mutex_);
  all.swap(sessions_);
  for (auto& [id, session] : all) session->end();
}

}  // namespace medflow::kernel
