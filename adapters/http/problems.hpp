// Problems that only HTTP has: requests that never became an operation (R9). The body is RFC 9457, as for any other error.
#pragma once

#include <span>
#include <string_view>

#include "adapters/http/message.hpp"
#include "medflow/error.hpp"

namespace medflow::http {

/// A code of this adapter. Its status is not always that of its kind: R9 adds a few for HTTP.
struct Problem {
  int status = 400;
  Code code{};
};

namespace problems {
inline constexpr Problem malformed{400, {"malformed", Errc::malformed, "The request cannot be read."}};
inline constexpr Problem framing{
    400, {"http.framing", Errc::malformed, "The request's header or framing is not acceptable."}};
inline constexpr Problem target{400, {"http.target", Errc::malformed, "The request's target is not acceptable."}};
inline constexpr Problem version{400, {"http.version", Errc::malformed, "Only HTTP/1.1 is spoken here."}};
inline constexpr Problem host{400, {"http.host", Errc::malformed, "This host name is not served here."}};
inline constexpr Problem unknown_parameter{
    400, {"query.unknown_parameter", Errc::malformed, "The query has a parameter that is not known here."}};
inline constexpr Problem repeated_parameter{
    400, {"query.repeated_parameter", Errc::malformed, "A query parameter is given more than once."}};
inline constexpr Problem if_match{
    400,
    {"if_match.malformed", Errc::malformed, "If-Match must be one entity tag, and the operation must know revisions."}};
inline constexpr Problem if_none_match{
    400, {"if_none_match.malformed", Errc::malformed, "If-None-Match is for reading only."}};
inline constexpr Problem not_current{412, codes::if_match};
inline constexpr Problem reason{
    400, {"reason.malformed", Errc::malformed, "The header Medflow-Reason must follow RFC 8187."}};
inline constexpr Problem not_found{404, codes::not_found};
inline constexpr Problem method_not_allowed{405,
                                            {"method_not_allowed", Errc::malformed, "This method is not known here."}};
inline constexpr Problem timeout{408, {"timeout", Errc::malformed, "The request did not arrive in time."}};
inline constexpr Problem too_large{413, codes::too_large};
inline constexpr Problem uri_too_long{414, {"uri_too_long", Errc::too_large, "The request's target is too long."}};
inline constexpr Problem unsupported_media{
    415, {"unsupported_media", Errc::unsupported_media, "This type of content is not accepted here."}};
inline constexpr Problem rate_limited{429,
                                      {"rate_limited", Errc::rate_limited, "Too many requests; wait a little.", true}};
inline constexpr Problem header_too_large{431,
                                          {"header_too_large", Errc::too_large, "The request's header is too large."}};
inline constexpr Problem internal{500, codes::internal};
inline constexpr Problem not_implemented{501, {"not_implemented", Errc::malformed, "This method does not exist here."}};
inline constexpr Problem busy{503,
                              {"server.busy", Errc::unavailable, "The server cannot take this request now.", true}};
inline constexpr Problem late{503,
                              {"server.late", Errc::unavailable, "The answer took too long; its effect is unknown."}};
inline constexpr Problem stopping{503, {"server.stopping", Errc::unavailable, "The server is going down.", true}};
}  // namespace problems

/// All of them, for the page of errors.
std::span<const Problem> all_problems();

inline constexpr std::string_view json_type = "application/json; charset=utf-8";
inline constexpr std::string_view problem_type = "application/problem+json; charset=utf-8";

/// The answer to a problem of HTTP's own.
Response respond(const Problem& problem, const RequestId& request_id, std::string_view detail = {});

/// The answer to a failed operation.
Response respond(const Error& error, const RequestId& request_id);

}  // namespace medflow::http
