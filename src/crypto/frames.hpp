// The content of documents: frames of 64 KiB under a key of the document's own, any of which opens alone (security.md, suite 4). A frame that was
// moved, swapped, edited or sealed by another key does not open, nor does the end of a document that lacks its last frames.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "medflow/id.hpp"

namespace medflow::crypto {

inline constexpr std::size_t frame_size = 64 * 1024;  ///< of content; only the last frame of a document is smaller
inline constexpr std::size_t frame_overhead = 16;

/// The random part of the nonces of a document's frames: nonce = this | le32 index | 1 for the last frame, else 0.
using FrameNonce = std::array<std::byte, 19>;

/// Where a frame lies: AD = tenant | document | le64 index.
struct FramePlace {
  Uuid tenant{};
  Uuid document{};
  FrameNonce nonce{};
  std::uint32_t index = 0;
  bool last = false;
};

/// XChaCha20-Poly1305-IETF: ciphertext | tag.
std::string seal_frame(KeyView key, const FramePlace& place, std::string_view content);

/// Opens into `out`, which becomes empty where anything is wrong: then false.
[[nodiscard]] bool open_frame(KeyView key, const FramePlace& place, std::string_view sealed, std::string& out);

}  // namespace medflow::crypto
