#include "adapters/http/uploads.hpp"

#include <utility>

namespace medflow::http {

std::shared_ptr<void> Uploads::enter(const RateKey& user, Full& why) {
  const std::lock_guard lock(mutex_);
  std::size_t& of_user = by_user_[user];
  const bool user_is_full = of_user >= limits_.per_user_max;
  if (user_is_full || entered_ >= limits_.threads_max + limits_.waiting_max) {
    if (of_user == 0) by_user_.erase(user);
    why = user_is_full ? Full::user : Full::server;
    return nullptr;
  }
  auto place = std::make_shared<Place>(*this, user);
  ++of_user;
  ++entered_;
  return place;
}

void Uploads::leave(const RateKey& user) {
  const std::lock_guard lock(mutex_);
  const auto of_user = by_user_.find(user);
  if (--of_user->second == 0) by_user_.erase(of_user);
  --entered_;
}

void Uploads::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  if (queue_.size() > idle_ && threads_.size() < limits_.threads_max) threads_.emplace_back([this] { run(); });
  wake_.notify_one();
}

void Uploads::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void Uploads::run() {
  processors_.keep_to_none();
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;  // stopping, and all is done
    {
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
    }
    lock.lock();
  }
}

}  // namespace medflow::http
