#include "adapters/http/gate.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "adapters/http/uri.hpp"

namespace medflow::http {
namespace {

using Found = std::optional<Refusal>;

Refusal refuse(const Problem& problem, std::string_view detail, bool close = true) {
  return {.problem = &problem, .detail = detail, .close = close};
}

constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

// Fields whose meaning would be in doubt if they came twice.
constexpr std::string_view single_fields[] = {"Authorization",  "Content-Type",      "Cookie",          "Origin",
                                              "Content-Length", "Transfer-Encoding", "Expect",          "If-Match",
                                              "Medflow-Reason", "Medflow-Tenant",    "Content-Encoding"};

constexpr bool is_token_character(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         others.find(c) != std::string_view::npos;
}

constexpr bool is_value_character(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }

// Which characters are of a kind: every character of every header is asked.
template <bool (*Is)(char)>
bool all_are(std::string_view text) {
  static constexpr auto table = [] {
    std::array<bool, 256> is{};
    for (std::size_t i = 0; i < is.size(); ++i) is[i] = Is(static_cast<char>(i));
    return is;
  }();
  bool all = true;
  for (const char c : text) all &= table[static_cast<unsigned char>(c)];
  return all;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Found check_fields(std::span<const HeaderField> fields) {
  for (const HeaderField& field : fields) {
    if (field.name.empty() || !all_are<is_token_character>(field.name))
      return refuse(problems::framing, "A header field has a name that is not a token.");
    if (!all_are<is_value_character>(field.value))
      return refuse(problems::framing, "A header field has a control character in its value.");
  }
  return std::nullopt;
}

// Finds the fields that matter here in one walk over the header.
struct FoundFields {
  const HeaderField* host = nullptr;
  const HeaderField* length = nullptr;
  const HeaderField* transfer = nullptr;
  const HeaderField* expect = nullptr;
  bool hosts_many = false;
  bool trailer = false;
  bool upgrade = false;
  bool content_encoding = false;
};

FoundFields find_fields(std::span<const HeaderField> fields) {
  FoundFields found;
  for (const HeaderField& field : fields) {
    switch (field.name.size()) {
      case 4:
        if (!equal_ignoring_case(field.name, "Host")) break;
        found.hosts_many = found.host != nullptr;
        found.host = &field;
        break;
      case 6:
        if (equal_ignoring_case(field.name, "Expect")) found.expect = &field;
        break;
      case 7:
        found.trailer |= equal_ignoring_case(field.name, "Trailer");
        found.upgrade |= equal_ignoring_case(field.name, "Upgrade");
        break;
      case 14:
        if (equal_ignoring_case(field.name, "Content-Length")) found.length = &field;
        break;
      case 16:
        found.content_encoding |= equal_ignoring_case(field.name, "Content-Encoding");
        break;
      case 17:
        if (equal_ignoring_case(field.name, "Transfer-Encoding")) found.transfer = &field;
        break;
      default:
        break;
    }
  }
  return found;
}

Found check_repeats(std::span<const HeaderField> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (std::size_t j = i + 1; j < fields.size(); ++j) {
      if (!equal_ignoring_case(fields[i].name, fields[j].name)) continue;
      for (const std::string_view name : single_fields)
        if (equal_ignoring_case(fields[i].name, name))
          return refuse(problems::framing, "A header field that may come only once comes twice.");
    }
  return std::nullopt;
}

Found check_framing(const Head& head, const FoundFields& found) {
  if (found.transfer != nullptr) {
    if (head.version != 11) return refuse(problems::framing, "Transfer-Encoding needs HTTP/1.1.");
    if (found.length != nullptr)
      return refuse(problems::framing, "Content-Length and Transfer-Encoding exclude each other.");
    if (found.transfer->value != "chunked")
      return refuse(problems::framing, "The only Transfer-Encoding known is: chunked");
  }
  if (found.length != nullptr && (!is_digits(found.length->value) || found.length->value.size() > 18))
    return refuse(problems::framing, "Content-Length is one decimal number.");
  if (found.trailer) return refuse(problems::framing, "Trailers are not accepted.");
  if (found.upgrade) return refuse(problems::framing, "This server upgrades to nothing.");
  if (found.expect != nullptr && !equal_ignoring_case(found.expect->value, "100-continue"))
    return refuse(problems::framing, "The only expectation known is 100-continue.");
  return std::nullopt;
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
}

// Host = uri-host [ ":" port ] (RFC 9110, 7.2): a name, an IPv4 address, or an IPv6 address in brackets.
std::optional<std::string_view> host_name(std::string_view value) {
  std::string_view name = value;
  std::string_view port;
  if (value.starts_with('[')) {
    const std::size_t end = value.find(']');
    if (end == std::string_view::npos || end < 3) return std::nullopt;
    name = value.substr(0, end + 1);
    const std::string_view inside = value.substr(1, end - 1);
    if (!std::all_of(inside.begin(), inside.end(), [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; }))
      return std::nullopt;
    port = value.substr(end + 1);
  } else {
    const std::size_t colon = value.find(':');
    name = value.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : value.substr(colon);
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_host_character)) return std::nullopt;
  }
  if (!port.empty() && (port[0] != ':' || !is_digits(port.substr(1)) || port.size() > 6)) return std::nullopt;
  return name;
}

Found check_host(const FoundFields& found, std::span<const std::string_view> hosts) {
  if (found.host == nullptr || found.hosts_many) return refuse(problems::framing, "A request has exactly one Host.");
  const auto name = host_name(found.host->value);
  if (!name) return refuse(problems::framing, "Host is not a host name.");
  if (hosts.empty()) return std::nullopt;
  for (const std::string_view served : hosts)
    if (equal_ignoring_case(*name, served)) return std::nullopt;
  return refuse(problems::host, {});
}

// What every segment of a path must keep to, looked at after decoding it once.
bool is_good_segment(std::string_view encoded) {
  const bool escaped = encoded.find('%') != std::string_view::npos;
  const std::optional<std::string> once = escaped ? percent_decoded(encoded) : std::nullopt;
  if (escaped && !once) return false;
  const std::string_view segment = escaped ? std::string_view(*once) : encoded;
  if (segment.empty() || segment == "." || segment.find("..") != std::string_view::npos) return false;
  return std::all_of(segment.begin(), segment.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '/' && c != '\\';
  });
}

