// The recovery file (SEC-6): the secret half of a key pair that is kept offline. Copies of key stores are sealed to the public half, so
// that a machine writes copies which it cannot read, and whoever brings the file can.
#pragma once

#include <string>

#include "medflow/ports.hpp"

namespace medflow::inline v1 {

/// What may be told of a recovery file.
struct RecoveryRecipient {
  std::string public_key{};   ///< X25519, 64 hexadecimal digits
  std::string fingerprint{};  ///< for people to compare: eight groups of four hexadecimal digits
};

/// Makes a new key pair and writes its file, mode 0600. Refuses to overwrite one: Failure `recovery.exists`.
MEDFLOW_API RecoveryRecipient create_recovery_file(const std::string& path, Rng& rng);

/// Reads such a file. Throws Failure `key.mismatch` where it cannot be read or others may read it, `recovery.unreadable` where it is none.
MEDFLOW_API RecoveryRecipient read_recovery_file(const std::string& path);

}  // namespace medflow::inline v1
