// How a stream ends: with an event that says how much went out, and how that ended (AUD-1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "kernel/platform_state.hpp"
#include "kernel/work.hpp"
#include "medflow/stream.hpp"

namespace medflow::kernel {

/// Belongs to what sends, and leaves its event at the latest when that goes.
class StreamEnd {
 public:
  /// `label` is a constant and says who closes; `note` adds to the event what it is about.
  StreamEnd(
      const SessionState& session, const OperationRow& row, std::string_view label,
      std::function<void(Work&)> note = [](Work&) {});
  ~StreamEnd();
  StreamEnd(const StreamEnd&) = delete;
  StreamEnd& operator=(const StreamEnd&) = delete;

  /// So much more went out.
  void count(std::uint64_t more) { count_ += more; }

  /// What `more` fills; where that is nothing, or fails, the stream has ended.
  Result<std::size_t> pull(std::span<std::byte> out, FunctionRef<std::size_t(std::span<std::byte>)> more);

 private:
  /// False where the event could not be written: then the stream has not come to its end.
  bool close(std::string_view error) noexcept;

  std::shared_ptr<PlatformState> platform_;
  std::shared_ptr<Store> store_;
  Uuid actor_;
  const OperationRow& row_;
  std::string_view label_;
  std::function<void(Work&)> note_;
  std::uint64_t count_ = 0;
  bool closed_ = false;
};

/// Pulls from what `make` answers a pointer to. That is made with the first pull: a transaction that is run again must not leave one
/// behind that broke off.
template <class Make>
Pull pulled_from(Make make) {
  auto source = std::make_shared<decltype(make())>();
  return [source, make = std::move(make)](std::span<std::byte> out) {
    if (!*source) *source = make();
    return (*source)->pull(out);
  };
}

}  // namespace medflow::kernel
