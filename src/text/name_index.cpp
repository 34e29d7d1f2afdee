#include "text/name_index.hpp"

#include <algorithm>
#include <cassert>
#include <compare>
#include <cstring>
#include <functional>
#include <utility>

namespace medflow::text {
namespace {

std::size_t hash_of_text(std::string_view text) { return std::hash<std::string_view>{}(text); }

/// Both halves: other systems' ids may differ in any of their bytes.
std::size_t hash_of_id(const Uuid& id) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id.bytes.data(), 8);
  std::memcpy(&low, id.bytes.data() + 8, 8);
  return static_cast<std::size_t>((high * 0xD6E8FEB86659FD93ULL) ^ (high >> 32) ^ low);
}

/// Cuts the first part off a sort key; empty at its end.
std::string_view take_part(std::string_view& key) {
  while (key.starts_with(' ')) key.remove_prefix(1);
  const auto part = key.substr(0, key.find(' '));
  key.remove_prefix(part.size());
  return part;
}

}  // namespace

std::size_t NameIndex::hash_of_word(Number number) const { return hash_of_text(words_[number].text); }
std::size_t NameIndex::hash_of_entry(Number number) const { return hash_of_id(entries_[number].id); }

std::optional<NameIndex::Number> NameIndex::find(const Uuid& id) const {
  return entries_by_id_.find(hash_of_id(id), [&](Number number) { return entries_[number].id == id; });
}

std::optional<NameIndex::Number> NameIndex::find_word(std::string_view text) const {
  return words_by_text_.find(hash_of_text(text), [&](Number number) { return words_[number].text == text; });
}

/// The word of this text, made where there is none; counts the use.
NameIndex::Number NameIndex::use_word(std::string_view text) {
  if (const auto known = find_word(text)) {
    ++words_[*known].uses;
    return *known;
  }
  Number number = static_cast<Number>(words_.size());
  if (free_words_.empty()) {
    assert(number < sort_only);
    words_.emplace_back();
  } else {
    number = free_words_.back();
    free_words_.pop_back();
  }
  words_[number] = {.text = std::string(text), .uses = 1};
  words_by_text_.insert(number, [this](Number other) { return hash_of_word(other); });
  if (settled_) word_order_.insert(number, [&](Number other) { return words_[other].text < text; });
  return number;
}

void NameIndex::drop_word(Number number) {
  if (--words_[number].uses > 0) return;
  assert(words_[number].entries.empty());
  word_order_.erase(number);
  words_by_text_.erase(number, [this](Number other) { return hash_of_word(other); });
  words_[number] = {};
  free_words_.push_back(number);
}

/// Adds a reference to a token unless the references from `begin` have it.
void NameIndex::add_token(std::string_view text, std::size_t begin) {
  const Number word = use_word(text);
  if (std::find(references_.begin() + static_cast<std::ptrdiff_t>(begin), references_.end(), word) == references_.end())
    references_.push_back(word);
  else
    --words_[word].uses;
}

/// Adds the parts of a sort key and says how many there are. A part is most often a token too, and then serves as both.
std::uint16_t NameIndex::add_key(std::string_view key, const TokenList& tokens, std::size_t begin) {
  const std::size_t before = references_.size();
  for (auto part = take_part(key); !part.empty(); part = take_part(key)) {
    const std::size_t size = references_.size();
    if (tokens.contains(part)) add_token(part, begin);
    if (references_.size() == size) references_.push_back(use_word(part) | sort_only);
  }
  return static_cast<std::uint16_t>(references_.size() - before);
}

NameIndex::Number NameIndex::add_entry(const NameRecord& record) {
  const std::size_t begin = references_.size();
  Entry entry{
      .id = record.id, .birth = record.birth, .revision = record.revision, .begin = static_cast<std::uint32_t>(begin)};
  entry.family = add_key(record.family, record.tokens, begin);
  entry.given = add_key(record.given, record.tokens, begin);
  for (std::size_t i = 0; i < record.tokens.size(); ++i) add_token(record.tokens[i], begin);
  assert(references_.size() - begin <= std::numeric_limits<std::uint16_t>::max());
  entry.total = static_cast<std::uint16_t>(references_.size() - begin);

  Number number = static_cast<Number>(entries_.size());
  if (free_entries_.empty()) {
    entries_.push_back(entry);
  } else {
    number = free_entries_.back();
    free_entries_.pop_back();
    entries_[number] = entry;
  }
  entries_by_id_.insert(number, [this](Number other) { return hash_of_entry(other); });
  return number;
}

