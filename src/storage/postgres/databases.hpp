// Where each tenant has a database of its own (Isolation::tenant_database): their names, and the list of them in the database of the URL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/link.hpp"
#include "storage/postgres/options.hpp"

namespace medflow::inline v1::storage::postgres {

/// Where the rows of a store lie; empty for the database of the URL.
std::string database_of(const PostgresOptions& options, const StoreName& name);

/// Makes the list; where stores lie in the shared tables already, Fault `misuse`. For the migrator.
void prepare_list(const PostgresOptions& options);

/// Fault `misuse` where the database of the URL is used the other way. For the role that works.
void check_isolation(Link& link, Isolation isolation);

/// What the list says of a store: none where it is not on it or half-made.
bool is_listed(Link& link, const StoreName& name);

/// All stores of the list, half-made ones as well.
std::vector<StoreName> listed(Link& link);

/// The migrator, who makes and drops databases. Fault `unavailable` where there is none.
class Cellarer {
 public:
  explicit Cellarer(const PostgresOptions& options);

  /// Puts the store on the list as half-made, and makes and prepares its tenant's database where that is missing.
  void make(const StoreName& name, const std::string& database);
  /// Says that the store is whole.
  void finish(const StoreName& name);

  enum class Left : std::uint8_t {
    nothing,  ///< the store is not on the list
    rows,     ///< the tenant's other store lives in the database: the rows are to be dropped, then `strike` the store
    all,      ///< the whole database goes
  };
  /// Marks the store as half-made and says what is left to drop.
  Left begin_drop(const StoreName& name);
  /// Ends the sessions of the role that works, and drops the database; none is no error.
  void drop(const std::string& database);
  void strike(const StoreName& name);

 private:
  bool there(const std::string& database);

  const PostgresOptions& options_;
  Link link_;
};

}  // namespace medflow::inline v1::storage::postgres
