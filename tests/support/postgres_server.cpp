#include "tests/support/postgres_server.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "tests/support/postgres_programs.hpp"

namespace medflow::testing {
namespace {

using storage::postgres::Link;

constexpr int starts_max = 5;
constexpr int looks_max = 1'500;
constexpr int look_ms = 20;
constexpr const char* password = "seven-quiet-herons";
constexpr const char* patience = "?connect_timeout=60";  // a machine that is busy with other tests

}  // namespace

PostgresServer::PostgresServer(Disk disk) : folder_(std::make_unique<TemporaryFolder>()), disk_(disk) {
  give_to_server(folder_->path());
  const std::vector<std::string> words{postgres_program("initdb"),
                                       "-D",
                                       *folder_ / "data",
                                       "-U",
                                       "postgres",
                                       "-E",
                                       "UTF8",
                                       "--locale=C",
                                       "--no-sync",
                                       "--auth-local=trust",
                                       "--auth-host=scram-sha-256"};
  if (run_as_server(words, *folder_ / "log") != 0) throw std::runtime_error{"initdb failed"};
  start();
  make_roles();
}

PostgresServer::PostgresServer(Named named) : named_(std::move(named.url)) { make_roles(); }

PostgresServer::~PostgresServer() {
  if (server_ <= 0) return;
  ::kill(server_, SIGINT);  // ends sessions and writes what is to be written
  ::waitpid(server_, nullptr, 0);
}

PostgresServer& PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server{[] {
    const char* named = std::getenv("MEDFLOW_TEST_POSTGRES");
    return named != nullptr ? new PostgresServer(Named{named}) : new PostgresServer();
  }()};
  return *server;
}

void PostgresServer::start() {
  for (int i = 0; i < starts_max; ++i) {
    port_ = port_ == 0 ? free_port() : port_;
    std::vector<std::string> words{postgres_program("postgres"), "-D", *folder_ / "data", "-p", std::to_string(port_)};
    for (const std::string& setting :
         {std::string{"listen_addresses=127.0.0.1"}, "unix_socket_directories=" + folder_->path(),
          std::string{"max_connections=80"}, std::string{"shared_buffers=64MB"}, std::string{"autovacuum_naptime=5"},
          std::string{disk_ == Disk::trusted ? "fsync=off" : "fsync=on"}}) {
      words.emplace_back("-c");
      words.push_back(setting);
    }
    server_ = start_as_server(words, *folder_ / "log");
    try {
      return wait_until_ready();
    } catch (const std::exception&) {
      if (i + 1 == starts_max) throw;
      port_ = 0;  // somebody else took it
    }
  }
}

void PostgresServer::wait_until_ready() {
  for (int i = 0; i < looks_max; ++i) {
    if (PQping(admin().c_str()) == PQPING_OK) return;
    if (::waitpid(server_, nullptr, WNOHANG) == server_) break;
    ::poll(nullptr, 0, look_ms);
  }
  server_ = -1;
  throw std::runtime_error{"PostgreSQL does not start"};
}

void PostgresServer::kill() {
  ::kill(server_, SIGQUIT);  // nothing is written any more, and the next start recovers
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

void PostgresServer::make_roles() const {
  Link link{{.url = admin()}};
  for (const auto& role :
       {std::string{"medflow_test_migrator LOGIN CREATEROLE CREATEDB"}, std::string{"medflow_test_app LOGIN"}}) {
    const auto name = role.substr(0, role.find(' '));
    if (link.holds("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", {name})) continue;
    link.ask("CREATE ROLE " + role + " PASSWORD " + link.literal(password));
  }
}

std::string PostgresServer::admin(const std::string& database) const {
  if (named_.empty()) {
    std::string folder;
    for (const char c : folder_->path()) folder += c == '/' ? std::string{"%2F"} : std::string{c};
    return "postgresql://postgres@" + folder + ":" + std::to_string(port_) + "/" + database + patience;
  }
  const auto path = named_.find('/', named_.find("://") + 3);
  return named_.substr(0, path) + "/" + database + patience;
}

std::string PostgresServer::migrator(const std::string& database) const {
  return "postgresql://medflow_test_migrator:" + std::string{password} + "@" + place() + "/" + database + patience;
}

std::string PostgresServer::app(const std::string& database) const {
  return "postgresql://medflow_test_app:" + std::string{password} + "@" + place() + "/" + database + patience;
}

std::string PostgresServer::place() const {
  if (named_.empty()) return "127.0.0.1:" + std::to_string(port_);
  const auto whole = named_.substr(named_.find("://") + 3);
  const auto host = whole.substr(whole.find('@') + 1);
  return host.substr(0, host.find('/'));
}

PostgresDatabase::PostgresDatabase(PostgresServer& server, const std::string& copied) : server_(server) {
  static std::atomic<int> number = 0;
  name_ = "medflow_test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
  Link link{{.url = server_.admin()}};
  link.ask("CREATE DATABASE " + name_ + " OWNER medflow_test_migrator" + (copied.empty() ? "" : " TEMPLATE " + copied));
}

PostgresDatabase::~PostgresDatabase() {
  try {
    Link link{{.url = server_.admin()}};
    const auto rows =
        link.ask("SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $1 || '_')", {name_});
    for (int row = 0; row < PQntuples(rows.get()); ++row)
      static_cast<void>(
          link.attempt("DROP DATABASE \"" + std::string{storage::postgres::text_at(rows, row, 0)} + "\" WITH (FORCE)"));
  } catch (const std::exception&) {
    // A test has ended its server.
  }
}

}  // namespace medflow::testing
