// A primary and a standby of PostgreSQL, made of Debian's programs in fresh folders on two free ports of the loopback.
#pragma once

#include <sys/types.h>

#include <array>
#include <memory>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace medflow::campaign {

/// One of the two servers.
class Node {
 public:
  Node();
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// A database of its own, or a copy of another node's that follows it.
  void make_primary();
  void make_standby(const Node& primary);

  /// Kills the postmaster and all of its processes, so that nothing is written or said any more.
  void kill_at_once();

  /// The URL of the superuser.
  std::string admin(const std::string& database = "postgres") const;
  const std::string& port() const { return port_; }

 private:
  void start();
  std::string data() const { return folder_ / "data"; }
  std::string log() const { return folder_ / "log"; }

  testing::TemporaryFolder folder_{};
  std::string port_;
  pid_t server_ = -1;
};

class Cluster {
 public:
  static constexpr const char* database = "hospital";

  /// With `synchronous`, a commit waits until it is on the standby's disk as well.
  explicit Cluster(bool synchronous);

  /// As libpq takes it: both hosts, of which the one that can be written is wanted.
  std::string app() const { return url("medflow_test_app"); }
  std::string migrator() const { return url("medflow_test_migrator"); }
  /// Of the superuser, at the present primary.
  std::string admin() const { return nodes_[primary_].admin(database); }

  /// Kills the primary.
  void kill_primary() { nodes_[primary_].kill_at_once(); }
  /// Makes the standby the primary; returns when it is one.
  void promote();
  /// Makes a standby where the killed server was, and waits until it follows.
  void rebuild_standby();
  /// The standby follows no longer, and nobody notices: a commit waits for it only where it is synchronous.
  void hold_back_standby();

 private:
  std::string url(const std::string& user) const;
  Node& standby() { return nodes_[1 - primary_]; }

  bool synchronous_;
  std::array<Node, 2> nodes_{};
  std::size_t primary_ = 0;
};

}  // namespace medflow::campaign
