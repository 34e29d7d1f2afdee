// Processes that a campaign forks, and threads whose exceptions end them.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace medflow::campaign {

/// A forked process of the campaign, which dies with it.
class Forked {
 public:
  template <class Body>
  explicit Forked(Body body) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    int code = 2;
    try {
      code = body();
    } catch (const std::exception& error) {
      std::cerr << error.what() << std::endl;
    }
    std::cout << std::flush;
    ::_exit(code);
  }
  Forked(Forked&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Forked& operator=(Forked&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;
  ~Forked() { kill(); }

  void kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// Its exit code, minus its signal, or nothing while it works.
  std::optional<int> ended() {
    int status = 0;
    if (pid_ < 0) return 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  bool is_over() const { return pid_ < 0; }

 private:
  pid_t pid_ = -1;
};

/// Threads whose exceptions end the process.
class Crew {
 public:
  template <class Body>
  void add(Body body) {
    threads_.emplace_back([body = std::move(body)]() mutable {
      try {
        body();
      } catch (const std::exception& error) {
        std::cerr << error.what() << std::endl;
        ::_exit(3);
      }
    });
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::vector<std::thread> threads_{};
};

}  // namespace medflow::campaign
