#include "adapters/cli/sessions.hpp"

#include <algorithm>

#include "adapters/cli/files.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::cli {

struct StoredSessions {
  std::vector<StoredSession> sessions{};
};

}  // namespace medflow::cli

namespace medflow::inline v1 {

template <>
struct Described<cli::StoredSession> {
  using T = cli::StoredSession;
  static constexpr std::string_view name = "StoredSession";
  static constexpr Field fields[] = {field<&T::place>(1, "place"),
                                     field<&T::tenant>(2, "tenant"),
                                     field<&T::email>(3, "email"),
                                     field<&T::root_key_file>(4, "root_key_file"),
                                     field<&T::access_token>(5, "access_token"),
                                     field<&T::refresh_token>(6, "refresh_token"),
                                     field<&T::expires_at>(7, "expires_at"),
                                     field<&T::signed_in_at>(8, "signed_in_at")};
};

template <>
struct Described<cli::StoredSessions> {
  static constexpr std::string_view name = "StoredSessions";
  static constexpr Field fields[] = {field<&cli::StoredSessions::sessions>(1, "sessions")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {
namespace {

constexpr std::size_t file_limit = std::size_t{1} << 20U;

bool fits(const StoredSession& session, const SessionChoice& choice) {
  return (choice.place.empty() || choice.place == session.place) &&
         (choice.tenant.empty() || choice.tenant == session.tenant) &&
         (choice.email.empty() || choice.email == session.email);
}

}  // namespace

SessionFile::SessionFile(const std::string& folder) : path_(folder + "/sessions.json") {
  if (folder.empty())
    throw Trouble(exit_code::failure, "neither XDG_CONFIG_HOME nor HOME says where sessions are kept");
}

std::vector<StoredSession> SessionFile::read() const {
  auto text = read_file(path_, file_limit);
  StoredSessions stored;
  Error error{.code = codes::malformed};
  if (text && !json::decode(*text, type_of<StoredSessions>, &stored, error))
    throw Trouble(exit_code::failure, path_ + ": is no list of sessions; remove it and log in again");
  return std::move(stored.sessions);
}

void SessionFile::write(const std::vector<StoredSession>& sessions) const {
  const StoredSessions stored{.sessions = sessions};
  std::string text;
  json::encode(type_of<StoredSessions>, &stored, text);
  write_private_file(path_, text + '\n');
}

std::optional<StoredSession> SessionFile::find(const SessionChoice& choice) const {
  std::optional<StoredSession> found;
  for (StoredSession& session : read())
    if (fits(session, choice) && (!found || session.signed_in_at > found->signed_in_at)) found = std::move(session);
  return found;
}

void SessionFile::keep(const StoredSession& session) {
  const FileLock lock(path_ + ".lock");
  auto sessions = read();
  std::erase_if(sessions, [&](const StoredSession& one) {
    return one.place == session.place && one.tenant == session.tenant && one.email == session.email;
  });
  sessions.push_back(session);
  write(sessions);
}

std::size_t SessionFile::forget(const SessionChoice& choice) {
  const FileLock lock(path_ + ".lock");
  auto sessions = read();
  const std::size_t count = std::erase_if(sessions, [&](const StoredSession& one) { return fits(one, choice); });
  if (count > 0) write(sessions);
  return count;
}

}  // namespace medflow::cli
