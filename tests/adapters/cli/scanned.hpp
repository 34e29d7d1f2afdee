// What a scanner says of bytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

#include "medflow/ports.hpp"

namespace medflow::testing {

inline ScanVerdict scanned(DocumentScanner& scanner, const std::string& bytes) {
  return scanner.scan(
      [&, at = std::size_t{0}](std::span<std::byte> out) mutable {
        const std::size_t count = std::min(out.size(), bytes.size() - at);
        std::memcpy(out.data(), bytes.data() + at, count);
        at += count;
        return count;
      },
      bytes.size());
}

}  // namespace medflow::testing
