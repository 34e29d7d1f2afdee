#include "patients/token_index.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "patients/token_table.hpp"

namespace medflow::inline v1::patients {
namespace {

using storage::Cell;

// A merge that brings in an eighth of what is there dirties a third of a page for each patient, however many there are. The
// most is what a caller can wait for: in a large table nearly every token has a page of its own.
constexpr std::int64_t share = 8;
constexpr std::int64_t recent_min = 64;
constexpr std::int64_t recent_max = 8'192;
constexpr std::int64_t large = 1'000'000;
constexpr std::int64_t recent_max_large = 2'048;

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

void TokenIndex::put(const Entry& entry) {
  Number number = static_cast<Number>(entries_.size());
  if (free_.empty()) {
    entries_.push_back(entry);
  } else {
    number = free_.back();
    free_.pop_back();
    entries_[number] = entry;
  }
  by_token_.insert(number, [this](Number other) { return hash_of(entries_[other].token); });
}

bool TokenIndex::take(const Entry& entry) noexcept {
  const auto number = by_token_.find(hash_of(entry.token), [&](Number other) { return entries_[other] == entry; });
  if (!number) return false;
  by_token_.erase(*number, [this](Number other) { return hash_of(entries_[other].token); });
  entries_[*number] = {};
  free_.push_back(*number);
  return true;
}

void TokenIndex::clear() noexcept {
  entries_.clear();
  free_.clear();
  by_token_.clear();
}

void TokenIndex::load(std::span<const Entry> entries) {
  assert(journal_.empty() && !merged_);
  if (!loaded_) clear();
  for (std::size_t i = 0; i < entries_.size() && !behind_.empty(); ++i)
    if (!entries_[i].patient.is_nil() && behind_.contains(entries_[i].patient)) take(Entry(entries_[i]));
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
  by_token_.find(hash_of(token), [&](Number other) {
    if (entries_[other].token == token) visit(entries_[other].patient);
    return false;
  });
  const Cell equal[] = {Cell::bytes(crypto::text_of(token))};
  transaction.scan(holders_of(equal), [&](storage::RowView row) {
    PatientId patient;
    if (row[1].data.size() == patient.uuid.bytes.size())
      std::memcpy(patient.uuid.bytes.data(), row[1].data.data(), patient.uuid.bytes.size());
    visit(patient);
    return true;
  });
}

void TokenIndex::add(const crypto::BlindToken& token, const PatientId& patient) {
  assert(loaded() && !merged_);
  journal_.push_back({.entry = {token, patient}, .added = true});
  put(journal_.back().entry);
}

void TokenIndex::remove(storage::Transaction& transaction, const crypto::BlindToken& token, const PatientId& patient) {
  assert(loaded() && !merged_);
  const Entry entry{token, patient};
  if (take(entry)) {
    journal_.push_back({.entry = entry, .added = false});
    return;
  }
  const Cell key[] = {Cell::bytes(crypto::text_of(token)), Cell::bytes(patient.uuid.view())};
  transaction.erase(tokens_table, key);
}

void TokenIndex::undo(std::size_t position) noexcept {
  for (; journal_.size() > position; journal_.pop_back()) {
    const Step& step = journal_.back();
    if (step.added)
      take(step.entry);
    else
      put(step.entry);
  }
}

bool TokenIndex::full(std::int64_t rows) const {
  if (!loaded()) return false;
  const std::int64_t most = rows < large ? recent_max : recent_max_large;
  return static_cast<std::int64_t>(size()) >= std::clamp(rows / share, recent_min, most);
}

std::size_t TokenIndex::merge(storage::Transaction& transaction) {
  std::vector<Entry> sorted;
  sorted.reserve(size());
  for (const Entry& entry : entries_)
    if (!entry.patient.is_nil()) sorted.push_back(entry);
  std::sort(sorted.begin(), sorted.end());
  for (const Entry& entry : sorted) {
    const Cell row[] = {Cell::bytes(crypto::text_of(entry.token)), Cell::bytes(entry.patient.uuid.view())};
    transaction.insert(tokens_table, row);
  }
  merged_ = true;
  return sorted.size();
}

void TokenIndex::committed() noexcept {
  journal_.clear();
  if (!merged_) return;
  merged_ = false;
  clear();
}

void TokenIndex::rolled_back() noexcept {
  merged_ = false;
  undo(0);
}

}  // namespace medflow::inline v1::patients
