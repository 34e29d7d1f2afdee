// The offline recovery recipient (SEC-6): an X25519 key pair whose secret half leaves this machine. What is sealed to its public half
// this machine cannot read again. Sealing is libsodium's `crypto_box_seal`, with chance from a port.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {

namespace codes {
inline constexpr Code recovery_exists{"recovery.exists", Errc::conflict, "A recovery file is never overwritten."};
inline constexpr Code recovery_unreadable{"recovery.unreadable", Errc::invalid, "This is no recovery file."};
}  // namespace codes

using RecipientKey = std::array<std::byte, 32>;

struct RecoveryPair {
  RecipientKey recipient{};
  SecureKey secret{};
};

RecoveryPair make_recovery_pair(Rng& rng);

/// Whether something can be sealed to this key at all: some 32 bytes are no place on the curve that keeps a secret.
bool usable(const RecipientKey& key);

/// For people to compare: 8 groups of 4 hexadecimal digits, the first 128 bits of BLAKE2b-256("medflow recovery 1" | key).
std::string fingerprint_of(const RecipientKey& key);

/// What a recovery file holds: four lines, of which the last is the fingerprint. Exactly what is written is read.
SecureBytes recovery_text(const RecoveryPair& pair);
std::optional<RecoveryPair> parse_recovery_text(std::string_view text);

inline constexpr std::size_t key_to_recipient_size = 80;
using KeyToRecipient = std::array<std::byte, key_to_recipient_size>;

/// A 32-byte key that only the recipient can have again. Asserts a usable key.
KeyToRecipient seal_key_to(const RecipientKey& recipient, KeyView key, Rng& rng);
/// Nothing where it was sealed to somebody else, or was changed.
std::optional<SecureKey> open_key(const RecoveryPair& pair, std::span<const std::byte> sealed);

}  // namespace medflow::crypto
