// Bytes as text: hexadecimal, base64 and base64url (RFC 4648). Every byte string has exactly one text that decodes to it:
// wrong lengths, foreign characters, missing or extra padding and stray bits at the end are refused.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace medflow::crypto {

/// Lower case.
std::string hex(std::span<const std::byte> bytes);
/// Fills `out` from exactly twice as many digits of either case; false, with `out` unspecified, for anything else.
bool from_hex(std::string_view text, std::span<std::byte> out);

/// With padding (section 4), as checkpoints have it.
std::string base64(std::span<const std::byte> bytes);
std::optional<std::string> from_base64(std::string_view text);

/// Without padding, as PHC strings have it.
void append_base64_unpadded(std::span<const std::byte> bytes, std::string& out);
std::optional<std::size_t> decode_base64_unpadded(std::string_view text, std::span<std::byte> out);

/// For URLs, without padding (section 5).
constexpr std::size_t base64url_size(std::size_t bytes) { return (bytes * 4 + 2) / 3; }
void append_base64url(std::span<const std::byte> bytes, std::string& out);
/// Decodes into `out` and says how many bytes; nothing where the text is wrong or does not fit.
std::optional<std::size_t> decode_base64url(std::string_view text, std::span<std::byte> out);

}  // namespace medflow::crypto
