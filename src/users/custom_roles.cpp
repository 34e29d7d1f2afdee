#include "users/custom_roles.hpp"

#include <algorithm>

#include "kernel/role_matrix.hpp"
#include "text/ascii.hpp"
#include "users/codes.hpp"
#include "users/users.fields.hpp"

namespace medflow::inline v1::roles {
namespace {

using kernel::Rows;
using kernel::Work;

void refuse_any(std::vector<FieldError> errors) {
  if (!errors.empty()) throw Failure(Error{.code = codes::invalid, .fields = std::move(errors)});
}

template <class T>
bool is_among(const T& item, std::span<const T> items) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

template <class T>
void remove_repeats(std::vector<T>& items) {
  std::vector<T> once;
  for (T& item : items)
    if (!is_among<T>(item, once)) once.push_back(std::move(item));
  items = std::move(once);
}

/// What a second administrator has to agree to (RBA-8).
bool is_grave(const Grant& grant) {
  return grant.permission.starts_with("record.") || grant.permission.starts_with("break_glass.") ||
         grant.permission == permission_name(Permission::patient_export);
}

const kernel::MatrixRow* row_of(std::string_view permission) {
  for (const kernel::MatrixRow& row : kernel::role_matrix())
    if (permission_name(row.permission) == permission) return &row;
  return nullptr;
}

/// "patient.read" for "patient.update"; empty for what only looks, and where some built-in role does with the grant alone.
std::string read_needed_by(const Grant& grant) {
  const std::string_view permission = grant.permission;
  const std::string_view verb = permission.substr(permission.find('.') + 1);
  if (verb == "read" || verb == "search") return {};
  std::string read = std::string(permission.substr(0, permission.find('.'))) + ".read";
  const kernel::MatrixRow* own = row_of(permission);
  const kernel::MatrixRow* needed = row_of(read);
  if (own == nullptr || needed == nullptr) return {};
  for (std::size_t role = static_cast<std::size_t>(Role::tenant_admin); role < kernel::role_count; ++role) {
    const kernel::Granted way = kernel::parse_cell(own->cells[role]);
    const bool same = kernel::scope_letter(way.scope) == grant.scope && way.condition == grant.condition;
    if (same && kernel::parse_cell(needed->cells[role]).scope == Scope::none) return {};
  }
  return read;
}

std::string pointer(std::string_view list, std::size_t i) { return "/" + std::string(list) + "/" + std::to_string(i); }

FieldError unknown_role(std::size_t i) {
  return {.pointer = pointer("custom_roles", i), .code = "role.unknown", .message = "The tenant has no such role."};
}

}  // namespace

std::vector<StoredRole> all(Work& work) {
  std::vector<StoredRole> found;
  Rows<StoredRole>(work).scan({}, [&](StoredRole role) {
    found.push_back(std::move(role));
    return true;
  });
  return found;
}

std::vector<StoredRole> find(Work& work, std::span<const RoleId> ids) {
  if (ids.empty()) return {};
  return Rows<StoredRole>(work).get_many(ids);
}

std::vector<StoredRole> named(Work& work, std::span<const std::string> names) {
  if (names.empty()) return {};
  std::vector<StoredRole> found;
  std::vector<FieldError> errors;
  const std::vector<StoredRole> there = all(work);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto role =
        std::find_if(there.begin(), there.end(), [&](const StoredRole& one) { return one.name == names[i]; });
    if (role == there.end()) {
      errors.push_back(unknown_role(i));
    } else if (!is_among<RoleId>(role->id, ids_of(found))) {
      found.push_back(*role);
    }
  }
  refuse_any(std::move(errors));
  return found;
}

std::vector<RoleId> ids_of(std::span<const StoredRole> roles) {
  std::vector<RoleId> ids;
  for (const StoredRole& role : roles) ids.push_back(role.id);
  return ids;
}

void require_known(Work& work, std::vector<RoleId>& ids) {
  const std::vector<RoleId> known = ids_of(find(work, ids));
  std::vector<FieldError> errors;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (!is_among<RoleId>(ids[i], known)) errors.push_back(unknown_role(i));
  refuse_any(std::move(errors));
  remove_repeats(ids);
}

bool is_free(Work& work, std::string_view name, RoleId self) {
  const std::string wanted = text::ascii_lower(name);
  if (is_among<std::string_view>(wanted, Words<Role>::words)) return false;
  const auto others = all(work);
  return std::none_of(others.begin(), others.end(), [&](const StoredRole& other) {
    return other.id != self && text::ascii_lower(other.name) == wanted;
  });
}

void require_free(Work& work, std::string_view name, RoleId self) {
  if (!is_free(work, name, self)) throw Failure(codes::invalid, "/name", "role.name_taken", "another role has it");
}

void require_grants(std::vector<Grant>& grants) {
  std::vector<FieldError> errors;
  const auto reads = [&](const std::string& permission) {
    return std::any_of(grants.begin(), grants.end(),
                       [&](const Grant& grant) { return grant.permission == permission; });
  };
  for (std::size_t i = 0; i < grants.size() && errors.size() < field_errors_max; ++i) {
    const std::string read = read_needed_by(grants[i]);
    if (!kernel::grant_of(grants[i]))
      errors.push_back({.pointer = pointer("grants", i),
                        .code = "grant.unknown",
                        .message = "No built-in role of a tenant holds this permission in this way."});
    else if (!read.empty() && !reads(read))
      errors.push_back(
          {.pointer = pointer("grants", i), .code = "grant.needs_read", .message = "This needs " + read + " as well."});
  }
  refuse_any(std::move(errors));
  remove_repeats(grants);
}

void require_not_own(const Work& work, RoleId role) {
  const auto& held = work.actor().custom_roles;
  if (std::any_of(held.begin(), held.end(), [&](const kernel::HeldRole& one) { return one.id == role; }))
    throw Failure(users::own_account);
}

bool needs_second(std::span<const Grant> before, std::span<const Grant> after) {
  return std::any_of(after.begin(), after.end(),
                     [&](const Grant& grant) { return is_grave(grant) && !is_among<Grant>(grant, before); });
}

void supersede(Work& work, const std::optional<RoleProposalId>& proposal) {
  if (!proposal) return;
  Rows<Proposal> rows(work);
  auto waiting = rows.find(*proposal);
  if (!waiting || waiting->status != ProposalStatus::pending) return;
  waiting->status = ProposalStatus::superseded;
  waiting->decided_at = work.now();
  waiting->decided_by = work.actor().user;
  rows.update(*waiting, waiting->revision);
}

void forget_live(Work& work, RoleId role) {
  work.after_commit([store = &work.store(), role] { store->sessions().end_role(role); });
}

RoleInfo view_of(const StoredRole& role) {
  return {.id = role.id,
          .revision = role.revision,
          .name = role.name,
          .grants = role.grants,
          .proposal_id = role.proposal_id};
}

}  // namespace medflow::inline v1::roles
