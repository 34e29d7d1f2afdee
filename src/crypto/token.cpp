#include "crypto/token.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <mutex>

#include "crypto/codec.hpp"
#include "crypto/seal.hpp"

namespace medflow::crypto {
namespace {

constexpr std::string_view header_start = R"({"alg":"HS256","typ":"at+jwt","kid":")";
constexpr std::string_view header_end = R"("})";
constexpr std::size_t kid_bytes = 18;  // tenant | u16be version: 24 characters without padding
constexpr std::size_t kid_size = base64url_size(kid_bytes);
constexpr std::size_t header_size = header_start.size() + kid_size + header_end.size();
constexpr std::size_t signature_size = base64url_size(sizeof(Digest));
constexpr std::size_t claims_size_max = 1024;
constexpr std::size_t names_size_max = 200;
constexpr std::int64_t time_max_s = 253'402'300'799;  // end of year 9999

constexpr std::size_t known_max = 64;  // tokens that need not be verified again

constexpr std::array<std::string_view, 4> amr_names{"pwd", "otp", "mfa", "ext"};  // in the order of the bits

std::string encoded_header(const TenantId& tenant, std::uint16_t version) {
  std::array<std::byte, kid_bytes> kid;
  std::memcpy(kid.data(), tenant.uuid.bytes.data(), 16);
  kid[16] = static_cast<std::byte>(version >> 8U);
  kid[17] = static_cast<std::byte>(version & 0xFFU);
  std::string json(header_start);
  append_base64url(kid, json);
  json += header_end;
  std::string out;
  append_base64url(bytes_of(json), out);
  return out;
}

[[maybe_unused]] bool plain_text(std::string_view text) {  // by assertions alone
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

/// Writes claims into a buffer on the stack.
class Writer {
 public:
  void text(std::string_view part) {
    assert(size_ + part.size() <= buffer_.size());
    size_ += part.copy(buffer_.data() + size_, part.size());
  }
  void uuid(const Uuid& id) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 36> out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
      out[at++] = digits[id.bytes[i] >> 4U];
      out[at++] = digits[id.bytes[i] & 15U];
    }
    text({out.data(), out.size()});
  }
  template <class Number>
  void number(Number value) {
    std::array<char, 20> out;
    const auto end = std::to_chars(out.data(), out.data() + out.size(), value).ptr;
    text({out.data(), static_cast<std::size_t>(end - out.data())});
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(buffer_).first(size_)); }

 private:
  std::array<char, claims_size_max> buffer_;
  std::size_t size_ = 0;
};

/// Reads what Writer wrote, in the same order and spelling; after the first difference everything fails.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool text(std::string_view part) {
    if (!rest_.starts_with(part)) return false;
    rest_.remove_prefix(part.size());
    return true;
  }
  bool uuid(Uuid& out) {
    if (rest_.size() < 36) return false;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      if ((i == 4 || i == 6 || i == 8 || i == 10) && rest_[at++] != '-') return false;
      const int high = digit(rest_[at]);
      const int low = digit(rest_[at + 1]);
      if (high < 0 || low < 0) return false;
      out.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
      at += 2;
    }
    rest_.remove_prefix(at);
    return !out.is_nil();
  }
  template <class Number>
  bool number(Number& out) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    const auto size = static_cast<std::size_t>(end - rest_.data());
    if (error != std::errc{} || size == 0 || rest_[0] == '-' || (rest_[0] == '0' && size > 1)) return false;
    rest_.remove_prefix(size);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  static int digit(char c) {  // lower case only, as written
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
  std::string_view rest_;
};

void write_amr(Writer& writer, std::uint8_t amr) {
  bool first = true;
  for (std::size_t i = 0; i < amr_names.size(); ++i) {
    if ((amr >> i & 1U) == 0) continue;
    writer.text(first ? "\"" : ",\"");
    writer.text(amr_names[i]);
    writer.text("\"");
    first = false;
  }
}

bool read_amr(Reader& reader, std::uint8_t& amr) {
  for (std::size_t i = 0; i < amr_names.size(); ++i) {
    Reader ahead = reader;
    if (ahead.text(amr == 0 ? "\"" : ",\"") && ahead.text(amr_names[i]) && ahead.text("\"")) {
      amr = static_cast<std::uint8_t>(amr | (1U << i));
      reader = ahead;
    }
  }
  return amr != 0;
}

