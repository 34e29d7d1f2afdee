#include "adapters/json/writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace medflow::json {

namespace {

constexpr std::size_t first_room = 1024;
constexpr std::size_t escape_max = 6;  // \u2028 and its like
constexpr std::size_t chunk = 1024;    // texts are escaped in pieces, so that room for the worst case stays small
constexpr char hex[] = "0123456789abcdef";

/// Bytes that are written as they are. 0xE2 begins U+2028 and U+2029 and is looked at.
constexpr auto plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 256; ++c) table[c] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) table[static_cast<unsigned char>(c)] = false;
  table[0xE2] = false;
  return table;
}();

char* put_escape(char* to, unsigned char c) {
  *to++ = '\\';
  switch (c) {
    case '"':
      *to++ = '"';
      return to;
    case '\\':
      *to++ = '\\';
      return to;
    case '\n':
      *to++ = 'n';
      return to;
    case '\r':
      *to++ = 'r';
      return to;
    case '\t':
      *to++ = 't';
      return to;
    default:
      std::memcpy(to, "u00", 3);
      to[3] = hex[c >> 4U];
      to[4] = hex[c & 15U];
      return to + 5;
  }
}

}  // namespace

Writer::Writer(std::string& out) : out_(out), at_(out.size()) { out_.resize(at_ + first_room); }

Writer::~Writer() { out_.resize(at_); }

void Writer::grow(std::size_t n) { out_.resize(std::max(out_.size() * 2, at_ + n + first_room)); }

void Writer::text(std::string_view bytes) {
  raw('"');
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), chunk);
    char* to = room(n * escape_max);
    const char* const start = to;
    std::size_t i = 0;
    while (i < n) {
      const auto c = static_cast<unsigned char>(bytes[i]);
      if (plain[c]) {
        *to++ = bytes[i++];
      } else if (c != 0xE2) {
        to = put_escape(to, c);
        ++i;
      } else if (bytes.size() - i >= 3 && bytes[i + 1] == '\x80' &&
                 (bytes[i + 2] == '\xA8' || bytes[i + 2] == '\xA9')) {
        std::memcpy(to, bytes[i + 2] == '\xA8' ? "\\u2028" : "\\u2029", 6);
        to += 6;
        i += 3;  // may go past the piece: the sequence is cut off as a whole
      } else {
        *to++ = bytes[i++];
      }
    }
    at_ += static_cast<std::size_t>(to - start);
    bytes.remove_prefix(i);
  }
  raw('"');
}

void Writer::integer(std::int64_t value) {
  constexpr std::size_t digits_max = 20;
  char* to = room(digits_max);
  at_ += static_cast<std::size_t>(std::to_chars(to, to + digits_max, value).ptr - to);
}

void Writer::uuid(const Uuid& id) {
  constexpr std::size_t size = 38;
  char* to = room(size);
  *to++ = '"';
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    *to++ = hex[id.bytes[i] >> 4U];
    *to++ = hex[id.bytes[i] & 15U];
  }
  *to = '"';
  at_ += size;
}

void Writer::member(std::string_view name, bool first) {
  char* to = room(name.size() + 4);
  if (!first) *to++ = ',';
  *to++ = '"';
  std::memcpy(to, name.data(), name.size());
  to += name.size();
  *to++ = '"';
  *to = ':';
  at_ += name.size() + (first ? 3U : 4U);
}

}  // namespace medflow::json
