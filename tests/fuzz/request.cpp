// The reader and the gate: requests are the same however their bytes are cut, they are what a plain reading finds, and they can be
// written again as what they are.
//   input: small limits where bit 7 is set, and the size of a piece, 1 byte | the bytes of a connection
#include <string>
#include <vector>

#include "tests/adapters/http/reading.hpp"
#include "tests/adapters/http/smuggling.hpp"
#include "tests/fuzz/plain_reading.hpp"
#include "tests/fuzz/target.hpp"

namespace medflow::fuzz {
namespace {

const http::ReaderLimits small{.header_bytes_max = 256,
                               .body_bytes_max = 64,
                               .chunk_line_bytes_max = 16,
                               .chunk_lines_bytes_max = 32,
                               .gate = {.target_bytes_max = 64, .fields_max = 8}};

/// The plant: a line may end with a bare line feed.
std::string forgiven(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

struct Read {
  std::vector<PlainRequest> requests{};
  things::Ending end{};
};

Read read(std::string_view bytes, std::size_t piece, const http::ReaderLimits& limits) {
  Read out;
  const std::string changed = planted ? forgiven(bytes) : std::string();
  out.end =
      things::read_each(planted ? changed : bytes, piece, limits, [&](const http::Head& head, const std::string& body) {
        PlainRequest one{.method = std::string(head.method), .target = std::string(head.target)};
        for (const http::HeaderField& field : head.fields) one.fields.emplace_back(field.name, field.value);
        one.body = body;
        out.requests.push_back(std::move(one));
      });
  return out;
}

/// Without what says how the body is framed.
PlainRequest unframed(const PlainRequest& request) {
  PlainRequest out = request;
  std::erase_if(out.fields, [](const auto& field) {
    const std::string name = lower_case(field.first);
    return name == "content-length" || name == "transfer-encoding";
  });
  return out;
}

std::string written(const PlainRequest& request) {
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.fields) out += name + ": " + value + "\r\n";
  return out + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
}

void run(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t how = input.byte();
  const http::ReaderLimits limits = how >= 0x80 ? small : http::ReaderLimits{};
  const std::string_view stream = input.rest();

  const Read whole = read(stream, std::size_t{1} << 20U, limits);
  const Read pieces = read(stream, 1 + how % 0x80U, limits);
  demand(whole.requests == pieces.requests, "requests are the same however their bytes are cut");
  // One may still wait for the end of a line; and of two reasons, one of them a limit, either may be met first.
  if (how < 0x80 && whole.end.refused != nullptr && pieces.end.refused != nullptr)
    demand(whole.end.refused == pieces.end.refused, "a refusal is the same however the bytes are cut");

  PlainReading plain(stream);
  for (const PlainRequest& request : whole.requests) {
    demand(plain.next() == request, "a request is what a plain reading finds");
    demand(request.body.size() <= limits.body_bytes_max, "a body keeps to its limit");
    const PlainRequest bare = unframed(request);
    http::ReaderLimits roomy;
    roomy.gate.fields_max = limits.gate.fields_max + 1;  // one that had no body gets a length
    const Read again = read(written(bare), std::size_t{1} << 20U, roomy);
    demand(again.requests.size() == 1 && unframed(again.requests[0]) == bare,
           "a request that was accepted can be written again as what it is");
  }
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  std::uint8_t how = 0;
  for (const things::Smuggled& one : things::SmugglingCorpus::make()) {
    all.push_back(static_cast<char>(how) + one.bytes + std::string(things::SmugglingCorpus::end));
    how = static_cast<std::uint8_t>(how + 37);
  }
  all.emplace_back(
      "\3GET /one HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"
      "POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello"
      "POST /three HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n "
      "world\r\n0\r\n\r\n"
      "PUT /four?q=%20a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  return all;
}

}  // namespace

const Target request_target{
    .name = "request", .plant = "a line may end with a bare line feed", .run = run, .seeds = seeds};

}  // namespace medflow::fuzz
