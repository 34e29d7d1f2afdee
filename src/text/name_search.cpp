// Searching the name index. Each token's entries are kept in the order of the results, so a page is merged from the heads of
// some lists: a list is left as soon as it has nothing that could still be on the page.
#include <algorithm>
#include <cassert>
#include <tuple>

#include "text/name_index.hpp"

namespace medflow::text {
namespace {

/// The best `limit` of what it is given; the same item may be given several times.
class Best {
 public:
  struct Item {
    std::uint8_t rank = 0;
    OrderList::Label label = 0;
    OrderList::Number entry = 0;

    friend auto operator<=>(const Item&, const Item&) = default;
  };

  explicit Best(std::size_t limit) : limit_(limit), room_(limit * 2 + 32) {
    items_.reserve(std::min<std::size_t>(room_, 1024));
  }

  /// Whether an item of this rank and label could still be among the best.
  bool wants(std::uint8_t rank, OrderList::Label label) const {
    return !full_ || std::tie(rank, label) < std::tie(worst_.rank, worst_.label);
  }

  void add(const Item& item) {
    items_.push_back(item);
    if (items_.size() == room_) trim();
  }

  const std::vector<Item>& take() {
    trim();
    return items_;
  }

 private:
  void trim() {
    std::sort(items_.begin(), items_.end());
    items_.erase(std::unique(items_.begin(), items_.end()), items_.end());
    if (items_.size() < limit_) return;
    items_.resize(limit_);
    full_ = true;
    worst_ = items_.back();
  }

  std::size_t limit_;
  std::size_t room_;
  std::vector<Item> items_{};
  bool full_ = false;
  Item worst_{};
};

}  // namespace

class NameIndex::Search {
 public:
  Search(const NameIndex& index, std::span<const QueryToken> query, std::size_t limit, const NameHit* at,
         bool backwards)
      : index_(index), best_(limit), backwards_(backwards) {
    for (const QueryToken& token : query) terms_.push_back(term(token));
    if (at == nullptr) {
      border_rank_ = backwards ? last_rank : std::uint8_t{0};
      border_label_ = backwards ? OrderList::end_label : OrderList::begin_label;
      return;
    }
    border_rank_ = at->rank;
    border_label_ = index.entry_order_.lower_bound(
        [&](Number number) { return backwards ? index.precedes(number, *at) : index.precedes_or_is(number, *at); });
  }

  std::vector<NameHit> run() {
    const Term* driver = nullptr;
    std::size_t cost = std::numeric_limits<std::size_t>::max();
    for (Term& each : terms_)
      if (const std::size_t own = estimate(each, cost); own < cost) {
        cost = own;
        driver = &each;
      }
    if (driver == nullptr) return {};
    for (const Term& each : terms_)
      if (&each != driver && !can_be_exact(each)) ++least_others_;
    for (const Alternative& alternative : driver->alternatives) walk_exact(alternative);
    for (const Alternative& alternative : driver->alternatives) walk_prefix(alternative);
    std::vector<NameHit> hits;
    for (const auto& item : best_.take())
      hits.push_back(index_.hit(item.entry, backwards_ ? last_rank - item.rank : item.rank));
    return hits;
  }

 private:
  enum class Match : std::uint8_t { none, prefix, exact };

  /// A form of a query's word: the words that begin with it, and the one that is it.
  struct Form {
    Label low = 0;
    Label high = 0;
    std::optional<Number> exact{};
  };
  struct Alternative {
    std::vector<Form> forms{};
    const Form* rarest = nullptr;
  };
  struct Term {
    std::vector<Alternative> alternatives{};
  };

  Term term(const QueryToken& token) const {
    Term out;
    for (const auto& forms : token.alternatives) {
      auto& alternative = out.alternatives.emplace_back();
      for (const std::string& text : forms) alternative.forms.push_back(form(text));
    }
    return out;
  }

  Form form(std::string_view text) const {
    const auto& words = index_.words_;
    const auto& order = index_.word_order_;
    return {.low = order.lower_bound([&](Number word) { return words[word].text < text; }),
            .high = order.lower_bound([&](Number word) { return words[word].text.compare(0, text.size(), text) <= 0; }),
            .exact = index_.find_word(text)};
  }

  /// How many entries the form's tokens have, counted up to `enough`.
  std::size_t count(const Form& form, std::size_t enough) const {
    std::size_t total = 0;
    index_.word_order_.walk(form.low, form.high, [&](Number word) {
      total += index_.words_[word].entries.size();
      return total < enough;
    });
    return total;
  }

  /// How many entries must be looked at to find all of a term's; finds each alternative's rarest form.
  std::size_t estimate(Term& term, std::size_t enough) const {
    std::size_t total = 0;
    for (Alternative& alternative : term.alternatives) {
      std::size_t least = std::numeric_limits<std::size_t>::max();
      for (const Form& form : alternative.forms)
        if (const std::size_t own = count(form, std::min(least, enough)); own < least) {
          least = own;
          alternative.rarest = &form;
        }
      total += least;
    }
    return total;
  }

