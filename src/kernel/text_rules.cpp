#include "kernel/text_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace medflow::kernel {

namespace {

constexpr TextForm ascii_form{"format.ascii", "Only visible ASCII characters, no spaces."};
constexpr TextForm slug_form{"format.slug", "Only lower-case letters, digits and hyphens."};
constexpr TextForm email_form{"format.email", "This is no e-mail address."};
constexpr TextForm uri_form{"format.uri", "This is no absolute URI."};

/// A set of bytes, asked once per character.
struct Bytes {
  std::array<bool, 256> in{};

  constexpr explicit Bytes(std::string_view members) {
    for (const char c : members) in[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool has(char c) const { return in[static_cast<unsigned char>(c)]; }
};

constexpr Bytes email_refused("\"(),:;<>[\\]@");
constexpr Bytes uri_refused("\"<>\\^`{|}");

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_visible(char c) { return c > ' ' && c < '\x7f'; }
constexpr bool is_beyond_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }

bool is_slug(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

/// Labels of letters, digits and inner hyphens, in any script: a name with a dot, or "localhost".
bool is_domain(std::string_view text) {
  if (text != "localhost" && text.find('.') == std::string_view::npos) return false;
  while (true) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || is_beyond_ascii(c); }))
      return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

/// The dot-atom form of RFC 5321 with RFC 6531's other scripts; quoted local parts are refused.
bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) return false;
  if (!std::all_of(local.begin(), local.end(),
                   [](char c) { return (is_visible(c) || is_beyond_ascii(c)) && !email_refused.has(c); }))
    return false;
  return is_domain(text.substr(at + 1));
}

/// RFC 3986, section 3: a scheme, a colon, and something of the characters that a URI may hold.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size() || !is_letter(text.front())) return false;
  const std::string_view scheme = text.substr(0, colon);
  if (!std::all_of(scheme.begin(), scheme.end(),
                   [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; }))
    return false;
  for (std::size_t i = colon + 1; i < text.size(); ++i) {
    if (!is_visible(text[i]) || uri_refused.has(text[i])) return false;
    if (text[i] == '%' && (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))) return false;
  }
  return true;
}

}  // namespace

bool is_plain(std::string_view text) {
  // Without a branch in the loop, so that the compiler takes many bytes at once.
  bool plain = true;
  for (const char c : text) plain &= static_cast<signed char>(c) >= ' ' && c != '\x7f';
  return plain;
}

text::TextFault fault_of(std::string_view text, TextRule rule) {
  switch (rule) {
    case TextRule::any:
      return text::valid_utf8(text) ? text::TextFault::none : text::TextFault::invalid_utf8;
    case TextRule::note:
      return text::check(text, text::Use::notes);
    case TextRule::name:
      return text::check(text, text::Use::name);
    default:
      return text::check(text, text::Use::line);
  }
}

const TextForm* broken_form(std::string_view text, TextRule rule) {
  switch (rule) {
    case TextRule::ascii:
      return std::all_of(text.begin(), text.end(), is_visible) ? nullptr : &ascii_form;
    case TextRule::slug:
      return is_slug(text) ? nullptr : &slug_form;
    case TextRule::email:
      return is_email(text) ? nullptr : &email_form;
    case TextRule::uri:
      return is_uri(text) ? nullptr : &uri_form;
    default:
      return nullptr;
  }
}

}  // namespace medflow::kernel
