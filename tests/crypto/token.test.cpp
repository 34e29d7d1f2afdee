#include "crypto/token.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

constexpr std::int64_t issued_s = 1'800'000'000;

Uuid id_ending(std::uint8_t last) {
  return {.bytes = {0x01, 0x90, 0xaa, 0xaa, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}};
}

const SecureKey signing = key_counting_from(0);
const SecureKey older = key_counting_from(77);

AccessTokens tokens(const std::vector<AccessTokens::Key>& keys = {{.version = 1, .key = signing}}) {
  return {TenantId{id_ending(0x0a)}, "medflow/test", "medflow", keys};
}

const AccessClaims claims{.subject = {id_ending(0x0b)},
                          .tenant = {id_ending(0x0a)},
                          .session = {id_ending(0x0c)},
                          .id = id_ending(0x0d),
                          .issued_s = issued_s,
                          .not_before_s = issued_s,
                          .expires_s = issued_s + 900,
                          .epoch = 42,
                          .amr = amr_pwd | amr_otp};

std::string issued(const AccessTokens& by = tokens(), const AccessClaims& what = claims) {
  std::string out;
  by.issue(what, out);
  return out;
}

TokenStatus status(std::string_view token, std::int64_t at_s = issued_s + 10) {
  AccessClaims out;
  const auto result = tokens().verify(token, Instant{at_s * 1'000'000}, out);
  if (result != TokenStatus::ok) CHECK(out == AccessClaims{});
  return result;
}

std::string url64(std::string_view text) {
  std::string out;
  append_base64url(bytes_of(text), out);
  return out;
}

/// A token of any header and claims, rightly signed.
std::string signed_token(std::string_view header, std::string_view payload, KeyView key = signing) {
  std::string out = url64(header) + "." + url64(payload);
  return out + "." + url64(text_of(HmacKey(key).mac(out)));
}

const std::string good_header = R"({"alg":"HS256","typ":"at+jwt","kid":"AZCqqgAAcACAAAAAAAAACgAB"})";
const std::string good_payload =
    R"({"iss":"medflow/test","aud":"medflow","sub":"0190aaaa-0000-7000-8000-00000000000b","tid":"0190aaaa-0000-7000-8000-00000000000a",)"
    R"("sid":"0190aaaa-0000-7000-8000-00000000000c","iat":1800000000,"nbf":1800000000,"exp":1800000900,)"
    R"("jti":"0190aaaa-0000-7000-8000-00000000000d","amr":["pwd","otp"],"epoch":42})";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("USR-4: an access token has the specified bytes") {  // signed with Python's hmac
  CHECK(issued() ==
        "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IkFaQ3FxZ0FBY0FDQUFBQUFBQUFBQ2dBQiJ9."
        "eyJpc3MiOiJtZWRmbG93L3Rlc3QiLCJhdWQiOiJtZWRmbG93Iiwic3ViIjoiMDE5MGFhYWEtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDBiIi"
        "widGlkIjoiMDE5MGFhYWEtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDBhIiwic2lkIjoiMDE5MGFhYWEtMDAwMC03MDAwLTgwMDAtMDAwMDAw"
        "MDAwMDBjIiwiaWF0IjoxODAwMDAwMDAwLCJuYmYiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDkwMCwianRpIjoiMDE5MGFhYWEtMDAwMC03MD"
        "AwLTgwMDAtMDAwMDAwMDAwMDBkIiwiYW1yIjpbInB3ZCIsIm90cCJdLCJlcG9jaCI6NDJ9."
        "T9AB5PoHc-4qR15U_ITragUXuvnOnI6gUnx3eI8xcA4");
  CHECK(issued() == signed_token(good_header, good_payload));
}

