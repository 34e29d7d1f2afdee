// The names of one tenant's patients, in memory, found by the beginnings of their tokens in the order of R5. At rest names
// are only sealed; this is built from the opened rows and forgotten with the process (design.md, "Names are searched in
// memory"). It yields candidates: the caller loads the rows and drops what the session may not see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "medflow/id.hpp"
#include "text/name_key.hpp"
#include "text/number_table.hpp"
#include "text/order_list.hpp"

namespace medflow::text {

/// The birth date of somebody whose birth date is unknown: sorts last.
inline constexpr std::int32_t birth_unknown = std::numeric_limits<std::int32_t>::max();

/// What the index is told about one patient. The views need last only as long as the call.
struct NameRecord {
  Uuid id{};
  const TokenList& tokens;    ///< of all names of the patient
  std::string_view family{};  ///< `sort_key` of the name that lists are sorted by
  std::string_view given{};
  std::int32_t birth = birth_unknown;  ///< days since 1970-01-01
  std::uint32_t revision = 0;          ///< of the patient's row, the lowest bits
};

/// One candidate, and the place in the order of results that it has: (rank, family, given, birth, id) ascending. `revision` says which
/// state of its row it was found by; it has no part in the order.
struct NameHit {
  std::uint8_t rank = 0;  ///< how many words of the query match the beginning of a token only
  std::string family{};
  std::string given{};
  std::int32_t birth = birth_unknown;
  Uuid id{};
  std::uint32_t revision = 0;

  friend bool operator==(const NameHit& left, const NameHit& right) { return left.place() == right.place(); }
  friend auto operator<=>(const NameHit& left, const NameHit& right) { return left.place() <=> right.place(); }

 private:
  std::tuple<const std::uint8_t&, const std::string&, const std::string&, const std::int32_t&, const Uuid&> place()
      const {
    return {rank, family, given, birth, id};
  }
};

/// Thread safety is the caller's: one writer alone, or any number of readers (`search`, `bytes`, `size`).
class NameIndex {
 public:
  /// Adds a patient, or replaces what was known about it.
  void put(const NameRecord& record);

  /// Adds a patient that is not in the index yet, at a fraction of `put`'s cost; nothing may be sought, put or erased until
  /// `settle`. For building.
  void append(const NameRecord& record);
  void settle();

  /// Does nothing where the patient is not in the index.
  void erase(const Uuid& id);

  /// The first `limit` patients that match every word of the query, in order, strictly behind `at` where it is given; with `backwards`
  /// the last ones in the opposite order, strictly before `at`. The patient that `at` names need not be there any more. Nothing where
  /// the query is not `searchable`.
  std::vector<NameHit> search(std::span<const QueryToken> query, std::size_t limit, const NameHit* at = nullptr,
                              bool backwards = false) const;

  bool contains(const Uuid& id) const { return find(id).has_value(); }
  std::size_t size() const { return entries_.size() - free_entries_.size(); }

  /// Memory in use, as allocated; the heap's own overhead is estimated.
  std::size_t bytes() const;

 private:
  using Number = OrderList::Number;
  using Label = OrderList::Label;
  class Search;

  /// A token or a part of a sort key, and the entries that it is a token of, in their order.
  struct Word {
    std::string text{};
    std::vector<Number> entries{};
    std::uint32_t uses = 0;
  };

  struct Entry {
    Uuid id{};
    std::int32_t birth = 0;
    std::uint32_t revision = 0;
    std::uint32_t begin = 0;  // of its references; family's first, then given's, then the other tokens
    std::uint16_t family = 0;
    std::uint16_t given = 0;
    std::uint16_t total = 0;
  };

  /// A reference to a word has this bit where the word is part of a sort key but, here, no token.
  static constexpr std::uint32_t sort_only = std::uint32_t{1} << 31U;

  std::optional<Number> find(const Uuid& id) const;
  std::optional<Number> find_word(std::string_view text) const;
  Number use_word(std::string_view text);
  void drop_word(Number number);
  void add_token(std::string_view text, std::size_t begin);
  std::uint16_t add_key(std::string_view key, const TokenList& tokens, std::size_t begin);
  Number add_entry(const NameRecord& record);
  void erase_entry(Number number);
  void compact();
  void settle_words();
  void settle_entries();
  void settle_postings();

  std::span<const std::uint32_t> references(const Entry& entry) const {
    return std::span(references_).subspan(entry.begin, entry.total);
  }
  bool precedes(Number left, Number right) const;
  bool precedes(Number entry, const NameHit& hit) const;
  bool precedes_or_is(Number entry, const NameHit& hit) const;
  std::size_t hash_of_word(Number number) const;
  std::size_t hash_of_entry(Number number) const;
  std::string key_text(std::span<const std::uint32_t> words) const;
  NameHit hit(Number entry, std::uint8_t rank) const;

  std::vector<Word> words_{};
  std::vector<Number> free_words_{};
  NumberTable words_by_text_{};
  OrderList word_order_{};

  std::vector<Entry> entries_{};
  std::vector<Number> free_entries_{};
  NumberTable entries_by_id_{};
  OrderList entry_order_{};

  std::vector<std::uint32_t> references_{};
  std::size_t unused_references_ = 0;
  bool settled_ = true;
};

}  // namespace medflow::text
