// Files that hold keys: mode 0600, owned by the effective user, never overwritten.
#pragma once

#include <string>
#include <string_view>

#include "crypto/secret.hpp"

namespace medflow::crypto {

/// Fails with `key.mismatch`, which names the file and what is wrong with it.
[[noreturn]] void refuse_key_file(const std::string& path, std::string_view why);

/// The bytes of a key file, at most `bytes_max`. Refuses, as above, what is no regular file, belongs to another user, has another mode,
/// or is longer. Not blocking: a FIFO is refused, not waited for.
SecureBytes read_key_file(const std::string& path, std::size_t bytes_max);

/// Makes a key file, durable when it returns. Throws Failure `key.exists`, `store.unavailable`; leaves no half of a file.
void write_key_file(const std::string& path, std::string_view text);

}  // namespace medflow::crypto