TEST_CASE("USR-4: a token is read back as it was issued, and names its tenant before it is verified") {
  AccessClaims out;
  REQUIRE(tokens().verify(issued(), Instant{issued_s * 1'000'000}, out) == TokenStatus::ok);
  CHECK(out == claims);
  CHECK(AccessTokens::tenant_of(issued()) == claims.tenant);
  for (std::uint8_t amr = 1; amr <= amr_all; ++amr) {
    AccessClaims what = claims;
    what.amr = amr;
    what.epoch = UINT64_MAX;
    REQUIRE(tokens().verify(issued(tokens(), what), Instant{issued_s * 1'000'000}, out) == TokenStatus::ok);
    CHECK(out == what);
  }
}

TEST_CASE("USR-4: a token ends with the second of its expiry, and may be early by the skew of clocks") {
  CHECK(status(issued(), issued_s + 899) == TokenStatus::ok);
  CHECK(status(issued(), issued_s + 900) == TokenStatus::expired);
  CHECK(status(issued(), issued_s - 5) == TokenStatus::ok);
  CHECK(status(issued(), issued_s - 6) == TokenStatus::not_yet_valid);
}

TEST_CASE("USR-4: keys rotate: the previous one verifies until it leaves, other tenants' never do") {
  const auto before = tokens({{.version = 1, .key = older}});
  const auto both = tokens({{.version = 2, .key = signing}, {.version = 1, .key = older}});
  const auto after = tokens({{.version = 2, .key = signing}});
  AccessClaims out;
  const Instant now{(issued_s + 1) * 1'000'000};
  CHECK(both.verify(issued(before), now, out) == TokenStatus::ok);
  CHECK(both.verify(issued(both), now, out) == TokenStatus::ok);
  CHECK(after.verify(issued(before), now, out) == TokenStatus::unknown_key);
  CHECK(after.verify(issued(both), now, out) == TokenStatus::ok);
  const AccessTokens other(TenantId{id_ending(0x77)}, "medflow/test", "medflow", {{.version = 1, .key = signing}});
  CHECK(other.verify(issued(), now, out) == TokenStatus::malformed);
  const AccessTokens other_audience(TenantId{id_ending(0x0a)}, "medflow/test", "other",
                                    {{.version = 1, .key = signing}});
  CHECK(other_audience.verify(issued(), now, out) == TokenStatus::malformed);
}

TEST_CASE("USR-4: a token that was verified before ends as well, and nothing but itself is taken for it") {
  const auto by = tokens();
  const std::string token = issued();
  const auto at = [&](std::string_view text, std::int64_t second) {
    AccessClaims out;
    const auto result = by.verify(text, Instant{second * 1'000'000}, out);
    CHECK(out == (result == TokenStatus::ok ? claims : AccessClaims{}));
    return result;
  };
  CHECK(at("", issued_s) == TokenStatus::malformed);
  CHECK(at(token, issued_s + 900) == TokenStatus::expired);  // known from here on
  CHECK(at("", issued_s) == TokenStatus::malformed);
  for (int again = 0; again < 2; ++again) {
    CHECK(at(token, issued_s) == TokenStatus::ok);
    CHECK(at(token, issued_s + 900) == TokenStatus::expired);
    CHECK(at(token, issued_s - 6) == TokenStatus::not_yet_valid);
  }
  for (std::size_t place = 0; place < token.size(); ++place) {
    std::string changed = token;
    changed[place] = changed[place] == 'A' ? 'B' : 'A';
    REQUIRE(at(changed, issued_s) != TokenStatus::ok);
    REQUIRE(at(token.substr(place + 1), issued_s) != TokenStatus::ok);
  }
  // More than are kept, each twice.
  for (int again = 0; again < 2; ++again)
    for (std::uint64_t epoch = 0; epoch < 200; ++epoch) {
      AccessClaims what = claims;
      what.epoch = epoch;
      AccessClaims out;
      REQUIRE(by.verify(issued(by, what), Instant{issued_s * 1'000'000}, out) == TokenStatus::ok);
      REQUIRE(out == what);
    }
}

