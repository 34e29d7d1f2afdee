// What a session may do: the union of its roles' grants. Default deny; a permission that nothing grants is not held.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "medflow/roles.hpp"

namespace medflow::kernel {

inline constexpr std::size_t permission_count = static_cast<std::size_t>(Permission::break_glass_review) + 1;

/// One way in which a permission is held.
struct Granted {
  Scope scope = Scope::none;
  std::string_view condition{};  ///< as `roles.csv` has it; empty for none
};

/// Reads a cell of the matrix ("O(own calendar)"); scope `none` for "-".
Granted parse_cell(std::string_view cell);

/// The letter of a scope ("A"), "-" for none.
std::string_view scope_letter(Scope scope);

/// A permission, and one way in which it is held.
struct Held {
  Permission permission{};
  Granted way{};
};

/// What a grant of a tenant's own role gives; nothing where no built-in role of a tenant holds it in this way.
std::optional<Held> grant_of(const roles::Grant& grant);

/// The permissions of a set of roles. Immutable.
class Access {
 public:
  Access() = default;
  /// Of built-in roles, and of the grants of a tenant's own roles; of those what `grant_of` does not know gives nothing.
  explicit Access(std::span<const Role> roles, std::span<const roles::Grant> grants = {});

  /// True where the permission is held in any scope. `anonymous` always is.
  bool holds(Permission permission) const { return !ways(permission).empty(); }
  /// True where it is held in this scope without a condition.
  bool holds(Permission permission, Scope scope) const;
  /// All ways in which it is held.
  std::span<const Granted> ways(Permission permission) const { return granted_[static_cast<std::size_t>(permission)]; }

  /// The sealed classes (`FieldFlag`s) that a reader with these permissions has opened for it.
  std::uint32_t classes() const { return classes_; }

 private:
  std::array<std::vector<Granted>, permission_count> granted_{};
  std::uint32_t classes_ = 0;
};

}  // namespace medflow::kernel
