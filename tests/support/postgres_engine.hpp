// The engine for PostgreSQL as tests of everything above it use it: over a database of their own, whose tables are there already.
#pragma once

#include <memory>

#include "medflow/storage/engine.hpp"

namespace medflow::testing {

class PostgresDatabase;

/// A copy of the database that this program has prepared once.
std::shared_ptr<PostgresDatabase> prepared_database();

/// An engine over it, which it outlives.
std::shared_ptr<storage::Engine> engine_of(std::shared_ptr<PostgresDatabase> database);

}  // namespace medflow::testing
