// What a text may hold, beyond its length: the forms of `TextRule`.
#pragma once

#include <string_view>

#include "medflow/fields.hpp"
#include "medflow/session.hpp"
#include "text/utf8.hpp"

namespace medflow::kernel {

/// True where every byte is a space or visible ASCII: then it is valid UTF-8, in NFC, and as long in code points as in
/// bytes.
bool is_plain(std::string_view text);

/// What R4 has against a text of this rule.
text::TextFault fault_of(std::string_view text, TextRule rule);

/// A form and how to say that it is broken.
struct TextForm {
  std::string_view code{};
  std::string_view message{};
};

/// The form that a valid text in NFC breaks, none where it keeps its rule.
const TextForm* broken_form(std::string_view text, TextRule rule);

/// Whether even an empty text breaks the form.
constexpr bool needs_form(TextRule rule) {
  return rule == TextRule::slug || rule == TextRule::email || rule == TextRule::uri || rule == TextRule::ascii;
}

}  // namespace medflow::kernel
