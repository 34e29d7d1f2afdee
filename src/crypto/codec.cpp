#include "crypto/codec.hpp"

#include <array>
#include <cstdint>

namespace medflow::crypto {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t none = 0xFF;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values out{};
  for (auto& value : out) value = none;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}

constexpr Values standard_values = values_of(standard);
constexpr Values url_values = values_of(for_urls);

void encode(std::span<const std::byte> bytes, std::string_view alphabet, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + base64url_size(bytes.size()));
  char* to = out.data() + start;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::byte b : bytes) {
    held = (held << 8U) | std::to_integer<std::uint32_t>(b);
    for (bits += 8; bits >= 6; bits -= 6) *to++ = alphabet[(held >> (bits - 6)) & 63U];
  }
  if (bits > 0) *to++ = alphabet[(held << (6 - bits)) & 63U];
}

std::optional<std::size_t> decode(std::string_view text, const Values& values, std::span<std::byte> out) {
  const std::size_t size = text.size() / 4 * 3 + (text.size() % 4) * 3 / 4;
  if (text.size() % 4 == 1 || size > out.size()) return std::nullopt;
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  std::byte* to = out.data();
  unsigned seen = 0;  // collects the high bits of wrong characters
  const std::size_t whole = text.size() / 4;
  for (std::size_t i = 0; i < whole; ++i, from += 4, to += 3) {
    const unsigned a = values[from[0]], b = values[from[1]], c = values[from[2]], d = values[from[3]];
    seen |= a | b | c | d;
    to[0] = static_cast<std::byte>(((a << 2U) | (b >> 4U)) & 0xFFU);
    to[1] = static_cast<std::byte>(((b << 4U) | (c >> 2U)) & 0xFFU);
    to[2] = static_cast<std::byte>(((c << 6U) | d) & 0xFFU);
  }
  if (text.size() % 4 >= 2) {
    const bool three = text.size() % 4 == 3;
    const unsigned a = values[from[0]], b = values[from[1]], c = three ? values[from[2]] : 0U;
    seen |= a | b | c;
    const unsigned rest = three ? c & 3U : b & 15U;
    if (rest != 0) return std::nullopt;
    to[0] = static_cast<std::byte>(((a << 2U) | (b >> 4U)) & 0xFFU);
    if (three) to[1] = static_cast<std::byte>(((b << 4U) | (c >> 2U)) & 0xFFU);
  }
  if ((seen & 0xC0U) != 0) return std::nullopt;
  return size;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    out += hex_digits[std::to_integer<std::size_t>(b >> 4U)];
    out += hex_digits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return out;
}

bool from_hex(std::string_view text, std::span<std::byte> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

std::string base64(std::span<const std::byte> bytes) {
  std::string out;
  encode(bytes, standard, out);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  std::string out(text.size() / 4 * 3 + 2, '\0');
  const auto size = decode(text, standard_values, std::as_writable_bytes(std::span(out)));
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

void append_base64_unpadded(std::span<const std::byte> bytes, std::string& out) { encode(bytes, standard, out); }

std::optional<std::size_t> decode_base64_unpadded(std::string_view text, std::span<std::byte> out) {
  return decode(text, standard_values, out);
}

void append_base64url(std::span<const std::byte> bytes, std::string& out) { encode(bytes, for_urls, out); }

std::optional<std::size_t> decode_base64url(std::string_view text, std::span<std::byte> out) {
  return decode(text, url_values, out);
}

}  // namespace medflow::crypto
