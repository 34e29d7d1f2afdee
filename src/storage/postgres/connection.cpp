#include "storage/postgres/connection.hpp"

#include <poll.h>

#include <cerrno>

namespace medflow::inline v1::storage::postgres {
namespace {

constexpr std::size_t unsent_max = 16;  // statements that wait before the server may begin on them

}  // namespace

Connection::Connection(const Target& target) : Link(target), round_trips_(target.round_trips) {
  const Result row =
      ask("SELECT pid, backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()");
  process_ = text_at(row, 0, 0);
  began_ = text_at(row, 0, 1);
  if (PQsetnonblocking(raw(), 1) != 0) lost();
}

void Connection::prepare(const Statement& statement) {
  if (prepared_.size() <= statement.id) prepared_.resize(statement.id + 1);
  if (prepared_[statement.id]) return;
  if (PQsendPrepare(raw(), statement.name.c_str(), statement.text.c_str(), static_cast<int>(statement.types.size()),
                    statement.types.data()) == 0)
    lost();
  prepared_[statement.id] = true;
  queued_.push_back({.purpose = Purpose::control, .table = nullptr, .prepares = statement.id + 1});
}

void Connection::queue(const Statement& statement, const Values& values, Purpose purpose, const Table* table) {
  if (PQpipelineStatus(raw()) == PQ_PIPELINE_OFF && PQenterPipelineMode(raw()) == 0) lost();
  prepare(statement);
  if (PQsendQueryPrepared(raw(), statement.name.c_str(), values.count(), values.pointers(), values.lengths(),
                          values.formats(), 1) == 0)
    lost();
  queued_.push_back({.purpose = purpose, .table = table, .prepares = 0});
  if (++unsent_ >= unsent_max) send();
}

void Connection::send() {
  unsent_ = 0;
  if (PQflush(raw()) < 0) lost();
}

void Connection::sync() {
  if (PQpipelineSync(raw()) == 0) lost();
  queued_.push_back({.purpose = Purpose::control, .table = nullptr, .prepares = 0, .ends = true});
  unsent_ = 0;
}

void Connection::wait(bool to_write) {
  pollfd socket{
      .fd = PQsocket(raw()), .events = static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), .revents = 0};
  while (::poll(&socket, 1, -1) < 0) {
    if (errno != EINTR) lost();
  }
  if ((socket.revents & ~POLLOUT) != 0 && PQconsumeInput(raw()) == 0) lost();
}

// Both ways at once: a server that cannot get rid of its answers does not read on.
void Connection::push() {
  for (;;) {
    const int left = PQflush(raw());
    if (left < 0) lost();
    if (left == 0) return;
    wait(true);
  }
}

// The next result, none at the end of a statement's.
Result Connection::next() {
  while (PQisBusy(raw()) != 0) wait(false);
  return Result{PQgetResult(raw())};
}

void Connection::take(Result result, const Queued& queued, Answers& answers) {
  const auto status = PQresultStatus(result.get());
  const bool ran = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  if (queued.prepares != 0 && !ran) prepared_[queued.prepares - 1] = false;
  if (ran) {
    // A transaction that has failed ends with "ROLLBACK", and without an error.
    if (queued.purpose == Purpose::commit) answers.committed = std::string_view{PQcmdStatus(result.get())} == "COMMIT";
    if (queued.purpose == Purpose::read) answers.rows.push_back(std::move(result));
    return;
  }
  if (PQstatus(raw()) != CONNECTION_OK) lost();
  if (answers.setback || status == PGRES_PIPELINE_ABORTED) return;
  auto refusal = refusal_of(result.get());
  if (!refusal || refusal->fatal) lost();
  answers.setback = Setback{.refusal = std::move(*refusal), .purpose = queued.purpose, .table = queued.table};
}

// To the end of what was sent together.
Answers Connection::drain() {
  --left_;
  Answers answers;
  for (; !queued_.front().ends; queued_.pop_front()) {
    Result result = next();
    if (!result) lost();
    take(std::move(result), queued_.front(), answers);
    if (next()) lost();  // a statement has one result
  }
  queued_.pop_front();
  const Result end = next();
  if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) lost();
  return answers;
}

void Connection::leave() {
  sync();
  push();
  ++left_;
}

Answers Connection::collect() {
  if (round_trips_ != nullptr) ++*round_trips_;
  return drain();
}

// Of what was left before, nobody wants more than what went wrong.
Answers Connection::exchange() {
  leave();
  std::optional<Setback> earlier;
  while (left_ > 1)
    if (auto setback = drain().setback; setback && !earlier) earlier = std::move(setback);
  Answers answers = collect();
  if (earlier) {
    answers.setback = std::move(earlier);
    answers.committed = false;
  }
  return answers;
}

bool Connection::settled() noexcept {
  try {
    while (left_ > 0)
      if (drain().setback) return false;
    // A server that speaks unasked says farewell.
    pollfd socket{.fd = PQsocket(raw()), .events = POLLIN, .revents = 0};
    if (::poll(&socket, 1, 0) != 0) return false;
    return PQstatus(raw()) == CONNECTION_OK && queued_.empty() && PQtransactionStatus(raw()) == PQTRANS_IDLE;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace medflow::inline v1::storage::postgres
