// Which passwords are accepted (USR-2): long enough, and not among the first that anybody would guess. No composition rules.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "medflow/error.hpp"

namespace medflow::crypto {

namespace codes {
inline constexpr Code password_short{"password.short", Errc::invalid, "The password is too short."};
inline constexpr Code password_long{"password.long", Errc::invalid, "The password is longer than 128 characters."};
inline constexpr Code password_common{"password.common", Errc::invalid,
                                      "The password is one of the first that anybody would guess."};
}  // namespace codes

inline constexpr std::size_t password_min = 15;
inline constexpr std::size_t password_min_second_factor = 8;
inline constexpr std::size_t password_max = 128;

/// The first rule that `password` breaks, in the order of the codes above; nothing where it is accepted. Lengths are in code
/// points. `password` is valid UTF-8 in NFC. `words` are those that somebody who knows the user would try first: parts of
/// their name and address, the tenant's and the product's name; shorter than 3 bytes are ignored.
std::optional<Code> password_rule_broken(std::string_view password, bool second_factor,
                                         std::span<const std::string_view> words);

/// About how many bits somebody who guesses by rules needs: the cheapest way to write the password as common words (also
/// with digits for letters), the given words, runs ("1234", "aaaa"), keyboard rows, years and repeats of what came before.
/// In tenths of a bit. Passwords below `password_guess_min` are common.
std::size_t password_guess_decibits(std::string_view password, std::span<const std::string_view> words);

inline constexpr std::size_t password_guess_min = 290;

}  // namespace medflow::crypto
