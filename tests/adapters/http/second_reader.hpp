// A second reader of requests: a proxy of somebody else's on this machine, and behind it a server that notes what it is passed.
#pragma once

#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/adapters/http/raw_client.hpp"
#include "tests/adapters/http/reading.hpp"
#include "tests/support/temporary_folder.hpp"

namespace things {

/// Accepts connections and notes each request, which the proxy has already made plain: a header, and a body with its length or in chunks.
class NotingServer {
 public:
  NotingServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), size) != 0 || ::listen(listener_, 64) != 0)
      throw std::runtime_error("cannot listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~NotingServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (auto& one : connections_) one.join();
    ::close(listener_);
  }
  NotingServer(const NotingServer&) = delete;
  NotingServer& operator=(const NotingServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// What came from the client connection with this local port.
  std::vector<SeenRequest> noted(std::uint16_t client_port) {
    const std::lock_guard lock(mutex_);
    return notes_[client_port];
  }

 private:
  /// The value of a field whose name may be in any case.
  static std::string value(const std::string& head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
      const std::size_t begin = at + 2;
      if (::strncasecmp(head.c_str() + begin, name.data(), name.size()) != 0) continue;
      if (head.compare(begin + name.size(), 2, ": ") != 0) continue;
      const std::size_t from = begin + name.size() + 2;
      return head.substr(from, head.find("\r\n", from) - from);
    }
    return {};
  }

  void run() {
    while (true) {
      const int one = ::accept(listener_, nullptr, nullptr);
      if (one < 0) return;
      connections_.emplace_back([this, one] {  // one that is passed half a request only waits alone
        serve(one);
        ::close(one);
      });
    }
  }

  void serve(int socket) {
    std::string bytes;
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos)
      if (!fill(socket, bytes)) return;
    const std::string head = bytes.substr(0, end + 2);
    bytes.erase(0, end + 4);
    SeenRequest seen;
    seen.method = head.substr(0, head.find(' '));
    seen.target = head.substr(seen.method.size() + 1, head.find(' ', seen.method.size() + 1) - seen.method.size() - 1);
    if (value(head, "Transfer-Encoding") == "chunked") {
      if (!read_chunks(socket, bytes, seen.body)) return;
    } else {
      const auto length = number_in(value(head, "Content-Length"));
      while (bytes.size() < length)
        if (!fill(socket, bytes)) return;
      seen.body = bytes.substr(0, length);
    }
    {
      const std::lock_guard lock(mutex_);
      notes_[static_cast<std::uint16_t>(number_in(value(head, "X-Client-Port")))].push_back(seen);
    }
    constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  static bool read_chunks(int socket, std::string& bytes, std::string& body) {
    while (true) {
      std::size_t end = 0;
      while ((end = bytes.find("\r\n")) == std::string::npos)
        if (!fill(socket, bytes)) return false;
      const auto size = std::strtoul(bytes.c_str(), nullptr, 16);
      while (bytes.size() < end + 2 + size + 2)
        if (!fill(socket, bytes)) return false;
      body += bytes.substr(end + 2, size);
      bytes.erase(0, end + 2 + size + 2);
      if (size == 0) return true;
    }
  }

  static bool fill(int socket, std::string& bytes) {
    char more[16'384];
    const ssize_t count = ::recv(socket, more, sizeof more, 0);
    if (count > 0) bytes.append(more, static_cast<std::size_t>(count));
    return count > 0;
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_{};
  std::map<std::uint16_t, std::vector<SeenRequest>> notes_{};
  std::vector<std::thread> connections_{};  // of `run` alone, until that has ended
  std::thread thread_{};
};

/// The proxy: a program in a folder of its own, which is asked to end when this goes.
class SecondReader {
 public:
  struct Proxy {
    const char* program = nullptr;
    /// The text of its configuration, given where it listens, where it passes requests on, and its folder. Each request must get the
    /// client's port as X-Client-Port.
    std::string (*configuration)(std::uint16_t port, std::uint16_t behind, const std::string& place) = nullptr;
    std::vector<std::string> (*words)(const std::string& configuration, const std::string& place) = nullptr;
  };

  static bool is_there(const Proxy& proxy) { return ::access(proxy.program, X_OK) == 0; }

  explicit SecondReader(const Proxy& proxy) {
    for (int attempt = 0; attempt < 20; ++attempt) {  // a free port may be gone by the time that the proxy asks for it
      port_ = free_port();
      start(proxy);
      for (int wait = 0; wait < 500; ++wait) {
        if (RawClient(port_).connected()) return;
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) break;
        ::usleep(10'000);
      }
    }
    throw std::runtime_error(std::string(proxy.program) + " does not start");
  }
  ~SecondReader() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  SecondReader(const SecondReader&) = delete;
  SecondReader& operator=(const SecondReader&) = delete;

  /// The requests that the proxy reads in `bytes`, on a connection of their own.
  std::vector<SeenRequest> read(std::string_view bytes) const {
    RawClient client(port_);
    client.send(bytes);
    while (client.read().status != 0) {
    }
    return behind_.noted(client.local_port());
  }

 private:
  static std::uint16_t free_port() {
    const int one = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(one, reinterpret_cast<const sockaddr*>(&at), size) != 0) throw std::runtime_error("no free port");
    ::getsockname(one, reinterpret_cast<sockaddr*>(&at), &size);
    ::close(one);
    return ntohs(at.sin_port);
  }

  void start(const Proxy& proxy) {
    const std::string file = folder_ / "proxy.conf";
    std::ofstream(file) << proxy.configuration(port_, behind_.port(), folder_ / "");
    std::vector<std::string> words = proxy.words(file, folder_ / "");
    words.insert(words.begin(), proxy.program);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::execv(proxy.program, argv.data());
    ::_exit(127);
  }

  medflow::testing::TemporaryFolder folder_{};
  mutable NotingServer behind_{};
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

inline constexpr SecondReader::Proxy nginx{
    .program = "/usr/sbin/nginx",
    .configuration =
        [](std::uint16_t port, std::uint16_t behind, const std::string& place) {
          return "daemon off; master_process off; pid " + place + "nginx.pid; error_log " + place +
                 "error.log;\n"
                 "events { worker_connections 512; }\nhttp {\n  access_log off;\n"
                 "  client_body_temp_path " +
                 place + "body; proxy_temp_path " + place +
                 "proxy;\n"
                 "  fastcgi_temp_path " +
                 place + "f; uwsgi_temp_path " + place + "u; scgi_temp_path " + place +
                 "s;\n"
                 "  client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 1s; lingering_timeout 1s; "
                 "lingering_close off;\n"
                 "  server {\n    listen 127.0.0.1:" +
                 std::to_string(port) +
                 ";\n    location / {\n      proxy_pass http://127.0.0.1:" + std::to_string(behind) +
                 ";\n      proxy_set_header X-Client-Port $remote_port;\n    }\n  }\n}\n";
        },
    .words =
        [](const std::string& configuration, const std::string& place) {
          return std::vector<std::string>{"-c", configuration, "-e", place + "error.log"};
        }};

inline constexpr SecondReader::Proxy haproxy{
    .program = "/usr/sbin/haproxy",
    .configuration =
        [](std::uint16_t port, std::uint16_t behind, const std::string&) {
          return "global\n  maxconn 512\n  nbthread 1\n"
                 "defaults\n  mode http\n  retries 0\n  timeout connect 5s\n  timeout server 5s\n  timeout client 1s\n"
                 "  timeout http-request 1s\n  timeout http-keep-alive 1s\n"
                 "frontend before\n  bind 127.0.0.1:" +
                 std::to_string(port) +
                 "\n  http-request set-header X-Client-Port %[src_port]\n  default_backend behind\n"
                 "backend behind\n  server one 127.0.0.1:" +
                 std::to_string(behind) + "\n";
        },
    .words =
        [](const std::string& configuration, const std::string&) {
          return std::vector<std::string>{"-db", "-q", "-f", configuration};
        }};

}  // namespace things
