// Work that nobody asked for at the moment when it is done: `Platform::tick` runs what stands in the one list here.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "medflow/platform.hpp"

namespace medflow::kernel {

class PlatformState;
class Store;

/// The time as it goes on while a tick works. Others may have been waited for since it began: a lease, say, is counted from when it is written.
class TickTime {
 public:
  TickTime(Clock& clock, Instant began) : clock_(clock), began_(began), began_steady_us_(clock.steady_us()) {}
  Instant now() const;

 private:
  Clock& clock_;
  Instant began_;
  std::int64_t began_steady_us_;
};

/// Where a task says what went wrong for one tenant; it goes on with the next.
using Trouble = std::function<void(const Store& store, std::exception_ptr failure)>;

/// One kind of background work. `run` is called with each tick, so it looks first whether anything is due; `now` is when it begins. It
/// may wait for the disk, but writes as every caller does: as a member of a store's group commit (`Outside::write_in`, `Committer::run`).
/// What it throws is reported, and the other tasks run nevertheless.
struct BackgroundTask {
  std::string_view name{};
  void (*run)(PlatformState& platform, Instant now, const Trouble& trouble) = nullptr;
};

/// All of them, in the order in which they run.
std::span<const BackgroundTask> background_tasks();

/// Runs all tasks; what went wrong.
std::vector<BackgroundTrouble> run_background(PlatformState& platform, Instant now);

/// Runs `body` for each store that is open, the platform's own included; a failure is told to `trouble`.
void for_each_open_store(PlatformState& platform, const Trouble& trouble, const std::function<void(Store&)>& body);

/// The same for those in which more may be written than events and checkpoints.
void for_each_writable_store(PlatformState& platform, const Trouble& trouble, const std::function<void(Store&)>& body);

}  // namespace medflow::kernel
