#include "adapters/http/cors.hpp"

#include <algorithm>

namespace medflow::http {

std::string Cors::lines(const Request& request, bool credentials) const {
  if (origins_.empty()) return {};
  const auto origin = request.header("Origin");
  if (!origin || std::find(origins_.begin(), origins_.end(), *origin) == origins_.end()) return {};
  std::string lines = "Access-Control-Allow-Origin: ";
  lines.append(*origin).append("\r\n");
  if (credentials) lines += "Access-Control-Allow-Credentials: true\r\n";
  lines +=
      "Access-Control-Expose-Headers: Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit, "
      "RateLimit-Policy, Retry-After, Sunset, X-Request-Id\r\n";
  return lines;
}

std::string_view Cors::preflight_method(const Request& request) {
  if (request.method != "OPTIONS" || !request.header("Origin")) return {};
  return request.header("Access-Control-Request-Method").value_or(std::string_view{});
}

std::string Cors::preflight_lines(std::string_view methods) {
  std::string lines = "Access-Control-Allow-Methods: ";
  lines.append(methods).append(
      "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
      "Medflow-Reason, Medflow-Tenant\r\nAccess-Control-Max-Age: 600\r\n");
  return lines;
}

}  // namespace medflow::http
