// How far long work has come: a bar on a terminal, a line now and then elsewhere. On standard error, which is not the output.
#pragma once

#include <cstdint>
#include <string>

namespace medflow::cli {

class Progress {
 public:
  /// `unit` is what is counted: "rows".
  Progress(std::string what, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total`, in whatever measure; `count` is shown.
  void show(std::uint64_t done, std::uint64_t total, std::uint64_t count);

 private:
  std::string what_;
  std::string unit_;
  bool terminal_;
  std::uint64_t shown_ = 0;  ///< the step that was shown last, plus one
};

}  // namespace medflow::cli
