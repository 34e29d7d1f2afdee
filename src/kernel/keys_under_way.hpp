// Idempotency keys whose first call has not been answered yet.
#pragma once

#include <mutex>
#include <set>

#include "crypto/blind.hpp"

namespace medflow::kernel {

/// The keys whose calls are under way in this process. Thread-safe.
class KeysUnderWay {
 public:
  bool enter(const crypto::BlindToken& key) {
    const std::lock_guard lock(mutex_);
    return keys_.insert(key).second;
  }
  void leave(const crypto::BlindToken& key) {
    const std::lock_guard lock(mutex_);
    keys_.erase(key);
  }

 private:
  std::mutex mutex_{};
  std::set<crypto::BlindToken> keys_{};
};

}  // namespace medflow::kernel
