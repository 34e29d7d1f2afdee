// How a stream ends: with an event that says how much went out, and how that ended (AUD-1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "kernel/platform_state.hpp"
#include "kernel/session_state.hpp"
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

  /// What `more` fills; where that is nothing, or fails, or its session has ended, so has the stream.
  Result<std::size_t> pull(std::span<std::byte> out, FunctionRef<std::size_t(std::span<std::byte>)> more);

 private:
  /// False where the event could not be written: then the stream has not come to its end.
  bool close(std::string_view error) noexcept;

  std::shared_ptr<const SessionState> session_;
  const OperationRow& row_;
  std::string_view label_;
  std::function<void(Work&)> note_;
  std::uint64_t count_ = 0;
  bool closed_ = false;
};

/// A stream that nobody has read yet: what is pulled from, and leaves the end, is made with the first pull.
template <class Make>
class Unread {
 public:
  Unread(std::shared_ptr<const bool> committed, Make make) : committed_(std::move(committed)), make_(std::move(make)) {}
  /// One that nobody reads has an end too, if it has a beginning.
  ~Unread() {
    if (source_ || !*committed_) return;
    try {
      make_();
    } catch (...) {
      // Nobody is there to be told.
    }
  }
  Unread(const Unread&) = delete;
  Unread& operator=(const Unread&) = delete;

  Result<std::size_t> pull(std::span<std::byte> out) {
    try {
      if (!source_) source_ = make_();
    } catch (...) {
      return error_of(std::current_exception());
    }
    return source_->pull(out);
  }

 private:
  std::shared_ptr<const bool> committed_;
  Make make_;
  std::invoke_result_t<Make&> source_{};
};

/// Pulls from what `make` answers a pointer to. A transaction that is run again, or fails, leaves no stream behind that broke off.
template <class Make>
Pull pulled_from(const Work& work, Make make) {
  auto committed = std::make_shared<bool>(false);
  work.after_commit([committed] { *committed = true; });
  auto unread = std::make_shared<Unread<Make>>(std::move(committed), std::move(make));
  return [unread = std::move(unread)](std::span<std::byte> out) { return unread->pull(out); };
}

}  // namespace medflow::kernel
