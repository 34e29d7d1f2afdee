// Access tokens: what is accepted is, letter by letter, what would be issued; a token that was changed is refused.
//   input: what is tried, 1 byte | 0: seconds after its issue, 2 bytes, header (text) and claims as JSON, to be signed rightly
//                                | 1: claims to be issued, 40 bytes, then where a bit is turned, 2 bytes
//                                | 2: a token as it comes
#include "crypto/token.hpp"

#include <optional>
#include <string>

#include "crypto/codec.hpp"
#include "tests/crypto/support.hpp"
#include "tests/fuzz/target.hpp"

namespace medflow::fuzz {
namespace {

using crypto::AccessClaims;
using crypto::TokenStatus;

constexpr std::int64_t issued_s = 1'800'000'000;
constexpr std::int64_t last_s = 253'402'300'799;  // end of year 9999
constexpr std::string_view issuer = "medflow/test";

Uuid id_ending(std::uint8_t last) {
  return {.bytes = {0x01, 0x90, 0xaa, 0xaa, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}};
}

const crypto::SecureKey& key() {
  static const crypto::SecureKey one = crypto::testing::key_counting_from(0);
  return one;
}

const crypto::AccessTokens& tokens() {
  static const crypto::AccessTokens one(TenantId{id_ending(0x0a)}, issuer, "medflow", {{.version = 1, .key = key()}});
  return one;
}

std::string url64(std::string_view text) {
  std::string out;
  crypto::append_base64url(crypto::bytes_of(text), out);
  return out;
}

std::string signed_token(std::string_view header, std::string_view claims) {
  std::string out = url64(header) + "." + url64(claims);
  return out + "." + url64(crypto::text_of(crypto::HmacKey(key()).mac(out)));
}

/// The plant: spaces between claims are passed over.
TokenStatus verified(std::string token, std::int64_t now_s, AccessClaims& claims) {
  if (planted) {
    std::string json(token.size(), '\0');
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first + 1);
    if (second != std::string::npos) {
      const auto size = crypto::decode_base64url(std::string_view(token).substr(first + 1, second - first - 1),
                                                 std::as_writable_bytes(std::span(json)));
      json.resize(size.value_or(0));
      if (std::erase(json, ' ') > 0) {
        token.replace(first + 1, second - first - 1, url64(json));
        token.replace(token.rfind('.') + 1, std::string::npos,
                      url64(crypto::text_of(crypto::HmacKey(key()).mac(token.substr(0, token.rfind('.'))))));
      }
    }
  }
  return tokens().verify(token, Instant{now_s * 1'000'000}, claims);
}

/// Whether a token is accepted; if it is, it is what its claims are issued as.
bool accepted(const std::string& token, std::int64_t now_s) {
  AccessClaims claims;
  const TokenStatus status = verified(token, now_s, claims);
  if (status != TokenStatus::ok) {
    demand(claims == AccessClaims{}, "a token that is refused says nothing");
    return false;
  }
  std::string again;
  tokens().issue(claims, again);
  demand(again == token, "what is accepted is what would be issued");
  demand(crypto::AccessTokens::tenant_of(token) == claims.tenant, "an accepted token names its tenant");
  demand(now_s < claims.expires_s && claims.not_before_s <= now_s + crypto::clock_skew_max_s,
         "a token is accepted in its time");
  return true;
}

void check_signed(Input& input) {
  const auto now_s = static_cast<std::int64_t>(issued_s + input.number(2));
  const std::string header(input.text());
  accepted(signed_token(header, input.rest()), now_s);
}

void check_issued(Input& input) {
  const auto time = [&] { return static_cast<std::int64_t>(input.number(5)) % (last_s + 1); };
  AccessClaims claims{.subject = {id_ending(input.byte())},
                      .tenant = {id_ending(0x0a)},
                      .session = {id_ending(input.byte())},
                      .id = id_ending(input.byte())};
  claims.amr = static_cast<std::uint8_t>(1 + input.byte() % crypto::amr_all);
  claims.epoch = input.number(8);
  claims.issued_s = time();
  claims.not_before_s = time();
  claims.expires_s = time();
  const std::int64_t now_s = time();
  std::string token;
  tokens().issue(claims, token);
  demand(token.size() <= crypto::access_token_size_max, "a token keeps to its size");

  AccessClaims read;
  const bool ok = verified(token, now_s, read) == TokenStatus::ok;
  const std::int64_t latest_start = now_s + crypto::clock_skew_max_s;
  demand(ok == (now_s < claims.expires_s && claims.not_before_s <= latest_start && claims.issued_s <= latest_start &&
                claims.not_before_s <= claims.expires_s && claims.issued_s <= claims.expires_s),
         "a token that was issued is accepted in its time, and at no other");
  demand(!ok || read == claims, "a token says what it was issued with");
  const std::uint64_t turned = input.number(2);
  char& letter = token[turned % token.size()];
  letter = static_cast<char>(letter ^ (1 << (turned >> 12U) % 8));
  demand(!accepted(token, now_s), "a token with a turned bit is refused");
}

void run(std::string_view bytes) {
  Input input(bytes);
  switch (input.byte() % 3) {
    case 0:
      return check_signed(input);
    case 1:
      return check_issued(input);
    default:
      break;
  }
  const std::string token(input.rest());
  demand(!accepted(token, issued_s), "a token that was never signed is refused");
  if (const auto hash = crypto::opaque_token_hash(token)) {
    std::string secret(crypto::key_size, '\0');
    crypto::decode_base64url(token, std::as_writable_bytes(std::span(secret)));
    demand(url64(secret) == token && crypto::blake2b_256(secret) == *hash, "an opaque token has one spelling");
  }
}

std::vector<std::string> seeds() {
  const std::string header = R"({"alg":"HS256","typ":"at+jwt","kid":"AZCqqgAAcACAAAAAAAAACgAB"})";
  const std::string claims =
      R"({"iss":"medflow/test","aud":"medflow","sub":"0190aaaa-0000-7000-8000-00000000000b","tid":"0190aaaa-0000-7000-8000-00000000000a",)"
      R"("sid":"0190aaaa-0000-7000-8000-00000000000c","iat":1800000000,"nbf":1800000000,"exp":1800000900,)"
      R"("jti":"0190aaaa-0000-7000-8000-00000000000d","amr":["pwd","otp"],"epoch":42})";
  const auto to_sign = [](const std::string& head, const std::string& text) {
    return std::string("\0\0\x10", 3) + static_cast<char>(head.size()) + head + text;
  };
  std::string issued_now = "\1\x0b\x0c\x0d\2";
  issued_now += std::string("\0\0\0\0\0\0\0\x2a", 8);
  for (const std::int64_t time : {issued_s, issued_s, issued_s + 900, issued_s + 10})
    for (int shift = 32; shift >= 0; shift -= 8) issued_now += static_cast<char>(time >> shift);
  return {to_sign(header, claims),
          to_sign(R"({"alg":"none","typ":"at+jwt","kid":"AZCqqgAAcACAAAAAAAAACgAB"})", claims),
          to_sign(R"({"alg":"HS256","typ":"at+jwt","kid":"AZCqqgAAcACAAAAAAAAACgAC"})", claims),
          to_sign(header, claims.substr(0, claims.size() - 3) + "042}"),
          to_sign(header, claims.substr(0, claims.size() - 1) + R"(,"roles":["admin"]})"),
          issued_now + "\1\2",
          issued_now + "\xff\xff",
          '\2' + signed_token(header, claims).substr(1),
          "\2AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
          "\2..",
          "\2"};
}

}  // namespace

const Target token_target{
    .name = "token", .plant = "spaces between claims are passed over", .run = run, .seeds = seeds};

}  // namespace medflow::fuzz
