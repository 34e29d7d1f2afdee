// A checkpoint: size and root of a log, signed by its tenant, in the form that other programs know (C2SP signed-note and
// tlog-checkpoint):
//   <origin> LF <size> LF <root, base64> LF LF "— " <origin> " " <base64 of key id[4] | Ed25519 signature[64]> LF
//   key id = the first 4 bytes of SHA-256(origin | LF | 0x01 | public key)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/tree.hpp"
#include "crypto/hash.hpp"

namespace medflow::inline v1::audit {

/// What a checkpoint says.
struct SizeAndRoot {
  std::uint64_t size = 0;
  Digest root{};

  friend bool operator==(const SizeAndRoot&, const SizeAndRoot&) = default;
};

std::string sign_checkpoint(const crypto::Signer& signer, std::string_view origin, const SizeAndRoot& state);

/// Reads a note in exactly this form, and nothing else. Further signatures (of witnesses) may follow or stand before. Nothing where
/// it has another origin, or no signature of this key that is right.
std::optional<SizeAndRoot> open_checkpoint(std::string_view note, std::string_view origin,
                                           const crypto::PublicKey& key);

/// The key as others take it (C2SP signed-note): <origin>+<key id, hex>+<base64 of 0x01 | public key>.
std::string verifier_key(std::string_view origin, const crypto::PublicKey& key);

/// The notes of a text in which an empty line stands between two. They borrow from it. What is no note is one all the same, so that
/// whoever opens it says so.
std::vector<std::string_view> split_notes(std::string_view text);

}  // namespace medflow::inline v1::audit
