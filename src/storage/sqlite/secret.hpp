// A key in memory that is wiped when it is no longer needed.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>

namespace medflow::inline v1::storage::sqlite {

/// A page key and its salt, or nothing.
class Secret {
 public:
  static constexpr std::size_t size = 48;

  Secret() = default;
  explicit Secret(std::span<const std::byte, size> bytes) : present_(true) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  ~Secret() { ::explicit_bzero(bytes_.data(), bytes_.size()); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;

  bool empty() const { return !present_; }
  std::span<const std::byte, size> bytes() const { return bytes_; }

 private:
  std::array<std::byte, size> bytes_{};
  bool present_ = false;
};

}  // namespace medflow::inline v1::storage::sqlite
