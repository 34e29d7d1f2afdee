// Threads for requests whose body comes while their operation runs: each waits for its client, which no loop and no worker ever does.
// No user has more than a share of them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/http/processors.hpp"
#include "adapters/http/rates.hpp"

namespace medflow::http {

struct UploadLimits {
  std::size_t threads_max = 64;
  std::size_t per_user_max = 4;  ///< of one user at a time, those that wait for a thread included
  std::size_t waiting_max = 64;  ///< for a thread, of all users
};

class Uploads {
 public:
  enum class Full : std::uint8_t { user, server };

  explicit Uploads(const UploadLimits& limits) : limits_(limits) {}
  ~Uploads() { stop(); }
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  /// A place for one more upload of this user, taken until what is answered goes; null, and `why`, where there is none.
  std::shared_ptr<void> enter(const RateKey& user, Full& why);
  /// Runs work that has a place. Threads are started as they are needed; beyond so many, work waits.
  void post(std::function<void()> work);
  /// Waits until all is done that was posted.
  void stop();

 private:
  struct Place {
    Place(Uploads& of, const RateKey& who) : uploads(of), user(who) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { uploads.leave(user); }

    Uploads& uploads;
    RateKey user;
  };

  void run();
  void leave(const RateKey& user);

  const UploadLimits limits_;
  const Processors processors_{};
  std::mutex mutex_{};
  std::condition_variable wake_{};
  std::map<RateKey, std::size_t> by_user_{};
  std::size_t entered_ = 0;
  std::deque<std::function<void()>> queue_{};
  std::vector<std::thread> threads_{};
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace medflow::http
