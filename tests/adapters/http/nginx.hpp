// nginx as a second reader of requests: a proxy on this machine, and behind it a server that notes what it is passed.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

/// Accepts connections and notes each request, which nginx has already made plain: a header, and a body with its length.
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
  static std::string value(const std::string& head, const std::string& name) {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }

  void run() {
    while (true) {
      const int one = ::accept(listener_, nullptr, nullptr);
      if (one < 0) return;
      serve(one);
      ::close(one);
    }
  }

  void serve(int socket) {
    std::string bytes;
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos)
      if (!fill(socket, bytes)) return;
    const std::string head = bytes.substr(0, end + 2);
    const auto length = static_cast<std::size_t>(std::atol(value(head, "Content-Length").c_str()));
    while (bytes.size() < end + 4 + length)
      if (!fill(socket, bytes)) return;
    SeenRequest seen;
    seen.method = head.substr(0, head.find(' '));
    seen.target = head.substr(seen.method.size() + 1, head.find(' ', seen.method.size() + 1) - seen.method.size() - 1);
    seen.body = bytes.substr(end + 4, length);
    {
      const std::lock_guard lock(mutex_);
      notes_[static_cast<std::uint16_t>(std::atoi(value(head, "X-Client-Port").c_str()))].push_back(seen);
    }
    constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
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
  std::thread thread_{};
};

class Nginx {
 public:
  static constexpr const char* program = "/usr/sbin/nginx";
  static bool is_there() { return ::access(program, X_OK) == 0; }

  Nginx() {
    for (int attempt = 0; attempt < 20; ++attempt) {  // a free port may be gone by the time that nginx asks for it
      port_ = free_port();
      write_configuration();
      start();
      for (int wait = 0; wait < 500; ++wait) {
        if (RawClient(port_).connected()) return;
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) break;
        ::usleep(10'000);
      }
    }
    throw std::runtime_error("nginx does not start: " + (folder_ / "error.log"));
  }
  ~Nginx() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  /// The requests that nginx reads in `bytes`, on a connection of their own.
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
    ::bind(one, reinterpret_cast<const sockaddr*>(&at), size);
    ::getsockname(one, reinterpret_cast<sockaddr*>(&at), &size);
    ::close(one);
    return ntohs(at.sin_port);
  }

  void write_configuration() const {
    const std::string place = folder_ / "";
    std::ofstream(folder_ / "nginx.conf")
        << "daemon off; master_process off; pid " << place << "nginx.pid; error_log " << place << "error.log;\n"
        << "events { worker_connections 512; }\nhttp {\n  access_log off;\n"
        << "  client_body_temp_path " << place << "body; proxy_temp_path " << place << "proxy;\n"
        << "  fastcgi_temp_path " << place << "f; uwsgi_temp_path " << place << "u; scgi_temp_path " << place << "s;\n"
        << "  client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 1s; lingering_timeout 1s; "
           "lingering_close off;\n"
        << "  server {\n    listen 127.0.0.1:" << port_
        << ";\n    location / {\n      proxy_pass http://127.0.0.1:" << behind_.port()
        << ";\n      proxy_set_header X-Client-Port $remote_port;\n    }\n  }\n}\n";
  }

  void start() {
    const std::string configuration = folder_ / "nginx.conf";
    const std::string log = folder_ / "error.log";
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::execl(program, program, "-c", configuration.c_str(), "-e", log.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }

  medflow::testing::TemporaryFolder folder_{};
  mutable NotingServer behind_{};
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace things
