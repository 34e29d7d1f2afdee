// Forms (multipart/form-data, RFC 7578), read as they come: texts first, one file, and what follows it only where that is short.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/stream.hpp"

namespace medflow::http {

/// The boundary that a Content-Type names; none where it is no form, or its boundary is none of RFC 2046.
std::optional<std::string> form_boundary(std::string_view content_type);

/// One form, out of a body that is pulled once.
class Form {
 public:
  struct Part {
    std::string name{};
    std::optional<std::string> file_name{};  ///< of a file
    std::string content_type{};
  };

  Form(Pull body, const std::string& boundary);

  /// The head of the next part; none at the end of the form. The content of the part before must have been read to its end.
  Result<std::optional<Part>> next();
  /// The content of a part, piece by piece: 0 at its end.
  Result<std::size_t> pull(std::span<std::byte> out);
  /// All of it. Fails with `too_large` beyond `limit`.
  Result<std::string> text(std::size_t limit);

 private:
  enum class At : std::uint8_t { begin, content, between, end };

  Result<bool> fill();
  Result<bool> have(std::size_t bytes);
  std::size_t rest() const { return buffer_.size() - at_; }
  std::string_view view() const { return std::string_view(buffer_).substr(at_); }
  void skip(std::size_t bytes) { at_ += bytes; }

  Pull body_;
  std::string delimiter_;  ///< CR LF, two hyphens and the boundary
  std::string buffer_{};
  std::size_t at_ = 0;
  bool body_ended_ = false;
  At where_ = At::begin;
};

}  // namespace medflow::http
