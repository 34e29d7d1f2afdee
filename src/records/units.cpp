#include "records/units.hpp"

#include <algorithm>
#include <array>

namespace medflow::inline v1::records {
namespace {

constexpr std::int64_t micros = 1'000'000;
constexpr std::size_t digits_before_max = 12;
constexpr std::size_t digits_behind_max = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Metric atoms take a prefix, the others do not. The "k[IU]" and "m[IU]" of laboratories come out of the arbitrary units being metric.
constexpr std::string_view metric[] = {"m",  "s",  "g",   "rad", "K",   "C",  "cd",  "mol",  "sr",   "Hz",     "N",
                                       "Pa", "J",  "W",   "A",   "V",   "F",  "Ohm", "S",    "Wb",   "Cel",    "T",
                                       "H",  "lm", "lx",  "Bq",  "Gy",  "Sv", "l",   "L",    "ar",   "t",      "bar",
                                       "u",  "eV", "cal", "U",   "kat", "eq", "osm", "[IU]", "[iU]", "m[H2O]", "m[Hg]",
                                       "B",  "Np", "bit", "By",  "st",  "Ci", "P",   "dyn",  "erg",  "G"};
constexpr std::string_view plain[] = {
    "%",          "[ppth]",   "[ppm]",       "[ppb]",    "10*",      "10^",      "[pi]",      "min",
    "h",          "d",        "wk",          "mo",       "a",        "mo_j",     "a_j",       "deg",
    "'",          "''",       "[in_i]",      "[ft_i]",   "[yd_i]",   "[mi_i]",   "[lb_av]",   "[oz_av]",
    "[stone_av]", "[degF]",   "[gal_us]",    "[qt_us]",  "[pt_us]",  "[foz_us]", "[cup_us]",  "[tbs_us]",
    "[tsp_us]",   "[drp]",    "[pH]",        "[arb'U]",  "[CFU]",    "[PFU]",    "[HPF]",     "[LPF]",
    "[Ch]",       "[diop]",   "[knk'U]",     "[beth'U]", "[GPL'U]",  "[MPL'U]",  "[APL'U]",   "[todd'U]",
    "[dye'U]",    "[smgy'U]", "[bdsk'U]",    "[ka'U]",   "[mclg'U]", "[tb'U]",   "[CCID_50]", "[EID_50]",
    "[TCID_50]",  "[FFU]",    "[Amb'a'1'U]", "[MET]",    "[hnsf'U]", "[car_Au]", "[BAU]",     "[AU]",
    "[D'ag'U]",   "[Lf]",     "[anti'Xa'U]", "[USP'U]",  "[cal]",    "[Cal]",    "[sft_i]",   "[sin_i]",
    "[bu_us]",    "[nmi_i]",  "[kn_i]",      "[gr]",     "[dr_ap]",  "[HP]",     "[wood'U]",  "[PRU]",
    "[GFR]"};
constexpr std::string_view prefixes[] = {"Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da",
                                         "d", "c", "m", "u", "n", "p", "f", "a", "z", "y"};

bool is_atom(std::string_view text) {
  if (std::find(std::begin(plain), std::end(plain), text) != std::end(plain)) return true;
  if (std::find(std::begin(metric), std::end(metric), text) != std::end(metric)) return true;
  return std::any_of(std::begin(prefixes), std::end(prefixes), [&](std::string_view prefix) {
    return text.size() > prefix.size() && text.starts_with(prefix) &&
           std::find(std::begin(metric), std::end(metric), text.substr(prefix.size())) != std::end(metric);
  });
}

/// Reads a unit from the left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool whole() {
    if (rest_.empty()) return false;
    if (rest_.front() == '/') rest_.remove_prefix(1);
    return term(0) && rest_.empty();
  }

 private:
  static constexpr int depth_max = 8;

  bool term(int depth) {
    if (depth > depth_max || !component(depth)) return false;
    while (!rest_.empty() && (rest_.front() == '.' || rest_.front() == '/')) {
      rest_.remove_prefix(1);
      if (!component(depth)) return false;
    }
    return true;
  }

  bool component(int depth) {
    if (rest_.empty()) return false;
    if (rest_.front() == '(') {
      rest_.remove_prefix(1);
      if (!term(depth + 1) || rest_.empty() || rest_.front() != ')') return false;
      rest_.remove_prefix(1);
      return true;
    }
    if (rest_.front() == '{') return annotation();
    if (is_digit(rest_.front()) && !rest_.starts_with("10*") && !rest_.starts_with("10^")) {
      while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
      return true;
    }
    const std::size_t length = atom_length();
    if (length == 0) return false;
    rest_.remove_prefix(length);
    exponent();
    return rest_.empty() || rest_.front() != '{' || annotation();
  }

  /// The longest atom that the rest begins with, so that what follows it is an exponent, an operator or the end.
  std::size_t atom_length() const {
    std::size_t end = 0;
    bool in_brackets = false;
    for (; end < rest_.size(); ++end) {
      const char c = rest_[end];
      if (c == '[') in_brackets = true;
      if (c == ']') in_brackets = false;
      if (!in_brackets && (c == '.' || c == '/' || c == '(' || c == ')' || c == '{')) break;
    }
    for (std::size_t length = end; length > 0; --length)
      if (is_atom(rest_.substr(0, length)) && is_exponent(rest_.substr(length, end - length))) return length;
    return 0;
  }

  static bool is_exponent(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
      text.remove_prefix(1);
      if (text.empty()) return false;
    }
    return text.size() <= 3 && std::all_of(text.begin(), text.end(), is_digit);
  }

  void exponent() {
    while (!rest_.empty() && (is_digit(rest_.front()) || rest_.front() == '-' || rest_.front() == '+'))
      rest_.remove_prefix(1);
  }

  bool annotation() {
    const std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    const std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return std::all_of(inside.begin(), inside.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '{'; });
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::int64_t> parse_micro(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view before = text.substr(0, point);
  const std::string_view behind = point < text.size() ? text.substr(point + 1) : std::string_view();
  const auto all_digits = [](std::string_view part) { return std::all_of(part.begin(), part.end(), is_digit); };
  if (before.empty() || before.size() > digits_before_max || !all_digits(before)) return std::nullopt;
  if (before.size() > 1 && before.front() == '0') return std::nullopt;
  if (point < text.size() && (behind.empty() || behind.size() > digits_behind_max || !all_digits(behind)))
    return std::nullopt;
  std::int64_t value = 0;
  for (const char c : before) value = value * 10 + (c - '0');
  for (std::size_t i = 0; i < digits_behind_max; ++i) value = value * 10 + (i < behind.size() ? behind[i] - '0' : 0);
  return negative ? -value : value;
}

std::string micro_text(std::int64_t micro) {
  std::string text = micro < 0 ? "-" : "";
  const std::int64_t size = micro < 0 ? -micro : micro;
  text += std::to_string(size / micros);
  std::string behind = std::to_string(size % micros);
  behind.insert(0, digits_behind_max - behind.size(), '0');
  while (!behind.empty() && behind.back() == '0') behind.pop_back();
  if (!behind.empty()) text.append(".").append(behind);
  return text;
}

bool is_ucum(std::string_view unit) { return Reader(unit).whole(); }

}  // namespace medflow::inline v1::records
