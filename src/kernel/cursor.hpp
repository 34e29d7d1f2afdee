// Where a page goes on, as text that a caller carries for us and can neither read nor change (R10).
#pragma once

#include <string>
#include <string_view>

#include "crypto/keytree.hpp"
#include "medflow/time.hpp"

namespace medflow::kernel {

/// Whose cursor it is and for what: it opens for the same caller, operation and query alone, and for 24 hours.
struct CursorScope {
  std::string_view operation{};
  UserId user{};
  std::string_view query{};
};

std::string seal_cursor(const crypto::TenantKeys& keys, const CursorScope& scope, Instant now,
                        std::string_view position, Rng& rng);
/// Throws Failure `cursor.invalid`.
std::string open_cursor(const crypto::TenantKeys& keys, const CursorScope& scope, Instant now, std::string_view cursor);

}  // namespace medflow::kernel
