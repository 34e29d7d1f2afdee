#include "storage/sqlite/readers_first.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

using medflow::storage::sqlite::ReadersFirst;

TEST_CASE("who asks to read waits for the one writer that is at it, however many wait to write") {
  constexpr int writers = 8, readings = 2'000;
  ReadersFirst readers_first;
  std::mutex writing;
  std::atomic<bool> ended = false;
  std::atomic<int> batches = 0;
  std::vector<std::thread> busy;
  for (int writer = 0; writer < writers; ++writer) {
    busy.emplace_back([&] {
      while (!ended) {
        const auto lock = readers_first.lock_to_write(writing);
        ++batches;
      }
    });
  }
  int most = 0;
  for (int reading = 0; reading < readings; ++reading) {
    {
      const ReadersFirst::Asking asking{readers_first};
      const int before = batches;
      const std::lock_guard lock{writing};
      most = std::max(most, batches - before);
    }
    const int seen = batches;
    while (batches < seen + 3) std::this_thread::yield();  // writers come to it again
  }
  ended = true;
  for (auto& writer : busy) writer.join();
  CHECK(most <= 1);
}
