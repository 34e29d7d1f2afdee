#include "audit/checkpoints.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "audit/proof.hpp"
#include "audit/tables.hpp"

namespace medflow::inline v1::audit {
namespace {

using storage::Cell;

constexpr std::size_t waiting_max = 1'024;  // for a sink that does not answer; newer ones say what older ones did

Cell number(std::uint64_t value) { return Cell::of(static_cast<std::int64_t>(value)); }

[[noreturn]] void refuse(const char* why) { throw Failure{checkpoint_refused, why}; }

/// The newest note of ours that a sink holds.
std::optional<SizeAndRoot> newest_of(std::string_view held, std::string_view origin, const crypto::PublicKey& key) {
  std::optional<SizeAndRoot> newest;
  for (const std::string_view note : split_notes(held)) {
    const auto state = open_checkpoint(note, origin, key);
    if (state && (!newest || state->size >= newest->size)) newest = state;
  }
  return newest;
}

}  // namespace

std::optional<StoredCheckpoint> checkpoint_of(storage::RowView row) {
  if (row[0].integer < 1 || row[1].integer < 1) return std::nullopt;
  return StoredCheckpoint{.number = static_cast<std::uint64_t>(row[0].integer),
                          .size = static_cast<std::uint64_t>(row[1].integer),
                          .note = std::string(row[2].data)};
}

std::optional<StoredCheckpoint> newest_checkpoint(storage::Transaction& tx) {
  std::optional<StoredCheckpoint> newest;
  tx.scan({.table = &checkpoints_table, .backwards = true, .limit = 1}, [&](storage::RowView row) {
    newest = checkpoint_of(row);
    if (!newest) refuse("the last checkpoint is unreadable");
    return false;
  });
  return newest;
}

Checkpoints::Checkpoints(crypto::Signer signer, std::string origin, std::vector<std::shared_ptr<CheckpointSink>> sinks)
    : signer_(std::move(signer)), origin_(std::move(origin)) {
  for (auto& sink : sinks) sinks_.push_back({.port = std::move(sink)});
  asked_ = sinks_.empty();
}

void Checkpoints::open(storage::Transaction& tx) {
  const auto last = [&]() -> std::optional<StoredCheckpoint> {
    try {
      return newest_checkpoint(tx);
    } catch (const Failure&) {
      return std::nullopt;  // the next one that is to be made meets it again, and is refused
    }
  }();
  const auto state = last ? open_checkpoint(last->note, origin_, key()) : std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!state) return;
  durable_ = *state;
  note_ = last->note;
}

bool Checkpoints::due(std::uint64_t size) const {
  const std::lock_guard lock(mutex_);
  return size >= durable_.size + checkpoint_events;
}

void Checkpoints::make(storage::Transaction& tx, const SizeAndRoot& log, Instant now) {
  made_.reset();
  if (log.size == 0) return;
  {
    const std::lock_guard lock(mutex_);
    if (!asked_) return;
  }
  try {
    const auto last = newest_checkpoint(tx);
    if (const auto state = require_extension(tx, last, log)) take_over(*state, last->note);
    if (last && last->size == log.size) return;
    Made made{.state = log, .at = now, .note = sign_checkpoint(signer_, origin_, log)};
    store(tx, last, made);
    made_ = std::move(made);
  } catch (const Failure& failure) {
    const std::lock_guard lock(mutex_);
    refused_ = failure.error.code == checkpoint_refused
                   ? failure.error
                   : Error{.code = checkpoint_refused, .detail = failure.error.detail};
  }
}

/// The tree is asked, not this process's memory of it: what the log's rows say is what would be signed.
std::optional<SizeAndRoot> Checkpoints::require_extension(storage::Transaction& tx,
                                                          const std::optional<StoredCheckpoint>& last,
                                                          const SizeAndRoot& log) const {
  std::vector<SizeAndRoot> earlier;
  std::optional<SizeAndRoot> state;
  if (last) {
    state = open_checkpoint(last->note, origin_, key());
    if (!state || state->size != last->size) refuse("the last checkpoint is not one of this log");
    earlier.push_back(*state);
  }
  {
    const std::lock_guard lock(mutex_);
    if (durable_.size != 0 && (!last || last->size < durable_.size)) refuse("the last checkpoint is gone");
    if (durable_.size != 0) earlier.push_back(durable_);
    earlier.insert(earlier.end(), trusted_.begin(), trusted_.end());
  }
  StoredTree tree(tx, log.size, log.size);
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (std::find(earlier.begin(), earlier.begin() + static_cast<std::ptrdiff_t>(i), earlier[i]) !=
        earlier.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    if (earlier[i].size > log.size) refuse("the log is shorter than a checkpoint of it");
    const auto proof = tree.consistency(earlier[i].size);
    if (!consistency_holds(earlier[i].size, earlier[i].root, log.size, log.root, proof))
      refuse("the log is no extension of a checkpoint of it");
  }
  return state;
}

