#include "tests/campaigns/failover/cluster.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include "storage/postgres/link.hpp"
#include "tests/support/postgres_programs.hpp"

namespace medflow::campaign {
namespace {

using storage::postgres::Link;

constexpr int looks_max = 3'000;
constexpr int look_ms = 20;

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

// It is stopped first, so that it makes no new process meanwhile.
void kill_tree(pid_t parent) {
  ::kill(parent, SIGSTOP);
  const auto children = children_of(parent);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  ::kill(parent, SIGKILL);
}

/// The postmaster, which need not be our child; none where there is none.
std::optional<pid_t> postmaster_of(const Node& node) {
  std::ifstream in(node.data() + "/postmaster.pid");
  pid_t pid = 0;
  return in >> pid ? std::optional(pid) : std::nullopt;
}

}  // namespace

void wait_until(const std::function<bool()>& done, const char* what) {
  for (int i = 0; i < looks_max; ++i) {
    if (done()) return;
    ::poll(nullptr, 0, look_ms);
  }
  throw std::runtime_error(std::string("PostgreSQL: ") + what);
}

Node::Node() : port_(std::to_string(testing::free_port())) { testing::give_to_server(folder_.path()); }

Node::~Node() {
  if (keeper_ > 0) kill_at_once();
}

std::string Node::admin(const std::string& database) const {
  std::string folder;
  for (const char c : folder_.path()) folder += c == '/' ? std::string("%2F") : std::string{c};
  return "postgresql://postgres@" + folder + ":" + port_ + "/" + database + "?connect_timeout=60";
}

void Node::start(const std::vector<std::string>& words) { keeper_ = testing::start_as_server(words, log()); }

void Node::kill_at_once() {
  const auto postmaster = postmaster_of(*this);
  kill_tree(keeper_);
  if (postmaster && *postmaster != keeper_) kill_tree(*postmaster);
  ::waitpid(keeper_, nullptr, 0);
  keeper_ = -1;
}

std::string Cluster::url(const std::string& user) const {
  return "postgresql://" + user + ":" + password + "@127.0.0.1:" + nodes_[0].port() + ",127.0.0.1:" + nodes_[1].port() +
         "/" + database + "?target_session_attrs=read-write";
}

void Cluster::make_roles_and_database() {
  Link link{{.url = primary().admin()}};
  link.ask(std::string("CREATE ROLE medflow_test_migrator LOGIN CREATEROLE PASSWORD '") + password + "'");
  link.ask(std::string("CREATE ROLE medflow_test_app LOGIN PASSWORD '") + password + "'");
  link.ask(std::string("CREATE DATABASE ") + database + " OWNER medflow_test_migrator");
}

void Cluster::wait_for_standby(const std::string& state) {
  Link link{{.url = primary().admin()}};
  wait_until(
      [&] {
        return link.holds(
            "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = $1)", {state});
      },
      "the standby does not follow");
}

namespace {

class PlainCluster final : public Cluster {
 public:
  explicit PlainCluster(bool synchronous) : synchronous_(synchronous) {
    run({testing::postgres_program("initdb"), "-D", primary().data(), "-U", "postgres", "-E", "UTF8", "--locale=C",
         "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256"},
        primary());
    start(primary());
    make_roles_and_database();
    rebuild_standby();
  }

  void promote() override {
    change_places();
    if (!Link{{.url = primary().admin()}}.holds("SELECT pg_promote(true, 60)"))
      throw std::runtime_error("the standby was not promoted");
  }

  // The copy is taken while nothing is synchronous, so that it does not wait for a standby of its own when its turn comes.
  void rebuild_standby() override {
    std::filesystem::remove_all(standby().data());
    run({testing::postgres_program("pg_basebackup"), "-D", standby().data(), "-d", primary().admin(), "-R", "-X",
         "stream", "-c", "fast", "--no-sync"},
        standby());
    start(standby());
    if (synchronous_) {
      Link link{{.url = primary().admin()}};
      link.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
      link.ask("SELECT pg_reload_conf()");
    }
    wait_for_standby(synchronous_ ? "sync" : "async");
  }

  void hold_back_standby() override {
    Link link{{.url = standby().admin()}};
    link.ask("ALTER SYSTEM SET primary_conninfo = ''");
    link.ask("SELECT pg_reload_conf()");
    Link followed{{.url = primary().admin()}};
    wait_until([&] { return !followed.holds("SELECT EXISTS (SELECT FROM pg_stat_replication)"); },
               "the standby goes on following");
  }

 private:
  static void run(const std::vector<std::string>& words, const Node& node) {
    if (testing::run_as_server(words, node.log()) != 0) throw std::runtime_error(words.front() + " failed");
  }

  static void start(Node& node) {
    std::vector<std::string> words{testing::postgres_program("postgres"), "-D", node.data(), "-p", node.port()};
    for (const std::string& setting :
         {std::string("listen_addresses=127.0.0.1"), "unix_socket_directories=" + node.folder(),
          std::string("max_connections=60"), std::string("shared_buffers=64MB"), std::string("hot_standby=on"),
          std::string("wal_retrieve_retry_interval=200ms")}) {  // else a promotion may wait for 5 s
      words.emplace_back("-c");
      words.push_back(setting);
    }
    node.start(words);
    wait_until([&] { return PQping(node.admin().c_str()) == PQPING_OK; }, "a server does not start");
  }

  const bool synchronous_;
};

}  // namespace

std::unique_ptr<Cluster> make_plain_cluster(bool synchronous) { return std::make_unique<PlainCluster>(synchronous); }

}  // namespace medflow::campaign
