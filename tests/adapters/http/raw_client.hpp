// A client that sends the bytes it is given and reads answers, and a server to send them to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "adapters/http/server.hpp"

namespace things {

using namespace medflow;

/// The number that a text begins with, 0 where it begins with none.
inline std::size_t number_in(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// An answer as it came.
struct Received {
  int status = 0;  ///< 0: the connection ended instead
  std::string head{};
  std::string body{};

  bool has(std::string_view line) const { return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos; }
  std::string header(std::string_view name) const {
    const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    wait_at_most(20);
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) close();
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  /// So long a read waits for the server: 20 s where nothing else was said.
  void wait_at_most(int seconds) const {
    const timeval patience{.tv_sec = seconds, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  bool connected() const { return fd_ >= 0; }
  int descriptor() const { return fd_; }
  std::uint16_t local_port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  void finish_sending() const { ::shutdown(fd_, SHUT_WR); }

  /// False where the other side has gone.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  Received read(bool head_only = false) {
    Received received;
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill()) return received;
    received.head = take(end + 4);
    received.head.pop_back();
    received.head.pop_back();
    received.status = static_cast<int>(number_in(std::string_view(received.head).substr(9)));
    if (head_only || received.status == 100 || received.status == 204) return received;
    if (received.has("Transfer-Encoding: chunked")) {
      read_chunks(received);
    } else {
      const auto length = number_in(received.header("Content-Length"));
      while (buffer_.size() < length)
        if (!fill()) return {};
      received.body = take(length);
    }
    return received;
  }

  Received ask(std::string_view bytes) {
    send(bytes);
    return read();
  }

  /// Whether the server ends the connection, whatever it says before.
  bool is_left() {
    while (fill()) {
    }
    return ended_;
  }

  /// Whether the server ends the connection, with nothing more to say.
  bool ends() {
    while (fill()) {
    }
    return buffer_.empty() && ended_;
  }

 private:
  bool fill() {
    std::array<char, 16'384> bytes{};
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    ended_ = count == 0 || (count < 0 && errno == ECONNRESET);
    return count > 0;
  }

  std::string take(std::size_t count) {
    std::string taken = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return taken;
  }

  void read_chunks(Received& received) {
    while (true) {
      std::size_t end = std::string::npos;
      while ((end = buffer_.find("\r\n")) == std::string::npos)
        if (!fill()) return received.body.append("(broken off)"), void();
      const auto size = std::strtoul(take(end + 2).c_str(), nullptr, 16);
      while (buffer_.size() < size + 2)
        if (!fill()) return received.body.append("(broken off)"), void();
      received.body += take(size + 2).substr(0, size);
      if (size == 0) return;
    }
  }

  int fd_ = -1;
  bool ended_ = false;
  std::string buffer_{};
};

/// A server on a free port, running until it goes out of scope.
class RunningServer {
 public:
  explicit RunningServer(http::Router& router, http::ServerLimits limits = {}, http::ServerOptions options = {}) {
    options.port = 0;
    options.limits = std::move(limits);
    server_ = std::make_unique<http::Server>(std::move(options), router);
    thread_ = std::thread([this] { server_->run(); });
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() { stop(); }

  std::uint16_t port() const { return server_->port(); }
  http::Server& server() { return *server_; }
  /// Returns when `run` has.
  void stop() {
    server_->stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::unique_ptr<http::Server> server_{};
  std::thread thread_{};
};

}  // namespace things
