// Telephone numbers as people write them, in the one form in which they are stored and compared (ITU-T E.164).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace medflow::text {

/// Whether numbers can be read as people of this country (ISO 3166-1 alpha-2, upper case) write them.
bool has_phone_plan(std::string_view country);

/// What to say of a number that cannot be read.
inline constexpr std::string_view no_phone =
    "no number that can be dialled: write + and the country's code, or as it is dialled in the tenant's country";

/// "+" and the digits of a number that may hold spaces and - . / ( ): in international form, or as it is dialled in `country`. Where
/// that is empty, only the international form is read. Nothing where the country's plan has no number of that length.
std::optional<std::string> e164_of(std::string_view typed, std::string_view country);

}  // namespace medflow::text
