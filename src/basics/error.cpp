#include "medflow/error.hpp"

#include <cassert>
#include <utility>

namespace medflow::inline v1 {
namespace {

// The exit codes of CLI-1.
constexpr int failure = 1;
constexpr int absent = 3;
constexpr int invalid = 4;
constexpr int conflict = 5;
constexpr int denied = 6;
constexpr int unavailable = 7;
constexpr int integrity = 8;

constexpr ErrcRow table[] = {
    {Errc::invalid, "invalid", 422, invalid, "A field breaks a rule."},
    {Errc::malformed, "malformed", 400, invalid, "The request cannot be read."},
    {Errc::unauthenticated, "unauthenticated", 401, denied, "Nobody is signed in."},
    {Errc::forbidden, "forbidden", 403, denied, "The caller may not do that."},
    {Errc::not_found, "not_found", 404, absent, "There is no such object."},
    {Errc::conflict, "conflict", 409, conflict, "The object's state does not allow it."},
    {Errc::precondition_failed, "precondition_failed", 412, conflict, "The object has another revision."},
    {Errc::precondition_required, "precondition_required", 428, invalid, "The expected revision is missing."},
    {Errc::too_large, "too_large", 413, invalid, "The request is too large."},
    {Errc::unsupported_media, "unsupported_media", 415, invalid, "This type of content is not accepted."},
    {Errc::locked, "locked", 423, denied, "It is locked."},
    {Errc::rate_limited, "rate_limited", 429, unavailable, "Too many requests; wait a little."},
    {Errc::gone, "gone", 410, absent, "It has expired or was used."},
    {Errc::integrity, "integrity", 500, integrity, "Stored data does not match its seal."},
    {Errc::unavailable, "unavailable", 503, unavailable, "The store cannot answer now."},
    {Errc::internal, "internal", 500, failure, "Something went wrong inside."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (static_cast<std::size_t>(table[i].kind) != i + 1) return false;
  return true;
}
static_assert(in_order() && std::size(table) == 16, "describe() takes the kind as the row's number");

}  // namespace

std::span<const ErrcRow> error_kinds() { return table; }

const ErrcRow& describe(Errc kind) {
  const auto number = static_cast<std::size_t>(kind);
  assert(number >= 1 && number <= std::size(table));
  return table[number - 1];
}

Failure::Failure(const Code& code, std::string pointer, std::string field_code, std::string message)
    : error{.code = code,
            .fields = {FieldError{.pointer = std::move(pointer),
                                  .code = field_code.empty() ? std::string("invalid") : std::move(field_code),
                                  .message = std::move(message)}}} {}

}  // namespace medflow::inline v1