TEST_CASE("USR-4: a token with any character changed is refused") {
  const std::string token = issued();
  for (std::size_t at = 0; at < token.size(); ++at)
    for (const char c : {'A', 'z', '-', '.', '=', '\0', '\x80'}) {
      if (token[at] == c) continue;
      std::string changed = token;
      changed[at] = c;
      REQUIRE(status(changed) != TokenStatus::ok);
    }
  for (std::size_t size = 0; size < token.size(); ++size) REQUIRE(status(token.substr(0, size)) != TokenStatus::ok);
}

TEST_CASE("USR-4: headers that ask for another algorithm, key or treatment are refused, though rightly signed") {
  const auto h = [](std::string_view from, std::string_view to) { return replaced(good_header, from, to); };
  std::vector<std::string> headers{h("HS256", "none"),
                                   h("HS256", "None"),
                                   h("HS256", "NONE"),
                                   h("HS256", "nOnE"),
                                   h("HS256", ""),
                                   h("HS256", "HS384"),
                                   h("HS256", "HS512"),
                                   h("HS256", "RS256"),
                                   h("HS256", "ES256"),
                                   h("HS256", "PS256"),
                                   h("HS256", "EdDSA"),
                                   h("HS256", "hs256"),
                                   h("HS256", "HS256 "),
                                   h("\"HS256\"", "null"),
                                   h("\"HS256\"", "[\"HS256\"]"),
                                   h("\"HS256\"", "0"),
                                   h("HS256", "\\u0048S256"),
                                   h("HS256", "dir"),
                                   h("HS256", "A256KW"),
                                   h("at+jwt", "JWT"),
                                   h("at+jwt", "jwt"),
                                   h("at+jwt", "AT+JWT"),
                                   h("at+jwt", "application/at+jwt"),
                                   h(R"("typ":"at+jwt",)", ""),
                                   h(R"("alg":"HS256",)", ""),
                                   h(R"(,"kid":"AZCqqgAAcACAAAAAAAAACgAB")", ""),
                                   h("CgAB", "CgAC"),
                                   h("CgAB", "../../../../dev/null"),
                                   h("CgAB", "' OR 1=1 --"),
                                   h("CgAB", "CgAB\\u0000"),
                                   h("AZCq", "BZCq"),
                                   h("\"AZCqqgAAcACAAAAAAAAACgAB\"", "1"),
                                   h("\"}", R"(","crit":["exp"]})"),
                                   h("\"}", R"(","crit":[]})"),
                                   h("\"}", R"(","jku":"https://evil.example/keys"})"),
                                   h("\"}", R"(","x5u":"https://evil.example/c"})"),
                                   h("\"}", R"(","jwk":{"kty":"oct","k":"AAAA"}})"),
                                   h("\"}", R"(","x5c":["MIIB"]})"),
                                   h("\"}", R"(","zip":"DEF"})"),
                                   h("\"}", R"(","b64":false,"crit":["b64"]})"),
                                   h("\"}", R"(","cty":"JWT"})"),
                                   h("\"}", R"(","x5t":"AAAA"})"),
                                   h("\"}", R"(","alg":"none"})"),
                                   h("{", R"({"alg":"none",)"),
                                   h("\"}", R"(","kid":"AZCqqgAAcACAAAAAAAAACgAB"})"),
                                   R"({"typ":"at+jwt","alg":"HS256","kid":"AZCqqgAAcACAAAAAAAAACgAB"})",
                                   good_header + " ",
                                   " " + good_header,
                                   good_header + "\n",
                                   h(":", ": "),
                                   "\xEF\xBB\xBF" + good_header,
                                   good_header + good_header,
                                   "{}",
                                   "",
                                   "null",
                                   "[]",
                                   "\"\"",
                                   "{",
                                   std::string(3000, '['),
                                   good_header.substr(0, good_header.size() - 1)};
  CHECK(headers.size() >= 55);
  for (const auto& header : headers)
    CHECK_MESSAGE(status(signed_token(header, good_payload)) != TokenStatus::ok, header);
}

