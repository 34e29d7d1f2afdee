#include "storage/postgres/database.hpp"

#include <utility>

#include "storage/postgres/registry.hpp"

namespace medflow::inline v1::storage::postgres {

PostgresDatabase::PostgresDatabase(std::unique_ptr<Place> place, const Uuid& tenant, const Schema& schema)
    : place_(std::move(place)),
      home_(place_->home()),
      tenant_(tenant),
      tenant_text_(tenant.text()),
      silence_(std::to_string(home_.options.silent_writer_max.count())),
      space_(schema.name),
      sql_(home_.book, schema) {}

// The one place where a tenant is set: within a transaction, and for it alone.
void PostgresDatabase::begin(Connection& connection, bool writing) {
  const Frame& frame = home_.frame;
  connection.queue(writing ? frame.begin_writing : frame.begin_reading);
  Values values{2};
  values.add(Cell::text(tenant_text_), false);
  if (!writing) return connection.queue(frame.reader, values, Purpose::control);
  values.add(Cell::text(silence_), false);
  connection.queue(frame.writer, values, Purpose::control);
  Values store{1};
  store.add_uuid(tenant_);
  connection.queue(frame.lock, store, Purpose::control);
}

void PostgresDatabase::read(Body body) {
  settle();
  Lease lease{home_.pool, place_->database()};
  begin(*lease, false);
  PostgresTransaction transaction{*lease, home_.frame, sql_, tenant_, false};
  const auto end = [&]() noexcept {
    try {
      if (!transaction.alive()) return lease.discard();
      lease->queue(home_.frame.commit);
      lease->queue(home_.frame.reset);
      lease->leave();
    } catch (const std::exception&) {
      lease.discard();  // nothing hangs on how a reading ends
    }
  };
  try {
    body(transaction);
  } catch (...) {
    end();
    throw;
  }
  const auto death = transaction.death();
  end();
  if (death) throw Fault{*death};
}

void PostgresDatabase::write(Body body) {
  const std::lock_guard lock{writing_};
  settle();
  Lease lease{home_.pool, place_->database()};
  begin(*lease, true);
  PostgresTransaction transaction{*lease, home_.frame, sql_, tenant_, true};
  try {
    body(transaction);
    if (!transaction.alive()) throw Fault{*transaction.death()};
    transaction.finish();
  } catch (...) {
    roll_back(lease);
    throw;
  }
  commit(lease);
}

// What was queued is still to be answered, and may have failed: the server rolls back all the same.
void PostgresDatabase::roll_back(Lease& lease) noexcept {
  try {
    static_cast<void>(lease->exchange());
    lease->queue(home_.frame.rollback);
    lease->queue(home_.frame.reset);
    if (!lease->exchange().setback) return;
  } catch (const std::exception&) {
    // The connection is gone, and with it the transaction.
  }
  lose(lease);
}

void PostgresDatabase::commit(Lease& lease) {
  Answers answers;
  bool sent = false;
  try {
    lease->queue(home_.frame.commit, Values{0}, Purpose::commit);
    lease->queue(home_.frame.reset);
    sent = true;
    answers = lease->exchange();
  } catch (const Fault& fault) {
    lose(lease);
    throw Fault{sent ? FaultKind::unknown_outcome : FaultKind::unavailable, place_->store(), fault.detail};
  }
  if (answers.committed) {
    if (answers.setback) lease.discard();
    return;
  }
  roll_back(lease);
  if (answers.setback) throw PostgresTransaction::fault_of(*answers.setback, place_->store());
  throw Fault{FaultKind::unavailable, place_->store(), "the server rolled back"};
}

// The server may not have noticed, and go on to commit what it was sent.
void PostgresDatabase::lose(Lease& lease) {
  const std::lock_guard lock{losing_};
  lost_ = Lost{.process = lease->process(), .began = lease->began()};
  unsettled_ = true;
  lease.discard();
}

// Ends a session that was lost and waits for its end: what it committed is then there, and nothing follows.
void PostgresDatabase::settle() {
  if (!unsettled_) return;
  const std::lock_guard lock{losing_};
  if (!lost_) return;
  Lease lease{home_.pool, place_->database()};
  const Result ended = lease->ask(
      "SELECT pg_catalog.pg_terminate_backend(pid, 10000) FROM pg_catalog.pg_stat_activity WHERE pid = $1::integer AND "
      "backend_start = $2::timestamptz",
      {lost_->process, lost_->began});
  if (PQntuples(ended.get()) > 0 && text_at(ended, 0, 0) != "t")
    throw Fault{FaultKind::unavailable, place_->store(), "a session that was lost does not end"};
  lost_.reset();
  unsettled_ = false;
}

void PostgresDatabase::maintain(bool) {
  // The server does its own housekeeping.
}

void PostgresDatabase::scrub() { Steward{home_.options, place_->database()}.scrub(space_, sql_.tables); }

}  // namespace medflow::inline v1::storage::postgres
