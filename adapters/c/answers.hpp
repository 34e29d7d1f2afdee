// What goes out through the C ABI: texts that are wiped when they are freed, and errors as a number and a text.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "medflow/error.hpp"
#include "medflow/secret.hpp"

namespace medflow::c {

/// A copy of the text for the caller, with a NUL after it. Throws std::bad_alloc.
char* hand_out(std::string_view text);

/// The bytes of such a copy, without its NUL.
std::size_t size_of(const char* text) noexcept;

/// Wipes and frees such a copy.
void wipe_and_free(char* text) noexcept;

/// What the exception that is being handled means to the caller.
Error current_error();

/// The number of the error's kind; `out`, where there is one, gets its text.
int give_error(const Error& error, char** out) noexcept;

/// Runs the body of a function that says nothing where all is well; no exception gets past it.
template <class Body>
int done_with(char** out, const Body& body) noexcept {
  if (out != nullptr) *out = nullptr;
  try {
    body();
    return 0;
  } catch (...) {
    try {
      return give_error(current_error(), out);
    } catch (...) {  // no memory even for the error
      return static_cast<int>(Errc::internal);
    }
  }
}

/// Runs the body of a function of the ABI, which may throw. The body fills `answer`, which wipes itself and goes to the caller
/// unless it is not asked for.
template <class Body>
int answer_with(char** out, const Body& body) noexcept {
  return done_with(out, [&] {
    Secret answer;
    answer.reveal_mutable().reserve(4096);  // most answers then never move, and leave no copy behind
    body(answer.reveal_mutable());
    if (out != nullptr) *out = hand_out(answer.reveal());
  });
}

}  // namespace medflow::c
