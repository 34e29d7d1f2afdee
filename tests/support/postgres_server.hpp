// A PostgreSQL server for tests: Debian's, in a folder of its own, on a free port of the loopback; or the one that
// MEDFLOW_TEST_POSTGRES names by the URL of a superuser.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "storage/postgres/link.hpp"
#include "storage/postgres/options.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::testing {

enum class Disk { trusted, synced };  ///< whether a commit waits for the disk

class PostgresServer {
 public:
  /// Starts a server; as root it runs as another user.
  explicit PostgresServer(Disk disk = Disk::trusted);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// The one of this program, started when it is first asked for.
  static PostgresServer& shared();

  /// The URL of a superuser, of the migrator of test databases, and of the role that works.
  std::string admin(const std::string& database = "postgres") const;
  std::string migrator(const std::string& database) const;
  std::string app(const std::string& database) const;

  /// Everything that a server which was started here keeps.
  const std::string& folder() const { return folder_->path(); }

  /// As a power cut does it: no process of the server lives on.
  void kill();
  void start();

 private:
  struct Named {
    std::string url;
  };
  explicit PostgresServer(Named named);
  void make_roles() const;
  std::string place() const;
  void wait_until_ready();

  std::unique_ptr<TemporaryFolder> folder_{};
  Disk disk_ = Disk::trusted;
  std::string named_{};
  int port_ = 0;
  pid_t server_ = -1;
};

/// A database that nobody else uses, dropped at the end with those of tenants that an engine has made beside it.
class PostgresDatabase {
 public:
  /// Empty, or a copy of the database of that name.
  explicit PostgresDatabase(PostgresServer& server = PostgresServer::shared(), const std::string& copied = {});
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  std::string admin() const { return server_.admin(name_); }
  std::string migrator() const { return server_.migrator(name_); }
  std::string app() const { return server_.app(name_); }
  storage::PostgresOptions options(storage::Isolation isolation = storage::Isolation::shared) const {
    return {.url = app(), .direct_url = migrator(), .isolation = isolation};
  }
  PostgresServer& server() const { return server_; }
  const std::string& name() const { return name_; }

 private:
  PostgresServer& server_;
  std::string name_;
};

}  // namespace medflow::testing
