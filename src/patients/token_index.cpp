#include "patients/token_index.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <tuple>

#include "patients/token_table.hpp"

namespace medflow::inline v1::patients {
namespace {

using storage::Cell;

// A merge that brings in an eighth of what is there dirties a third of a page for each patient, however many there are. The most is
// what is read again when a tenant is opened: some thousand patients.
constexpr std::int64_t share = 8;
constexpr std::int64_t recent_min = 64;
constexpr std::int64_t recent_max = 16'384;
// Of a server the pages are its own affair: it brings in what a batch leaves while the next one's members run.
constexpr std::int64_t recent_max_shared = 256;

/// Of one token the newest first: that is how a chain begins.
bool comes_first(const TokenIndex::Entry& left, const TokenIndex::Entry& right) {
  return std::tie(left.token, right.patient) < std::tie(right.token, left.patient);
}

storage::Scan holders_of(std::span<const Cell> token) { return {.table = &tokens_table, .equal = token}; }

}  // namespace

void TokenIndex::foresee(storage::Foresight& foresight, const crypto::BlindToken& token) {
  const Cell equal[] = {Cell::bytes(crypto::text_of(token))};
  foresight.scan(holders_of(equal));
}

std::size_t TokenIndex::hash_of(const crypto::BlindToken& token) {
  std::size_t hash = 0;
  std::memcpy(&hash, token.data(), sizeof hash);
  return hash;
}

std::optional<TokenIndex::Number> TokenIndex::first_of(const crypto::BlindToken& token) const {
  return by_token_.find(hash_of(token), [&](Number number) { return links_[number].entry.token == token; });
}

/// Makes a link the first of its token's chain.
void TokenIndex::enter(Number number) {
  by_token_.insert(number, [this](Number other) { return hash_of(links_[other].entry.token); });
}

void TokenIndex::put(const Entry& entry) {
  Number number = static_cast<Number>(links_.size());
  if (free_.empty()) {
    links_.push_back({.entry = entry});
  } else {
    number = free_.back();
    free_.pop_back();
    links_[number] = {.entry = entry};
  }
  if (const auto first = first_of(entry.token)) {
    links_[number].next = links_[*first].next;
    links_[*first].next = number;
  } else {
    enter(number);
  }
}

bool TokenIndex::has(const Entry& entry) const noexcept {
  Number number = first_of(entry.token).value_or(none);
  while (number != none && links_[number].entry != entry) number = links_[number].next;
  return number != none;
}

bool TokenIndex::take(const Entry& entry) noexcept {
  const auto first = first_of(entry.token);
  if (!first) return false;
  Number before = none;
  Number number = *first;
  while (number != none && links_[number].entry != entry) {
    before = number;
    number = links_[number].next;
  }
  if (number == none) return false;
  const Number next = links_[number].next;
  if (before != none) {
    links_[before].next = next;
  } else {
    by_token_.erase(number, [this](Number other) { return hash_of(links_[other].entry.token); });
    if (next != none) enter(next);
  }
  links_[number] = {};
  free_.push_back(number);
  return true;
}

void TokenIndex::clear() noexcept {
  links_.clear();
  free_.clear();
  by_token_.clear();
  merge_.reset();
}

void TokenIndex::load(std::span<const Entry> entries) {
  assert(journal_.empty());
  if (!loaded_) clear();
  for (std::size_t i = 0; i < links_.size() && !behind_.empty(); ++i)
    if (!links_[i].entry.patient.is_nil() && behind_.contains(links_[i].entry.patient)) take(Entry(links_[i].entry));
  for (const Entry& entry : entries) put(entry);
  behind_.clear();
  loaded_ = true;
}

void TokenIndex::changed_elsewhere(const PatientId& patient) {
  if (loaded_) behind_.insert(patient);
}

void TokenIndex::merged_elsewhere() noexcept {
  clear();
  behind_.clear();
  loaded_ = false;
}

void TokenIndex::find(storage::Transaction& transaction, const crypto::BlindToken& token,
                      FunctionRef<void(const PatientId&)> visit) const {
  assert(loaded());
  for (Number number = first_of(token).value_or(none); number != none; number = links_[number].next)
    visit(links_[number].entry.patient);
  const Cell equal[] = {Cell::bytes(crypto::text_of(token))};
  transaction.scan(holders_of(equal), [&](storage::RowView row) {
    PatientId patient;
    if (row[1].data.size() == patient.uuid.bytes.size())
      std::memcpy(patient.uuid.bytes.data(), row[1].data.data(), patient.uuid.bytes.size());
    if (slice_.empty() || !has({token, patient})) visit(patient);
    return true;
  });
}

void TokenIndex::add(const crypto::BlindToken& token, const PatientId& patient) {
  assert(loaded());
  journal_.push_back({.entry = {token, patient}, .added = true});
  put(journal_.back().entry);
}

void TokenIndex::remove(storage::Transaction& transaction, const crypto::BlindToken& token, const PatientId& patient) {
  assert(loaded());
  const Entry entry{token, patient};
  if (take(entry)) {
    Brought* const row = brought(entry);
    const bool in_table = row != nullptr && !row->erased;
    journal_.push_back({.entry = entry, .added = false, .from_slice = in_table});
    if (!in_table) return;
    row->erased = true;
  }
  const Cell key[] = {Cell::bytes(crypto::text_of(token)), Cell::bytes(patient.uuid.view())};
  transaction.erase(tokens_table, key);
}

void TokenIndex::undo(std::size_t position) noexcept {
  for (; journal_.size() > position; journal_.pop_back()) {
    const Step& step = journal_.back();
    if (step.added) {
      take(step.entry);
      continue;
    }
    put(step.entry);
    if (step.from_slice) brought(step.entry)->erased = false;
  }
}

/// The row that the running batch has brought in; null where it has not.
TokenIndex::Brought* TokenIndex::brought(const Entry& entry) noexcept {
  const auto row = std::lower_bound(slice_.begin(), slice_.end(), entry, [](const Brought& left, const Entry& right) {
    return comes_first(left.entry, right);
  });
  return row != slice_.end() && row->entry == entry ? &*row : nullptr;
}

bool TokenIndex::merges(std::int64_t rows, bool shared) const {
  if (!loaded()) return false;
  const std::int64_t most = shared ? recent_max_shared : recent_max;
  return merge_ || static_cast<std::int64_t>(size()) >= std::clamp(rows / share, recent_min, most);
}

TokenIndex::Merged TokenIndex::merge(storage::Transaction& transaction, std::int64_t change, std::size_t most) {
  if (!merge_) {
    began_ = true;
    merge_.emplace(Merge{.mark = change});
    merge_->entries.reserve(size());
    for (const Link& link : links_)
      if (!link.entry.patient.is_nil()) merge_->entries.push_back(link.entry);
    std::sort(merge_->entries.begin(), merge_->entries.end(), comes_first);
  }
  Merged merged;
  merged_ = std::min(most, merge_->entries.size() - merge_->done);
  const auto slice = std::span(merge_->entries).subspan(merge_->done, merged_);
  merge_->done += merged_;  // as long as `merged_` says so: an insert may throw
  slice_.reserve(merged_);
  for (const Entry& entry : slice) {
    if (!has(entry)) continue;  // it was removed meanwhile
    const Cell row[] = {Cell::bytes(crypto::text_of(entry.token)), Cell::bytes(entry.patient.uuid.view())};
    transaction.insert(tokens_table, row);
    slice_.push_back({.entry = entry});
  }
  merged.rows = slice_.size();
  if (merge_->done == merge_->entries.size()) merged.mark = merge_->mark;
  return merged;
}

void TokenIndex::committed() noexcept {
  added_ = journal_.size() + (merge_ && merged_ == 0 ? added_ : 0);  // a batch that was run again has not merged
  journal_.clear();
  for (const Brought& row : slice_)
    if (!row.erased) take(row.entry);
  slice_.clear();
  if (merge_ && merge_->done == merge_->entries.size()) merge_.reset();
  merged_ = 0;
  began_ = false;
}

void TokenIndex::rolled_back() noexcept {
  undo(0);
  slice_.clear();
  if (merge_) merge_->done -= merged_;
  if (began_) merge_.reset();
  merged_ = 0;
  began_ = false;
}

}  // namespace medflow::inline v1::patients
