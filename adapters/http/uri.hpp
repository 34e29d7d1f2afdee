// The texts inside a request target and a header value: percent-encoding, queries, RFC 8187.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medflow::http {

/// Decodes %XX once (RFC 3986, 2.1). None where an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text);

/// A query's names and values in order, decoded once, `+` being a space. None where an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> query_pairs(std::string_view query);

/// A text as part of a query: everything but unreserved characters (RFC 3986, 2.3) escaped.
std::string percent_encoded(std::string_view text);

/// The text of a header value that is either plain ASCII or RFC 8187's `UTF-8'language'value`. None where it is neither.
std::optional<std::string> extended_value(std::string_view value);

/// The value of one hexadecimal digit, -1 where it is none.
int hex_digit(char c);

}  // namespace medflow::http