TEST_CASE("USR-4: claims that are not exactly what is issued are refused, though rightly signed") {
  const auto p = [](std::string_view from, std::string_view to) { return replaced(good_payload, from, to); };
  std::vector<std::string> payloads{p("medflow/test", "medflow/evil"),
                                    p("\"medflow\",", "\"other\","),
                                    p("\"medflow\",", "[\"medflow\"],"),
                                    p(R"("iss":"medflow/test",)", ""),
                                    p(R"("aud":"medflow",)", ""),
                                    p("00000000000b", "00000000000B"),
                                    p("0190aaaa-0000-7000-8000-00000000000b", "00000000-0000-0000-0000-000000000000"),
                                    p("0190aaaa-0000-7000-8000-00000000000b", "admin"),
                                    p(R"("sub":"0190aaaa-0000-7000-8000-00000000000b",)", ""),
                                    p("00000000000a\"", "00000000000e\""),
                                    p("-7000", "07000"),
                                    p("\"iat\":1800000000", "\"iat\":\"1800000000\""),
                                    p("1800000900", "1800000900.5"),
                                    p("1800000900", "18e8"),
                                    p("1800000900", "-1"),
                                    p("1800000900", "99999999999999999999"),
                                    p("1800000900", "9223372036854775807"),
                                    p("1800000900", "01800000900"),
                                    p("1800000900", "+1800000900"),
                                    p("1800000900", "null"),
                                    p("1800000900", "true"),
                                    p(R"("exp":1800000900,)", ""),
                                    p("1800000900", ""),
                                    p("\"epoch\":42", "\"epoch\":-42"),
                                    p("\"epoch\":42", "\"epoch\":42.0"),
                                    p("\"epoch\":42", "\"epoch\":18446744073709551616"),
                                    p(",\"epoch\":42", ""),
                                    p("[\"pwd\",\"otp\"]", "[]"),
                                    p("[\"pwd\",\"otp\"]", "[\"otp\",\"pwd\"]"),
                                    p("[\"pwd\",\"otp\"]", "[\"pwd\",\"pwd\"]"),
                                    p("[\"pwd\",\"otp\"]", "\"pwd\""),
                                    p("\"otp\"", "\"root\""),
                                    p("\"otp\"]", "\"otp\",]"),
                                    p("42}", "42,\"role\":\"admin\"}"),
                                    p("42}", "42,\"epoch\":43}"),
                                    p("42}", "42,\"exp\":9999999999}"),
                                    p("{", R"({"sub":"0190aaaa-0000-7000-8000-0000000000ff",)"),
                                    p("42}", "42} "),
                                    p("42}", "42}\n"),
                                    p("42}", "42}}"),
                                    p("42}", "42"),
                                    p("{\"iss", "{ \"iss"),
                                    p("\"sub\"", "\"\\u0073ub\""),
                                    p("\"sub\"", "\"Sub\""),
                                    " " + good_payload,
                                    "\xEF\xBB\xBF" + good_payload,
                                    good_payload + good_payload,
                                    "",
                                    "{}",
                                    "null",
                                    "[]",
                                    "42",
                                    std::string(2000, '['),
                                    std::string(900, '\xff'),
                                    std::string(good_payload.size(), '\0')};
  CHECK(payloads.size() >= 50);
  for (const auto& payload : payloads)
    CHECK_MESSAGE(status(signed_token(good_header, payload)) != TokenStatus::ok, payload);
}

