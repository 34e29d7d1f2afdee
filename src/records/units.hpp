// Decimals and units as records hold them: text on the outside, exact inside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medflow::inline v1::records {

/// A decimal in millionths, of at most 12 digits before the point and 6 behind it; none where the text is no such decimal. What has more
/// digits behind the point than that is none either.
std::optional<std::int64_t> parse_micro(std::string_view text);

/// It as text, without zeros at the end.
std::string micro_text(std::int64_t micro);

/// Whether a text is a unit of UCUM (case sensitive, version 2.1): terms of atoms with prefixes and exponents, joined by `.` and `/`, with annotations in
/// braces. Atoms are those in clinical use.
bool is_ucum(std::string_view unit);

}  // namespace medflow::inline v1::records
