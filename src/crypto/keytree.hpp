// The keys of one tenant: all subkeys derived once from the tenant key and kept in guarded memory (security.md,
// "Hierarchy"). Immutable once made, so it can be read from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/secret.hpp"
#include "crypto/wrap.hpp"

namespace medflow::crypto {

/// Purposes of random keys that a tenant key wraps. They survive its rotation and have versions of their own.
inline constexpr std::string_view purpose_tenant_key = "mfTenKey";  ///< the tenant key itself, under the root key
inline constexpr std::string_view purpose_patient_key = "mfPatKey";
inline constexpr std::string_view purpose_access_tokens = "mfTokKey";  ///< HMAC key of access tokens
inline constexpr std::string_view purpose_audit_seed = "mfAudSed";     ///< Ed25519 seed of the audit log
inline constexpr std::string_view purpose_record_seed = "mfRecSed";    ///< Ed25519 seed of signed records

class TenantKeys {
 public:
  /// `version` is the tenant key's, 1 to 65535; every derived key has the same.
  TenantKeys(const std::shared_ptr<KeyArena>& arena, const Uuid& tenant, std::uint16_t version, KeyView tenant_key);

  const Uuid& tenant() const { return tenant_; }
  std::uint16_t version() const { return version_; }
  KeyId id() const { return key_id(tenant_key_.key()); }

  KeyView tenant_fields() const { return at(tenant_fields_); }  ///< rows without a patient
  KeyView row_mac() const { return at(row_mac_); }
  KeyView blind_root() const { return at(blind_root_); }
  KeyView password_pepper() const { return at(pepper_); }
  KeyView token_sealing() const { return at(token_sealing_); }  ///< cursors
  KeyView token_mac() const { return at(token_mac_); }          ///< one-time links
  KeyView backup() const { return at(backup_); }
  /// SQLCipher's raw key and salt.
  std::span<const std::byte, 48> page_key() const;

  /// Patient keys are made ahead, so what they are bound to is the slot they lie in, not the patient.
  WrappedKey wrap_patient_key(std::uint64_t slot, std::uint32_t key_version, KeyView key, Rng& rng) const;
  std::optional<SecureKey> unwrap_patient_key(std::uint64_t slot, std::uint32_t key_version,
                                              std::span<const std::byte> wrapped) const;

  /// Random keys of the tenant itself: `purpose` is one of the 8 characters above.
  WrappedKey wrap_own(std::string_view purpose, std::uint32_t key_version, KeyView key, Rng& rng) const;
  std::optional<SecureKey> unwrap_own(std::string_view purpose, std::uint32_t key_version,
                                      std::span<const std::byte> wrapped) const;

 private:
  enum Subkey : std::size_t {
    patient_kek_,
    tenant_fields_,
    row_mac_,
    blind_root_,
    page_,
    pepper_,
    token_sealing_,
    token_mac_,
    backup_,
    count_
  };
  KeyView at(Subkey which) const { return subkeys_[which].key(); }

  Uuid tenant_{};
  std::uint16_t version_ = 0;
  ArenaSlot tenant_key_{};
  std::array<ArenaSlot, count_> subkeys_{};
};

/// Wraps and unwraps a tenant key under the host's root key.
std::vector<std::byte> wrap_tenant_key(RootKeyProvider& roots, const RootId& root, const Uuid& tenant,
                                       std::uint32_t key_version, KeyView key);
/// Throws Failure `key.mismatch` where the root key does not open it.
SecureKey unwrap_tenant_key(RootKeyProvider& roots, const RootId& root, const Uuid& tenant, std::uint32_t key_version,
                            std::span<const std::byte> wrapped);

/// A new random key.
SecureKey random_key(Rng& rng);

}  // namespace medflow::crypto
