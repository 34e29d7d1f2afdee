// Behind a proxy the peer is the proxy. What it says about the client is believed only where the proxy was configured.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/message.hpp"

namespace medflow::http {

/// The header that the proxies write: two that could disagree would let a client choose.
enum class ForwardedBy : std::uint8_t {
  x_forwarded_for,
  forwarded,  ///< RFC 7239
};

class Proxies {
 public:
  Proxies() = default;
  /// Addresses and networks such as "10.0.0.7", "10.0.0.0/8" and "2001:db8::/32". Throws std::runtime_error, naming the entry that
  /// is neither.
  Proxies(const std::vector<std::string>& trusted, ForwardedBy header);

  bool trusts(std::string_view address) const;

  /// Whose request this is: of a peer that is trusted, the rightmost address in the header that is not; else the peer. An entry that
  /// is no address ends the walk at the last one that is.
  std::string client(std::string_view peer, std::span<const HeaderField> fields) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> bytes{};
    unsigned bits = 128;
  };
  static std::optional<Network> read(const std::string& text);

  std::vector<Network> networks_{};
  ForwardedBy header_ = ForwardedBy::x_forwarded_for;
};

}  // namespace medflow::http
