#include "crypto/frames.hpp"

#include <sodium.h>

#include <cstring>

namespace medflow::crypto {
namespace {

static_assert(frame_overhead == crypto_aead_xchacha20poly1305_ietf_ABYTES);

struct Bound {
  std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
  std::array<unsigned char, 40> associated{};
};

Bound bound(const FramePlace& place) {
  Bound bound;
  std::memcpy(bound.nonce.data(), place.nonce.data(), place.nonce.size());
  std::memcpy(bound.associated.data(), place.tenant.bytes.data(), 16);
  std::memcpy(bound.associated.data() + 16, place.document.bytes.data(), 16);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<unsigned char>(place.index >> (8 * i));
    bound.nonce[place.nonce.size() + i] = byte;
    bound.associated[32 + i] = byte;
  }
  bound.nonce.back() = place.last ? 1 : 0;
  return bound;
}

const unsigned char* uchars(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
const unsigned char* uchars(KeyView key) { return reinterpret_cast<const unsigned char*>(key.data()); }

}  // namespace

std::string seal_frame(KeyView key, const FramePlace& place, std::string_view content) {
  const Bound at = bound(place);
  std::string sealed(content.size() + frame_overhead, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr, uchars(content),
                                             content.size(), at.associated.data(), at.associated.size(), nullptr,
                                             at.nonce.data(), uchars(key));
  return sealed;
}

bool open_frame(KeyView key, const FramePlace& place, std::string_view sealed, std::string& out) {
  out.clear();
  if (sealed.size() < frame_overhead) return false;
  const Bound at = bound(place);
  out.resize(sealed.size() - frame_overhead);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(out.data()), nullptr, nullptr, uchars(sealed), sealed.size(),
      at.associated.data(), at.associated.size(), at.nonce.data(), uchars(key));
  if (failed != 0) out.clear();
  return failed == 0;
}

}  // namespace medflow::crypto
