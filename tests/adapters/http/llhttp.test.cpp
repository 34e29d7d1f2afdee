// The requests of llhttp's own tests (../shared/data/http) through the reader. Its expected events are an oracle that nobody here wrote:
// what we accept must be what it read, request by request; what we refuse is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/adapters/http/reading.hpp"
#include "tests/support/shared_data.hpp"

namespace fs = std::filesystem;
using things::read_all;
using things::Seen;
using things::SeenRequest;

namespace {

struct Case {
  std::string name{};
  std::string bytes{};
  std::vector<SeenRequest> complete{};  ///< as llhttp read them
  bool strict = false;                  ///< not one of its lenient modes
  bool fails = false;                   ///< llhttp ends with an error
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The notation of these files: CRLF for a line break, a backslash at a line's end joins it with the next, \r \n \t \f \xHH.
std::string bytes_of(std::string_view block) {
  if (block.ends_with('\n')) block.remove_suffix(1);
  std::string out;
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (block[i] == '\n') {
      out += "\r\n";
      continue;
    }
    if (block[i] != '\\' || i + 1 == block.size()) {
      out += block[i];
      continue;
    }
    const char next = block[++i];
    const std::string_view escapes = "rntf";
    if (next == '\n') continue;
    if (const std::size_t at = escapes.find(next); at != std::string_view::npos) {
      out += "\r\n\t\f"[at];
    } else if (next == 'x') {
      std::size_t digits = 0;
      while (digits < 2 && i + 1 + digits < block.size() &&
             std::isxdigit(static_cast<unsigned char>(block[i + 1 + digits])))
        ++digits;
      out += static_cast<char>(std::stoi(std::string(block.substr(i + 1, digits)), nullptr, 16));
      i += digits;
    } else {
      out.append("\\").append(1, next);
    }
  }
  return out;
}

// Spans are given by their places: their texts are taken from the bytes.
void read_log(std::string_view log, Case& one) {
  SeenRequest current;
  while (!log.empty()) {
    const std::string line(log.substr(0, log.find('\n')));
    log.remove_prefix(std::min(line.size() + 1, log.size()));
    static const std::regex span_line(R"(off=(\d+) len=(\d+) span\[([a-z_]+)\].*)");
    std::smatch parts;
    if (std::regex_match(line, parts, span_line)) {
      const std::size_t offset = std::min<std::size_t>(std::stoul(parts[1]), one.bytes.size());
      const std::string span = one.bytes.substr(offset, std::stoul(parts[2]));
      if (parts[3] == "method") current.method += span;
      if (parts[3] == "url") current.target += span;
      if (parts[3] == "body") current.body += span;
    } else if (line.find("message complete") != std::string::npos) {
      one.complete.push_back(std::exchange(current, {}));
    } else if (line.find("error code=") != std::string::npos) {
      one.fails = true;
    }
  }
}

std::vector<Case> cases_of(const fs::path& file) {
  std::vector<Case> cases;
  const std::string text = text_of(file);
  for (std::size_t at = text.find("```http\n"); at != std::string::npos; at = text.find("```http\n", at + 1)) {
    Case one;
    const std::size_t begin = at + 8;
    const std::size_t end = text.find("```", begin);
    const std::size_t meta = text.rfind("<!-- meta=", at);
    const std::size_t log = text.find("```log\n", end);
    if (meta == std::string::npos || log == std::string::npos) continue;
    const std::size_t title = text.rfind("\n#", at);
    one.name = file.filename().string() + ":" + text.substr(title + 1, text.find('\n', title + 1) - title - 1);
    one.strict = text.substr(meta, text.find("-->", meta) - meta).find("\"request\"") != std::string::npos;
    one.bytes = bytes_of(std::string_view(text).substr(begin, end - begin));
    read_log(std::string_view(text).substr(log + 7, text.find("```", log + 7) - log - 7), one);
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace

TEST_CASE("API-8: llhttp's requests are read as it reads them, or refused with the connection closed") {
  const fs::path folder = medflow::testing::shared_data("http/llhttp-request");
  if (folder.empty()) return;
  std::size_t total = 0;
  std::size_t accepted = 0;
  std::size_t with_host = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    for (const Case& one : cases_of(entry.path())) {
      CAPTURE(one.name);
      CAPTURE(one.bytes);
      const Seen seen = read_all(one.bytes);
      ++total;
      accepted += seen.requests.empty() ? 0 : 1;
      if (seen.refused != nullptr) CHECK(seen.closes);
      REQUIRE(seen.requests.size() <= one.complete.size());
      for (std::size_t i = 0; i < seen.requests.size(); ++i) CHECK(seen.requests[i] == one.complete[i]);
      const std::size_t line = one.bytes.find("\r\n");
      if (seen.requests.empty() && line != std::string::npos && !one.complete.empty()) {  // most of them name no host
        const Seen named = read_all(one.bytes.substr(0, line + 2) + "Host: a\r\n" + one.bytes.substr(line + 2));
        if (!named.requests.empty()) CHECK(named.requests.front() == one.complete.front());
        with_host += named.requests.empty() ? 0 : 1;
      }
      const Seen slowly = read_all(one.bytes, 1);
      CHECK(slowly.requests == seen.requests);
      if (slowly.refused != nullptr) CHECK(seen.refused != nullptr);  // it may still wait for the end of the header
    }
  }
  MESSAGE(total << " inputs, " << accepted << " of them with a request that was accepted, " << with_host
                << " more once a Host was put in");
  CHECK(total > 100);
  CHECK(accepted + with_host > 20);
}
