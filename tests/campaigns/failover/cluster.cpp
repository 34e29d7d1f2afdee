#include "tests/campaigns/failover/cluster.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "storage/postgres/link.hpp"
#include "tests/support/postgres_programs.hpp"

namespace medflow::campaign {
namespace {

using storage::postgres::Link;

constexpr int looks_max = 3'000;
constexpr int look_ms = 20;
constexpr const char* password = "seven-quiet-herons";

/// Looks again and again, for a minute.
template <class Done>
void wait_until(Done done, const char* what) {
  for (int i = 0; i < looks_max; ++i) {
    if (done()) return;
    ::poll(nullptr, 0, look_ms);
  }
  throw std::runtime_error(std::string("PostgreSQL: ") + what);
}

/// The processes whose parent this is.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::size_t end = text.rfind(')');  // of the program's name, which may hold anything
    if (end == std::string::npos) continue;
    if (std::stol(text.substr(end + 4)) == parent) found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

bool answers(const std::string& url) { return PQping(url.c_str()) == PQPING_OK; }

}  // namespace

Node::Node() : port_(std::to_string(testing::free_port())) { testing::give_to_server(folder_.path()); }

Node::~Node() {
  if (server_ > 0) kill_at_once();
}

std::string Node::admin(const std::string& database) const {
  std::string folder;
  for (const char c : folder_.path()) folder += c == '/' ? std::string("%2F") : std::string{c};
  return "postgresql://postgres@" + folder + ":" + port_ + "/" + database + "?connect_timeout=60";
}

void Node::start() {
  std::vector<std::string> words{testing::postgres_program("postgres"), "-D", data(), "-p", port_};
  for (const std::string& setting :
       {std::string("listen_addresses=127.0.0.1"), "unix_socket_directories=" + folder_.path(),
        std::string("max_connections=60"), std::string("shared_buffers=64MB"), std::string("hot_standby=on")}) {
    words.emplace_back("-c");
    words.push_back(setting);
  }
  server_ = testing::start_as_server(words, log());
  wait_until([this] { return answers(admin()); }, "a server does not start");
}

void Node::make_primary() {
  if (testing::run_as_server({testing::postgres_program("initdb"), "-D", data(), "-U", "postgres", "-E", "UTF8",
                              "--locale=C", "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256"},
                             log()) != 0)
    throw std::runtime_error("initdb failed");
  start();
}

void Node::make_standby(const Node& primary) {
  std::filesystem::remove_all(data());
  if (testing::run_as_server({testing::postgres_program("pg_basebackup"), "-D", data(), "-d", primary.admin(), "-R",
                              "-X", "stream", "-c", "fast", "--no-sync"},
                             log()) != 0)
    throw std::runtime_error("pg_basebackup failed");
  start();
}

// It is stopped first, so that it makes no new process meanwhile.
void Node::kill_at_once() {
  ::kill(server_, SIGSTOP);
  const auto children = children_of(server_);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  ::kill(server_, SIGKILL);
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

Cluster::Cluster(bool synchronous) : synchronous_(synchronous) {
  nodes_[0].make_primary();
  Link link{{.url = nodes_[0].admin()}};
  link.ask(std::string("CREATE ROLE medflow_test_migrator LOGIN CREATEROLE PASSWORD '") + password + "'");
  link.ask(std::string("CREATE ROLE medflow_test_app LOGIN PASSWORD '") + password + "'");
  link.ask(std::string("CREATE DATABASE ") + database + " OWNER medflow_test_migrator");
  rebuild_standby();
}

std::string Cluster::url(const std::string& user) const {
  return "postgresql://" + user + ":" + password + "@127.0.0.1:" + nodes_[0].port() + ",127.0.0.1:" + nodes_[1].port() +
         "/" + database + "?target_session_attrs=read-write";
}

void Cluster::promote() {
  primary_ = 1 - primary_;
  if (!Link{{.url = nodes_[primary_].admin()}}.holds("SELECT pg_promote(true, 60)"))
    throw std::runtime_error("the standby was not promoted");
}

// The copy is taken while nothing is synchronous, so that it does not wait for a standby of its own when its turn comes.
void Cluster::rebuild_standby() {
  standby().make_standby(nodes_[primary_]);
  Link link{{.url = nodes_[primary_].admin()}};
  const std::string wanted = synchronous_ ? "sync" : "async";
  if (synchronous_) {
    link.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
    link.ask("SELECT pg_reload_conf()");
  }
  wait_until(
      [&] {
        return link.holds(
            "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = $1)", {wanted});
      },
      "the standby does not follow");
}

void Cluster::hold_back_standby() {
  Link link{{.url = standby().admin()}};
  link.ask("ALTER SYSTEM SET primary_conninfo = ''");
  link.ask("SELECT pg_reload_conf()");
  Link primary{{.url = nodes_[primary_].admin()}};
  wait_until([&] { return !primary.holds("SELECT EXISTS (SELECT FROM pg_stat_replication)"); },
             "the standby goes on following");
}

}  // namespace medflow::campaign
