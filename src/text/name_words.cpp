#include "text/name_words.hpp"

#include <utf8proc.h>

#include <array>
#include <span>
#include <vector>

#include "text/utf8.hpp"

namespace medflow::text {
namespace {

using CodePoint = utf8proc_int32_t;

/// What a character does to the word it stands in.
enum class Role : std::uint8_t { letter, drop, hyphen, split };

/// ASCII: letters fold to lower case; `value` is 0 for all that is no letter or digit.
struct AsciiFold {
  Role role = Role::split;
  char value = 0;
};

constexpr std::array<AsciiFold, 128> ascii_table() {
  std::array<AsciiFold, 128> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = {Role::letter, c};
  for (char c = 'a'; c <= 'z'; ++c) {
    table[static_cast<std::size_t>(c)] = {Role::letter, c};
    table[static_cast<std::size_t>(c - 'a' + 'A')] = {Role::letter, c};
  }
  table['\''].role = table['.'].role = Role::drop;
  table['-'].role = Role::hyphen;
  return table;
}
constexpr auto ascii = ascii_table();

/// Builds words and hands them on.
class Builder {
 public:
  /// A word of more parts has the rest in its last one.
  static constexpr std::size_t parts_max = 16;

  explicit Builder(FunctionRef<void(const NameWord&)> sink) : sink_(sink) {}

  void letter(std::string_view first, std::string_view second) {
    if (hyphen_ && !word_.first.empty() && word_.parts() < parts_max)
      word_.cuts.push_back(
          {static_cast<std::uint32_t>(word_.first.size()), static_cast<std::uint32_t>(word_.second.size())});
    hyphen_ = false;
    word_.first += first;
    word_.second += second;
  }
  void hyphen() { hyphen_ = true; }
  void split() {
    hyphen_ = false;
    if (word_.first.empty()) return;
    sink_(word_);
    word_.clear();
  }

 private:
  FunctionRef<void(const NameWord&)> sink_;
  NameWord word_{};
  bool hyphen_ = false;
};

void apply(Builder& builder, AsciiFold fold) {
  switch (fold.role) {
    case Role::letter:
      return builder.letter({&fold.value, 1}, {&fold.value, 1});
    case Role::drop:
      return;
    case Role::hyphen:
      return builder.hyphen();
    case Role::split:
      return builder.split();
  }
}

/// Letters that are no base with marks, and so survive NFKD and case folding. Empty for all others.
std::string_view plain_form(CodePoint c) {
  switch (c) {
    case 0x00DF:
      return "ss";
    case 0x00E6:
      return "ae";
    case 0x00F0:
    case 0x0111:
      return "d";
    case 0x00F8:
      return "o";
    case 0x00FE:
      return "th";
    case 0x0131:
      return "i";
    case 0x0142:
      return "l";
    case 0x014B:
      return "n";
    case 0x0153:
      return "oe";
    case 0x0671:  // alef wasla; the forms with hamza and madda have lost them with the marks
    case 0x0672:
    case 0x0673:
      return "\u0627";
    case 0x0629:
      return "\u0647";  // teh marbuta
    case 0x0649:
      return "\u064A";  // alef maksura
    default:
      return {};
  }
}

Role role_of(CodePoint c) {
  switch (c) {
    case 0x2018:  // as the apostrophe that keyboards and editors put for it
    case 0x2019:
    case 0x02BB:  // the letters that Uzbek, Hawaiian and Ukrainian texts have for an apostrophe
    case 0x02BC:
    case 0x0640:
      return Role::drop;  // tatweel
    case 0x05BE:          // maqaf, the Hebrew hyphen
    case 0x2010:
      return Role::hyphen;
    default:
      break;
  }
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_CF:
      return Role::drop;  // joiners and soft hyphens are seen by nobody
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Role::letter;
    default:
      return Role::split;
  }
}

/// The second form of the ASCII letter at `at` of decomposed text: ae oe ue before a diaeresis, aa before a ring.
std::string_view second_form(char letter, std::span<const CodePoint> text, std::size_t at) {
  if (letter != 'a' && letter != 'o' && letter != 'u') return {};
  for (std::size_t i = at + 1; i < text.size() && utf8proc_category(text[i]) == UTF8PROC_CATEGORY_MN; ++i) {
    if (text[i] == 0x0308) return letter == 'a' ? "ae" : letter == 'o' ? "oe" : "ue";
    if (text[i] == 0x030A && letter == 'a') return "aa";
  }
  return {};
}

/// A letter outside ASCII: full case folding, then the table.
void fold_letter(Builder& builder, CodePoint c) {
  std::array<CodePoint, 4> folded{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(c, folded.data(), static_cast<utf8proc_ssize_t>(folded.size()),
                                             UTF8PROC_CASEFOLD, &boundary);
  std::string form;
  for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(folded.size()); ++i) {
    const CodePoint each = folded[static_cast<std::size_t>(i)];
    if (const auto plain = plain_form(each); !plain.empty()) {
      form += plain;
      continue;
    }
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(each, bytes.data());
    form.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
  }
  builder.letter(form, form);
}

void read_decomposed(Builder& builder, std::span<const CodePoint> text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const CodePoint c = text[at];
    if (c < 0x80) {
      const AsciiFold fold = ascii[static_cast<std::size_t>(c)];
      const auto second = second_form(fold.value, text, at);
      if (second.empty())
        apply(builder, fold);
      else
        builder.letter({&fold.value, 1}, second);
      continue;
    }
    switch (role_of(c)) {
      case Role::letter:
        fold_letter(builder, c);
        break;
      case Role::drop:
        break;
      case Role::hyphen:
        builder.hyphen();
        break;
      case Role::split:
        builder.split();
        break;
    }
  }
}

}  // namespace

std::string_view NameWord::part(std::size_t i, bool second_form) const {
  const auto place = [&](std::size_t cut) { return second_form ? cuts[cut].second : cuts[cut].first; };
  const std::string_view whole = second_form ? second : first;
  const std::size_t begin = i == 0 ? 0 : place(i - 1);
  const std::size_t end = i == cuts.size() ? whole.size() : place(i);
  return whole.substr(begin, end - begin);
}

void NameWord::clear() {
  first.clear();
  second.clear();
  cuts.clear();
}

void each_word(std::string_view name, FunctionRef<void(const NameWord&)> sink) {
  Builder builder(sink);
  if (is_ascii(name)) {
    for (char c : name) apply(builder, ascii[static_cast<std::size_t>(c)]);
    return builder.split();
  }
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(name.data());
  const auto size = static_cast<utf8proc_ssize_t>(name.size());
  std::array<CodePoint, 128> small{};
  const auto count =
      utf8proc_decompose(bytes, size, small.data(), static_cast<utf8proc_ssize_t>(small.size()), options);
  if (count < 0) return;
  const auto length = static_cast<std::size_t>(count);
  if (length <= small.size()) {
    read_decomposed(builder, std::span(small).first(length));
  } else {
    std::vector<CodePoint> large(length);
    utf8proc_decompose(bytes, size, large.data(), count, options);
    read_decomposed(builder, large);
  }
  builder.split();
}

}  // namespace medflow::text
