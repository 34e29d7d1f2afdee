#include "crypto/recovery.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "crypto/key_file.hpp"
#include "crypto/root_key.hpp"
#include "medflow/recovery.hpp"

namespace medflow::crypto {
namespace {

constexpr std::string_view first_line = "medflow recovery file 1\n";
constexpr std::string_view fingerprint_words = "medflow recovery 1";
constexpr std::size_t file_max = 1'024;

static_assert(key_to_recipient_size == crypto_box_SEALBYTES + key_size);

unsigned char* to(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

RecoveryPair pair_of(KeyView seed) {
  init();
  RecoveryPair pair;
  pair.secret = SecureKey(seed);
  const auto bytes = pair.secret.writable();  // clamped here (RFC 7748, 5), so that a key has one spelling
  bytes.front() &= std::byte{248};
  bytes.back() = (bytes.back() & std::byte{127}) | std::byte{64};
  crypto_scalarmult_base(to(pair.recipient), raw(pair.secret.view()));
  return pair;
}

std::string public_line(const RecipientKey& key) { return "public " + hex(key) + "\nsecret "; }
std::string last_line(const RecipientKey& key) { return "\nfingerprint " + fingerprint_of(key) + "\n"; }

}  // namespace

RecoveryPair make_recovery_pair(Rng& rng) {
  SecureKey secret;
  rng.fill(secret.writable());
  return pair_of(secret);
}

bool usable(const RecipientKey& key) {
  init();
  RecipientKey shared{};
  constexpr RecipientKey any{std::byte{8}};
  return crypto_scalarmult(to(shared), raw(any), raw(key)) == 0;
}

std::string fingerprint_of(const RecipientKey& key) {
  const Digest digest = blake2b_256({fingerprint_words, text_of(key)});
  std::string out;
  for (std::size_t i = 0; i < 16; i += 2) {
    if (i > 0) out += '-';
    out += hex(std::span(digest).subspan(i, 2));
  }
  return out;
}

SecureBytes recovery_text(const RecoveryPair& pair) {
  const std::string before = std::string(first_line) + public_line(pair.recipient);
  const std::string after = last_line(pair.recipient);
  SecureBytes text(before.size() + 2 * key_size + after.size());
  auto* at = reinterpret_cast<char*>(text.writable().data());
  at = std::copy(before.begin(), before.end(), at);
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::byte b : pair.secret.view()) {
    *at++ = digits[std::to_integer<std::size_t>(b >> 4U)];
    *at++ = digits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  std::copy(after.begin(), after.end(), at);
  return text;
}

std::optional<RecoveryPair> parse_recovery_text(std::string_view text) {
  const std::size_t secret_at = first_line.size() + public_line({}).size();
  SecureKey secret;
  if (text.size() < secret_at + 2 * key_size || !from_hex(text.substr(secret_at, 2 * key_size), secret.writable()))
    return std::nullopt;
  RecoveryPair pair = pair_of(secret);
  if (recovery_text(pair).text() != text) return std::nullopt;
  return pair;
}

// crypto_box_seal draws its own pair; this is the same with one from the port: public half | box, the nonce from both public halves.
KeyToRecipient seal_key_to(const RecipientKey& recipient, KeyView key, Rng& rng) {
  const RecoveryPair once = make_recovery_pair(rng);
  std::array<unsigned char, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, raw(once.recipient), once.recipient.size());
  crypto_generichash_update(&state, raw(recipient), recipient.size());
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  KeyToRecipient out{};
  std::copy(once.recipient.begin(), once.recipient.end(), out.begin());
  [[maybe_unused]] const int status =
      crypto_box_easy(to(std::span(out).subspan<crypto_box_PUBLICKEYBYTES>()), raw(key), key.size(), nonce.data(),
                      raw(recipient), raw(once.secret.view()));
  assert(status == 0 && "the recipient's key is not usable");
  return out;
}

std::optional<SecureKey> open_key(const RecoveryPair& pair, std::span<const std::byte> sealed) {
  init();
  SecureKey key;
  if (sealed.size() != key_to_recipient_size || crypto_box_seal_open(to(key.writable()), raw(sealed), sealed.size(),
                                                                     raw(pair.recipient), raw(pair.secret.view())) != 0)
    return std::nullopt;
  return key;
}

}  // namespace medflow::crypto

namespace medflow::inline v1 {
namespace {

RecoveryRecipient told(const crypto::RecipientKey& key) {
  return {.public_key = crypto::hex(key), .fingerprint = crypto::fingerprint_of(key)};
}

}  // namespace

RecoveryRecipient create_recovery_file(const std::string& path, Rng& rng) {
  const crypto::RecoveryPair pair = crypto::make_recovery_pair(rng);
  try {
    crypto::write_key_file(path, crypto::recovery_text(pair).text());
  } catch (const Failure& failure) {
    if (failure.error.code.name != crypto::codes::root_key_exists.name) throw;
    throw Failure(crypto::codes::recovery_exists, path);
  }
  return told(pair.recipient);
}

RecoveryRecipient read_recovery_file(const std::string& path) {
  const auto pair = crypto::parse_recovery_text(crypto::read_key_file(path, crypto::file_max).text());
  if (!pair) throw Failure(crypto::codes::recovery_unreadable, path);
  return told(pair->recipient);
}

}  // namespace medflow::inline v1
