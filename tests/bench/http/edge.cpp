#include "tests/bench/http/edge.hpp"

#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "adapters/http/router.hpp"
#include "adapters/http/server.hpp"

namespace medflow::bench {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using Tcp = net::ip::tcp;
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<Tcp, Executor>;

constexpr std::size_t body_bytes = 600;  // as the bare servers of ../shared/peers have it

sigset_t ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  return ending;
}

void wait_for(const sigset_t& ending, unsigned port) {
  std::printf("%u\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
}

/// Reads a request, answers always the same, and begins again: as Beast's own examples do it, with callbacks.
class BareSession : public std::enable_shared_from_this<BareSession> {
 public:
  explicit BareSession(Socket socket) : socket_(std::move(socket)) {}

  void read() {
    request_ = {};
    beast::http::async_read(socket_, buffer_, request_,
                            [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                              if (!error) self->answer();
                            });
  }

 private:
  void answer() {
    response_ = {beast::http::status::ok, request_.version()};
    response_.set(beast::http::field::server, "bare");
    response_.set(beast::http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body().assign(body_bytes, 'x');
    response_.prepare_payload();
    beast::http::async_write(socket_, response_,
                             [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                               if (!error) self->read();
                             });
  }

  Socket socket_;
  beast::flat_buffer buffer_{};
  beast::http::request<beast::http::string_body> request_{};
  beast::http::response<beast::http::string_body> response_{};
};

class NoBackend final : public http::Backend {
 public:
  Session visit(std::string_view) override { return Session(nullptr); }
  Result<Session> authenticate(std::string_view) override { return Error{.code = codes::unauthenticated}; }
  void submit(const Session&, const OperationRow&, Value, std::function<void(Result<Reply>)> done,
              CallContext) override {
    done(Error{.code = codes::internal});
  }
};

}  // namespace

int serve_nothing() {
  const sigset_t ending = ending_signals();
  http::Router router(std::make_unique<NoBackend>(), {}, {.rates = http::RateOptions{}});
  http::Server server({.port = 0, .threads = 1}, router);
  std::thread running([&] { server.run(); });
  wait_for(ending, server.port());
  server.stop();
  running.join();
  return 0;
}

int serve_bare_beast() {
  const sigset_t ending = ending_signals();
  net::io_context io(1);
  net::basic_socket_acceptor<Tcp, Executor> acceptor(io.get_executor(),
                                                     Tcp::endpoint(net::ip::address_v4::loopback(), 0));
  const std::function<void()> accept = [&] {
    acceptor.async_accept([&](const beast::error_code& error, Socket socket) {
      if (!error) {
        socket.set_option(Tcp::no_delay(true));
        std::make_shared<BareSession>(std::move(socket))->read();
      }
      accept();
    });
  };
  accept();
  std::thread running([&] { io.run(); });
  wait_for(ending, acceptor.local_endpoint().port());
  io.stop();
  running.join();
  return 0;
}

}  // namespace medflow::bench
