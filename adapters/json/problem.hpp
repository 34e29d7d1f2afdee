// Errors as JSON: the problem details of RFC 9457 (R9).
#pragma once

#include <string>
#include <string_view>

#include "medflow/error.hpp"

namespace medflow::json {

/// Where the page of errors is served; a code is its fragment.
inline constexpr std::string_view errors_page = "/api/docs/errors";

/// Appends the body of a failed request: type, title, status, detail, instance (left out where empty), code, kind,
/// retryable, errors, and revision, retry_after and ids where the error has them. `status` is that of the error's kind
/// unless given.
void encode_problem(const Error& error, std::string_view instance, std::string& out, int status = 0);

/// The same for callers that are not on HTTP: without an instance.
void encode_error(const Error& error, std::string& out);

}  // namespace medflow::json
