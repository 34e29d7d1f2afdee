#include "text/display.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "text/utf8.hpp"

namespace medflow::text {
namespace {

using CodePoint = utf8proc_int32_t;

struct Range {
  CodePoint first = 0;
  CodePoint last = 0;
};

/// East_Asian_Width W and F, in blocks. A list of ours, so that a newer Unicode moves nothing on papers whose hash is kept.
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                          {0x4E00, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                          {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18DFF},
                          {0x1AFF0, 0x1B2FF}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                          {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

/// Vowels and finals of Hangul that is not composed.
constexpr Range joining{0x1160, 0x11FF};

bool is_bidi_control(CodePoint c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::size_t width_of(CodePoint c) {
  if (c < 0x300) return 1;
  if (c >= joining.first && c <= joining.last) return 0;
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
      return 0;
    default:
      break;
  }
  const auto* after = std::upper_bound(std::begin(wide), std::end(wide), c,
                                       [](CodePoint value, const Range& range) { return value < range.first; });
  return after != std::begin(wide) && c <= std::prev(after)->last ? 2 : 1;
}

/// The code point at `at`, which moves behind it.
CodePoint next(std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80) {
    ++at;
    return byte;
  }
  CodePoint c = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  if (length <= 0) {  // never of what was stored
    ++at;
    return 0xFFFD;
  }
  at += static_cast<std::size_t>(length);
  return c;
}

/// Adds words to lines.
class Wrapper {
 public:
  explicit Wrapper(std::size_t width) : width_(width) {}

  void line(std::string_view text) {
    lines_.emplace_back();
    used_ = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) word(text.substr(at, end - at));
      at = end + 1;
    }
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void word(std::string_view text) {
    const std::size_t needed = display_width(text);
    const std::size_t gap = used_ == 0 ? 0 : 1;
    if (used_ + gap + needed <= width_) return add(gap, text, needed);
    if (needed <= width_) return begin(text, needed);
    if (used_ != 0) begin({}, 0);
    std::size_t from = 0;
    std::size_t so_far = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t here = at;
      const std::size_t wide_here = width_of(next(text, at));
      if (so_far + wide_here > width_) {
        add(0, text.substr(from, here - from), so_far);
        begin({}, 0);
        from = here;
        so_far = 0;
      }
      so_far += wide_here;
    }
    add(0, text.substr(from), so_far);
  }
  void add(std::size_t gap, std::string_view text, std::size_t width) {
    lines_.back().append(gap, ' ').append(text);
    used_ += gap + width;
  }
  void begin(std::string_view text, std::size_t width) {
    lines_.emplace_back(text);
    used_ = width;
  }

  std::size_t width_;
  std::size_t used_ = 0;
  std::vector<std::string> lines_{};
};

}  // namespace

std::size_t display_width(std::string_view text) {
  if (is_ascii(text)) return text.size();
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next(text, at));
  return width;
}

bool has_right_to_left(std::string_view text) {
  if (is_ascii(text)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = next(text, at);
    if (c < 0x590) continue;
    const auto bidi = utf8proc_get_property(c)->bidi_class;
    if (bidi == UTF8PROC_BIDI_CLASS_R || bidi == UTF8PROC_BIDI_CLASS_AL) return true;
  }
  return false;
}

std::string without_bidi_controls(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    if (!is_bidi_control(next(text, at))) kept.append(text.substr(here, at - here));
  }
  return kept;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  const auto is_one_line = [&] {  // most are, and hold nothing to be taken away
    return text.size() <= width && is_ascii(text) && text.find('\n') == std::string_view::npos &&
           text.find("  ") == std::string_view::npos && !text.starts_with(' ') && !text.ends_with(' ');
  };
  if (is_one_line()) return {std::string(text)};
  Wrapper wrapper(width);
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    wrapper.line(text.substr(at, end - at));
    at = end + 1;
  }
  return wrapper.take();
}

}  // namespace medflow::text
