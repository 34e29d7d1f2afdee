#include "users/background.hpp"

#include <vector>

#include "jobs/runner.hpp"
#include "kernel/idempotency.hpp"
#include "kernel/outside.hpp"
#include "kernel/tables.hpp"
#include "messages/outbox.hpp"
#include "messages/sending.hpp"
#include "users/links.hpp"
#include "users/session_rows.hpp"
#include "users/throttles.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::SessionState;
using kernel::Store;
using kernel::Work;
using storage::Cell;

constexpr Operation use_operation{.name = "sessions.use",
                                  .permission = Permission::session_read,
                                  .effect = Effect::write,
                                  .summary = "Write down when sessions were last used",
                                  .object = "session"};
constexpr OperationRow use_row{.operation = &use_operation};
constexpr Operation expire_operation{.name = "users.expire",
                                     .permission = Permission::session_revoke,
                                     .effect = Effect::write,
                                     .summary = "Remove what has run out",
                                     .object = "user"};
constexpr OperationRow expire_row{.operation = &expire_operation};

constexpr std::int64_t written_each_s = 60;
constexpr std::size_t at_once_max = 200;
constexpr std::int64_t kept_s = 90LL * 24 * 60 * 60;

template <class Body>
void write(PlatformState& platform, Store& store, const OperationRow& row, Instant now, Body&& body) {
  const auto system = platform.system_session(store.shared_from_this(), "background");
  kernel::CallFrame frame{.session = system.get(), .store = &store, .row = &row, .now = now};
  Outside(frame).write_in(store, body);
}

using Used = std::vector<std::pair<SessionId, std::shared_ptr<SessionState>>>;

/// The sessions whose rows tell of a use that is so old, or older.
Used stale_of(Store& store, Instant now, std::int64_t age_s) {
  Used stale;
  for (auto& [id, session] : store.sessions().all()) {
    if (!session->usable(now)) store.sessions().end_unused(id, session);
    const bool due =
        session->last_used() >= session->stored_use().plus_s(age_s) && session->last_used() > session->stored_use();
    if (due && !session->actor().of_host() && stale.size() < at_once_max) stale.emplace_back(id, session);
  }
  return stale;
}

/// False where there are none, or no more.
bool store_uses_of(PlatformState& platform, Store& store, Instant now, std::int64_t age_s) {
  const Used stale = stale_of(store, now, age_s);
  if (stale.empty()) return false;
  std::vector<Instant> written;
  write(platform, store, use_row, now, [&](Work& work) {
    Rows<StoredSession> rows(work);
    written.clear();
    for (const auto& [id, session] : stale) {
      written.push_back(session->last_used());
      auto row = rows.find(id);
      if (!row || row->revoked_at || row->last_used_at >= written.back()) continue;
      row->last_used_at = written.back();
      rows.update(*row, row->revision);
    }
  });
  for (std::size_t i = 0; i < stale.size(); ++i) stale[i].second->set_stored_use(written[i]);
  return stale.size() == at_once_max;
}

void expire_sessions(Work& work, std::size_t max) {
  Rows<StoredSession> rows(work);
  std::vector<StoredSession> found;
  const storage::Scan old{.index = "sessions_end", .to = Cell::of(work.now().plus_s(-kept_s).us), .limit = max};
  rows.scan(old, [&](StoredSession session) {
    found.push_back(std::move(session));
    return true;
  });
  for (const StoredSession& session : found) rows.remove(session.id, session.revision);
}

/// A session ends within a refresh token's longest term after the token was used: nobody is robbed with one that is older.
void expire_used_tokens(Work& work, std::size_t max) {
  std::vector<std::string> found;
  const storage::Scan old{.table = &used_tokens_table,
                          .index = used_token_indexes[0].name,
                          .from = Cell::of(0),
                          .to = Cell::of(work.now().plus_s(-kept_s).us),
                          .limit = max};
  work.transaction().scan(old, [&](storage::RowView row) {
    found.emplace_back(row[0].data);
    return true;
  });
  for (const std::string& hash : found) {
    const Cell key[] = {Cell::bytes(hash)};
    work.erase_plain(used_tokens_table, key);
  }
}

/// Whether there is anything to remove; most of the time there is not, and then no event is left.
bool anything_old(PlatformState& platform, Store& store, Instant now) {
  const auto system = platform.system_session(store.shared_from_this(), "background");
  kernel::CallFrame frame{.session = system.get(), .store = &store, .row = &expire_row, .now = now};
  bool found = false;
  Outside(frame).read([&](Work& work) {
    const auto look = [&](const storage::Table& table, std::string_view index, std::int64_t age_s) {
      const storage::Scan old{
          .table = &table, .index = index, .from = Cell::of(0), .to = Cell::of(now.plus_s(-age_s).us), .limit = 1};
      work.transaction().scan(old, [&](storage::RowView) {
        found = true;
        return false;
      });
    };
    constexpr std::int64_t day_s = 24 * 60 * 60;
    found = any_idle_throttle(work);
    look(storage::layout_of<StoredLink>().table(), "links_end", day_s);
    look(storage::layout_of<StoredSession>().table(), "sessions_end", kept_s);
    look(storage::layout_of<messages::StoredMessage>().table(), "messages_end", messages::kept_s);
    if (store.realm() == Realm::tenant) look(storage::layout_of<jobs::StoredJob>().table(), "jobs_end", jobs::kept_s);
    look(used_tokens_table, used_token_indexes[0].name, kept_s);
    look(kernel::answers_table, kernel::answer_indexes[0].name, kernel::idempotency_ttl_s);
  });
  return found;
}

}  // namespace

void store_last_uses(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  kernel::for_each_writable_store(platform, trouble,
                                  [&](Store& store) { store_uses_of(platform, store, now, written_each_s); });
}

void store_uses(PlatformState& platform, Store& store, Instant now) {
  while (store_uses_of(platform, store, now, 0)) {
  }
}

void expire_rows(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  kernel::for_each_writable_store(platform, trouble, [&](Store& store) {
    if (!anything_old(platform, store, now)) return;
    write(platform, store, expire_row, now, [&](Work& work) {
      expire_throttles(work, at_once_max);
      expire_links(work, at_once_max);
      expire_sessions(work, at_once_max);
      messages::expire_messages(work, at_once_max);
      if (store.realm() == Realm::tenant) jobs::expire_jobs(work, at_once_max);
      expire_used_tokens(work, at_once_max);
      kernel::expire_answers(work, at_once_max);
    });
  });
}

}  // namespace medflow::inline v1::users