  static bool can_be_exact(const Term& term) {
    return std::any_of(term.alternatives.begin(), term.alternatives.end(), [](const Alternative& alternative) {
      return std::all_of(alternative.forms.begin(), alternative.forms.end(),
                         [](const Form& form) { return form.exact; });
    });
  }

  void walk_exact(const Alternative& alternative) {
    if (!alternative.rarest->exact) return;
    const std::size_t worst = terms_.size() - (alternative.forms.size() == 1 ? 1 : 0);
    walk(index_.words_[*alternative.rarest->exact].entries, 0, static_cast<std::uint8_t>(worst));
  }

  void walk_prefix(const Alternative& alternative) {
    const Form& form = *alternative.rarest;
    index_.word_order_.walk(form.low, form.high, [&](Number word) {
      if (word != form.exact) walk(index_.words_[word].entries, 1, static_cast<std::uint8_t>(terms_.size()));
      return true;
    });
  }

  /// Looks at one token's entries, which all rank between `least` and `worst` or are found by another list too: first those on the
  /// wanted side of the place to go on from, then those on its other side, which only another rank puts on the wanted one.
  void walk(const std::vector<Number>& entries, std::uint8_t least, std::uint8_t worst) {
    least = static_cast<std::uint8_t>(least + least_others_);
    const auto& order = index_.entry_order_;
    auto border = entries.begin();
    if (border_label_ != OrderList::begin_label)
      border =
          std::partition_point(border, entries.end(), [&](Number entry) { return order.label(entry) < border_label_; });
    if (backwards_) {
      walk_back(entries.begin(), border, std::min(worst, border_rank_));
      if (border_rank_ > 0) walk_back(border, entries.end(), std::min<std::uint8_t>(worst, border_rank_ - 1));
      return;
    }
    if (worst >= border_rank_) walk(border, entries.end(), std::max(least, border_rank_));
    if (worst > border_rank_)
      walk(entries.begin(), border, std::max(least, static_cast<std::uint8_t>(border_rank_ + 1)));
  }

  void walk(std::vector<Number>::const_iterator from, std::vector<Number>::const_iterator to, std::uint8_t least) {
    for (; from != to; ++from) {
      const Label label = index_.entry_order_.label(*from);
      if (!best_.wants(least, label)) return;
      const auto rank = rank_of(*from);
      if (rank && *rank >= least && best_.wants(*rank, label))
        best_.add({.rank = *rank, .label = label, .entry = *from});
    }
  }

  /// From the end; the best are those that come last, so rank and label are counted from theirs.
  void walk_back(std::vector<Number>::const_iterator from, std::vector<Number>::const_iterator to, std::uint8_t most) {
    while (from != to) {
      --to;
      const Label label = OrderList::end_label - index_.entry_order_.label(*to);
      if (!best_.wants(static_cast<std::uint8_t>(last_rank - most), label)) return;
      const auto rank = rank_of(*to);
      if (rank && *rank <= most)
        best_.add({.rank = static_cast<std::uint8_t>(last_rank - *rank), .label = label, .entry = *to});
    }
  }

  /// How many terms the entry matches by prefix only; none where it does not match all.
  std::optional<std::uint8_t> rank_of(Number entry) const {
    const auto words = index_.references(index_.entries_[entry]);
    std::uint8_t rank = 0;
    for (const Term& term : terms_) {
      Match found = Match::none;
      for (const Alternative& alternative : term.alternatives) found = std::max(found, match(alternative, words));
      if (found == Match::none) return std::nullopt;
      if (found == Match::prefix) ++rank;
    }
    return rank;
  }

  Match match(const Alternative& alternative, std::span<const std::uint32_t> words) const {
    Match all = Match::exact;
    for (const Form& form : alternative.forms) all = std::min(all, match(form, words));
    return all;
  }

  Match match(const Form& form, std::span<const std::uint32_t> words) const {
    Match best = Match::none;
    for (const std::uint32_t word : words) {
      if ((word & sort_only) != 0) continue;
      if (word == form.exact) return Match::exact;
      const Label label = index_.word_order_.label(word);
      if (label >= form.low && label < form.high) best = Match::prefix;
    }
    return best;
  }

  const NameIndex& index_;
  std::vector<Term> terms_{};
  Best best_;
  std::uint8_t least_others_ = 0;  // terms beside the one that is walked that no entry can match exactly
  static constexpr std::uint8_t last_rank = 0xFF;
  bool backwards_;
  std::uint8_t border_rank_ = 0;  // of the place to go on from
  Label border_label_ =
      OrderList::begin_label;  // of the first entry behind it; going backwards, of the first not before it
};

std::vector<NameHit> NameIndex::search(std::span<const QueryToken> query, std::size_t limit, const NameHit* at,
                                       bool backwards) const {
  assert(settled_);
  if (limit == 0 || query.size() > query_tokens_max || !searchable(query)) return {};
  return Search(*this, query, limit, at, backwards).run();
}

}  // namespace medflow::text
