#include "crypto/keytree.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

const auto arena = KeyArena::create();
TenantKeys tenant_keys(std::uint8_t tenant = 0x11, std::uint16_t version = 2) {
  return {arena, uuid_of(tenant), version, key_counting_from(0)};
}

}  // namespace

// crypto_kdf is BLAKE2b with the context as person and the id as salt: computed with Python's hashlib.
TEST_CASE("SEC-1: the key tree derives the specified keys") {
  const TenantKeys keys = tenant_keys();
  CHECK(hex_of(keys.tenant_fields()) == "8a26caf39aa73c60850bc41ff1af7f9abe270dc4cedc7bbd955cd199c97e551c");
  CHECK(hex_of(keys.row_mac()) == "5ccd827a079d80eb65d8f4ffb8761e9ced7d2d3c5e031c6448894735e182afa7");
  CHECK(hex_of(keys.blind_root()) == "d453b86d64b54d5e8023b3c9500992954d31bbb40c5bef61793c1c3ddae02a00");
  CHECK(hex_of(keys.password_pepper()) == "83f173d7582d7ff0a80489ac97a81872b739ea632211fa99682447d4dcac1ade");
  CHECK(hex_of(keys.token_sealing()) == "929c2b75d82f2643fd6666e6cd788e9bc2508b25c0a8af79c46ae2af9c837e02");
  CHECK(hex_of(keys.token_mac()) == "365470afc769afbbe5d60b4503d821310a8c31f0812cc80037b1663aa3b4cb64");
  CHECK(hex_of(keys.backup()) == "8f2034270ec22262e31938d6351d42a134398b97a5e45390f419ea768a8f8652");
  CHECK(hex_of(keys.page_key()) ==
        "a6b6b6ec48c2049f3f2a6323b558bf78821854dfea5af2c224f3ef7f92d830fdbc0c050b9739e3d228445362fe2bb290");
}

TEST_CASE("SEC-1: patient keys are wrapped under mfPatKEK of the tenant key's version") {
  const TenantKeys keys = tenant_keys();
  SeededRng rng(1);
  const SecureKey patient = random_key(rng);
  const WrappedKey wrapped = keys.wrap_patient_key(300, 1, patient, rng);
  SecureKey kek;
  REQUIRE(from_hex("4ef2d0c8ab4d91961ff1ff08c91c29903ffd07f3b0ab6231a0b9a963acfa9341", kek.writable()));
  Uuid slot{};
  slot.bytes[14] = 1;
  slot.bytes[15] = 44;
  const auto by_hand = unwrap_key(
      kek, associated_data(WrapContext{.tenant = uuid_of(0x11), .subject = slot, .purpose = "mfPatKey", .version = 1}),
      wrapped);
  REQUIRE(by_hand.has_value());
  CHECK(constant_time_equal(by_hand->view(), patient.view()));
  CHECK(wrapping_version_of(wrapped) == 2);
}

TEST_CASE("SEC-1: a wrapped patient key opens only in its slot, version, tenant and under its tenant key") {
  const TenantKeys keys = tenant_keys();
  SeededRng rng(2);
  const SecureKey patient = random_key(rng);
  const WrappedKey wrapped = keys.wrap_patient_key(5, 1, patient, rng);
  REQUIRE(keys.unwrap_patient_key(5, 1, wrapped).has_value());
  CHECK_FALSE(keys.unwrap_patient_key(6, 1, wrapped).has_value());
  CHECK_FALSE(keys.unwrap_patient_key(5, 2, wrapped).has_value());
  CHECK_FALSE(tenant_keys(0x12).unwrap_patient_key(5, 1, wrapped).has_value());
  CHECK_FALSE(tenant_keys(0x11, 3).unwrap_patient_key(5, 1, wrapped).has_value());
  CHECK_FALSE(keys.unwrap_own(purpose_patient_key, 1, wrapped).has_value());
}

TEST_CASE("the tenant's own random keys are bound to their purpose") {
  const TenantKeys keys = tenant_keys();
  SeededRng rng(3);
  const SecureKey seed = random_key(rng);
  const WrappedKey wrapped = keys.wrap_own(purpose_audit_seed, 1, seed, rng);
  const auto opened = keys.unwrap_own(purpose_audit_seed, 1, wrapped);
  REQUIRE(opened.has_value());
  CHECK(constant_time_equal(opened->view(), seed.view()));
  CHECK_FALSE(keys.unwrap_own(purpose_access_tokens, 1, wrapped).has_value());
}

TEST_CASE("wrapped keys have the specified 120 bytes, and no byte of them can change") {
  CountingRng rng;
  const auto associated = associated_data(
      WrapContext{.tenant = uuid_of(0x11), .subject = uuid_of(0x33), .purpose = "mfPatKey", .version = 5});
  const WrappedKey wrapped = wrap_key(key_counting_from(0), 4, associated, key_counting_from(100), rng);
  CHECK(hex_of(wrapped) ==
        "4d02040000010000404142434445464748494a4b4c4d4e4f50515253545556572c222908b6b9409aae7ec08107bfd0b203d0af4828184c"
        "dc215c37b8"
        "7f6eef20bad09cc757133a7ff72949bfd375e97b53232c701b5003e778239bfcf17b38932db962d9951172ad3eb2fde606e9d3a5b07cec"
        "406831199e");
  CHECK(wrapped_key_id(wrapped) == key_id(key_counting_from(100)));
  const auto back = unwrap_key(key_counting_from(0), associated, wrapped);
  REQUIRE(back.has_value());
  CHECK(constant_time_equal(back->view(), key_counting_from(100).view()));
  for (std::size_t at = 0; at < wrapped.size(); ++at) {
    WrappedKey changed = wrapped;
    changed[at] ^= std::byte{1};
    REQUIRE_FALSE(unwrap_key(key_counting_from(0), associated, changed).has_value());
  }
  CHECK_FALSE(unwrap_key(key_counting_from(0), associated, std::span(wrapped).first(119)).has_value());
  CHECK_FALSE(unwrap_key(key_counting_from(1), associated, wrapped).has_value());
}

TEST_CASE("a tenant key goes through the root key port and back") {
  const auto roots = memory_root_key(key_counting_from(50).view());
  const SecureKey tenant_key = key_counting_from(9);
  const auto wrapped = wrap_tenant_key(*roots, roots->current(), uuid_of(1), 1, tenant_key);
  CHECK(constant_time_equal(unwrap_tenant_key(*roots, roots->current(), uuid_of(1), 1, wrapped).view(),
                            tenant_key.view()));
  CHECK_THROWS_AS(unwrap_tenant_key(*roots, roots->current(), uuid_of(2), 1, wrapped), Failure);
  const auto others = memory_root_key(key_counting_from(51).view());
  CHECK_THROWS_AS(unwrap_tenant_key(*others, others->current(), uuid_of(1), 1, wrapped), Failure);
}
