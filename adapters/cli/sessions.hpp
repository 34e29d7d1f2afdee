// Sessions that `medflow login` keeps: in `$XDG_CONFIG_HOME/medflow/sessions.json`, readable by their owner only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/time.hpp"

namespace medflow::cli {

/// Somebody signed in at one tenant of one place.
struct StoredSession {
  std::string place{};  ///< an engine's URL with an absolute folder, or the server's address
  std::string tenant{};
  std::string email{};
  std::string root_key_file{};  ///< of a place on this machine
  std::string access_token{};
  std::string refresh_token{};
  Instant expires_at{};    ///< of the access token
  Instant signed_in_at{};  ///< of several that fit, the latest is meant

  friend bool operator==(const StoredSession&, const StoredSession&) = default;
};

/// Which session is meant; empty members fit all.
struct SessionChoice {
  std::string place{};
  std::string tenant{};
  std::string email{};
};

/// The file of sessions. Writing it takes a lock, so that two programs do not undo each other's writing.
class SessionFile {
 public:
  /// Throws Trouble where `folder` is empty: there is nowhere to keep them then.
  explicit SessionFile(const std::string& folder);

  /// The session that fits and was signed in last; none where none fits. Throws Trouble for a file that cannot be read.
  std::optional<StoredSession> find(const SessionChoice& choice) const;
  /// Keeps a session in place of the one of the same place, tenant and address.
  void keep(const StoredSession& session);
  /// Forgets all that fit, and tells how many.
  std::size_t forget(const SessionChoice& choice);

  /// The file whose lock a refresh holds, so that a token that is used once is used once.
  std::string lock_path() const { return path_ + ".refresh"; }

 private:
  std::vector<StoredSession> read() const;
  void write(const std::vector<StoredSession>& sessions) const;

  std::string path_;
};

}  // namespace medflow::cli
