#include "text/digit_pattern.hpp"

#include <cassert>

#include "medflow/function_ref.hpp"

namespace medflow::text {
namespace {

/// Goes on behind what has been fitted; the argument is how far the digits are used up.
using Then = FunctionRef<bool(std::size_t)>;

class Fitting {
 public:
  Fitting(std::string_view pattern, std::string_view digits) : pattern_(pattern), digits_(digits) {}

  bool run(Then then) { return any_of(pattern_, 0, then); }
  const std::array<std::optional<std::string_view>, 2>& captured() const { return captured_; }

 private:
  /// One atom of a sequence, how often it may come, and what follows it.
  struct Step {
    std::string_view atom{};
    unsigned min = 1;
    unsigned max = 1;
    std::string_view rest{};
  };

  /// Where the group or class that `text` begins with ends.
  static std::size_t end_of_brackets(std::string_view text) {
    if (text.front() == '[') return text.find(']') + 1;
    std::size_t depth = 0;
    std::size_t i = 0;
    do {
      if (text[i] == '(') ++depth;
      if (text[i] == ')') --depth;
      ++i;
    } while (depth != 0);
    return i;
  }

  static std::size_t length_of_atom(std::string_view text) {
    if (text.front() == '\\') return 2;
    return text.front() == '(' || text.front() == '[' ? end_of_brackets(text) : 1;
  }

  static unsigned number_of(std::string_view digits) {
    unsigned number = 0;
    for (char c : digits) number = number * 10 + static_cast<unsigned>(c - '0');
    return number;
  }

  static Step first_step(std::string_view sequence) {
    const std::size_t length = length_of_atom(sequence);
    Step step{.atom = sequence.substr(0, length), .rest = sequence.substr(length)};
    if (step.rest.starts_with('?')) {
      step.min = 0;
      step.rest.remove_prefix(1);
    } else if (step.rest.starts_with('{')) {
      const std::string_view range = step.rest.substr(1, step.rest.find('}') - 1);
      const std::size_t comma = range.find(',');
      step.min = number_of(range.substr(0, comma));
      step.max = comma == std::string_view::npos ? step.min : number_of(range.substr(comma + 1));
      step.rest.remove_prefix(range.size() + 2);
    }
    return step;
  }

  static bool is_in(std::string_view atom, char digit) {
    if (atom == "\\d") return digit >= '0' && digit <= '9';
    if (atom.front() != '[') return atom.front() == digit;
    const std::string_view members = atom.substr(1, atom.size() - 2);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const bool range = i + 2 < members.size() && members[i + 1] == '-';
      if (digit >= members[i] && digit <= members[range ? i + 2 : i]) return true;
      if (range) i += 2;
    }
    return false;
  }

  bool any_of(std::string_view alternatives, std::size_t at, Then then) {
    std::size_t begin = 0;
    while (true) {
      std::size_t end = begin;
      while (end < alternatives.size() && alternatives[end] != '|') end += length_of_atom(alternatives.substr(end));
      if (sequence(alternatives.substr(begin, end - begin), at, then)) return true;
      if (end >= alternatives.size()) return false;
      begin = end + 1;
    }
  }

  bool sequence(std::string_view steps, std::size_t at, Then then) {
    return steps.empty() ? then(at) : repeat(first_step(steps), at, then);
  }

  bool repeat(const Step& step, std::size_t at, Then then) {
    if (step.max != 0) {
      const Step less{
          .atom = step.atom, .min = step.min - (step.min != 0 ? 1 : 0), .max = step.max - 1, .rest = step.rest};
      if (once(step.atom, at, [&](std::size_t now) { return repeat(less, now, then); })) return true;
    }
    return step.min == 0 && sequence(step.rest, at, then);
  }

  bool once(std::string_view atom, std::size_t at, Then then) {
    if (atom.front() == '$') return at == digits_.size() && then(at);
    if (atom.starts_with("(?:")) return any_of(atom.substr(3, atom.size() - 4), at, then);
    if (atom.front() == '(') return capture(atom, at, then);
    return at < digits_.size() && is_in(atom, digits_[at]) && then(at + 1);
  }

  bool capture(std::string_view group, std::size_t at, Then then) {
    auto& captured = captured_[group_number(group)];
    const auto before = captured;
    const bool fitted = any_of(group.substr(1, group.size() - 2), at, [&](std::size_t end) {
      captured = digits_.substr(at, end - at);
      return then(end);
    });
    if (!fitted) captured = before;
    return fitted;
  }

  /// Groups are counted by where they open.
  std::size_t group_number(std::string_view group) const {
    std::size_t number = 0;
    for (const char* c = pattern_.data(); c != group.data(); ++c)
      if (*c == '(' && c[1] != '?') ++number;
    assert(number < captured_.size());
    return number;
  }

  std::string_view pattern_;
  std::string_view digits_;
  std::array<std::optional<std::string_view>, 2> captured_{};
};

}  // namespace

bool fits(std::string_view pattern, std::string_view digits) {
  return Fitting(pattern, digits).run([&](std::size_t end) { return end == digits.size(); });
}

std::optional<DigitPrefix> fit_prefix(std::string_view pattern, std::string_view digits) {
  DigitPrefix prefix;
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i)
    if (pattern[i] == '(' && pattern[i + 1] != '?') ++prefix.groups;
  Fitting fitting(pattern, digits);
  const bool fitted = fitting.run([&](std::size_t end) {
    prefix.length = end;
    return true;
  });
  if (!fitted) return std::nullopt;
  prefix.captured = fitting.captured();
  return prefix;
}

}  // namespace medflow::text
