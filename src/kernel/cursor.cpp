#include "kernel/cursor.hpp"

#include <cstring>

#include "crypto/token.hpp"
#include "medflow/error.hpp"

namespace medflow::kernel {
namespace {

constexpr std::int64_t cursor_ttl_s = 24 * 60 * 60;

std::string binding_of(const CursorScope& scope) {
  std::string binding(scope.operation);
  binding += '\0';
  binding += scope.user.uuid.view();
  binding += scope.query;
  return binding;
}

}  // namespace

std::string seal_cursor(const crypto::TenantKeys& keys, const CursorScope& scope, Instant now,
                        std::string_view position, Rng& rng) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &now.us, 8);
  bytes += position;
  std::string cursor;
  crypto::seal_token(keys.token_sealing(), keys.version(), binding_of(scope), bytes, rng, cursor);
  return cursor;
}

std::string open_cursor(const crypto::TenantKeys& keys, const CursorScope& scope, Instant now,
                        std::string_view cursor) {
  auto bytes = crypto::open_token(keys.token_sealing(), binding_of(scope), cursor);
  if (!bytes || bytes->size() < 8) throw Failure(codes::cursor_invalid);
  Instant issued;
  std::memcpy(&issued.us, bytes->data(), 8);
  if (now > issued.plus_s(cursor_ttl_s)) throw Failure(codes::cursor_invalid);
  return bytes->substr(8);
}

}  // namespace medflow::kernel
