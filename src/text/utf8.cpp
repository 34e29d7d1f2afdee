#include "text/utf8.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

namespace medflow::text {
namespace {

constexpr std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

constexpr bool continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

/// Length of the ASCII at the head of `text`, eight bytes at a time.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (at < text.size() && byte_at(text, at) < 0x80) ++at;
  return at;
}

/// Length of the valid sequence at `at`, which is not ASCII; 0 where there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byte_at(text, at);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < length) return 0;
  // The second byte's range shuts out overlong forms, surrogates and what lies above U+10FFFF.
  const std::uint8_t second = byte_at(text, at + 1);
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!continuation(byte_at(text, at + i))) return 0;
  return length;
}

bool is_control(std::uint8_t byte, Use use) {
  if (use == Use::notes && (byte == '\n' || byte == '\t')) return false;
  return byte < 0x20 || byte == 0x7F;
}

/// C1 is C2 80..9F, the overrides are E2 80 AA..AE and E2 81 A6..A9.
TextFault check_sequence(std::string_view sequence, Use use) {
  const std::uint8_t lead = byte_at(sequence, 0);
  if (lead == 0xC2 && byte_at(sequence, 1) < 0xA0) return TextFault::control_character;
  if (lead != 0xE2 || use != Use::name) return TextFault::none;
  const std::uint8_t second = byte_at(sequence, 1);
  const std::uint8_t third = byte_at(sequence, 2);
  const bool bidi =
      (second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
  return bidi ? TextFault::bidi_override : TextFault::none;
}

}  // namespace

bool is_ascii(std::string_view text) { return ascii_prefix(text) == text.size(); }

bool valid_utf8(std::string_view text) {
  for (std::size_t at = ascii_prefix(text); at < text.size();) {
    if (byte_at(text, at) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continuation(static_cast<std::uint8_t>(c)); }));
}

void make_nfc(std::string& text) {
  // U+0300 is CC 80: every byte below CC means that nothing combines and nothing decomposes to something else.
  if (std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0xCC; })) return;
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  // A code point decomposes canonically into at most 4; one more for the terminator that reencoding writes.
  std::vector<utf8proc_int32_t> buffer(text.size() * 4 + 1);
  const auto count =
      utf8proc_decompose(bytes, size, buffer.data(), static_cast<utf8proc_ssize_t>(buffer.size() - 1), options);
  assert(count >= 0 && static_cast<std::size_t>(count) < buffer.size());
  if (count < 0) return;
  const auto length = utf8proc_reencode(buffer.data(), count, options);
  assert(length >= 0);
  text.assign(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length));
}

TextFault check(std::string_view text, Use use) {
  if (!valid_utf8(text)) return TextFault::invalid_utf8;
  TextFault fault = TextFault::none;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint8_t lead = byte_at(text, at);
    if (lead < 0x80) {
      if (is_control(lead, use)) return TextFault::control_character;
      ++at;
      continue;
    }
    const std::size_t length = sequence_length(text, at);
    const TextFault here = check_sequence(text.substr(at, length), use);
    if (here == TextFault::control_character) return here;
    if (here != TextFault::none) fault = here;
    at += length;
  }
  return fault;
}

}  // namespace medflow::text
