// What is tried with bytes that nobody chose: a function that says what must hold for any input, and the inputs to begin with. The
// same function is run by libFuzzer (`./dev fuzz`) and, over its seeds and thousands of changes of them, by the test `fuzz_replay`.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::fuzz {

/// A property that does not hold, said in a sentence.
struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};

inline void demand(bool holds, const char* sentence) {
  if (!holds) throw Broken(sentence);
}

/// Puts a mistake between the target and what it looks at, in the tests alone: the property must find it.
inline bool planted = false;

struct Target {
  std::string_view name{};
  std::string_view plant{};                       ///< the mistake that `planted` puts in
  void (*run)(std::string_view bytes) = nullptr;  ///< throws Broken
  std::vector<std::string> (*seeds)() = nullptr;
};

extern const Target json_target;
extern const Target request_target;
extern const Target token_target;
extern const Target block_target;
extern const Target cursor_target;

/// Takes an input apart from the front; what is not there is zero or empty.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte() { return bytes_.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(take(1).front()); }
  std::uint64_t number(unsigned bytes) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value = value << 8U | byte();
    return value;
  }
  /// A text of as many bytes as the next one says.
  std::string_view text() { return take(byte()); }
  std::string_view rest() { return take(bytes_.size()); }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view bytes_;
};

}  // namespace medflow::fuzz
