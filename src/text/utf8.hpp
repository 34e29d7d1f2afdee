// UTF-8 as R4 wants it: valid, in NFC, without characters that control the display. ASCII takes the short way everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace medflow::text {

bool is_ascii(std::string_view text);

/// Strict UTF-8 (Unicode, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF. A NUL is valid here.
bool valid_utf8(std::string_view text);

/// The number of code points of valid UTF-8.
std::size_t code_points(std::string_view text);

/// Turns valid UTF-8 into NFC in place. Nothing is allocated where all is below U+0300, which is always NFC.
void make_nfc(std::string& text);

/// What a text is for decides which control characters it may hold.
enum class Use : std::uint8_t {
  line,   ///< one line: codes, addresses, titles
  name,   ///< a line that must not reorder the text around it either
  notes,  ///< lines and paragraphs
};

/// The rule of R4 that a text breaks.
enum class TextFault : std::uint8_t {
  none,
  invalid_utf8,       ///< the code is `text.invalid_utf8`
  control_character,  ///< U+0000..U+001F (but \n and \t in notes), U+007F, U+0080..U+009F
  bidi_override,      ///< U+202A..U+202E or U+2066..U+2069 in a name
};

/// The first rule that `text` breaks, in the order of the enum.
TextFault check(std::string_view text, Use use);

}  // namespace medflow::text
