// A server in this process: the router over a platform, its sockets, and an orderly end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "adapters/cli/log.hpp"
#include "adapters/cli/ticking.hpp"
#include "adapters/config/settings.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/server.hpp"
#include "medflow/platform.hpp"

namespace medflow::cli {

/// Keeps SIGTERM, SIGINT and SIGHUP for `wait`: construct it before any thread is started.
class SignalWait {
 public:
  SignalWait();
  /// Returns once a signal came. Where there is a `reload`, SIGHUP calls it instead.
  void wait(const std::function<void()>& reload = {}) const;
};

class Serving {
 public:
  /// Listens and serves from here on. Throws std::runtime_error where the address cannot be had. `commits`: the platform's.
  Serving(Platform& platform, const config::Settings& settings, std::uint32_t threads, Log& log,
          std::shared_ptr<http::ServingThreads> commits = {});
  /// Stops: no new requests, those in flight end.
  ~Serving();
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  /// "http://127.0.0.1:3001"
  const std::string& url() const { return url_; }
  /// Reads the certificate anew.
  void reload() { server_.reload(); }

 private:
  Log& log_;
  http::Router router_;
  http::Server server_;
  std::string url_;
  std::thread thread_;
  Ticking ticking_;
};

}  // namespace medflow::cli
