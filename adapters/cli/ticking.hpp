// The server's background work: a thread that calls `Platform::tick` about once a second.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/cli/log.hpp"
#include "medflow/platform.hpp"

namespace medflow::cli {

class Ticking {
 public:
  /// Begins at once; `platform` and `log` must outlive it.
  Ticking(const Platform& platform, Log& log);
  /// Returns when the tick that is running has ended.
  ~Ticking();
  Ticking(const Ticking&) = delete;
  Ticking& operator=(const Ticking&) = delete;

 private:
  void run();
  void note(const std::vector<BackgroundTrouble>& troubles);

  const Platform& platform_;
  Log& log_;
  std::mutex mutex_{};
  std::condition_variable wake_{};
  bool stopping_ = false;
  std::set<std::string> last_{};  // the troubles of the last tick
  std::thread thread_{};          // last: it uses the others
};

}  // namespace medflow::cli
