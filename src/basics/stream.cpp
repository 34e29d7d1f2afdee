#include "medflow/stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "medflow/error.hpp"

namespace medflow::inline v1 {

Content Content::of(std::string media_type, std::string bytes) {
  Content content{.media_type = std::move(media_type), .size_bytes = bytes.size()};
  // Shared, since a std::function is copied; the place goes with the bytes.
  struct Source {
    std::string bytes{};
    std::size_t at = 0;
  };
  auto source = std::make_shared<Source>(Source{.bytes = std::move(bytes)});
  content.pull = [source](std::span<std::byte> out) -> Result<std::size_t> {
    const std::size_t n = std::min(out.size(), source->bytes.size() - source->at);
    if (n != 0) std::memcpy(out.data(), source->bytes.data() + source->at, n);
    source->at += n;
    return n;
  };
  return content;
}

Result<std::string> Content::read_all(std::size_t limit) const {
  std::string all;
  if (!pull) return all;
  if (size_bytes && *size_bytes > limit) return Error{.code = codes::too_large};
  std::array<std::byte, 16384> piece{};
  for (;;) {
    auto n = pull(piece);
    if (!n.ok()) return n.error();
    if (*n == 0) return all;
    if (*n > limit - all.size()) return Error{.code = codes::too_large};
    all.append(reinterpret_cast<const char*>(piece.data()), *n);
  }
}

}  // namespace medflow::inline v1
