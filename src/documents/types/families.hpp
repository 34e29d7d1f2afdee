// The inspectors of the families, and what they share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "documents/entities.hpp"
#include "documents/types/inspector.hpp"

namespace medflow::inline v1::documents::types {

std::unique_ptr<Inspector> inspect_jpeg();
std::unique_ptr<Inspector> inspect_png();
std::unique_ptr<Inspector> inspect_pdf(bool programs_allowed);
std::unique_ptr<Inspector> inspect_doc();
std::unique_ptr<Inspector> inspect_docx(bool macros_allowed);
std::unique_ptr<Inspector> inspect_tiff();
std::unique_ptr<Inspector> inspect_webp();
std::unique_ptr<Inspector> inspect_dicom();
std::unique_ptr<Inspector> inspect_text();
std::unique_ptr<Inspector> inspect_xml();
std::unique_ptr<Inspector> inspect_json();

inline constexpr std::uint64_t pixels_max = 100'000'000;

inline void require_pixels(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) throw Failure(broken, "the picture has no size");
  if (width > pixels_max / height) throw Failure(bomb, "pictures may have 100 million pixels at most");
}

inline std::uint64_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

inline std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8U | byte_at(bytes, at + i);
  return value;
}

inline std::uint64_t big(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | byte_at(bytes, at + i);
  return value;
}

/// What follows where a file has ended.
class Trailing {
 public:
  void add(std::size_t bytes) {
    count_ += bytes;
    if (count_ > trailing_max) throw Failure(polyglot, "more than 4 KiB follow where the file ends");
  }

 private:
  std::uint64_t count_ = 0;
};

/// Collects a given number of bytes out of pieces.
class Gather {
 public:
  /// Forgets what was collected; `count` bytes are wanted.
  void want(std::size_t count) {
    bytes_.clear();
    wanted_ = count;
  }
  /// Takes from the front of `bytes` what is wanted still. True once all is there.
  bool take(std::string_view& bytes) {
    const std::size_t count = std::min(wanted_ - bytes_.size(), bytes.size());
    bytes_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    return bytes_.size() == wanted_;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_{};
  std::size_t wanted_ = 0;
};

/// The last bytes of a stream.
class Tail {
 public:
  explicit Tail(std::size_t size) : size_(size) {}
  void add(std::string_view bytes) {
    total_ += bytes.size();
    if (bytes.size() >= size_) {
      bytes_.assign(bytes.substr(bytes.size() - size_));
      return;
    }
    bytes_.append(bytes);
    if (bytes_.size() > 2 * size_) bytes_.erase(0, bytes_.size() - size_);
  }
  /// At least `size` of them, or all there are.
  const std::string& bytes() const { return bytes_; }
  std::uint64_t total() const { return total_; }

 private:
  std::size_t size_;
  std::string bytes_{};
  std::uint64_t total_ = 0;
};

/// Looks for words in a stream, without regard to case; they may lie across pieces. Words are given in lower case.
class WordSearch {
 public:
  explicit WordSearch(std::span<const std::string_view> words) : words_(words) {
    for (const std::string_view word : words) longest_ = std::max(longest_, word.size());
  }
  bool finds(std::string_view bytes) {
    const std::size_t keep = std::min(held_.size(), longest_ - 1);
    held_.erase(0, held_.size() - keep);
    for (const char c : bytes) held_.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    return std::any_of(words_.begin(), words_.end(),
                       [&](std::string_view word) { return held_.find(word) != std::string::npos; });
  }

 private:
  std::span<const std::string_view> words_;
  std::size_t longest_ = 1;
  std::string held_{};
};

/// Whether a zip archive seems to end here: its readers begin at the end.
inline bool ends_as_archive(std::string_view tail) {
  return tail.find("PK\x05\x06") != std::string_view::npos || tail.find("PK\x06\x07") != std::string_view::npos;
}

}  // namespace medflow::inline v1::documents::types
