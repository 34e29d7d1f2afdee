// The built-in roles: which of them holds which permission, in what scope and on what condition.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "medflow/roles.hpp"

namespace medflow::kernel {

inline constexpr std::size_t role_count = 10;

/// One permission. `second_person` is the permission that another person must hold for the act to take effect, `anonymous` for none.
struct MatrixRow {
  Permission permission{};
  std::array<std::string_view, role_count> cells{};
  bool reason_required = false;
  Permission second_person = Permission::anonymous;
};

std::span<const MatrixRow> role_matrix();

}  // namespace medflow::kernel
