// The HTTP/1.1 server: connections, their limits and their end. What requests mean is the router's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/proxies.hpp"
#include "adapters/http/reader.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/serving_threads.hpp"
#include "adapters/http/tls.hpp"
#include "medflow/ports.hpp"

namespace medflow::http {

/// Every wait and every queue has an end. Times are kept by a clock that ticks: they end up to two ticks late.
struct ServerLimits {
  ReaderLimits reader{};
  std::size_t connections_max = 1024;
  std::size_t connections_per_address_max = 64;
  std::uint32_t requests_per_connection_max = 1000;
  std::size_t request_bytes_max_total =
      256UL * 1024 * 1024;                 ///< headers and bodies not yet answered, of all connections
  std::uint32_t handshake_ms_max = 5'000;  ///< of TLS
  std::uint32_t header_ms_max = 5'000;  ///< from the connection's or the request's first byte to the end of the header
  std::uint32_t idle_ms_max = 15'000;   ///< between two requests
  std::uint32_t body_ms_max = 60'000;
  std::uint32_t body_grace_ms = 5'000;  ///< after that, a body arrives with `body_bytes_per_s_min` or not at all
  std::uint32_t body_bytes_per_s_min = 1024;
  std::uint32_t upload_bytes_per_s_min =
      16 * 1024;                        ///< the same of a body that is passed on as it comes, which may last longer
  std::uint32_t pause_ms_max = 60'000;  ///< of such a body, until whoever reads it has room again
  std::uint32_t handler_ms_max = 10'000;
  std::uint32_t stream_ms_max = 60'000;  ///< one piece of a streamed answer
  std::uint32_t write_ms_max = 60'000;
  std::uint32_t linger_ms_max = 2'000;  ///< reading on after a refusal, so that the answer is not lost
  std::uint32_t stop_ms_max = 10'000;   ///< for requests in flight, once `stop` was called
  std::uint32_t tick_ms = 500;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3001;  ///< 0: any free one
  std::uint32_t threads = 1;
  /// Keeps each thread to a processor of its own, where there are as many of them as threads and more than one. A client on the same machine
  /// else draws them all to one processor while the others idle.
  bool keeps_processors = false;
  std::shared_ptr<ServingThreads> commits{};  ///< the same as the platform's, which it then drives
  std::vector<std::string> hosts{};           ///< names that are served (the Host header); empty: any
  Proxies proxies{};                          ///< whose word about the client's address is believed
  std::optional<TlsFiles> tls{};              ///< none: plain HTTP
  ServerLimits limits{};
  std::shared_ptr<Clock> clock{};                                   ///< the system's; for the Date header
  std::function<std::chrono::steady_clock::time_point()> steady{};  ///< std::chrono::steady_clock; for every wait
  /// Told of what an operator should know: constants of ours, no word of a client's. On the server's threads; must not block.
  std::function<void(std::string_view)> notice{};
};

class Server {
 public:
  /// Listens. Throws std::runtime_error, with a line for people, where the address cannot be had. The router must outlive the server.
  Server(ServerOptions options, Router& router);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  /// Serves until `stop`, with this thread as one of its own, and returns when all connections are closed.
  void run();

  /// Reads certificate and key anew; what cannot be used is noticed, and the old ones stay. Connections keep what they began with.
  /// From any thread; nothing happens without TLS. Changed files are found without it, within seconds.
  void reload();

  /// Accepts no more, lets requests in flight end, then closes. From any thread or signal-handling loop; at once where none is
  /// in flight, else within `stop_ms_max`.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace medflow::http
