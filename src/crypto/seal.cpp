#include "crypto/seal.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "crypto/seal_core.hpp"

namespace medflow::crypto {
namespace core {
namespace {

constexpr std::string_view domain = "MEDFLOWSEAL1";

}  // namespace

Derived::Derived(KeyView key, std::span<const std::byte, commit_at> head, std::span<const std::byte> associated) {
  constexpr std::size_t associated_small = 84;  // the whole message then fits one block of BLAKE2b
  if (associated.size() <= associated_small) {
    std::array<std::byte, 128> message;
    std::byte* end = put_bytes(message.data(), domain.data(), domain.size());
    end = put_bytes(end, head.data(), head.size());
    if (!associated.empty()) end = put_bytes(end, associated.data(), associated.size());
    crypto_generichash_blake2b(raw(okm_.data()), okm_.size(), raw(message.data()),
                               static_cast<unsigned long long>(end - message.data()), raw(key.data()), key.size());
    return;
  }
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, raw(key.data()), key.size(), okm_.size());
  crypto_generichash_blake2b_update(&state, reinterpret_cast<const unsigned char*>(domain.data()), domain.size());
  crypto_generichash_blake2b_update(&state, raw(head.data()), head.size());
  crypto_generichash_blake2b_update(&state, raw(associated.data()), associated.size());
  crypto_generichash_blake2b_final(&state, raw(okm_.data()), okm_.size());
  sodium_memzero(&state, sizeof state);
}

void seal_in_place(KeyView key, std::span<std::byte> at, std::span<const std::byte> associated, Rng& rng, Suite suite) {
  assert(at.size() >= overhead(suite));
  init();
  rng.fill(at.subspan(header_size, nonce_size));
  const Derived derived(key, at.first<commit_at>(), associated);
  const auto commitment = derived.commitment(suite);
  put_bytes(at.data() + commit_at, commitment.data(), commitment.size());
  const std::size_t size = at.size() - overhead(suite);
  xchacha_encrypt(derived.message_key(), at.subspan<header_size, nonce_size>(), at.first(header_size),
                  at.subspan(commit_at + commitment.size(), size), at.last<tag_size>());
}

OpenResult open_raw(KeyView key, std::span<const std::byte> sealed, std::span<const std::byte> associated,
                    std::span<std::byte> plain, Suite suite) {
  assert(sealed.size() == overhead(suite) + plain.size());
  init();
  const Derived derived(key, sealed.first<commit_at>(), associated);
  if (!constant_time_equal(derived.commitment(suite), sealed.subspan(commit_at, commit_size(suite))))
    return OpenResult::wrong_key_or_moved;
  const auto text = sealed.subspan(commit_at + commit_size(suite), plain.size());
  const bool sound = xchacha_decrypt(derived.message_key(), sealed.subspan<header_size, nonce_size>(),
                                     sealed.first(header_size), text, sealed.last<tag_size>(), plain);
  return sound ? OpenResult::ok : OpenResult::damaged;
}

}  // namespace core

namespace {

using namespace core;

std::size_t padded_size(std::size_t size) { return (size / padding_bucket + 1) * padding_bucket; }

/// The size of the text before its padding (0x80, then zeros within the last bucket); nothing where that is not there.
std::optional<std::size_t> unpadded_size(std::span<const std::byte> padded) {
  const std::size_t least = padded.size() - padding_bucket;
  std::size_t end = padded.size();
  while (end > least && padded[end - 1] == std::byte{0}) --end;
  if (end == least || padded[end - 1] != std::byte{0x80}) return std::nullopt;
  return end - 1;
}

bool well_formed(std::string_view sealed, Suite suite) {
  if (sealed.size() < overhead(suite) + padding_bucket) return false;
  const auto at = bytes_of(sealed);
  return at[0] == std::byte{'M'} && at[1] == static_cast<std::byte>(suite) && get_u16(&at[6]) == padding_bucket &&
         (sealed.size() - overhead(suite)) % padding_bucket == 0;
}

}  // namespace

std::array<std::byte, 64> associated_data(const SealContext& context) {
  std::array<std::byte, 64> out;
  std::byte* at = put_bytes(out.data(), "mfAD\x01\x00", 6);
  at = put_u16(at, context.table_id);
  at = put_bytes(at, context.tenant.bytes.data(), 16);
  at = put_bytes(at, context.row_id.bytes.data(), 16);
  at = put_bytes(at, context.subject_id.bytes.data(), 16);
  at = put_u32(at, context.block);
  put_u32(at, context.block_version);
  return out;
}

std::size_t sealed_size(std::size_t plaintext_size, Suite suite) {
  return overhead(suite) + padded_size(plaintext_size);
}

void seal(KeyView key, const SealHeader& header, std::span<const std::byte> associated, std::string_view plaintext,
          Rng& rng, std::string& out, Suite suite) {
  const std::size_t start = out.size();
  out.resize(start + sealed_size(plaintext.size(), suite));  // zeros, of which the padding is made
  const auto at = std::as_writable_bytes(std::span(out)).subspan(start);
  at[0] = std::byte{'M'};
  at[1] = static_cast<std::byte>(suite);
  put_u16(&at[2], header.key_version);
  at[4] = std::byte{header.block_class};
  at[5] = std::byte{header.schema_version};
  put_u16(&at[6], padding_bucket);
  const auto text = at.subspan(commit_at + commit_size(suite));
  if (!plaintext.empty()) std::memcpy(text.data(), plaintext.data(), plaintext.size());
  text[plaintext.size()] = std::byte{0x80};
  seal_in_place(key, at, associated, rng, suite);
}

void seal(KeyView key, const SealHeader& header, const SealContext& context, std::string_view plaintext, Rng& rng,
          std::string& out, Suite suite) {
  seal(key, header, associated_data(context), plaintext, rng, out, suite);
}

OpenResult open(KeyView key, std::span<const std::byte> associated, std::string_view sealed, std::string& out,
                Suite suite) {
  if (!well_formed(sealed, suite)) return OpenResult::malformed;
  const std::size_t start = out.size();
  out.resize(start + sealed.size() - overhead(suite));
  const auto plain = std::as_writable_bytes(std::span(out)).subspan(start);
  OpenResult result = open_raw(key, bytes_of(sealed), associated, plain, suite);
  std::size_t size = 0;
  if (result == OpenResult::ok) {
    if (const auto found = unpadded_size(plain))
      size = *found;
    else
      result = OpenResult::damaged;
  }
  if (result != OpenResult::ok) wipe(plain);
  out.resize(start + size);
  return result;
}

OpenResult open(KeyView key, const SealContext& context, std::string_view sealed, std::string& out, Suite suite) {
  return open(key, associated_data(context), sealed, out, suite);
}

std::optional<SealHeader> header_of(std::string_view sealed) {
  if (!well_formed(sealed, Suite::block) && !well_formed(sealed, Suite::wrap)) return std::nullopt;
  const auto at = bytes_of(sealed);
  return SealHeader{.key_version = get_u16(&at[2]),
                    .block_class = std::to_integer<std::uint8_t>(at[4]),
                    .schema_version = std::to_integer<std::uint8_t>(at[5])};
}

std::optional<std::uint16_t> key_version_of(std::string_view sealed) {
  const auto header = header_of(sealed);
  return header ? std::optional(header->key_version) : std::nullopt;
}

}  // namespace medflow::crypto
