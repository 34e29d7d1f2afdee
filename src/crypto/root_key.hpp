// Codes of the root key providers, which medflow/ports.hpp declares, and what they share.
#pragma once

#include <memory>

#include "crypto/secret.hpp"
#include "medflow/error.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {

namespace codes {
inline constexpr Code root_key_exists{"key.exists", Errc::conflict, "A root key file is never overwritten."};
inline constexpr Code key_unavailable{"key.unavailable", Errc::unavailable,
                                      "Whoever keeps the root key cannot answer now.", true};
}  // namespace codes

/// A provider of one key, in a guarded region of its own.
std::shared_ptr<RootKeyProvider> one_root_key(KeyView key);

}  // namespace medflow::crypto