/// Another process has signed on: what is made here from now on extends that.
void Checkpoints::take_over(const SizeAndRoot& state, const std::string& note) {
  const std::lock_guard lock(mutex_);
  if (state.size <= durable_.size) return;
  durable_ = state;
  note_ = note;
  queue(note_);  // its own sinks may be others, or out of its reach
}

/// Replaces the last row where the one before it is near enough.
void Checkpoints::store(storage::Transaction& tx, const std::optional<StoredCheckpoint>& last, const Made& made) const {
  std::uint64_t before = 0;
  if (last && last->number > 1) {
    const std::array key{number(last->number - 1)};
    const std::array keys{storage::Key(key)};
    tx.get(checkpoints_table, keys,
           [&](std::size_t, storage::RowView row) { before = static_cast<std::uint64_t>(row[1].integer); });
  }
  const bool replaces = last && last->size < before + checkpoint_events;
  const std::uint64_t place = !last ? 1 : replaces ? last->number : last->number + 1;
  if (replaces) {
    const std::array key{number(place)};
    tx.erase(checkpoints_table, key);
  }
  const std::array row{number(place), number(made.state.size), Cell::text(made.note)};
  tx.insert(checkpoints_table, row);
}

void Checkpoints::committed() {
  if (!made_) return;
  const std::lock_guard lock(mutex_);
  durable_ = made_->state;
  at_ = made_->at;
  note_ = made_->note;
  refused_.reset();
  queue(note_);
  made_.reset();
}

bool Checkpoints::is_stored(storage::Transaction& tx) const {
  if (!made_) return true;
  const auto last = newest_checkpoint(tx);
  return last && last->size >= made_->state.size;
}

void Checkpoints::queue(const std::string& note) {
  for (Sink& sink : sinks_) {
    sink.waiting.push_back(note);
    if (sink.waiting.size() > waiting_max) sink.waiting.pop_front();
  }
}

std::uint64_t Checkpoints::size() const {
  const std::lock_guard lock(mutex_);
  return durable_.size;
}

Instant Checkpoints::at() const {
  const std::lock_guard lock(mutex_);
  return at_;
}

std::optional<Error> Checkpoints::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

bool Checkpoints::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void Checkpoints::ask_sinks() {
  std::vector<std::shared_ptr<CheckpointSink>> ports;
  {
    const std::lock_guard lock(mutex_);
    if (asked_) return;
    for (const Sink& sink : sinks_) ports.push_back(sink.port);
  }
  std::vector<std::optional<SizeAndRoot>> newest;
  for (const auto& port : ports) newest.push_back(newest_of(port->held(origin_), origin_, key()));
  const std::lock_guard lock(mutex_);
  trusted_.clear();
  for (std::size_t i = 0; i < newest.size(); ++i) {
    if (newest[i]) trusted_.push_back(*newest[i]);
    // Committed before a crash, and not sent any more.
    if (!note_.empty() && (!newest[i] || newest[i]->size < durable_.size)) sinks_[i].waiting.push_front(note_);
  }
  asked_ = true;
}

void Checkpoints::send() {
  std::exception_ptr failure;
  for (std::size_t i = 0;; ++i) {
    std::deque<std::string> notes;
    std::shared_ptr<CheckpointSink> port;
    {
      const std::lock_guard lock(mutex_);
      if (i == sinks_.size()) break;
      notes.swap(sinks_[i].waiting);
      port = sinks_[i].port;
    }
    try {
      for (; !notes.empty(); notes.pop_front()) port->keep(origin_, notes.front());
    } catch (...) {
      if (!failure) failure = std::current_exception();
      const std::lock_guard lock(mutex_);
      auto& waiting = sinks_[i].waiting;
      waiting.insert(waiting.begin(), notes.begin(), notes.end());
    }
  }
  if (failure) std::rethrow_exception(failure);
}

std::vector<std::string> Checkpoints::held() const {
  std::vector<std::shared_ptr<CheckpointSink>> ports;
  {
    const std::lock_guard lock(mutex_);
    for (const Sink& sink : sinks_) ports.push_back(sink.port);
  }
  std::vector<std::string> texts;
  for (const auto& port : ports) texts.push_back(port->held(origin_));
  return texts;
}

}  // namespace medflow::inline v1::audit
