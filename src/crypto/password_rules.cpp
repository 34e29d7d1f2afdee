#include "crypto/password_rules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/password_words.hpp"
#include "crypto/secret.hpp"

namespace medflow::crypto {
namespace {

// Tenths of bits that a guesser pays for each kind of part.
constexpr std::size_t common_word_cost = 95;  // one of some 700
constexpr std::size_t short_word_cost = 70;   // "my", "the": few and tried everywhere
constexpr std::size_t known_word_cost = 30;   // of the user, the tenant, the product
constexpr std::size_t run_cost = 55;
constexpr std::size_t keyboard_cost = 60;
constexpr std::size_t year_cost = 60;
constexpr std::size_t repeat_cost = 20;  // once more what came just before
constexpr std::size_t digit_cost = 33;
constexpr std::size_t letter_cost = 47;
constexpr std::size_t sign_cost = 45;
constexpr std::size_t other_cost = 47;  // per byte beyond ASCII's letters; three of them for most scripts
constexpr std::size_t upper_cost = 10;  // a capital anywhere but in front

constexpr std::array<std::string_view, 10> keyboard_walks{"qwertyuiop[]\\",
                                                          "asdfghjkl;'",
                                                          "zxcvbnm,./",
                                                          "`1234567890-=",
                                                          "!@#$%^&*()_+",
                                                          "qwertzuiopasdfghjklyxcvbnm",
                                                          "azertyuiopqsdfghjklmwxcvbn",
                                                          "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
                                                          "qazwsxedcrfvtgbyhnujmikolp",
                                                          "1q2w3e4r5t6y7u8i9o0p"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// True where `written` is how some people write `letter`.
bool stands_for(char written, char letter) {
  if (written == letter) return true;
  switch (written) {
    case '0':
      return letter == 'o';
    case '1':
    case '!':
    case '|':
      return letter == 'i' || letter == 'l';
    case '2':
      return letter == 'z';
    case '3':
      return letter == 'e';
    case '4':
    case '@':
      return letter == 'a';
    case '5':
    case '$':
      return letter == 's';
    case '6':
      return letter == 'g' || letter == 'b';
    case '7':
    case '+':
      return letter == 't';
    case '8':
      return letter == 'b';
    case '9':
      return letter == 'g';
    default:
      return false;
  }
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [](char letter, char written) { return stands_for(written, letter); });
}

const std::vector<std::string_view>& common_words() {
  static const auto words = [] {
    std::vector<std::string_view> out;
    for (std::string_view rest = common_password_words; !rest.empty();) {
      const auto end = rest.find(' ');
      if (end > 0) out.push_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    return out;
  }();
  return words;
}

/// How many characters from the start step alike: "1234", "dcba", "aaaa"; 9 is followed by 0.
std::size_t run_length(std::string_view text) {
  const auto step = [&](std::size_t i) {
    const int by = text[i + 1] - text[i];
    if (is_digit(text[i]) && is_digit(text[i + 1])) return by == -9 ? 1 : by == 9 ? -1 : by;
    return by;
  };
  if (text.size() < 2) return text.size();
  const int first = step(0);
  if (first < -1 || first > 1) return 1;
  std::size_t length = 2;
  while (length < text.size() && step(length - 1) == first) ++length;
  return length;
}

/// The longest way along one row or column of a keyboard, either way.
std::size_t walk_length(std::string_view text) {
  std::size_t best = 0;
  for (const auto walk : keyboard_walks) {
    for (std::size_t at = walk.find(text[0]); at != std::string_view::npos; at = walk.find(text[0], at + 1)) {
      std::size_t onward = 1;
      while (onward < text.size() && at + onward < walk.size() && walk[at + onward] == text[onward]) ++onward;
      std::size_t back = 1;
      while (back < text.size() && back <= at && walk[at - back] == text[back]) ++back;
      best = std::max({best, onward, back});
    }
  }
  return best;
}

bool is_year(std::string_view text) {
  return text.size() >= 4 && (text.substr(0, 2) == "19" || text.substr(0, 2) == "20") && is_digit(text[2]) &&
         is_digit(text[3]);
}

std::size_t single_cost(char c) {
  if (is_digit(c)) return digit_cost;
  if (c >= 'a' && c <= 'z') return letter_cost;
  return static_cast<unsigned char>(c) < 0x80 ? sign_cost : other_cost;
}

/// best[i] is the cheapest cost of the first i bytes.
class Cheapest {
 public:
  Cheapest(std::string_view text, std::span<const std::string> known)
      : text_(text), known_(known), best_(text.size() + 1, SIZE_MAX) {
    best_[0] = 0;
  }

  std::size_t cost() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      reach(at, 1, single_cost(text_[at]));
      parts_from(at);
      repeats_from(at);
    }
    return best_.back();
  }

 private:
  void reach(std::size_t at, std::size_t length, std::size_t cost) {
    best_[at + length] = std::min(best_[at + length], best_[at] + cost);
  }

  void parts_from(std::size_t at) {
    const auto rest = text_.substr(at);
    // Every prefix of a run or walk is one too, and a word may begin inside it.
    const std::size_t run = run_length(rest);
    for (std::size_t n = 3; n <= run; ++n) reach(at, n, run_cost);
    const std::size_t walk = walk_length(rest);
    for (std::size_t n = 3; n <= walk; ++n) reach(at, n, keyboard_cost);
    if (is_year(rest)) reach(at, 4, year_cost);
    for (const auto word : common_words())
      if (starts_with_word(rest, word))
        reach(at, word.size(),
              word.size() <= 3 ? std::min(short_word_cost, word.size() * letter_cost) : common_word_cost);
    for (const auto& word : known_)
      if (starts_with_word(rest, word)) reach(at, word.size(), known_word_cost);
  }

  /// What came just before, once or more: "passwordpassword", "abcabcabc".
  void repeats_from(std::size_t at) {
    for (std::size_t unit = 1; unit <= at; ++unit) {
      std::size_t same = 0;
      while (at + same < text_.size() && text_[at + same] == text_[at + same - unit]) ++same;
      if (same >= unit && same >= 2) reach(at, same, repeat_cost);
    }
  }

  std::string_view text_;
  std::span<const std::string> known_;
  std::vector<std::size_t> best_;
};

/// Each capital but the first, or nothing where all letters are.
std::size_t capitals_cost(std::string_view password) {
  std::size_t capitals = 0, small = 0;
  for (std::size_t i = 0; i < password.size(); ++i) {
    const char c = password[i];
    if (c >= 'A' && c <= 'Z' && i > 0) ++capitals;
    if (c >= 'a' && c <= 'z') ++small;
  }
  return small == 0 ? 0 : std::min<std::size_t>(capitals, small) * upper_cost;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::size_t password_guess_decibits(std::string_view password, std::span<const std::string_view> words) {
  std::vector<std::string> known;
  for (const auto word : words)
    if (word.size() >= 3) known.push_back(lowered(word));
  std::string text = lowered(password);
  const std::size_t cost = Cheapest(text, known).cost() + capitals_cost(password);
  wipe(std::as_writable_bytes(std::span(text)));
  return cost;
}

std::optional<Code> password_rule_broken(std::string_view password, bool second_factor,
                                         std::span<const std::string_view> words) {
  const std::size_t length = code_points(password);
  if (length < (second_factor ? password_min_second_factor : password_min)) return codes::password_short;
  if (length > password_max) return codes::password_long;
  if (password_guess_decibits(password, words) < password_guess_min) return codes::password_common;
  return std::nullopt;
}

}  // namespace medflow::crypto
