// The handles of the C ABI: numbers that name platforms, sessions and streams, and are checked at every use.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/c/codes.hpp"
#include "medflow/error.hpp"
#include "medflow/platform.hpp"
#include "medflow/session.hpp"
#include "medflow/stream.hpp"

namespace medflow::c {

/// Highest byte of a handle; then 24 bits of generation, then 32 bits of place.
enum class HandleKind : std::uint8_t { platform = 1, session = 2, stream = 3 };

using Handle = std::uint64_t;

/// A platform, with all that is open in it.
struct Home {
  Platform platform;
  bool released = false;  ///< guarded by the table
};

/// What a handle names. Whoever uses it holds it: it outlives the release of its handle until the call has returned.
struct Object {
  HandleKind kind = HandleKind::platform;
  std::shared_ptr<Home> home{};      ///< first, so that it is the last to go
  std::optional<Session> session{};  ///< of a session
  std::mutex mutex{};                ///< of a session: guards `caller`
  CallContext caller{};              ///< of a session: for whom its calls are made
  Stream stream{};                   ///< of a stream
  std::atomic_flag reading{};        ///< of a stream: somebody reads it
};

/// The table of all handles of this process. Thread-safe.
class Handles {
 public:
  static constexpr std::size_t handles_max = std::size_t{1} << 20U;

  /// The one table. It is never destroyed: threads of the host may still call while the process ends.
  static Handles& all();

  /// A handle for a new object. Throws Failure `handle.none_left`, and `handle.invalid` where its platform has been released
  /// meanwhile.
  Handle add(std::shared_ptr<Object> object);

  /// The object of a handle. Throws Failure `handle.invalid`, or `handle.busy` from within a callback of its platform.
  std::shared_ptr<Object> get(Handle handle, HandleKind kind);

  /// Ends a handle, and with a platform everything of it. Throws as `get`.
  void release(Handle handle);

 private:
  struct Slot {
    std::uint32_t generation = 1;
    std::shared_ptr<Object> object{};
  };

  Slot* slot_of(Handle handle);
  void clear(std::size_t place, std::vector<std::shared_ptr<Object>>& removed);

  std::mutex mutex_{};
  std::deque<Slot> slots_{};
  std::vector<std::uint32_t> vacant_{};
};

/// Says, for as long as it lives, that this thread is in a callback of a platform; without one, of every platform.
class InCallback {
 public:
  explicit InCallback(const Home* home = nullptr);
  ~InCallback();
  InCallback(const InCallback&) = delete;
  InCallback& operator=(const InCallback&) = delete;

  static bool of(const Home* home);

 private:
  const Home* home_;
  const InCallback* outer_;
};

}  // namespace medflow::c
