// How text looks in columns of equal width, on paper and in terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::text {

/// The columns that a text takes: two for each wide character (ideographs, Hangul, kana, emoji), none for marks and format characters.
std::size_t display_width(std::string_view text);

/// Whether it holds a letter that is written from right to left (Unicode, Bidi_Class R or AL).
bool has_right_to_left(std::string_view text);

/// Without the characters that reorder what stands around them: U+061C, U+200E, U+200F, U+202A..U+202E, U+2066..U+2069.
std::string without_bidi_controls(std::string_view text);

/// Lines of at most `width` columns, which is above 1: broken at line ends and between words; within a word where it is longer. A mark stays with
/// its letter. Never empty.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace medflow::text
