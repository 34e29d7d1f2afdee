// What a benchmark measures with: wall time, the process's CPU time, memory, and figures that pass from process to process.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace medflow::bench {

/// How long a call takes on a clock that is moved by hand: ids grow with time, as they do in a hospital.
inline constexpr std::int64_t tick_us = 250;

/// The cost of one operation.
struct Cost {
  double wall_us = 0;
  double cpu_us = 0;

  double per_second() const { return 1e6 / wall_us; }
};

/// CPU of all threads of this process, user and system.
inline double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

class Stopwatch {
 public:
  double wall_seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
  }
  Cost per_operation(std::size_t count) const {
    const auto n = static_cast<double>(count);
    return {.wall_us = wall_seconds() * 1e6 / n, .cpu_us = (cpu_seconds() - cpu_) * 1e6 / n};
  }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};

/// The middle one of several runs, for wall and CPU each for itself.
inline Cost median(std::vector<Cost> runs) {
  const auto middle = [&](double Cost::*part) {
    std::sort(runs.begin(), runs.end(), [&](const Cost& a, const Cost& b) { return a.*part < b.*part; });
    return runs[runs.size() / 2].*part;
  };
  return {.wall_us = middle(&Cost::wall_us), .cpu_us = middle(&Cost::cpu_us)};
}

/// Sorts the values; `share` is 0 to 1.
inline double percentile(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// This process's share of the memory that is in use (PSS), in MiB; 0 where the system does not tell.
inline double pss_mib() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string line; std::getline(rollup, line);)
    if (line.starts_with("Pss:")) return std::stod(line.substr(4)) / 1024;
  return 0;
}

/// Figures by name, kept in a file: each part of a benchmark runs in a process of its own, so that its memory is its own.
class Figures {
 public:
  explicit Figures(std::string file) : file_(std::move(file)) {}

  void add(const std::string& name, double value) const {
    std::ofstream(file_, std::ios::app) << name << ' ' << value << '\n';
  }
  void add(const std::string& name, const Cost& cost) const {
    add(name + ".wall", cost.wall_us);
    add(name + ".cpu", cost.cpu_us);
  }
  std::map<std::string, double> read() const {
    std::map<std::string, double> all;
    std::ifstream in(file_);
    std::string name;
    for (double value = 0; in >> name >> value;) all[name] = value;
    return all;
  }

 private:
  std::string file_;
};

/// The middle one of several runs, and the one that 95 of 100 do not exceed.
struct Times {
  double median_ms = 0;
  double p95_ms = 0;
};

inline Times timed(std::size_t rounds, const std::function<void()>& body) {
  std::vector<double> ms;
  for (std::size_t i = 0; i < rounds; ++i) {
    const Stopwatch watch;
    body();
    ms.push_back(watch.wall_seconds() * 1e3);
  }
  return {.median_ms = percentile(ms, 0.5), .p95_ms = percentile(ms, 0.95)};
}

/// A row of a table in Markdown.
inline void print(const char* what, const Times& times, double goal_ms) {
  std::printf("| %s | %.3f | %.3f | %.1f |\n", what, times.median_ms, times.p95_ms, goal_ms);
  std::fflush(stdout);
}

}  // namespace medflow::bench
