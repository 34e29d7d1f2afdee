// The stores of a database: their names, their tenants' ids, and which migrations they have seen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/function_ref.hpp"
#include "medflow/id.hpp"
#include "storage/postgres/link.hpp"
#include "storage/postgres/options.hpp"
#include "storage/tables.hpp"

namespace medflow::inline v1::storage::postgres {

/// What the rows of a store bear: its tenant's id, if the name is one and it is the tenant's data; else one made of the name.
Uuid tenant_of(const StoreName& name);

/// Makes the namespace `medflow` with the registry and its functions, and what roles are missing. For the migrator. Here and below, an
/// empty `database` is that of the URLs.
void prepare_database(const PostgresOptions& options, const std::string& database = {});

/// Where and as whom the migrator connects; without `direct_url`, the role that works.
Target migrator_of(const PostgresOptions& options, const std::string& database = {});

/// Runs what changes tables or the registry as a whole, and holds off everybody else who would.
void change_alone(Link& link, FunctionRef<void()> body);

/// The connection of somebody who looks after stores: the migrator, who acts for the owner, or without `direct_url` the role that
/// works, who may enter a store where all tables are there already.
class Steward {
 public:
  explicit Steward(const PostgresOptions& options, const std::string& database = {});

  /// Enters a store and applies all migrations, as a whole. Fault `exists`.
  void create(const StoreName& name, const Schema& schema);

  /// Applies what this store lacks, each migration as a whole.
  void migrate(const StoreName& name, const Schema& schema);

  /// Removes a store and its rows; none is no error.
  void drop(const StoreName& name);

  /// Makes the server forget erased rows of these tables.
  void scrub(std::string_view space, const Tables& tables);

 private:
  void whole(const Uuid& tenant, FunctionRef<void()> body);
  void require_owner(const std::string& store, std::string_view what) const;
  void apply(const Schema& schema, const Migration& migration, const Uuid& tenant, const std::string& store);
  void build(const Schema& schema, const Migration& migration);

  const PostgresOptions& options_;
  bool owner_;
  Link link_;
};

/// What the registry says of a store that is there and whole.
struct Entry {
  std::string schema{};
  std::vector<Applied> applied{};
};
std::optional<Entry> find(Link& link, const StoreName& name);

std::vector<StoreName> list(Link& link);

}  // namespace medflow::inline v1::storage::postgres