bool read_claims(std::string_view json, std::string_view prefix, AccessClaims& out) {
  Reader r(json);
  return r.text(prefix) && r.text(R"("sub":")") && r.uuid(out.subject.uuid) && r.text(R"(","tid":")") &&
         r.uuid(out.tenant.uuid) && r.text(R"(","sid":")") && r.uuid(out.session.uuid) && r.text(R"(","iat":)") &&
         r.number(out.issued_s) && r.text(R"(,"nbf":)") && r.number(out.not_before_s) && r.text(R"(,"exp":)") &&
         r.number(out.expires_s) && r.text(R"(,"jti":")") && r.uuid(out.id) && r.text(R"(","amr":[)") &&
         read_amr(r, out.amr) && r.text(R"(],"epoch":)") && r.number(out.epoch) && r.text("}") && r.at_end();
}

TokenStatus check_times(const AccessClaims& claims, Instant now) {
  const std::int64_t now_s = now.us / 1'000'000;
  if (claims.expires_s > time_max_s || claims.not_before_s > claims.expires_s || claims.issued_s > claims.expires_s)
    return TokenStatus::malformed;
  if (now_s >= claims.expires_s) return TokenStatus::expired;
  if (claims.not_before_s > now_s + clock_skew_max_s || claims.issued_s > now_s + clock_skew_max_s)
    return TokenStatus::not_yet_valid;
  return TokenStatus::ok;
}

/// The three parts; false where there are more or fewer, or one has an impossible size.
struct Parts {
  std::string_view header{};
  std::string_view claims{};
  std::string_view signature{};
  std::string_view signed_text{};
};

bool split(std::string_view token, Parts& out) {
  if (token.size() > access_token_size_max) return false;
  const auto first = token.find('.');
  if (first != base64url_size(header_size)) return false;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.size() - second - 1 != signature_size) return false;
  out = {.header = token.substr(0, first),
         .claims = token.substr(first + 1, second - first - 1),
         .signature = token.substr(second + 1),
         .signed_text = token.substr(0, second)};
  return out.signature.find('.') == std::string_view::npos && out.claims.size() <= base64url_size(claims_size_max);
}

/// The key id in a header of the form that is issued here.
std::optional<std::array<std::byte, kid_bytes>> kid_of(std::string_view header) {
  std::array<std::byte, header_size> json;
  const auto size = decode_base64url(header, json);
  if (!size || *size != header_size) return std::nullopt;
  const std::string_view text = text_of(json);
  std::array<std::byte, kid_bytes> kid;
  if (!text.starts_with(header_start) || !text.ends_with(header_end)) return std::nullopt;
  const auto decoded = decode_base64url(text.substr(header_start.size(), kid_size), kid);
  return decoded == kid_bytes ? std::optional(kid) : std::nullopt;
}

}  // namespace

/// What tokens that were verified said, by their hashes. A caller shows one with every request.
class AccessTokens::Known {
 public:
  bool find(const Digest& token, AccessClaims& claims) {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) return false;
    const Entry& entry = place_of(token);
    if (!entry.claims || !constant_time_equal(entry.token, token)) return false;
    claims = *entry.claims;
    return true;
  }
  void keep(const Digest& token, const AccessClaims& claims) {
    const std::lock_guard lock(mutex_);
    entries_.resize(known_max);
    place_of(token) = {.token = token, .claims = claims};
  }

 private:
  struct Entry {
    Digest token{};
    std::optional<AccessClaims> claims{};
  };
  Entry& place_of(const Digest& token) { return entries_[std::to_integer<std::size_t>(token.front()) % known_max]; }

  std::mutex mutex_{};
  std::vector<Entry> entries_{};
};

AccessTokens::AccessTokens(const TenantId& tenant, std::string_view issuer, std::string_view audience,
                           const std::vector<Key>& keys)
    : tenant_(tenant), known_(std::make_unique<Known>()) {
  assert(!keys.empty() && plain_text(issuer) && plain_text(audience) &&
         issuer.size() + audience.size() <= names_size_max);
  for (const Key& key : keys)
    members_.push_back({.header = encoded_header(tenant, key.version), .key = HmacKey(key.key)});
  prefix_.append(R"({"iss":")").append(issuer).append(R"(","aud":")").append(audience).append(R"(",)");
}

