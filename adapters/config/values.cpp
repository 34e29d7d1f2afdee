#include "adapters/config/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace medflow::config {
namespace {

constexpr std::string_view mask = "********";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The end of "scheme://"; npos where the text does not begin so, or nothing follows.
std::size_t after_scheme(std::string_view text) {
  const std::size_t at = text.find("://");
  if (at == std::string_view::npos || at == 0 || at + 3 == text.size()) return std::string_view::npos;
  const bool good = std::ranges::all_of(text.substr(0, at), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-';
  });
  return good && text.find(' ') == std::string_view::npos ? at + 3 : std::string_view::npos;
}

bool is_origin(std::string_view text) {
  const std::size_t host = after_scheme(text);
  if (host == std::string_view::npos) return false;
  if (!text.starts_with("http://") && !text.starts_with("https://")) return false;
  return text.find_first_of("/?#@", host) == std::string_view::npos;
}

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  });
}

bool is_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  std::array<unsigned char, 16> bytes{};
  const bool four = ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!four && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string_view::npos) return true;
  const auto bits = parse_integer(text.substr(slash + 1));
  return bits && *bits <= (four ? 32 : 128);
}

std::string range_of(const Row& row) { return std::to_string(row.min) + " to " + std::to_string(row.max); }

/// A URL without its password: libpq takes one before the @, and as a parameter.
std::string without_password(std::string shown) {
  if (const std::size_t host = after_scheme(shown); host != std::string::npos) {
    const std::size_t end = shown.find_first_of("/?", host);
    const std::size_t at = shown.rfind('@', end);
    const std::size_t colon = shown.find(':', host);
    if (at != std::string::npos && at >= host && colon < at) shown.replace(colon + 1, at - colon - 1, mask);
  }
  for (std::size_t from = shown.find("password="); from != std::string::npos; from = shown.find("password=", from)) {
    from += std::string_view("password=").size();
    const std::size_t end = std::min(shown.find('&', from), shown.size());
    shown.replace(from, end - from, mask);
  }
  return shown;
}

