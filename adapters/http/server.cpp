#include "adapters/http/server.hpp"

#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include "adapters/http/connection.hpp"
#include "adapters/http/loop.hpp"
#include "adapters/http/processors.hpp"

namespace medflow::http {
namespace {

using Acceptor = net::basic_socket_acceptor<Tcp, LoopExecutor>;
using boost::system::error_code;

// An IPv4 client of a socket for both is counted as what it is.
std::string address_of(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

}  // namespace

struct Server::State {
  State(ServerOptions options, Router& router);

  void listen();
  void accept();
  void welcome(Loop& loop, Socket socket);

  Shared shared;
  std::vector<std::unique_ptr<Loop>> loops{};
  std::optional<Acceptor> acceptor{};
  std::optional<net::basic_waitable_timer<SteadyClock, net::wait_traits<SteadyClock>, LoopExecutor>> pause{};
  std::size_t next = 0;
};

Server::State::State(ServerOptions options, Router& router) : shared(std::move(options), router) {
  for (std::uint32_t i = 0; i < std::max(shared.options.threads, 1U); ++i)
    loops.push_back(std::make_unique<Loop>(shared));
  acceptor.emplace(loops[0]->io());
  pause.emplace(loops[0]->io());
  listen();
}

void Server::State::listen() {
  error_code error;
  const auto fail = [&] {
    throw std::runtime_error("cannot listen on " + shared.options.address + ":" + std::to_string(shared.options.port) +
                             ": " + error.message());
  };
  const auto address = net::ip::make_address(shared.options.address, error);
  if (error) fail();
  const Tcp::endpoint endpoint(address, shared.options.port);
  if (acceptor->open(endpoint.protocol(), error)) fail();
  if (acceptor->set_option(Acceptor::reuse_address(true), error)) fail();
  if (acceptor->bind(endpoint, error)) fail();
  if (acceptor->listen(Acceptor::max_listen_connections, error)) fail();
}

void Server::State::accept() {
  Loop& loop = *loops[next++ % loops.size()];
  acceptor->async_accept(loop.io(), [this, &loop](const error_code& error, Socket socket) {
    if (!acceptor->is_open()) return;
    if (!error) {
      accept();  // first: what goes wrong with this one is not the next one's
      return welcome(loop, std::move(socket));
    }
    // No file descriptor is free, or the like: it would only fail again at once.
    pause->expires_after(std::chrono::milliseconds(shared.options.limits.tick_ms));
    pause->async_wait([this](const error_code& cancelled) {
      if (!cancelled && acceptor->is_open()) accept();
    });
  });
}

void Server::State::welcome(Loop& loop, Socket socket) {
  error_code error;
  socket.set_option(Tcp::no_delay(true), error);
  socket.non_blocking(true, error);
  std::string address = address_of(socket);
  if (error || address.empty() || !shared.admit(address)) return;
  if (Loop::here() == &loop) return loop.add(std::move(socket), address);
  net::post(loop.io(), [&loop, socket = std::move(socket), address = std::move(address)]() mutable {
    loop.add(std::move(socket), address);
  });
}

Server::Server(ServerOptions options, Router& router) : state_(std::make_unique<State>(std::move(options), router)) {}

Server::~Server() {
  if (const auto& commits = state_->shared.options.commits) commits->detach(state_->loops);
}

std::uint16_t Server::port() const {
  error_code error;
  return state_->acceptor->local_endpoint(error).port();
}

void Server::run() {
  State& state = *state_;
  net::post(state.loops[0]->io(), [&state] {
    if (!state.shared.stopping) state.accept();
  });
  if (const auto& commits = state.shared.options.commits) {
    commits->attach(state.loops);
    if (state.shared.stopping) commits->detach(state.loops);
  }
  const Processors processors;
  const std::size_t count = state.loops.size();
  const bool keeps = state.shared.options.keeps_processors && count > 1 && count == processors.count();
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) {
    threads.emplace_back([&state, &processors, keeps, i] {
      if (keeps) processors.keep_to(i);
      state.loops[i]->run();
    });
  }
  if (keeps) processors.keep_to(0);
  state.loops[0]->run();
  for (std::thread& thread : threads) thread.join();
  if (keeps) processors.keep_to_none();
}

void Server::reload() {
  net::post(state_->loops[0]->io(),
            [&shared = state_->shared] { shared.look_at_certificate(shared.steady_now(), true); });
}

void Server::stop() {
  State& state = *state_;
  if (state.shared.stopping.exchange(true)) return;
  state.shared.router.set_ready(false);
  if (const auto& commits = state.shared.options.commits) commits->detach(state_->loops);  // loops end one by one
  net::post(state.loops[0]->io(), [&state] {
    error_code error;
    state.acceptor->close(error);
    state.pause->cancel();
  });
  for (const auto& loop : state.loops) loop->stop();
}

}  // namespace medflow::http
