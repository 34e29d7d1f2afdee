// Name keys (R5): how a name is cut into tokens and folded, so that "Müller", "MULLER" and "mueller" find one another. Names
// and queries are treated alike. Input is valid UTF-8 in any normal form; what is not valid has no tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::text {

/// Changes whenever a name may get another key; golden vectors in the tests hold it.
inline constexpr std::uint32_t name_key_version = 1;

/// An entry has at most this many tokens; a name that has more is indexed by the first.
inline constexpr std::size_t tokens_max = 256;

/// A query has at most this many tokens; what follows is left out.
inline constexpr std::size_t query_tokens_max = 16;

/// The distinct tokens of one entry, one after the other in one piece of memory. Clear and use again to allocate nothing.
class TokenList {
 public:
  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  bool contains(std::string_view token) const;
  void clear();
  /// Does nothing for a token that is there, an empty one, or one beyond `tokens_max`.
  void add(std::string_view token);

 private:
  std::string bytes_{};
  std::vector<std::uint32_t> ends_{};
};

/// Adds all forms of all tokens of `name`: "Smith-Müller" gives smithmuller, smith, muller, smithmueller, mueller.
void add_name_tokens(std::string_view name, TokenList& out);

/// The same, and appends the name's `sort_key` to `key`, behind a space where there is something: one reading of the name for both.
void add_name_tokens(std::string_view name, TokenList& out, std::string& key);

/// What names are sorted by: the first forms of the tokens with a space between them, hyphenated ones joined.
std::string sort_key(std::string_view name);

/// One word of a query. It is found where, for one of its alternatives, every form is the beginning of some token of the
/// entry: "Smith-Müller" is smithmuller, or smithmueller, or both smith and muller, or both smith and mueller.
struct QueryToken {
  std::vector<std::vector<std::string>> alternatives{};

  friend bool operator==(const QueryToken&, const QueryToken&) = default;
};

std::vector<QueryToken> query_tokens(std::string_view query);

/// Whether the query is long enough to search for: one token of at least two letters, or several tokens (R5).
bool searchable(std::span<const QueryToken> query);

}  // namespace medflow::text
