#include "adapters/http/problems.hpp"

#include <string>

#include "adapters/json/problem.hpp"

namespace medflow::http {

std::span<const Problem> all_problems() {
  using namespace problems;
  static constexpr Problem all[] = {malformed,
                                    framing,
                                    target,
                                    version,
                                    host,
                                    unknown_parameter,
                                    repeated_parameter,
                                    if_match,
                                    if_none_match,
                                    not_current,
                                    reason,
                                    not_found,
                                    method_not_allowed,
                                    timeout,
                                    too_large,
                                    uri_too_long,
                                    unsupported_media,
                                    rate_limited,
                                    header_too_large,
                                    internal,
                                    not_implemented,
                                    busy,
                                    late,
                                    stopping};
  return all;
}

namespace {

Response respond(const Error& error, int status, const RequestId& request_id) {
  Response response{.status = status, .content_type = problem_type, .request_id = request_id};
  json::encode_problem(error, "/requests/" + request_id.text(), response.body, status);
  if (error.retry_after_s) response.add("Retry-After", std::to_string(*error.retry_after_s));
  return response;
}

}  // namespace

Response respond(const Problem& problem, const RequestId& request_id, std::string_view detail) {
  return respond(Error{.code = problem.code, .detail = std::string(detail)}, problem.status, request_id);
}

Response respond(const Error& error, const RequestId& request_id) {
  return respond(error, describe(error.kind()).http_status, request_id);
}

}  // namespace medflow::http
