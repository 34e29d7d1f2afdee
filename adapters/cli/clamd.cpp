#include "adapters/cli/clamd.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "adapters/config/settings.hpp"

namespace medflow::cli {
namespace {

constexpr std::size_t piece_bytes = 64UL * 1024;
constexpr std::size_t answer_bytes_max = 4096;

[[noreturn]] void gone() { throw std::runtime_error("clamd does not answer"); }

class Socket {
 public:
  Socket(const std::string& host, const std::string& port, int timeout_s) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) gone();
    for (const addrinfo* at = found; at != nullptr && fd_ < 0; at = at->ai_next) {
      fd_ = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
      if (fd_ < 0) continue;
      const timeval patience{.tv_sec = timeout_s, .tv_usec = 0};
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      if (::connect(fd_, at->ai_addr, at->ai_addrlen) != 0) ::close(std::exchange(fd_, -1));
    }
    ::freeaddrinfo(found);
    if (fd_ < 0) gone();
  }
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// False where the other side takes no more: it may have said why.
  bool send(const void* from, std::size_t size) const {
    const auto* at = static_cast<const char*>(from);
    while (size > 0) {
      const ssize_t count = ::send(fd_, at, size, MSG_NOSIGNAL);
      if (count <= 0) return false;
      at += count;
      size -= static_cast<std::size_t>(count);
    }
    return true;
  }

  /// Up to the NUL that ends it.
  std::string answer() const {
    std::string all;
    std::array<char, 512> some{};
    while (all.find('\0') == std::string::npos && all.size() < answer_bytes_max) {
      const ssize_t count = ::recv(fd_, some.data(), some.size(), 0);
      if (count <= 0) break;
      all.append(some.data(), static_cast<std::size_t>(count));
    }
    return all.substr(0, all.find('\0'));
  }

 private:
  int fd_ = -1;
};

/// INSTREAM (clamd(8)): pieces, each behind its length in network order, an empty one at the end.
class Clamd final : public DocumentScanner {
 public:
  Clamd(std::string host, std::string port, int timeout_s)
      : host_(std::move(host)), port_(std::move(port)), timeout_s_(timeout_s) {}

  ScanVerdict scan(const std::function<std::size_t(std::span<std::byte>)>& content, std::uint64_t) override {
    const Socket socket(host_, port_, timeout_s_);
    constexpr std::string_view command("zINSTREAM\0", 10);
    bool listens = socket.send(command.data(), command.size());
    std::array<std::byte, piece_bytes + 4> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    for (std::size_t count = 1; listens && count > 0;) {
      count = content(std::span(piece).subspan(4));
      const std::uint32_t length = htonl(static_cast<std::uint32_t>(count));
      std::memcpy(piece.data(), &length, sizeof length);
      listens = socket.send(piece.data(), 4 + count);
    }
    return verdict_of(socket.answer());
  }

 private:
  static ScanVerdict verdict_of(std::string_view answer) {
    if (answer == "stream: OK") return ScanVerdict::clean;
    if (answer.starts_with("stream: ") && answer.ends_with(" FOUND")) return ScanVerdict::infected;
    if (answer.starts_with("INSTREAM size limit exceeded")) return ScanVerdict::failed;
    if (answer.starts_with("stream: ") && answer.ends_with(" ERROR")) return ScanVerdict::failed;
    gone();
  }

  std::string host_;
  std::string port_;
  int timeout_s_;
};

}  // namespace

std::shared_ptr<DocumentScanner> scanner_at(const std::string& place, int timeout_s) {
  if (place.empty()) return nullptr;
  std::string host = place;
  std::string port = "3310";
  const std::size_t colon = place.rfind(':');
  if (colon != std::string::npos && (place.front() != '[' || place[colon - 1] == ']')) {
    host = place.substr(0, colon);
    port = place.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (host.empty() || !digits) throw config::Refused({"MEDFLOW_CLAMD: \"" + place + "\" is no host:port"});
  return std::make_shared<Clamd>(std::move(host), std::move(port), timeout_s);
}

}  // namespace medflow::cli
