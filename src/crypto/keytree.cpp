#include "crypto/keytree.hpp"

#include <sodium.h>

#include <cassert>

namespace medflow::crypto {
namespace {

// In the order of TenantKeys::Subkey. These names are part of the format: a change makes data unreadable.
constexpr std::array<const char*, 9> contexts{"mfPatKEK", "mfTenFld", "mfRowMac", "mfBlindX", "mfDbPage",
                                              "mfPwPepr", "mfTokEnc", "mfTokMac", "mfBackup"};
constexpr std::size_t page_key_size = 48;

Uuid slot_subject(std::uint64_t slot) {
  Uuid out{};
  for (std::size_t i = 0; i < 8; ++i) out.bytes[15 - i] = static_cast<std::uint8_t>(slot >> (8 * i));
  return out;
}

}  // namespace

TenantKeys::TenantKeys(const std::shared_ptr<KeyArena>& arena, const Uuid& tenant, std::uint16_t version,
                       KeyView tenant_key)
    : tenant_(tenant), version_(version), tenant_key_(arena->take()) {
  static_assert(contexts.size() == count_ && crypto_kdf_CONTEXTBYTES == 8 && crypto_kdf_KEYBYTES == key_size);
  assert(version > 0);
  tenant_key_.set(tenant_key);
  for (std::size_t i = 0; i < count_; ++i) {
    subkeys_[i] = arena->take();
    crypto_kdf_derive_from_key(reinterpret_cast<unsigned char*>(subkeys_[i].bytes().data()),
                               i == page_ ? page_key_size : key_size, version, contexts[i],
                               reinterpret_cast<const unsigned char*>(tenant_key.data()));
  }
}

std::span<const std::byte, 48> TenantKeys::page_key() const { return subkeys_[page_].bytes().first<page_key_size>(); }

WrappedKey TenantKeys::wrap_patient_key(std::uint64_t slot, std::uint32_t key_version, KeyView key, Rng& rng) const {
  const WrapContext context{
      .tenant = tenant_, .subject = slot_subject(slot), .purpose = purpose_patient_key, .version = key_version};
  return wrap_key(at(patient_kek_), version_, associated_data(context), key, rng);
}

std::optional<SecureKey> TenantKeys::unwrap_patient_key(std::uint64_t slot, std::uint32_t key_version,
                                                        std::span<const std::byte> wrapped) const {
  const WrapContext context{
      .tenant = tenant_, .subject = slot_subject(slot), .purpose = purpose_patient_key, .version = key_version};
  return unwrap_key(at(patient_kek_), associated_data(context), wrapped);
}

WrappedKey TenantKeys::wrap_own(std::string_view purpose, std::uint32_t key_version, KeyView key, Rng& rng) const {
  const WrapContext context{.tenant = tenant_, .subject = {}, .purpose = purpose, .version = key_version};
  return wrap_key(tenant_key_.key(), version_, associated_data(context), key, rng);
}

std::optional<SecureKey> TenantKeys::unwrap_own(std::string_view purpose, std::uint32_t key_version,
                                                std::span<const std::byte> wrapped) const {
  const WrapContext context{.tenant = tenant_, .subject = {}, .purpose = purpose, .version = key_version};
  return unwrap_key(tenant_key_.key(), associated_data(context), wrapped);
}

std::vector<std::byte> wrap_tenant_key(RootKeyProvider& roots, const RootId& root, const Uuid& tenant,
                                       std::uint32_t key_version, KeyView key) {
  const WrapContext context{.tenant = tenant, .subject = {}, .purpose = purpose_tenant_key, .version = key_version};
  return roots.wrap(root, associated_data(context), key);
}

SecureKey unwrap_tenant_key(RootKeyProvider& roots, const RootId& root, const Uuid& tenant, std::uint32_t key_version,
                            std::span<const std::byte> wrapped) {
  const WrapContext context{.tenant = tenant, .subject = {}, .purpose = purpose_tenant_key, .version = key_version};
  SecureKey key;
  roots.unwrap(root, associated_data(context), wrapped, key.writable());
  return key;
}

SecureKey random_key(Rng& rng) {
  SecureKey key;
  rng.fill(key.writable());
  return key;
}

}  // namespace medflow::crypto
