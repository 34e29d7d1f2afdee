#include "users/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace medflow::inline v1::users {
namespace {

constexpr std::size_t v4_size = 4;
constexpr std::size_t v6_size = 16;

/// An address as its bytes: four or sixteen of them, none where the text is no address.
class Address {
 public:
  explicit Address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size()) return;
    std::copy(text.begin(), text.end(), terminated.begin());
    if (inet_pton(AF_INET, terminated.data(), bytes_.data()) == 1) {
      size_ = v4_size;
    } else if (inet_pton(AF_INET6, terminated.data(), bytes_.data()) == 1) {
      size_ = v6_size;
      unmap();
    }
  }

  std::span<const std::uint8_t> bytes() const { return std::span(bytes_).first(size_); }

 private:
  /// ::ffff:a.b.c.d is a.b.c.d (RFC 4291, section 2.5.5.2).
  void unmap() {
    constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!std::equal(prefix.begin(), prefix.end(), bytes_.begin())) return;
    std::copy(bytes_.begin() + prefix.size(), bytes_.end(), bytes_.begin());
    size_ = v4_size;
  }

  std::array<std::uint8_t, v6_size> bytes_{};
  std::size_t size_ = 0;
};

sessions::Network network_of_v4(std::span<const std::uint8_t> a) {
  using enum sessions::Network;
  if (a[0] == 127) return loopback;
  const bool rfc1918 = a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0U) == 16) || (a[0] == 192 && a[1] == 168);
  const bool link = a[0] == 169 && a[1] == 254;
  return rfc1918 || link ? local : worldwide;
}

sessions::Network network_of_v6(std::span<const std::uint8_t> a) {
  using enum sessions::Network;
  if (a[15] == 1 && std::all_of(a.begin(), a.end() - 1, [](std::uint8_t byte) { return byte == 0; })) return loopback;
  const bool unique_local = (a[0] & 0xfeU) == 0xfc;
  const bool link = a[0] == 0xfe && (a[1] & 0xc0U) == 0x80;
  return unique_local || link ? local : worldwide;
}

}  // namespace

sessions::Network network_of(std::string_view address) {
  const Address parsed(address);
  if (parsed.bytes().size() == v4_size) return network_of_v4(parsed.bytes());
  if (parsed.bytes().size() == v6_size) return network_of_v6(parsed.bytes());
  return sessions::Network::unknown;
}

std::string block_of(std::string_view address) {
  const Address parsed(address);
  const auto bytes = parsed.bytes();
  if (bytes.empty()) return {};
  const auto block = bytes.first(bytes.size() == v4_size ? 3 : 6);
  return {block.begin(), block.end()};
}

}  // namespace medflow::inline v1::users
