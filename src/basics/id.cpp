#include "medflow/id.hpp"

namespace medflow::inline v1 {
namespace {

constexpr char digits[] = "0123456789abcdef";

/// Where the 8-4-4-4-12 form has its hyphens.
constexpr bool hyphen_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

/// The value of a hexadecimal digit, 16 for anything else.
constexpr unsigned hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

}  // namespace

std::string Uuid::text() const {
  std::string out(36, '-');
  std::size_t at = 0;
  for (std::uint8_t byte : bytes) {
    if (hyphen_at(at)) ++at;
    out[at++] = digits[byte >> 4];
    out[at++] = digits[byte & 15];
  }
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  Uuid max;
  max.bytes.fill(0xff);
  std::size_t at = 0;
  for (std::uint8_t& byte : id.bytes) {
    if (hyphen_at(at) && text[at++] != '-') return std::nullopt;
    const unsigned high = hex_value(text[at++]);
    const unsigned low = hex_value(text[at++]);
    if ((high | low) > 15) return std::nullopt;
    byte = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (id.is_nil() || id == max) return std::nullopt;
  return id;
}

}  // namespace medflow::inline v1
