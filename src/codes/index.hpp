// Codes of one version of a code system, searched by the beginnings of words (REC-6): sorted words, and for each the codes in whose display it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "medflow/id.hpp"

namespace medflow::inline v1::codes {

/// What a search looks for; each word has to be found.
struct QueryWord {
  std::string whole{};               ///< as a code is compared: letters and digits alone
  std::vector<std::string> parts{};  ///< what hyphens divide, as words of a display are compared

  friend bool operator==(const QueryWord&, const QueryWord&) = default;
};

inline constexpr std::size_t query_words_max = 16;

/// The words of a query, each once; what follows the sixteenth is left out. Empty where there is no letter and no digit.
std::vector<QueryWord> query_words(std::string_view query);

struct Hits {
  std::vector<std::string_view> codes{};  ///< the best first
  bool more = false;
};

/// Never changes, as the version does not.
class Index {
 public:
  class Builder;

  const CodeSystemId& version() const { return version_; }
  const std::string& system() const { return system_; }
  std::size_t size() const { return sizes_.size(); }
  std::size_t bytes() const;

  /// At most `limit` of the codes that have every word, as code or in the display, by its beginning.
  Hits search(const std::vector<QueryWord>& query, std::size_t limit) const;

 private:
  /// Texts in one piece of memory, by number.
  class Texts {
   public:
    std::size_t size() const { return ends_.size(); }
    std::string_view operator[](std::size_t i) const {
      const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
      return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }
    void add(std::string_view text) {
      bytes_ += text;
      ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }
    std::size_t bytes() const { return bytes_.capacity() + ends_.capacity() * sizeof(std::uint32_t); }
    void settle() {
      bytes_.shrink_to_fit();
      ends_.shrink_to_fit();
    }

   private:
    std::string bytes_{};
    std::vector<std::uint32_t> ends_{};
  };

  struct Marks;

  /// The numbers of those that begin with `text`: [first, second).
  static std::pair<std::uint32_t, std::uint32_t> beginning_with(const Texts& sorted, std::string_view text);
  void mark(const QueryWord& word, Marks& marks) const;
  void mark_part(std::string_view part, std::uint8_t step, Marks& marks) const;

  CodeSystemId version_{};
  std::string system_{};
  Texts codes_{};                        ///< in the order of their keys
  Texts keys_{};                         ///< the same as they are compared
  std::vector<std::uint8_t> sizes_{};    ///< how many words the display has
  Texts words_{};                        ///< sorted
  std::vector<std::uint32_t> ends_{};    ///< where the places of a word end
  std::vector<std::uint32_t> places_{};  ///< numbers of codes, word by word, rising
};

/// Takes the codes in any order.
class Index::Builder {
 public:
  Builder(const CodeSystemId& version, std::string system);
  void add(std::string_view code, std::string_view display);
  Index build() &&;

 private:
  struct Entry {
    std::string key{};
    std::string code{};
    std::size_t words_end = 0;  ///< of its words, each once, in `words_`
    std::uint8_t size = 0;
  };
  std::uint32_t word_number(std::string_view word);

  Index index_{};
  std::vector<Entry> entries_{};
  std::vector<std::uint32_t> words_{};
  std::unordered_map<std::string, std::uint32_t> numbers_{};
  std::vector<std::uint32_t> last_entry_{};  ///< of a word, plus one: it stands in a display once
};

}  // namespace medflow::inline v1::codes
