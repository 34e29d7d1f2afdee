// Who may do what in the database: an owner without login, a migrator who acts for it, and the role that does the daily work.
#pragma once

#include <string>

#include "storage/postgres/link.hpp"
#include "storage/postgres/options.hpp"

namespace medflow::inline v1::storage::postgres {

/// Makes the owner and the role of `url` where they are missing, and the migrator a member of the owner. For the migrator.
void make_roles(Link& migrator, const PostgresOptions& options);

/// Fault `misuse` where the role of this connection is one that row level security does not bind, and `unavailable` where the
/// database has not been prepared.
void check_role(Link& link, const std::string& owner);

}  // namespace medflow::inline v1::storage::postgres
