// Building the name index in one go: everything is sorted once and numbered by its place, so that what is searched together
// lies together.
#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "text/name_index.hpp"

namespace medflow::text {

void NameIndex::append(const NameRecord& record) {
  assert(!contains(record.id));
  settled_ = false;
  add_entry(record);
}

void NameIndex::settle() {
  if (settled_) return;
  settle_words();
  settle_entries();
  settle_postings();
  settled_ = true;
}

void NameIndex::settle_words() {
  std::vector<Number> order;
  order.reserve(words_.size());
  for (Number number = 0; number < words_.size(); ++number)
    if (words_[number].uses > 0) order.push_back(number);
  std::sort(order.begin(), order.end(), [this](Number a, Number b) { return words_[a].text < words_[b].text; });

  std::vector<Number> renamed(words_.size());
  std::vector<Word> sorted;
  sorted.reserve(order.size());
  for (const Number number : order) {
    renamed[number] = static_cast<Number>(sorted.size());
    sorted.push_back({.text = std::move(words_[number].text), .uses = words_[number].uses});
  }
  words_ = std::move(sorted);
  free_words_.clear();
  words_by_text_.clear();
  for (Number number = 0; number < words_.size(); ++number)
    words_by_text_.insert(number, [this](Number other) { return hash_of_word(other); });
  std::iota(order.begin(), order.end(), Number{0});
  word_order_.assign(order, order.size());
  for (const Entry& entry : entries_)
    for (std::uint32_t i = entry.begin; i < entry.begin + entry.total; ++i)
      references_[i] = renamed[references_[i] & ~sort_only] | (references_[i] & sort_only);
}

void NameIndex::settle_entries() {
  // Most pairs differ in the family's first word, so that is looked at before anything else.
  struct Item {
    Number word = 0;
    Number entry = 0;
  };
  std::vector<Item> items;
  items.reserve(entries_.size());
  for (Number number = 0; number < entries_.size(); ++number) {
    const Entry& entry = entries_[number];
    if (!entry.id.is_nil())
      items.push_back({.word = entry.family == 0 ? 0 : (references_[entry.begin] & ~sort_only) + 1, .entry = number});
  }
  std::sort(items.begin(), items.end(), [this](const Item& a, const Item& b) {
    return a.word != b.word ? a.word < b.word : precedes(a.entry, b.entry);
  });

  std::vector<Entry> sorted;
  sorted.reserve(items.size());
  for (const Item& item : items) sorted.push_back(entries_[item.entry]);
  entries_ = std::move(sorted);
  free_entries_.clear();
  compact();
  entries_by_id_.clear();
  std::vector<Number> order(entries_.size());
  std::iota(order.begin(), order.end(), Number{0});
  for (const Number number : order)
    entries_by_id_.insert(number, [this](Number other) { return hash_of_entry(other); });
  entry_order_.assign(order, order.size());
}

void NameIndex::settle_postings() {
  for (Word& word : words_) word.entries.reserve(word.uses);
  for (Number number = 0; number < entries_.size(); ++number)
    for (const std::uint32_t word : references(entries_[number]))
      if ((word & sort_only) == 0) words_[word].entries.push_back(number);
}

}  // namespace medflow::text
