// What a command ends with when it does not succeed: the lines for people and the exit code (CLI-1).
#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "medflow/error.hpp"

namespace medflow::cli {

namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int failure = 1;
inline constexpr int usage = 2;
inline constexpr int not_found = 3;
inline constexpr int invalid = 4;
inline constexpr int unavailable = 7;
}  // namespace exit_code

/// An operation's error, from here or from a server, or one of the program's own.
class Trouble : public std::exception {
 public:
  Trouble(int exit, std::string text) : text_(std::move(text)), exit_(exit) {}
  explicit Trouble(const Error& error);
  /// The answer of a server: its status and its RFC 9457 body.
  static Trouble of_answer(int status, const std::string& body);

  const char* what() const noexcept override { return text_.c_str(); }
  int exit() const { return exit_; }
  const std::string& code() const { return code_; }

  /// One line for each problem; a field is named by its pointer.
  void print(std::FILE* to) const;

 private:
  Trouble() = default;

  std::string text_{};
  int exit_ = exit_code::failure;
  std::string code_{};
  std::vector<FieldError> fields_{};
};

/// A command line that cannot be followed.
inline Trouble usage(std::string text) { return Trouble(exit_code::usage, std::move(text)); }

}  // namespace medflow::cli
