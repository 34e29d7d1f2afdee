// One thread of the server: its sockets, its timer and its connections. A connection never leaves its loop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "adapters/http/budget.hpp"
#include "adapters/http/mailbox.hpp"
#include "adapters/http/puller.hpp"
#include "adapters/http/server.hpp"

namespace medflow::http {

namespace net = boost::asio;
using Tcp = net::ip::tcp;
// Concrete executors: the erased one costs an allocation and two indirect calls an operation.
using LoopExecutor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<Tcp, LoopExecutor>;
using SteadyClock = std::chrono::steady_clock;

/// What all loops share.
struct Shared {
  Shared(ServerOptions wanted, Router& to);

  /// Counts a new connection from this address. False: there are too many already. A proxy may have as many as there are.
  bool admit(const std::string& address);
  void leave(const std::string& address);
  /// Looks for another certificate, now and then or (`at_once`) in any case.
  void look_at_certificate(SteadyClock::time_point now, bool at_once = false);
  SteadyClock::time_point steady_now() const { return options.steady ? options.steady() : SteadyClock::now(); }

  ServerOptions options;
  Router& router;
  std::vector<std::string_view> hosts{};
  ReaderLimits reader{};                         // the options' with `hosts`
  std::string fixed{};                           // `security_headers`
  std::unique_ptr<Certificates> certificates{};  // none: plain HTTP
  std::shared_ptr<Budget> request_bytes;         // outlives the server where a body's reader does
  std::atomic<bool> stopping{false};
  Puller puller{};

 private:
  std::mutex mutex_{};
  std::map<std::string, std::size_t> by_address_{};
  std::size_t connections_ = 0;
  std::atomic<SteadyClock::rep> next_look_{0};
};

class Loop {
 public:
  explicit Loop(Shared& shared);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();
  /// From any thread.
  void stop();

  /// On the loop's thread, like all that follows.
  void add(Socket socket, const std::string& address);
  void remove(const Connection& connection);

  net::io_context& io() { return io_; }
  Shared& shared() { return shared_; }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  SteadyClock::time_point now() const { return now_; }  ///< as of the last tick
  const std::string& date() const { return date_; }

  /// The loop whose thread this is; null on any other.
  static const Loop* here();

 private:
  using Timer = net::basic_waitable_timer<SteadyClock, net::wait_traits<SteadyClock>, LoopExecutor>;

  void arm_timer();
  void tick();
  void deliver();
  void begin_stop();
  void end_if_idle();

  Shared& shared_;
  net::io_context io_{1};
  net::executor_work_guard<LoopExecutor> work_;
  Timer timer_;
  std::shared_ptr<Mailbox> mailbox_{};
  std::vector<Letter> letters_{};
  std::vector<std::shared_ptr<Connection>> connections_{};
  SteadyClock::time_point now_{};
  SteadyClock::time_point stop_by_{};
  bool stopping_ = false;
  std::string date_{};
};

}  // namespace medflow::http