TEST_CASE("USR-4: forms that are no compact token, and signatures that are none, are refused") {
  const std::string token = issued();
  const auto dot = token.rfind('.');
  const std::string body = token.substr(0, dot), signature = token.substr(dot + 1);
  std::vector<std::string> wrong{"",
                                 ".",
                                 "..",
                                 "...",
                                 "....",
                                 body,
                                 body + ".",
                                 body + "..",
                                 "." + body,
                                 token + ".",
                                 token + "." + signature,
                                 token + "=",
                                 token + "==",
                                 token + " ",
                                 " " + token,
                                 token + "\n",
                                 "Bearer " + token,
                                 body + "." + signature.substr(1),
                                 body + "." + signature + "A",
                                 body + "." + std::string(43, 'A'),
                                 body + "." + signature.substr(0, 42) + "5",
                                 replaced(token, ".", "=."),
                                 replaced(token, ".", ".\n"),
                                 std::string(4096, 'A'),
                                 std::string(5000, '.'),
                                 body + "." + url64(signature),
                                 signed_token(good_header, good_payload, older),
                                 signed_token(good_header, good_payload, key_counting_from(1)),
                                 R"({"payload":"x","signatures":[]})",
                                 std::string("\0\0\0", 3),
                                 body + "." + url64(std::string(31, 'x')),
                                 body + "." + url64(std::string(33, 'x'))};
  wrong.push_back(signed_token(good_header, good_payload + std::string(4096, ' ')));
  for (const auto& each : wrong) CHECK_MESSAGE(status(each) != TokenStatus::ok, each);
  CHECK(status(signed_token(good_header, good_payload, older)) == TokenStatus::bad_signature);
  CHECK(status(token) == TokenStatus::ok);
}

TEST_CASE("random texts of the right shape are refused") {
  SeededRng rng(11);
  const std::string token = issued();
  for (int i = 0; i < 5000; ++i) {
    std::string changed = token;
    for (int n = 0; n < 3; ++n) changed[rng.next() % changed.size()] = static_cast<char>(rng.next() % 256);
    if (changed == token) continue;
    REQUIRE(status(changed) != TokenStatus::ok);
    (void)AccessTokens::tenant_of(changed);
  }
}

TEST_CASE("USR-4: an opaque token is 256 bits, of which only a hash is kept") {
  CountingRng rng(0);
  const OpaqueToken token = make_opaque_token(rng);
  CHECK(token.text == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
  CHECK(hex_of(token.hash) == "cb2f5160fc1f7e05a55ef49d340b48da2e5a78099d53393351cd579dd42503d6");
  CHECK(opaque_token_hash(token.text) == token.hash);
  CHECK_FALSE(opaque_token_hash(token.text + "A").has_value());
  CHECK_FALSE(opaque_token_hash(token.text.substr(1)).has_value());
  CHECK_FALSE(opaque_token_hash(std::string(43, '=')).has_value());
  std::string other = token.text;
  other.back() = '9';  // the same 256 bits, with a stray one behind them
  CHECK_FALSE(opaque_token_hash(other).has_value());
}

TEST_CASE("API-1: a sealed cursor opens only where it belongs") {
  SeededRng rng(2);
  std::string cursor;
  seal_token(signing, 3, "patients.list|user", "row 42", rng, cursor);
  CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
  CHECK(open_token(signing, "patients.list|user", cursor) == "row 42");
  CHECK(token_key_version(cursor) == 3);
  CHECK_FALSE(open_token(signing, "patients.list|other", cursor).has_value());
  CHECK_FALSE(open_token(older, "patients.list|user", cursor).has_value());
  CHECK_FALSE(open_token(signing, "patients.list|user", cursor + "A").has_value());
  CHECK_FALSE(open_token(signing, "patients.list|user", "").has_value());
  CHECK_FALSE(open_token(signing, "patients.list|user", std::string(10'000, 'A')).has_value());
  for (std::size_t at = 0; at < cursor.size(); ++at) {
    std::string changed = cursor;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    REQUIRE_FALSE(open_token(signing, "patients.list|user", changed).has_value());
  }
  std::string long_binding;
  seal_token(signing, 3, std::string(500, 'b'), "x", rng, long_binding);
  CHECK(open_token(signing, std::string(500, 'b'), long_binding) == "x");
}
