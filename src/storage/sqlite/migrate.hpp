// Which migrations a file has, and how it gets the rest.
#pragma once

#include <string>
#include <vector>

#include "storage/sqlite/connection.hpp"

namespace medflow::inline v1::storage::sqlite {

/// The migrations that this file has had, in order; none where it was left before its first.
std::vector<Applied> applied_migrations(Connection& connection);

/// Applies one migration and records it, both or neither. Fault `unique` naming a new index that cannot hold the rows.
void apply(Connection& connection, const Schema& schema, const Migration& migration);

}  // namespace medflow::inline v1::storage::sqlite
