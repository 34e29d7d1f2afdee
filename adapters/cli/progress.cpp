#include "adapters/cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace medflow::cli {
namespace {

constexpr std::uint64_t bar_width = 30;

}  // namespace

Progress::Progress(std::string what, std::string unit)
    : what_(std::move(what)), unit_(std::move(unit)), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_ && shown_ != 0) std::fputc('\n', stderr);
}

void Progress::show(std::uint64_t done, std::uint64_t total, std::uint64_t count) {
  const std::uint64_t percent = total == 0 ? 100 : std::min<std::uint64_t>(100, done * 100 / total);
  const std::uint64_t step = terminal_ ? percent : percent / 10;
  if (step + 1 == shown_) return;  // a line for each tenth is enough for a log
  shown_ = step + 1;
  const auto number = static_cast<unsigned long long>(count);
  const auto share = static_cast<unsigned>(percent);
  if (!terminal_) {
    std::fprintf(stderr, "%s: %u %%, %llu %s\n", what_.c_str(), share, number, unit_.c_str());
    return;
  }
  const auto full = static_cast<std::size_t>(percent * bar_width / 100);
  const std::string bar = std::string(full, '#') + std::string(bar_width - full, '.');
  std::fprintf(stderr, "\r%s [%s] %3u %%  %llu %s", what_.c_str(), bar.c_str(), share, number, unit_.c_str());
  std::fflush(stderr);
}

}  // namespace medflow::cli
