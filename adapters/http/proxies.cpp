#include "adapters/http/proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace medflow::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

// IPv4 as the IPv6 addresses that stand for it (RFC 4291, 2.5.5.2): one kind to compare.
std::optional<Bytes> bytes_of(std::string_view address) {
  const std::string text(address);
  Bytes bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) {
    bytes[10] = bytes[11] = 0xFF;
    return bytes;
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

std::string text_of(const Bytes& bytes) {
  char text[INET6_ADDRSTRLEN];
  const bool is_four = bytes[10] == 0xFF && bytes[11] == 0xFF &&
                       std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; });
  if (is_four) return ::inet_ntop(AF_INET, bytes.data() + 12, text, sizeof text);
  return ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// An address with or without a port, IPv6 in brackets where it has one.
std::optional<Bytes> node(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('"') && text.ends_with('"') && text.size() > 1) text = text.substr(1, text.size() - 2);
  if (text.starts_with('[')) return bytes_of(text.substr(1, std::min(text.find(']'), text.size()) - 1));
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return bytes_of(text);
}

// `for=` of one element of Forwarded.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    const std::string_view pair = trimmed(element.substr(0, element.find(';')));
    element.remove_prefix(std::min(element.find(';'), element.size() - 1) + 1);
    if (pair.size() > 4 && equal_ignoring_case(pair.substr(0, 4), "for=")) return pair.substr(4);
  }
  return {};
}

std::string joined(std::span<const HeaderField> fields, std::string_view name) {
  std::string all;
  for (const HeaderField& field : fields)
    if (equal_ignoring_case(field.name, name)) all.append(all.empty() ? "" : ",").append(field.value);
  return all;
}

}  // namespace

std::optional<Proxies::Network> Proxies::read(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto bytes = bytes_of(std::string_view(text).substr(0, slash));
  if (!bytes) return std::nullopt;
  Network network{.bytes = *bytes};
  if (slash == std::string::npos) return network;
  const unsigned before = text.find(':') == std::string::npos ? 96 : 0;
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
  if (error != std::errc{} || stop != end || bits + before > 128) return std::nullopt;
  network.bits = bits + before;
  return network;
}

Proxies::Proxies(const std::vector<std::string>& trusted, ForwardedBy header) : header_(header) {
  for (const std::string& one : trusted) {
    const auto network = read(one);
    if (!network) throw std::runtime_error("a trusted proxy is an address or a network, not \"" + one + "\"");
    networks_.push_back(*network);
  }
}

bool Proxies::trusts(std::string_view address) const {
  if (networks_.empty()) return false;
  const auto bytes = bytes_of(address);
  return bytes && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           const std::size_t whole = network.bits / 8;
           if (std::memcmp(network.bytes.data(), bytes->data(), whole) != 0) return false;
           const unsigned rest = network.bits % 8;
           return rest == 0 || ((network.bytes[whole] ^ (*bytes)[whole]) >> (8 - rest)) == 0;
         });
}

std::string Proxies::client(std::string_view peer, std::span<const HeaderField> fields) const {
  std::string client(peer);
  if (!trusts(peer)) return client;
  const bool by_rfc = header_ == ForwardedBy::forwarded;
  const std::string chain = joined(fields, by_rfc ? "Forwarded" : "X-Forwarded-For");
  std::string_view rest = chain;
  while (!rest.empty() && trusts(client)) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view element = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
    const auto address = node(by_rfc ? for_of(element) : element);
    if (!address) break;
    client = text_of(*address);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
  }
  return client;
}

}  // namespace medflow::http
