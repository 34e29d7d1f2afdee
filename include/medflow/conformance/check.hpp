// How the conformance suite says that an engine is wrong: by an exception, so that it needs no test framework.
#pragma once

#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medflow::conformance {

/// What an engine did otherwise than it must: the expression that does not hold, where it stands, and what was noted.
class Mismatch : public std::exception {
 public:
  explicit Mismatch(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// A value that is told with a mismatch for as long as this lives.
class Noted {
 public:
  template <class T>
  Noted(std::string_view name, const T& value) {
    std::ostringstream text;
    text << name << " = " << value;
    all().push_back(text.str());
  }
  ~Noted() { all().pop_back(); }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;

  static std::vector<std::string>& all() {
    static thread_local std::vector<std::string> notes;
    return notes;
  }
};

inline void check(bool holds, std::string_view expression, std::string_view file, int line) {
  if (holds) return;
  std::string text = std::string(file) + ":" + std::to_string(line) + ": " + std::string(expression);
  for (const std::string& note : Noted::all()) text += "; " + note;
  throw Mismatch(std::move(text));
}

}  // namespace medflow::conformance

#define MEDFLOW_CHECK(...) \
  ::medflow::conformance::check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define MEDFLOW_CHECK_NOT(...) \
  ::medflow::conformance::check(!static_cast<bool>(__VA_ARGS__), "not " #__VA_ARGS__, __FILE__, __LINE__)
#define MEDFLOW_NOTE_AT(line, what) const ::medflow::conformance::Noted noted_##line(#what, what)
#define MEDFLOW_NOTE_IN(line, what) MEDFLOW_NOTE_AT(line, what)
#define MEDFLOW_NOTE(what) MEDFLOW_NOTE_IN(__LINE__, what)
#define MEDFLOW_CHECK_THROWS(call, type)                           \
  do {                                                             \
    bool medflow_threw = false;                                    \
    try {                                                          \
      call;                                                        \
    } catch (const type&) {                                        \
      medflow_threw = true;                                        \
    }                                                              \
    MEDFLOW_CHECK(medflow_threw && "an exception passes through"); \
  } while (false)
