// A second reading of HTTP/1.1 requests, as plain as RFC 9112 allows: lines end with CR LF and nothing else, a body has a decimal
// length or chunks. It forgives nothing and shares nothing with the reader: what that accepts must stand here as well.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medflow::fuzz {

struct PlainRequest {
  std::string method{};
  std::string target{};
  std::vector<std::pair<std::string, std::string>> fields{};
  std::string body{};

  friend bool operator==(const PlainRequest&, const PlainRequest&) = default;
};

inline std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

class PlainReading {
 public:
  explicit PlainReading(std::string_view bytes) : rest_(bytes) {}

  /// The next request; nothing where the bytes are none, or not all of one.
  std::optional<PlainRequest> next() {
    PlainRequest request;
    std::string_view line;
    if (!take_line(line) || !request_line(line, request)) return std::nullopt;
    while (take_line(line) && !line.empty())
      if (!field(line, request)) return std::nullopt;
    if (line.data() == nullptr || !body(request)) return std::nullopt;
    return request;
  }

 private:
  bool take_line(std::string_view& line) {
    line = {};
    const std::size_t end = rest_.find_first_of("\r\n");
    if (end == std::string_view::npos || !rest_.substr(end).starts_with("\r\n")) return false;
    line = rest_.substr(0, end);
    rest_.remove_prefix(end + 2);
    return true;
  }

  static bool request_line(std::string_view line, PlainRequest& request) {
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || line.substr(std::min(second, line.size())) != " HTTP/1.1") return false;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, second - first - 1);
    return true;
  }

  static bool field(std::string_view line, PlainRequest& request) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    request.fields.emplace_back(line.substr(0, colon), value);
    return true;
  }

  static bool number(std::string_view digits, int base, std::size_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return error == std::errc{} && end == digits.data() + digits.size();
  }

  bool body(PlainRequest& request) {
    std::optional<std::size_t> length;
    bool chunked = false;
    for (const auto& [name, value] : request.fields) {
      std::size_t said = 0;
      const std::string lower = lower_case(name);
      chunked |= lower == "transfer-encoding" && value == "chunked";
      if (lower == "transfer-encoding" && !chunked) return false;
      if (lower != "content-length") continue;
      if (length || !number(value, 10, said)) return false;
      length = said;
    }
    if (chunked) return !length && chunks(request.body);
    return take(length.value_or(0), request.body);
  }

  bool take(std::size_t count, std::string& out) {
    if (rest_.size() < count) return false;
    out.append(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return true;
  }

  bool chunks(std::string& out) {
    while (true) {
      std::string_view line;
      std::size_t size = 0;
      if (!take_line(line)) return false;
      std::string_view digits = line.substr(0, line.find(';'));
      while (digits.ends_with(' ') || digits.ends_with('\t')) digits.remove_suffix(1);
      if (!number(digits, 16, size) || !take(size, out)) return false;
      if (!take_line(line) || !line.empty()) return false;
      if (size == 0) return true;
    }
  }

  std::string_view rest_;
};

}  // namespace medflow::fuzz