bool is_good_path(std::string_view path) {
  if (path == "/") return true;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    if (!is_good_segment(segment)) return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

Found check_target(std::string_view target, std::size_t bytes_max) {
  if (target.size() > bytes_max) return refuse(problems::uri_too_long, {});
  if (!target.starts_with('/')) return refuse(problems::target, "The target must begin with a slash.");
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] <= ' ' || target[i] >= 0x7F || target[i] == '#')
      return refuse(problems::target, "The target holds a character that must be escaped.");
    if (target[i] != '%') continue;
    if (i + 2 >= target.size() || hex_digit(target[i + 1]) < 0 || hex_digit(target[i + 2]) < 0)
      return refuse(problems::target, "The target holds a broken escape.");
    if (target[i + 1] == '0' && target[i + 2] == '0')
      return refuse(problems::target, "The target holds an escaped NUL.");
  }
  if (!is_good_path(target.substr(0, target.find('?'))))
    return refuse(problems::target, "The path has an empty segment, a dot segment or a forbidden character.");
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> gate(const Head& head, const GateOptions& options) {
  if (head.version != 11 && head.version != 10) return refuse(problems::version, {});
  if (head.fields.size() > options.fields_max)
    return refuse(problems::header_too_large, "The header has too many fields.");
  if (auto refusal = check_fields(head.fields)) return refusal;
  if (auto refusal = check_repeats(head.fields)) return refusal;
  const FoundFields found = find_fields(head.fields);
  if (auto refusal = check_framing(head, found)) return refusal;
  if (head.version != 11) return refuse(problems::version, {});
  if (auto refusal = check_host(found, options.hosts)) return refusal;
  if (auto refusal = check_target(head.target, options.target_bytes_max)) return refusal;
  if (std::find(std::begin(methods), std::end(methods), head.method) == std::end(methods))
    return refuse(problems::not_implemented, {});
  if (found.content_encoding) return refuse(problems::unsupported_media, "Content must come without an encoding.");
  return std::nullopt;
}

}  // namespace medflow::http
