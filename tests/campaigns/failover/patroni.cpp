// Two servers that Patroni keeps (Debian's packages patroni, etcd-server and python3-etcd), as a house would run them: the primary
// holds a lease in etcd, and who follows takes it over when it has run out.
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <boost/json.hpp>

#include "storage/postgres/link.hpp"
#include "tests/campaigns/failover/cluster.hpp"
#include "tests/support/postgres_programs.hpp"

namespace medflow::campaign {
namespace {

namespace json = boost::json;
using storage::postgres::Link;

std::string local(const std::string& port) { return "127.0.0.1:" + port; }

bool is_primary(const Node& node) {
  if (PQping(node.admin().c_str()) != PQPING_OK) return false;
  try {
    return Link{{.url = node.admin()}}.holds("SELECT NOT pg_is_in_recovery()");
  } catch (const storage::Fault&) {
    return false;  // it is just starting or ending
  }
}

class Etcd {
 public:
  Etcd() {
    for (const char* program : {"/usr/bin/etcd", "/usr/bin/patroni"})
      if (!std::filesystem::exists(program))
        throw std::runtime_error(std::string(program) +
                                 " is not installed (Debian's packages patroni, etcd-server and python3-etcd)");
    testing::give_to_server(folder_.path());
    const std::string clients = "http://" + local(port_);
    const std::string peers = "http://" + local(std::to_string(testing::free_port()));
    server_ =
        testing::start_as_server({"/usr/bin/etcd", "--data-dir", folder_ / "data", "--listen-client-urls", clients,
                                  "--advertise-client-urls", clients, "--listen-peer-urls", peers,
                                  "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=" + peers},
                                 folder_ / "log");
  }
  ~Etcd() {
    ::kill(server_, SIGKILL);
    ::waitpid(server_, nullptr, 0);
  }
  Etcd(const Etcd&) = delete;
  Etcd& operator=(const Etcd&) = delete;

  std::string address() const { return local(port_); }

 private:
  testing::TemporaryFolder folder_{};
  std::string port_ = std::to_string(testing::free_port());
  pid_t server_ = -1;
};

class PatroniCluster final : public Cluster {
 public:
  PatroniCluster() {
    start(primary());
    wait_until([this] { return is_primary(primary()); }, "Patroni makes no primary");
    make_roles_and_database();
    start(standby());
    wait_for_standby("sync");
  }

  void promote() override {
    change_places();
    wait_until([this] { return is_primary(primary()); }, "Patroni does not promote the standby");
  }

  void rebuild_standby() override {
    std::filesystem::remove_all(standby().data());
    start(standby());
    wait_for_standby("sync");
  }

  void hold_back_standby() override { throw std::runtime_error("Patroni's standby is synchronous"); }

 private:
  // The shortest lease that Patroni takes: 20 s.
  json::object shared_settings() const {
    return {{"ttl", 20},
            {"loop_wait", 1},
            {"retry_timeout", 5},
            {"synchronous_mode", true},
            {"postgresql", json::object{{"parameters", json::object{{"max_connections", 60},
                                                                    {"shared_buffers", "64MB"},
                                                                    {"wal_retrieve_retry_interval", "200ms"}}}}}};
  }

  void start(Node& node) {
    const auto login = [](const char* user) { return json::object{{"username", user}, {"password", password}}; };
    const std::string listen = local(node.port());
    const std::string control = local(std::to_string(testing::free_port()));
    const std::string bin = std::filesystem::path(testing::postgres_program("postgres")).parent_path();
    const json::object settings{
        {"scope", "medflow"},
        {"name", "node" + node.port()},
        {"restapi", json::object{{"listen", control}, {"connect_address", control}}},
        {"etcd3", json::object{{"host", etcd_.address()}}},
        {"bootstrap",
         json::object{{"dcs", shared_settings()},
                      {"initdb", json::array{json::object{{"encoding", "UTF8"}}, json::object{{"locale", "C"}}}},
                      {"pg_hba", json::array{"local all all trust", "host replication all 127.0.0.1/32 scram-sha-256",
                                             "host all all 127.0.0.1/32 scram-sha-256"}}}},
        {"postgresql", json::object{{"listen", listen},
                                    {"connect_address", listen},
                                    {"data_dir", node.data()},
                                    {"bin_dir", bin},
                                    {"pgpass", node.folder() + "/pgpass"},
                                    {"basebackup", json::array{json::object{{"checkpoint", "fast"}}, "no-sync"}},
                                    {"authentication", json::object{{"superuser", login("postgres")},
                                                                    {"replication", login("replicator")}}},
                                    {"parameters", json::object{{"unix_socket_directories", node.folder()}}}}}};
    const std::string file = node.folder() + "/patroni.yml";  // JSON is YAML
    std::ofstream(file) << json::serialize(settings);
    node.start({"/usr/bin/patroni", file});
  }

  Etcd etcd_{};
};

}  // namespace

std::unique_ptr<Cluster> make_patroni_cluster() { return std::make_unique<PatroniCluster>(); }

}  // namespace medflow::campaign
