// Reads HTTP/1.1 requests from the bytes of a connection, one after the other, within limits. Knows no sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/http/gate.hpp"
#include "adapters/http/message.hpp"

namespace medflow::http {

struct ReaderLimits {
  std::size_t header_bytes_max = 32 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  std::size_t chunk_line_bytes_max = 256;         ///< the size of a chunk, with its extensions
  std::size_t chunk_lines_bytes_max = 16 * 1024;  ///< all extensions of one body
  std::uint64_t streamed_bytes_max =
      (std::uint64_t{1} << 30U) + (std::uint64_t{1} << 20U);  ///< of a body that is passed on as it comes
  std::function<bool(const Head&)> streams{};                 ///< of which requests the body is; none: of no request
  GateOptions gate{};
};

class Reader {
 public:
  enum class Event : std::uint8_t {
    need_more,  ///< nothing can be said before more bytes are there
    header,     ///< the header has passed the gate, and a body follows
    request,    ///< the request is whole
    refused,    ///< see `refusal`
  };

  explicit Reader(const ReaderLimits& limits);
  ~Reader();

  /// Memory for bytes to come; never empty.
  std::span<char> space();
  /// `bytes` of the last `space` have been filled.
  void filled(std::size_t bytes);

  /// Goes on with what is there. After `request`, what was read stays in place until `next_request`; after `refused`, nothing more
  /// can be read.
  Event advance();

  const Head& head() const { return head_; }  ///< after `request`; empty while there is none
  std::string& body() { return body_; }
  /// Whether the body is passed on as it comes: `take_body` after each `advance`.
  bool streams() const { return streams_; }
  std::string take_body();
  std::uint64_t body_bytes() const { return taken_ + body_.size(); }
  std::size_t held_bytes() const;  ///< memory of this request, header included, beyond what every connection has
  const Refusal& refusal() const { return refusal_; }
  bool keep_alive() const;        ///< whether the client wants to go on after this request
  bool expects_continue() const;  ///< whether the client waits before it sends the body, none of which is here yet
  bool is_fresh() const;          ///< no byte of the request is here

  /// Forgets the request that was read.
  void next_request();

 private:
  struct Parser;

  Event refuse(const Problem& problem, std::string_view detail = {});
  Event after_header();
  Event after_error();
  void collect_head();

  ReaderLimits limits_;
  std::string buffer_{};  // [0, header end): the header, kept for its views; [parsed_, end_): not parsed yet
  std::size_t parsed_ = 0;
  std::size_t end_ = 0;
  std::size_t header_end_ = 0;  // 0 while the header is not whole
  bool streams_ = false;
  std::uint64_t taken_ = 0;     // of the body
  bool in_chunk_line_ = false;  // the parser waits for the end of a line before a chunk
  std::string body_{};
  Head head_{};
  std::vector<HeaderField> fields_{};
  Refusal refusal_{};
  std::unique_ptr<Parser> parser_;
};

}  // namespace medflow::http