void AccessTokens::issue(const AccessClaims& claims, std::string& out) const {
  assert(claims.tenant == tenant_ && claims.amr != 0 && claims.amr <= amr_all);
  assert(claims.issued_s >= 0 && claims.not_before_s >= 0 && claims.expires_s <= time_max_s);
  assert(!claims.subject.is_nil() && !claims.session.is_nil() && !claims.id.is_nil());
  Writer w;
  w.text(prefix_), w.text(R"("sub":")"), w.uuid(claims.subject.uuid), w.text(R"(","tid":")"),
      w.uuid(claims.tenant.uuid);
  w.text(R"(","sid":")"), w.uuid(claims.session.uuid), w.text(R"(","iat":)"), w.number(claims.issued_s);
  w.text(R"(,"nbf":)"), w.number(claims.not_before_s), w.text(R"(,"exp":)"), w.number(claims.expires_s);
  w.text(R"(,"jti":")"), w.uuid(claims.id), w.text(R"(","amr":[)"), write_amr(w, claims.amr);
  w.text(R"(],"epoch":)"), w.number(claims.epoch), w.text("}");
  const Member& signer = members_.front();
  const std::size_t start = out.size();
  out += signer.header;
  out += '.';
  append_base64url(w.bytes(), out);
  const Digest mac = signer.key.mac(std::string_view(out).substr(start));
  out += '.';
  append_base64url(mac, out);
}

AccessTokens::~AccessTokens() = default;

TokenStatus AccessTokens::verify(std::string_view token, Instant now, AccessClaims& claims) const {
  if (token.size() > access_token_size_max) return TokenStatus::malformed;
  const Digest hash = sha256(token);  // processors help with it
  AccessClaims read;
  if (!known_->find(hash, read)) {
    const TokenStatus status = read_signed(token, read);
    if (status != TokenStatus::ok) return status;
    known_->keep(hash, read);
  }
  const TokenStatus status = check_times(read, now);
  if (status == TokenStatus::ok) claims = read;
  return status;
}

TokenStatus AccessTokens::read_signed(std::string_view token, AccessClaims& read) const {
  Parts parts;
  if (!split(token, parts)) return TokenStatus::malformed;
  const auto member =
      std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.header == parts.header; });
  if (member == members_.end()) {
    const auto kid = kid_of(parts.header);
    const bool ours = kid && std::memcmp(kid->data(), tenant_.uuid.bytes.data(), 16) == 0;
    return ours ? TokenStatus::unknown_key : TokenStatus::malformed;
  }
  Digest signature;
  if (decode_base64url(parts.signature, signature) != signature.size()) return TokenStatus::malformed;
  if (!constant_time_equal(member->key.mac(parts.signed_text), signature)) return TokenStatus::bad_signature;
  std::array<std::byte, claims_size_max> json;
  const auto size = decode_base64url(parts.claims, json);
  const bool good = size && read_claims(text_of(std::span(json).first(*size)), prefix_, read) && read.tenant == tenant_;
  return good ? TokenStatus::ok : TokenStatus::malformed;
}

std::optional<TenantId> AccessTokens::tenant_of(std::string_view token) {
  Parts parts;
  if (!split(token, parts)) return std::nullopt;
  const auto kid = kid_of(parts.header);
  if (!kid) return std::nullopt;
  TenantId tenant;
  std::memcpy(tenant.uuid.bytes.data(), kid->data(), 16);
  return tenant;
}

OpaqueToken make_opaque_token(Rng& rng) {
  SecureKey secret;
  rng.fill(secret.writable());
  OpaqueToken out;
  append_base64url(secret.view(), out.text);
  out.hash = blake2b_256(text_of(secret.view()));
  return out;
}

std::optional<Digest> opaque_token_hash(std::string_view text) {
  SecureKey secret;
  if (text.size() != base64url_size(key_size) || decode_base64url(text, secret.writable()) != key_size)
    return std::nullopt;
  return blake2b_256(text_of(secret.view()));
}

namespace {

constexpr std::size_t sealed_token_max = 8192;

std::optional<std::string> decoded(std::string_view token) {
  if (token.size() > sealed_token_max) return std::nullopt;
  std::string out(token.size(), '\0');
  const auto size = decode_base64url(token, std::as_writable_bytes(std::span(out)));
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace

void seal_token(KeyView key, std::uint16_t key_version, std::string_view binding, std::string_view bytes, Rng& rng,
                std::string& out) {
  std::string sealed;
  seal(key, {.key_version = key_version, .block_class = 0, .schema_version = 1}, bytes_of(binding), bytes, rng, sealed);
  append_base64url(bytes_of(sealed), out);
}

std::optional<std::string> open_token(KeyView key, std::string_view binding, std::string_view token) {
  const auto sealed = decoded(token);
  std::string out;
  if (!sealed || open(key, bytes_of(binding), *sealed, out) != OpenResult::ok) return std::nullopt;
  return out;
}

std::optional<std::uint16_t> token_key_version(std::string_view token) {
  const auto sealed = decoded(token);
  return sealed ? key_version_of(*sealed) : std::nullopt;
}

}  // namespace medflow::crypto