bool is_placement(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name != "default" &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_slug(std::string_view text) {
  return text.size() >= 3 && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// A host as a request names it, but for the port: an address of IPv6 stands in brackets.
bool is_host_without_port(std::string_view text) {
  if (text.starts_with('[')) return text.ends_with(']') && text.size() > 2 && is_host(text);
  return is_host(text) && text.find_first_of(":[]") == std::string_view::npos;
}

bool is_same_host(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string complaint_engines(std::string_view text) {
  const auto engines = parse_engines(text);
  return engines ? ""
                 : "must be name=URL, comma between several: each name once, of a to z, 0 to 9 and '-', and not "
                   "\"default\"";
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  if (!whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  constexpr std::pair<char, std::int64_t> units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  constexpr std::int64_t longest_s = 10'000 * std::int64_t{86400};
  for (const auto& [letter, seconds] : units) {
    if (text.empty() || text.back() != letter) continue;
    const auto count = parse_integer(text.substr(0, text.size() - 1));
    if (!count || *count > longest_s / seconds) return std::nullopt;
    return *count * seconds;
  }
  return std::nullopt;
}

std::optional<EngineUrl> parse_engine(std::string_view text) {
  if (text == "memory:") return EngineUrl{.kind = EngineKind::memory};
  for (const auto& [scheme, kind] : {std::pair<std::string_view, EngineKind>{"sqlite:", EngineKind::sqlite},
                                     {"sqlcipher:", EngineKind::sqlcipher}}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view folder = text.substr(scheme.size());
    if (folder.empty() || std::ranges::any_of(folder, is_control)) return std::nullopt;
    return EngineUrl{.kind = kind, .folder = std::string(folder)};
  }
  if ((text.starts_with("postgresql://") || text.starts_with("postgres://")) &&
      after_scheme(text) != std::string_view::npos)
    return EngineUrl{.kind = EngineKind::postgresql, .url = std::string(text)};
  return std::nullopt;
}

std::optional<std::map<std::string, EngineUrl>> parse_engines(std::string_view text) {
  std::map<std::string, EngineUrl> engines;
  for (const std::string& part : parse_list(text)) {
    const std::size_t equal = part.find('=');
    if (equal == std::string::npos || !is_placement(std::string_view(part).substr(0, equal))) return std::nullopt;
    const auto engine = parse_engine(std::string_view(part).substr(equal + 1));
    if (!engine || !engines.emplace(part.substr(0, equal), *engine).second) return std::nullopt;
  }
  return engines;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_tenants(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> tenants;
  for (const std::string& part : parse_list(text)) {
    const std::size_t equal = part.find('=');
    if (equal == std::string::npos) return std::nullopt;
    std::string host = part.substr(0, equal);
    std::string slug = part.substr(equal + 1);
    const bool is_known = std::ranges::any_of(tenants, [&](const auto& one) { return is_same_host(one.first, host); });
    if (is_known || !is_host_without_port(host) || !is_slug(slug)) return std::nullopt;
    tenants.emplace_back(std::move(host), std::move(slug));
  }
  return tenants;
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> parts;
  if (trimmed(text).empty()) return parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    parts.emplace_back(trimmed(text.substr(from, comma - from)));
    from = comma + 1;
  }
  return parts;
}

std::string complaint(const Row& row, std::string_view text) {
  if (std::ranges::any_of(text, is_control)) return "must be one line of text";
  if (row.fate == Fate::unused || text.empty()) return {};
  switch (row.form) {
    case Form::text:
      return {};
    case Form::path:
      return {};
    case Form::word: {
      const auto words = parse_list(row.words);
      if (std::ranges::find(words, text) != words.end()) return {};
      return words.size() == 1 ? "must be " + words.front() : "must be one of " + std::string(row.words);
    }
    case Form::integer: {
      const auto value = parse_integer(text);
      return value && *value >= row.min && *value <= row.max ? "" : "must be a whole number from " + range_of(row);
    }
    case Form::duration: {
      const auto seconds = parse_duration(text);
      if (!seconds) return "must be a number followed by s, m, h or d, such as 15m";
      return *seconds >= row.min && *seconds <= row.max ? "" : "must be from " + range_of(row) + " seconds";
    }
    case Form::engine:
      return parse_engine(text) ? "" : "must be memory:, sqlite:DIR, sqlcipher:DIR or postgresql://…";
    case Form::engines:
      return complaint_engines(text);
    case Form::url:
      return after_scheme(text) == std::string_view::npos ? "must be a URL" : "";
    case Form::origins:
      return std::ranges::all_of(parse_list(text), is_origin)
                 ? ""
                 : "must be origins such as https://clinic.example, comma between them, without a path";
    case Form::hosts:
      return std::ranges::all_of(parse_list(text), is_host) ? "" : "must be host names, comma between them";
    case Form::slug:
      return is_slug(text) ? "" : "must be a tenant's slug: 3 to 40 of a to z, 0 to 9 and '-'";
    case Form::tenants:
      return parse_tenants(text) ? ""
                                 : "must be host=slug, comma between several: each host once, without a port, and a "
                                   "tenant's slug";
    case Form::networks:
      return std::ranges::all_of(parse_list(text), is_network)
                 ? ""
                 : "must be addresses such as 10.0.0.7 or networks such as 10.0.0.0/8, comma between them";
    case Form::words:
      return std::ranges::all_of(parse_list(text), is_word) ? "" : "must be words, comma between them";
  }
  return {};
}

std::string masked(const Row& row, std::string_view text) {
  if (text.empty()) return {};
  if (row.secret) return std::string(mask);
  if (row.form == Form::engine) return without_password(std::string(text));
  if (row.form != Form::engines) return std::string(text);
  std::string shown;
  for (const std::string& part : parse_list(text)) {
    const std::size_t url = std::min(part.find('='), part.size() - 1) + 1;  // the scheme begins behind the name
    shown += (shown.empty() ? "" : ",") + part.substr(0, url) + without_password(part.substr(url));
  }
  return shown;
}

}  // namespace medflow::config
