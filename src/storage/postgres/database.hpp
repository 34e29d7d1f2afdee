// One store: a tenant's rows in the tables of its schema, or its key store's.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "storage/postgres/home.hpp"

namespace medflow::inline v1::storage::postgres {

class PostgresDatabase final : public Database {
 public:
  /// `tenant` is what the rows of this store bear.
  PostgresDatabase(std::unique_ptr<Place> place, const Uuid& tenant, const Schema& schema);

  void read(Body body) override;
  void write(Body body) override;
  void maintain(bool idle) override;
  void scrub() override;

 private:
  /// A session whose connection was lost while it wrote.
  struct Lost {
    std::string process{};
    std::string began{};
  };

  void begin(Connection& connection, bool writing);
  void roll_back(Lease& lease) noexcept;
  void commit(Lease& lease);
  void lose(Lease& lease);
  void settle();

  std::unique_ptr<Place> place_;  // last to go
  Home& home_;
  const Uuid tenant_;
  const std::string tenant_text_;
  const std::string silence_;
  const std::string space_;
  SchemaSql sql_;

  std::mutex writing_;  // serial in this process; the lock of the store's row does it among processes
  std::mutex losing_;   // guards what follows
  std::optional<Lost> lost_{};
  std::atomic<bool> unsettled_ = false;
};

}  // namespace medflow::inline v1::storage::postgres
