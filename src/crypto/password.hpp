// Password hashes: Argon2id (RFC 9106) in PHC strings, bcrypt for imports, and the gate that keeps hashing from taking the
// machine (USR-1, security.md "Passwords and MFA"). Passwords arrive in Unicode NFC.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/seal.hpp"

namespace medflow::crypto {

namespace codes {
inline constexpr Code auth_busy{"auth.busy", Errc::unavailable,
                                "Too many people are signing in at once; try again shortly.", true};
}  // namespace codes

/// The cost of a hash; one lane always.
struct PasswordCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 64 * 1024;

  friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

inline constexpr PasswordCost password_cost_floor{.passes = 2, .memory_kib = 19 * 1024};

/// True where a cost is at least the floor and at most what a verification may cost (16 passes, 1 GiB).
bool password_cost_allowed(const PasswordCost& cost);

/// "$argon2id$v=19$m=65536,t=3,p=1$<salt>$<hash>", as every Argon2 library reads it; the salt of 16 bytes comes from `rng`.
/// Asserts an allowed cost. Throws Failure `auth.busy` where there is no memory.
std::string hash_password(std::string_view password, const PasswordCost& cost, Rng& rng);

enum class PasswordCheck : std::uint8_t {
  right,
  wrong,
  too_long_for_bcrypt,  ///< over 72 bytes (or with a NUL): bcrypt would cut it, so it is refused
  unsupported,          ///< not a hash of a kind that is accepted: see `password_hash_supported`
};

/// Checks a password against argon2id (one lane, salt of 16 bytes, parameters in any order) or bcrypt `$2a$`, `$2b$`, `$2y$`
/// (cost at most 15). Throws Failure `auth.busy` where there is no memory.
PasswordCheck verify_password(std::string_view password, std::string_view stored);

/// Whether a stored hash, such as an imported one, could be verified at all.
bool password_hash_supported(std::string_view stored);

/// True for bcrypt, and for Argon2id that is cheaper than `cost` in passes or memory: hash again at the next login.
bool needs_rehash(std::string_view stored, const PasswordCost& cost);

/// Costs as much as a verification, for users that do not exist: always wrong.
PasswordCheck verify_nobody(std::string_view password, const PasswordCost& cost);

/// As `verify_password`, but what is not right costs as much as `verify_nobody` at least: what a cheaper Argon2id hash, or one of another
/// kind, leaves of that is done as well. bcrypt's own time comes on top, as does that of a hash which costs more.
PasswordCheck verify_password_or_nobody(std::string_view password, std::string_view stored, const PasswordCost& cost);

/// A stored hash is sealed once more under the pepper key (suite 2), so that a stolen table cannot be guessed against.
std::string wrap_password_hash(KeyView pepper, std::uint16_t key_version, const SealContext& context,
                               std::string_view hash, Rng& rng);
/// Nothing where it does not open.
std::optional<std::string> unwrap_password_hash(KeyView pepper, const SealContext& context, std::string_view wrapped);

/// Lets a few in at once and a bounded queue wait, first come, first served. Thread-safe.
class PasswordGate {
 public:
  static constexpr std::uint32_t queue_max_default = 64;

  /// `at_once`: one per core.
  explicit PasswordGate(std::uint32_t at_once, std::uint32_t queue_max = queue_max_default);

  /// Leaves when it goes. Must not outlive its gate.
  class Pass {
   public:
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }
    Pass(Pass&& from) noexcept : gate_(from.gate_) { from.gate_ = nullptr; }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    Pass& operator=(Pass&&) = delete;

   private:
    friend class PasswordGate;
    explicit Pass(PasswordGate* gate) : gate_(gate) {}
    PasswordGate* gate_ = nullptr;
  };

  /// Waits for its turn. Throws Failure `auth.busy` with `retry_after_s` where the queue is full.
  [[nodiscard]] Pass enter();

 private:
  void leave() noexcept;

  std::mutex mutex_{};
  std::condition_variable turn_{};
  std::uint32_t at_once_ = 1;
  std::uint32_t queue_max_ = queue_max_default;
  std::uint64_t next_ticket_ = 0;  // tickets below `served_ + at_once_` are inside or have left
  std::uint64_t served_ = 0;
};

}  // namespace medflow::crypto
