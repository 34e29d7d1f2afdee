#include "codes/index.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "text/name_words.hpp"

namespace medflow::inline v1::codes {
namespace {

/// Calls `sink` with the words of a display: what hyphens divide one by one, and joined.
template <class Sink>
void each_display_word(std::string_view display, Sink&& sink) {
  text::each_word(display, [&](const text::NameWord& word) {
    sink(std::string_view(word.first));
    if (word.has_second()) sink(std::string_view(word.second));
    if (word.parts() == 1) return;
    for (std::size_t i = 0; i < word.parts(); ++i) sink(word.part(i, false));
  });
}

/// A code as it is compared: "E11.9" is e119.
std::string key_of(std::string_view code) {
  std::string key;
  text::each_word(code, [&](const text::NameWord& word) { key += word.first; });
  return key;
}

}  // namespace

std::vector<QueryWord> query_words(std::string_view query) {
  std::vector<QueryWord> words;
  text::each_word(query, [&](const text::NameWord& read) {
    if (words.size() == query_words_max) return;
    QueryWord word{.whole = read.first};
    for (std::size_t i = 0; i < read.parts(); ++i) word.parts.emplace_back(read.part(i, false));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  });
  return words;
}

/// How far each code has come in a search.
struct Index::Marks {
  explicit Marks(std::size_t codes) : reached(codes), whole(codes), coded(codes) {}

  /// The code has the part of the query that is looked for after `step` others.
  void reach(std::uint32_t code, std::uint8_t step) {
    if (reached[code] == step) reached[code] = static_cast<std::uint8_t>(step + 1);
  }

  std::vector<std::uint8_t> reached;  ///< how many parts were found, as long as all were
  std::vector<std::uint8_t> whole;    ///< how many of them are words and not only beginnings
  std::vector<std::uint8_t> coded;    ///< 1: the code begins so; 2: it is the code
  std::uint8_t steps = 0;
};

std::pair<std::uint32_t, std::uint32_t> Index::beginning_with(const Texts& sorted, std::string_view text) {
  const auto first_where = [&](auto&& holds) {
    std::size_t low = 0;
    std::size_t high = sorted.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (holds(sorted[middle])) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return static_cast<std::uint32_t>(low);
  };
  return {first_where([&](std::string_view there) { return there >= text; }),
          first_where([&](std::string_view there) { return there.substr(0, text.size()) > text; })};
}

void Index::mark_part(std::string_view part, std::uint8_t step, Marks& marks) const {
  const auto [first, last] = beginning_with(words_, part);
  for (std::uint32_t word = first; word < last; ++word) {
    const bool whole = word == first && words_[word].size() == part.size();
    for (std::uint32_t at = word == 0 ? 0 : ends_[word - 1]; at < ends_[word]; ++at) {
      const std::uint32_t code = places_[at];
      if (whole && marks.reached[code] == step) ++marks.whole[code];
      marks.reach(code, step);
    }
  }
}

void Index::mark(const QueryWord& word, Marks& marks) const {
  // Where the code itself begins so, the parts of the word need not be in the display.
  const auto [first, last] = beginning_with(keys_, word.whole);
  std::vector<std::uint32_t> begins;
  for (std::uint32_t code = first; code < last; ++code) {
    if (marks.reached[code] != marks.steps) continue;
    begins.push_back(code);
    marks.coded[code] = std::max<std::uint8_t>(marks.coded[code], keys_[code].size() == word.whole.size() ? 2 : 1);
  }
  std::uint8_t step = marks.steps;
  for (const std::string& part : word.parts) mark_part(part, step++, marks);
  for (const std::uint32_t code : begins) marks.reached[code] = step;
  marks.steps = step;
}

Hits Index::search(const std::vector<QueryWord>& query, std::size_t limit) const {
  Marks marks(size());
  std::size_t parts = 0;
  for (const QueryWord& word : query) {
    parts += word.parts.size();
    if (parts > std::numeric_limits<std::uint8_t>::max()) break;
    mark(word, marks);
  }
  // The order is that of one number: by the code, by whole words, by the length of the display, by the code's place.
  std::vector<std::uint64_t> found;
  for (std::uint32_t code = 0; code < size(); ++code) {
    if (marks.reached[code] != marks.steps) continue;
    found.push_back(std::uint64_t{2U - marks.coded[code]} << 48U | std::uint64_t{255U - marks.whole[code]} << 40U |
                    std::uint64_t{sizes_[code]} << 32U | code);
  }
  Hits hits{.more = found.size() > limit};
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(limit, found.size()));
  std::partial_sort(found.begin(), end, found.end());
  for (auto at = found.begin(); at != end; ++at) hits.codes.push_back(codes_[static_cast<std::uint32_t>(*at)]);
  return hits;
}

std::size_t Index::bytes() const {
  return sizeof *this + codes_.bytes() + keys_.bytes() + sizes_.capacity() + words_.bytes() +
         (ends_.capacity() + places_.capacity()) * sizeof(std::uint32_t);
}

Index::Builder::Builder(const CodeSystemId& version, std::string system) {
  index_.version_ = version;
  index_.system_ = std::move(system);
}

std::uint32_t Index::Builder::word_number(std::string_view word) {
  const auto [at, is_new] = numbers_.try_emplace(std::string(word), static_cast<std::uint32_t>(numbers_.size()));
  if (is_new) last_entry_.push_back(0);
  return at->second;
}

void Index::Builder::add(std::string_view code, std::string_view display) {
  const auto entry = static_cast<std::uint32_t>(entries_.size());
  std::uint32_t size = 0;
  each_display_word(display, [&](std::string_view word) {
    ++size;
    const std::uint32_t number = word_number(word);
    if (last_entry_[number] == entry + 1) return;
    last_entry_[number] = entry + 1;
    words_.push_back(number);
  });
  entries_.push_back({.key = key_of(code),
                      .code = std::string(code),
                      .words_end = words_.size(),
                      .size = static_cast<std::uint8_t>(std::min<std::uint32_t>(size, 255))});
}

Index Index::Builder::build() && {
  std::vector<std::uint32_t> order(entries_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(entries_[a].key, entries_[a].code) < std::tie(entries_[b].key, entries_[b].code);
  });
  std::vector<std::pair<std::string_view, std::uint32_t>> words(numbers_.begin(), numbers_.end());
  std::sort(words.begin(), words.end());
  std::vector<std::uint32_t> ranks(words.size());  // of a word among the sorted ones
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    ranks[words[i].second] = i;
    index_.words_.add(words[i].first);
  }
  index_.ends_.resize(words.size());
  for (const std::uint32_t word : words_) ++index_.ends_[ranks[word]];
  std::partial_sum(index_.ends_.begin(), index_.ends_.end(), index_.ends_.begin());
  std::vector<std::uint32_t> next(words.size());  // where the next place of a word goes
  if (!next.empty()) std::copy(index_.ends_.begin(), index_.ends_.end() - 1, next.begin() + 1);
  index_.places_.resize(words_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    const Entry& entry = entries_[order[i]];
    index_.codes_.add(entry.code);
    index_.keys_.add(entry.key);
    index_.sizes_.push_back(entry.size);
    for (std::size_t at = order[i] == 0 ? 0 : entries_[order[i] - 1].words_end; at < entry.words_end; ++at)
      index_.places_[next[ranks[words_[at]]]++] = i;
  }
  index_.codes_.settle();
  index_.keys_.settle();
  index_.words_.settle();
  index_.sizes_.shrink_to_fit();
  return std::move(index_);
}

}  // namespace medflow::inline v1::codes
