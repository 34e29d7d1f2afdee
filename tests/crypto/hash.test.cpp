#include "crypto/hash.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "support.hpp"

using namespace medflow::crypto;
using namespace medflow::crypto::testing;

TEST_CASE("SHA-256 and BLAKE2b agree with their standards, whole and in parts") {
  CHECK(hex_of(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_of(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string left = "leftleftleftleftleftleftleftleft", right = "rightrightrightrightrightrightright";
  CHECK(hex_of(sha256({"\x01", left, right})) == "39497963ee9792ea3ef8c5bd7036282b213573506b4c5674965d3b903eb92cef");
  CHECK(hex_of(blake2b_256("abc")) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  CHECK(blake2b_256({"a", "", "bc"}) == blake2b_256("abc"));
}

TEST_CASE("HMAC-SHA-256 agrees with Wycheproof") {
  const std::string path = shared_data("crypto/wycheproof/hmac_sha256_test.json");
  if (path.empty()) return;
  int checked = 0;
  for (auto& t : wycheproof(path)) {
    const std::string key = bytes_from_hex(t["key"]);
    if (key.size() != key_size || t["tag"].size() != 64) continue;
    const HmacKey hmac(KeyView(bytes_of(key)));
    CHECK_MESSAGE((hex_of(hmac.mac(bytes_from_hex(t["msg"]))) == t["tag"]) == (t["result"] == "valid"), t["tcId"]);
    ++checked;
  }
  CHECK(checked > 30);
}

TEST_CASE("keys used in turn, and by several threads, do not get into each other's way") {
  const HmacKey one(key_counting_from(1)), two(key_counting_from(2));
  const Digest first = one.mac("message"), second = two.mac("message");
  REQUIRE(first != second);
  std::array<bool, 3> right{};
  std::vector<std::thread> threads;
  for (bool& result : right)
    threads.emplace_back([&] {
      bool all = true;
      for (int i = 0; i < 300; ++i)
        all = all && one.mac("message") == first && two.mac("message") == second && two.mac("message") == second;
      result = all;
    });
  for (auto& thread : threads) thread.join();
  for (const bool all : right) CHECK(all);
}

TEST_CASE("Ed25519 agrees with RFC 8032 and Wycheproof") {
  SecureKey seed;
  REQUIRE(from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed.writable()));
  const Signer signer(seed);
  CHECK(hex_of(signer.public_key()) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(signature_valid(signer.public_key(), "note", signer.sign("note")));
  CHECK_FALSE(signature_valid(signer.public_key(), "nota", signer.sign("note")));
  CHECK_FALSE(signature_valid(signer.public_key(), "note", {}));
  const std::string path = shared_data("crypto/wycheproof/ed25519_test.json");
  if (path.empty()) return;
  int checked = 0;
  for (auto& t : wycheproof(path)) {
    PublicKey key;
    if (!from_hex(t["pk"], key)) continue;
    const std::string signature = bytes_from_hex(t["sig"]);
    CHECK_MESSAGE(signature_valid(key, bytes_from_hex(t["msg"]), bytes_of(signature)) == (t["result"] == "valid"),
                  t["tcId"]);
    ++checked;
  }
  CHECK(checked > 100);
}
