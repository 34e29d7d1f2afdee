// A call with an idempotency key has its effect once: the answer of the first is kept for a day, sealed, and given again (R11).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/blind.hpp"
#include "crypto/hash.hpp"
#include "crypto/seal.hpp"
#include "kernel/work.hpp"

namespace medflow::kernel {

/// Seconds for which an answer is kept.
inline constexpr std::int64_t idempotency_ttl_s = 24 * 60 * 60;

/// Whether answers of this operation are kept: POSTs that write, but neither those of `auth.*`, which hand out tokens, nor those
/// that take content, which cannot be compared without reading it.
bool keeps_answers(const OperationRow& row);

/// One keyed call. Holds its key against others until it is destroyed.
class Idempotent {
 public:
  /// Throws Failure `idempotency.malformed` or `idempotency.in_progress`.
  Idempotent(const CallFrame& frame, const void* request);
  ~Idempotent();
  Idempotent(const Idempotent&) = delete;
  Idempotent& operator=(const Idempotent&) = delete;

  /// Looks the key up in the transaction of the effect: whoever had the call before has committed by then. Throws Failure
  /// `idempotency.mismatch`.
  void look_up(storage::Transaction& transaction, Instant now);
  void foresee(storage::Foresight& foresight) const;
  /// The same beforehand, for what must not be begun where there is an answer. Waits for whoever writes.
  void look_up(Instant now);

  /// Whether an answer was found, so that the call is to be answered with it.
  bool replays() const { return kept_.has_value(); }
  /// The kept answer; the event tells of its object and patients.
  void replay(Work& work, void* output) const;
  /// Keeps the answer, in the transaction of its effect.
  void keep(Work& work, const void* output) const;

 private:
  struct Kept {
    Uuid object{};
    std::vector<Uuid> patients{};
    std::string answer{};
  };

  Kept read(storage::RowView row, Instant now) const;
  crypto::SealContext place(const Uuid& subject) const;

  Store& store_;
  const OperationRow& row_;
  crypto::BlindToken key_{};
  crypto::Digest request_{};
  bool stale_ = false;  ///< an answer that has expired is still there
  std::optional<Kept> kept_{};
};

/// Removes answers that have been kept long enough, the oldest first, at most `rows_max` of them; how many there were.
std::size_t expire_answers(Work& work, std::size_t rows_max);

}  // namespace medflow::kernel
