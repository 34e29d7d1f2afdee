#include "crypto/frames.hpp"

#include <cstring>

#include "crypto/xchacha.hpp"

namespace medflow::crypto {
namespace {

static_assert(frame_overhead == core::tag_size);

struct Bound {
  std::array<std::byte, core::nonce_size> nonce{};
  std::array<std::byte, 40> associated{};
};

Bound bound(const FramePlace& place) {
  Bound bound;
  std::memcpy(bound.nonce.data(), place.nonce.data(), place.nonce.size());
  std::memcpy(bound.associated.data(), place.tenant.bytes.data(), 16);
  std::memcpy(bound.associated.data() + 16, place.document.bytes.data(), 16);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<std::byte>(place.index >> (8 * i));
    bound.nonce[place.nonce.size() + i] = byte;
    bound.associated[32 + i] = byte;
  }
  bound.nonce.back() = std::byte{place.last};
  return bound;
}

}  // namespace

std::string seal_frame(KeyView key, const FramePlace& place, std::string_view content) {
  const Bound at = bound(place);
  std::string sealed;
  sealed.reserve(content.size() + frame_overhead);
  sealed.append(content).resize(content.size() + frame_overhead);
  const auto bytes = std::as_writable_bytes(std::span(sealed));
  core::xchacha_encrypt(key, at.nonce, at.associated, bytes.first(content.size()), bytes.last<core::tag_size>());
  return sealed;
}

bool open_frame(KeyView key, const FramePlace& place, std::string_view sealed, std::string& out) {
  out.clear();
  if (sealed.size() < frame_overhead) return false;
  const Bound at = bound(place);
  const auto bytes = bytes_of(sealed);
  out.resize(sealed.size() - frame_overhead);
  const bool sound = core::xchacha_decrypt(key, at.nonce, at.associated, bytes.first(out.size()),
                                           bytes.last<core::tag_size>(), std::as_writable_bytes(std::span(out)));
  if (!sound) {
    wipe(std::as_writable_bytes(std::span(out)));
    out.clear();
  }
  return sound;
}

}  // namespace medflow::crypto
