#include "crypto/wrap.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "crypto/seal_core.hpp"

namespace medflow::crypto {
namespace {

using namespace core;

constexpr std::size_t sealed_part = overhead(Suite::wrap) + key_size;
static_assert(sealed_part + sizeof(KeyId) == wrapped_key_size);

constexpr std::byte wrap_schema{1};

bool well_formed(std::span<const std::byte> wrapped) {
  return wrapped.size() == wrapped_key_size && wrapped[0] == std::byte{'M'} &&
         wrapped[1] == static_cast<std::byte>(Suite::wrap) && wrapped[4] == std::byte{0} && wrapped[5] == wrap_schema &&
         get_u16(&wrapped[6]) == 0;  // a key has one length: no padding
}

}  // namespace

KeyId key_id(KeyView key) {
  std::array<std::byte, 16> digest;
  crypto_generichash_blake2b(reinterpret_cast<unsigned char*>(digest.data()), digest.size(),
                             reinterpret_cast<const unsigned char*>(key.data()), key.size(), nullptr, 0);
  KeyId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::array<std::byte, 44> associated_data(const WrapContext& context) {
  assert(context.purpose.size() == 8);
  std::array<std::byte, 44> out;
  std::byte* at = put_bytes(out.data(), context.tenant.bytes.data(), 16);
  at = put_bytes(at, context.subject.bytes.data(), 16);
  at = put_bytes(at, context.purpose.data(), 8);
  put_u32(at, context.version);
  return out;
}

WrappedKey wrap_key(KeyView wrapping, std::uint16_t wrapping_version, std::span<const std::byte> associated,
                    KeyView key, Rng& rng) {
  WrappedKey out{};
  out[0] = std::byte{'M'};
  out[1] = static_cast<std::byte>(Suite::wrap);
  put_u16(&out[2], wrapping_version);
  out[5] = wrap_schema;
  put_bytes(&out[commit_at + commit_size(Suite::wrap)], key.data(), key.size());
  seal_in_place(wrapping, std::span(out).first<sealed_part>(), associated, rng, Suite::wrap);
  const KeyId id = key_id(key);
  put_bytes(&out[sealed_part], id.data(), id.size());
  return out;
}

std::optional<SecureKey> unwrap_key(KeyView wrapping, std::span<const std::byte> associated,
                                    std::span<const std::byte> wrapped) {
  if (!well_formed(wrapped)) return std::nullopt;
  SecureKey key;
  const auto opened = open_raw(wrapping, wrapped.first(sealed_part), associated, key.writable(), Suite::wrap);
  if (opened != OpenResult::ok || !constant_time_equal(key_id(key), wrapped.subspan(sealed_part))) return std::nullopt;
  return key;
}

std::optional<std::uint16_t> wrapping_version_of(std::span<const std::byte> wrapped) {
  return well_formed(wrapped) ? std::optional(get_u16(&wrapped[2])) : std::nullopt;
}

std::optional<KeyId> wrapped_key_id(std::span<const std::byte> wrapped) {
  if (!well_formed(wrapped)) return std::nullopt;
  KeyId id;
  std::copy_n(wrapped.begin() + sealed_part, id.size(), id.begin());
  return id;
}

}  // namespace medflow::crypto
