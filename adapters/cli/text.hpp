// Values as text for people and for URLs.
#pragma once

#include <string>
#include <string_view>

#include "medflow/fields.hpp"

namespace medflow::cli {

/// A scalar in the form that the wire has, without quotes; empty for what holds nothing. Asserts a scalar, or an optional of one.
std::string scalar_text(const Type& type, const void* at);

/// Whether the kind is one value on one line.
bool is_scalar(const Type& type);

/// The type inside `optional` and `change`.
const Type& plain(const Type& type);

/// For a terminal: what would move the cursor becomes a question mark.
std::string harmless(std::string_view text);

/// How many columns a text takes, as far as code points tell.
std::size_t width(std::string_view text);

/// RFC 3986: everything but unreserved characters is escaped.
std::string percent_encoded(std::string_view text);

}  // namespace medflow::cli
