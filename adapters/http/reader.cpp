#include "adapters/http/reader.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace medflow::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::basic_parser;

constexpr std::size_t buffer_bytes_first = 4 * 1024;
constexpr std::size_t space_bytes_min = 2 * 1024;
constexpr std::size_t last_chunk_bytes = 5;  // 0 CR LF CR LF: nothing shorter follows a line before a chunk

struct Part {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

enum class Fault : std::uint8_t { none, folded, fields, trailer, chunk_line };

error_code stop() { return beast::http::make_error_code(beast::http::error::bad_value); }

// Beast's parser, keeping what it finds as places in the reader's buffer: the buffer may move while a header arrives.
class Collector final : public basic_parser<true> {
 public:
  Collector(const ReaderLimits& limits, std::vector<std::pair<Part, Part>>& fields, std::string& body)
      : limits_(limits), fields_(fields), body_(body) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.streams ? limits.streamed_bytes_max : limits.body_bytes_max);
    bytes_max = limits.body_bytes_max;
  }

  const char* base = nullptr;  // where the buffer is now
  Part method{};
  Part target{};
  int version = 0;
  Fault fault = Fault::none;
  std::uint64_t bytes_max = 0;  // of the body

 private:
  Part part(beast::string_view text) const {
    return {.begin = static_cast<std::uint32_t>(text.data() - base), .size = static_cast<std::uint32_t>(text.size())};
  }

  void fail(Fault what, error_code& ec) {
    fault = what;
    ec = stop();
  }

  void on_request_impl(beast::http::verb, beast::string_view name, beast::string_view where, int number,
                       error_code&) override {
    method = part(name);
    target = part(where);
    version = number;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     error_code& ec) override {
    if (is_header_done()) return fail(Fault::trailer, ec);
    if (fields_.size() >= limits_.gate.fields_max) return fail(Fault::fields, ec);
    if (is_folded(name, value)) return fail(Fault::folded, ec);
    using beast::http::field::content_length, beast::http::field::transfer_encoding;
    if ((field == content_length || field == transfer_encoding) && !is_exact(name, value)) return fail(Fault::none, ec);
    fields_.emplace_back(part(name), part(value));
  }

  // A value of several lines was copied elsewhere, or has its line break before it: RFC 9112, 5.2 lets us refuse.
  bool is_folded(beast::string_view name, beast::string_view value) const {
    const char* name_end = name.data() + name.size();
    const std::less<> before;
    if (before(value.data(), name_end) || before(base + limits_.header_bytes_max + space_bytes_min, value.data()))
      return true;
    return std::any_of(name_end, value.data(), [](char c) { return c == '\r' || c == '\n'; });
  }

  // Of a field that says where the body ends not even white space may be read in two ways: spaces before the value, nothing else.
  static bool is_exact(beast::string_view name, beast::string_view value) {
    if (value.empty()) return false;
    const char* after_name = name.data() + name.size();
    const bool spaces = std::all_of(after_name + 1, value.data(), [](char c) { return c == ' '; });
    return *after_name == ':' && spaces && value.data()[value.size()] == '\r';
  }

  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&) override {
    if (size) body_.reserve(std::min<std::size_t>(static_cast<std::size_t>(*size), 64UL * 1024));
  }
  std::size_t on_body_impl(beast::string_view bytes, error_code& ec) override { return add(bytes, ec); }

  std::size_t add(beast::string_view bytes, error_code& ec) {
    came_ += bytes.size();
    if (came_ > bytes_max) {
      ec = beast::http::make_error_code(beast::http::error::body_limit);
      return 0;
    }
    body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions, error_code& ec) override {
    extension_bytes_ += extensions.size();
    if (extensions.size() > limits_.chunk_line_bytes_max || extension_bytes_ > limits_.chunk_lines_bytes_max)
      fail(Fault::chunk_line, ec);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& ec) override {
    return add(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  const ReaderLimits& limits_;
  std::vector<std::pair<Part, Part>>& fields_;
  std::string& body_;
  std::size_t extension_bytes_ = 0;
  std::uint64_t came_ = 0;
};

}  // namespace

struct Reader::Parser {
  std::vector<std::pair<Part, Part>> fields{};
  std::optional<Collector> collector{};
  error_code error{};
};

Reader::Reader(const ReaderLimits& limits) : limits_(limits), parser_(std::make_unique<Parser>()) {
  buffer_.resize(buffer_bytes_first);
  next_request();
}

Reader::~Reader() = default;

std::span<char> Reader::space() {
  if (buffer_.size() - end_ < space_bytes_min) buffer_.resize(std::max(buffer_.size() * 2, end_ + space_bytes_min));
  return std::span(buffer_).subspan(end_);
}

std::string Reader::take_body() {
  taken_ += body_.size();
  return std::exchange(body_, {});
}

void Reader::filled(std::size_t bytes) { end_ += bytes; }

