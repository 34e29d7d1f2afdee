// Processes that a campaign forks, and threads whose exceptions end them.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <random>
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

/// Whether all of them have ended; one that ended with something else than 0 is told, and noted in `failed`.
inline bool all_over(std::vector<Forked>& processes, bool& failed) {
  bool over = true;
  for (Forked& process : processes) {
    if (process.is_over()) continue;
    const auto code = process.ended();
    over = over && code;
    if (!code || *code == 0) continue;
    std::cout << "a process ended with " << *code << std::endl;
    failed = true;
  }
  return over;
}

/// Processes that each have an engine open, and of which some are killed and started again.
class Workers {
 public:
  /// `ready` says how often one had its engine open so far.
  Workers(std::function<std::uint64_t()> ready, std::function<Forked(std::size_t)> start)
      : ready_(std::move(ready)), start_(std::move(start)) {}

  /// Starts them one after the other: the first makes what they work on. False where one has ended instead.
  bool open(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      all_.push_back(start_(i));
      if (!wait_until_ready(i, i)) return false;
    }
    return true;
  }

  /// Watches them and their `clients` until all have ended, and meanwhile kills one or another and starts it again, `kills_left` times. False where
  /// one has failed.
  template <class Count>
  bool supervise(std::vector<Forked>& clients, Count& kills_left, std::uint64_t seed) {
    constexpr useconds_t look_us = 20'000, between_kills_us = 300'000;
    std::mt19937_64 random(seed);
    bool failed = false;
    const auto is_done = [&] {
      const bool over = all_over(all_, failed);
      return all_over(clients, failed) && over;
    };
    while (!is_done()) {
      if (failed) return false;
      if (kills_left == 0) {
        ::usleep(look_us);
        continue;
      }
      ::usleep(static_cast<useconds_t>(random() % between_kills_us));
      if (!kill_and_start(random() % all_.size())) return false;
      --kills_left;
      ++kills_;
    }
    return !failed;
  }
  std::uint64_t kills() const { return kills_; }

 private:
  /// False where it had ended by itself, or the new one does.
  bool kill_and_start(std::size_t victim) {
    if (const auto code = all_.at(victim).ended(); code) {
      std::cout << "a process ended by itself: " << *code << std::endl;
      return false;
    }
    all_.at(victim).kill();
    const std::uint64_t before = ready_();
    all_.at(victim) = start_(victim);
    return wait_until_ready(victim, before);
  }

  bool wait_until_ready(std::size_t index, std::uint64_t before) {
    while (ready_() <= before) {
      if (all_.at(index).ended()) return false;
      ::usleep(10'000);
    }
    return true;
  }

  std::function<std::uint64_t()> ready_;
  std::function<Forked(std::size_t)> start_;
  std::vector<Forked> all_{};
  std::uint64_t kills_ = 0;
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
