// A primary and a standby of PostgreSQL, made of Debian's programs in fresh folders on two free ports of the loopback.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace medflow::campaign {

/// Where one of the two servers lives.
class Node {
 public:
  Node();
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The command whose process is the server or keeps it.
  void start(const std::vector<std::string>& words);
  /// Kills it and the server with all of its processes, so that nothing is written or said any more.
  void kill_at_once();

  /// The URL of the superuser.
  std::string admin(const std::string& database = "postgres") const;
  const std::string& port() const { return port_; }
  const std::string& folder() const { return folder_.path(); }
  std::string data() const { return folder_ / "data"; }
  std::string log() const { return folder_ / "log"; }

 private:
  testing::TemporaryFolder folder_{};
  std::string port_;
  pid_t keeper_ = -1;
};

/// A primary and a standby on whose disk a commit is too before it is acknowledged.
class Cluster {
 public:
  static constexpr const char* database = "hospital";
  static constexpr const char* password = "seven-quiet-herons";

  virtual ~Cluster() = default;

  /// As libpq takes it: both hosts, of which the one that can be written is wanted.
  std::string app() const { return url("medflow_test_app"); }
  std::string migrator() const { return url("medflow_test_migrator"); }
  /// Of the superuser, at the present primary.
  std::string admin() const { return nodes_[primary_].admin(database); }

  /// Kills the primary.
  void kill_primary() { nodes_[primary_].kill_at_once(); }
  /// Returns when the standby is the primary.
  virtual void promote() = 0;
  /// Makes a standby where the killed server was, and waits until it follows.
  virtual void rebuild_standby() = 0;
  /// The standby follows no longer, and nobody notices: a commit waits for it only where it is synchronous.
  virtual void hold_back_standby() = 0;

 protected:
  Node& primary() { return nodes_[primary_]; }
  Node& standby() { return nodes_[1 - primary_]; }
  void change_places() { primary_ = 1 - primary_; }
  void make_roles_and_database();
  void wait_for_standby(const std::string& state);

 private:
  std::string url(const std::string& user) const;

  std::array<Node, 2> nodes_{};
  std::size_t primary_ = 0;
};

/// Of PostgreSQL's programs alone: the standby is promoted by us, at once. Without `synchronous` no commit waits for it.
std::unique_ptr<Cluster> make_plain_cluster(bool synchronous);

/// Kept by Patroni over etcd, which notice the death and promote the standby.
std::unique_ptr<Cluster> make_patroni_cluster();

/// Looks again and again, for a minute; throws where it is not so by then.
void wait_until(const std::function<bool()>& done, const char* what);

}  // namespace medflow::campaign