std::size_t Reader::held_bytes() const {
  return body_.size() + std::max(buffer_.size(), buffer_bytes_first) - buffer_bytes_first;
}

bool Reader::is_fresh() const { return end_ == 0; }

bool Reader::keep_alive() const { return parser_->collector->keep_alive(); }

bool Reader::expects_continue() const {
  return header_end_ != 0 && parsed_ == end_ && body_.empty() &&
         std::any_of(fields_.begin(), fields_.end(),
                     [](const HeaderField& field) { return equal_ignoring_case(field.name, "Expect"); });
}

void Reader::next_request() {
  if (parsed_ > 0) std::memmove(buffer_.data(), buffer_.data() + parsed_, end_ - parsed_);
  end_ -= parsed_;
  parsed_ = 0;
  if (buffer_.size() > buffer_bytes_first && end_ < buffer_bytes_first) {  // a large header is not the next one's
    buffer_.resize(buffer_bytes_first);
    buffer_.shrink_to_fit();
  }
  header_end_ = 0;
  in_chunk_line_ = false;
  streams_ = false;
  taken_ = 0;
  head_ = {};
  body_.clear();
  parser_->fields.clear();
  parser_->collector.emplace(limits_, parser_->fields, body_);
}

Reader::Event Reader::advance() {
  Collector& collector = *parser_->collector;
  // Beast asserts that a last chunk which it has seen a part of comes with at least this much at its next call.
  if (in_chunk_line_ && end_ - parsed_ < last_chunk_bytes) return Event::need_more;
  in_chunk_line_ = false;
  while (parsed_ < end_) {
    const bool had_header = collector.is_header_done();
    collector.base = buffer_.data();
    parser_->error = {};
    parsed_ += collector.put({buffer_.data() + parsed_, end_ - parsed_}, parser_->error);
    if (parser_->error) return after_error();
    if (!had_header && collector.is_header_done())
      if (const Event event = after_header(); event != Event::need_more) return event;
    if (!collector.is_done()) continue;
    collect_head();  // the buffer may have moved since the header was whole
    return Event::request;
  }
  // The bytes of a body have been copied: their room is free again.
  if (header_end_ != 0) parsed_ = end_ = header_end_;
  return Event::need_more;
}

Reader::Event Reader::after_header() {
  header_end_ = parsed_;
  if (header_end_ > limits_.header_bytes_max) return refuse(problems::header_too_large);
  collect_head();
  if (auto refusal = gate(head_, limits_.gate)) {
    refusal_ = *refusal;
    return Event::refused;
  }
  Collector& collector = *parser_->collector;
  if (collector.is_done()) return Event::need_more;
  streams_ = limits_.streams && limits_.streams(head_);
  if (streams_) {
    collector.bytes_max = limits_.streamed_bytes_max;
  } else if (limits_.streams && collector.content_length() && *collector.content_length() > limits_.body_bytes_max) {
    return refuse(problems::too_large);
  }
  return Event::header;
}

Reader::Event Reader::after_error() {
  namespace http = beast::http;
  const Collector& collector = *parser_->collector;
  const error_code& error = parser_->error;
  if (error == http::error::need_more) {
    if (!collector.is_header_done())
      return end_ >= limits_.header_bytes_max ? refuse(problems::header_too_large) : Event::need_more;
    // Only the line before a chunk waits for its end.
    if (end_ - parsed_ > limits_.chunk_line_bytes_max)
      return refuse(problems::framing, "The line before a chunk is too long.");
    in_chunk_line_ = true;
    return Event::need_more;
  }
  if (error == http::error::body_limit) return refuse(problems::too_large);
  if (error == http::error::header_limit) return refuse(problems::header_too_large);
  if (error == http::error::bad_version) return refuse(problems::version);
  switch (collector.fault) {
    case Fault::fields:
      return refuse(problems::header_too_large, "The header has too many fields.");
    case Fault::folded:
      return refuse(problems::framing, "A header field runs over several lines.");
    case Fault::trailer:
      return refuse(problems::framing, "Trailers are not accepted.");
    case Fault::chunk_line:
      return refuse(problems::framing, "The line before a chunk is too long.");
    case Fault::none:
      break;
  }
  return refuse(problems::framing, "This is not a request of HTTP/1.1.");
}

Reader::Event Reader::refuse(const Problem& problem, std::string_view detail) {
  refusal_ = {.problem = &problem, .detail = detail, .close = true};
  return Event::refused;
}

void Reader::collect_head() {
  const Collector& collector = *parser_->collector;
  const auto text = [&](const Part& part) { return std::string_view(buffer_).substr(part.begin, part.size); };
  fields_.clear();
  for (const auto& [name, value] : parser_->fields) fields_.push_back({.name = text(name), .value = text(value)});
  head_ = {.method = text(collector.method),
           .target = text(collector.target),
           .version = collector.version,
           .fields = fields_};
}

}  // namespace medflow::http
