// How other threads hand what they have finished to a connection: however many letters come at once, the loop is woken once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/router.hpp"
#include "medflow/error.hpp"

namespace medflow::http {

class Connection;

/// A piece of a streamed answer.
struct Piece {
  std::string bytes{};
  bool is_last = false;
  std::optional<Error> error{};  ///< why there is no piece: the answer breaks off
};

struct Letter {
  std::weak_ptr<Connection> to{};
  std::uint64_t number = 0;  ///< of the request on that connection; a letter for an earlier one is dropped
  std::optional<Answer> answer{};
  std::optional<Piece> piece{};
  bool drained = false;  ///< whoever reads the body has room for more of it
};

/// Outlives its loop for as long as a call is in flight.
class Mailbox {
 public:
  /// `wake` makes the loop call `take`; it is called under the mailbox's lock and must not block.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  void post(Letter letter) {
    const std::lock_guard lock(mutex_);
    if (!wake_) return;
    const bool is_first = letters_.empty();
    letters_.push_back(std::move(letter));
    if (is_first) wake_();
  }

  /// All letters so far. `into` is a place to reuse.
  void take(std::vector<Letter>& into) {
    into.clear();
    const std::lock_guard lock(mutex_);
    into.swap(letters_);
  }

  /// The loop is gone: what comes from now on is dropped.
  void close() {
    std::vector<Letter> dropped;
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    dropped.swap(letters_);
  }

 private:
  std::mutex mutex_{};
  std::function<void()> wake_;
  std::vector<Letter> letters_{};
};

}  // namespace medflow::http