void NameIndex::put(const NameRecord& record) {
  assert(settled_);
  erase(record.id);
  const Number number = add_entry(record);
  entry_order_.insert(number, [&](Number other) { return precedes(other, number); });
  const Label label = entry_order_.label(number);
  for (const std::uint32_t word : references(entries_[number])) {
    if ((word & sort_only) != 0) continue;
    auto& list = words_[word].entries;
    list.insert(
        std::partition_point(list.begin(), list.end(), [&](Number other) { return entry_order_.label(other) < label; }),
        number);
  }
}

void NameIndex::erase(const Uuid& id) {
  assert(settled_);
  if (const auto number = find(id)) erase_entry(*number);
}

void NameIndex::erase_entry(Number number) {
  Entry& entry = entries_[number];
  const Label label = entry_order_.label(number);
  for (const std::uint32_t word : references(entry)) {
    if ((word & sort_only) == 0) {
      auto& list = words_[word].entries;
      const auto at = std::partition_point(list.begin(), list.end(),
                                           [&](Number other) { return entry_order_.label(other) < label; });
      assert(at != list.end() && *at == number);
      list.erase(at);
    }
  }
  for (const std::uint32_t word : references(entry)) drop_word(word & ~sort_only);
  entry_order_.erase(number);
  entries_by_id_.erase(number, [this](Number other) { return hash_of_entry(other); });
  unused_references_ += entry.total;
  entry = {};
  free_entries_.push_back(number);
  if (unused_references_ > 4096 && unused_references_ * 2 > references_.size()) compact();
}

void NameIndex::compact() {
  std::vector<std::uint32_t> kept;
  kept.reserve(references_.size() - unused_references_);
  for (Entry& entry : entries_) {
    const auto old = references(entry);
    entry.begin = static_cast<std::uint32_t>(kept.size());
    kept.insert(kept.end(), old.begin(), old.end());
  }
  references_ = std::move(kept);
  unused_references_ = 0;
}

bool NameIndex::precedes(Number left, Number right) const {
  const Entry& a = entries_[left];
  const Entry& b = entries_[right];
  const auto by_label = [this](std::uint32_t x, std::uint32_t y) {
    return word_order_.label(x & ~sort_only) <=> word_order_.label(y & ~sort_only);
  };
  const auto order = [&](std::span<const std::uint32_t> x, std::span<const std::uint32_t> y) {
    return std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end(), by_label);
  };
  const auto x = references(a);
  const auto y = references(b);
  if (const auto family = order(x.first(a.family), y.first(b.family)); family != 0) return family < 0;
  if (const auto given = order(x.subspan(a.family, a.given), y.subspan(b.family, b.given)); given != 0)
    return given < 0;
  if (a.birth != b.birth) return a.birth < b.birth;
  return a.id < b.id;
}

std::string NameIndex::key_text(std::span<const std::uint32_t> words) const {
  std::string key;
  for (const std::uint32_t word : words) {
    if (!key.empty()) key += ' ';
    key += words_[word & ~sort_only].text;
  }
  return key;
}

NameHit NameIndex::hit(Number number, std::uint8_t rank) const {
  const Entry& entry = entries_[number];
  return {.rank = rank,
          .family = key_text(references(entry).first(entry.family)),
          .given = key_text(references(entry).subspan(entry.family, entry.given)),
          .birth = entry.birth,
          .id = entry.id,
          .revision = entry.revision};
}

bool NameIndex::precedes(Number number, const NameHit& other) const { return hit(number, other.rank) < other; }

bool NameIndex::precedes_or_is(Number number, const NameHit& other) const { return hit(number, other.rank) <= other; }

std::size_t NameIndex::bytes() const {
  constexpr std::size_t block = 16;  // what the heap adds to an allocation
  std::size_t total = words_.capacity() * sizeof(Word) + entries_.capacity() * sizeof(Entry) +
                      references_.capacity() * sizeof(std::uint32_t) + words_by_text_.bytes() + entries_by_id_.bytes() +
                      word_order_.bytes() + entry_order_.bytes() +
                      (free_words_.capacity() + free_entries_.capacity()) * sizeof(Number);
  const std::size_t inside = std::string{}.capacity();
  for (const Word& word : words_) {
    if (word.text.capacity() > inside) total += word.text.capacity() + 1 + block;
    if (word.entries.capacity() > 0) total += word.entries.capacity() * sizeof(Number) + block;
  }
  return total;
}

}  // namespace medflow::text
