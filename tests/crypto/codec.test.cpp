#include "crypto/codec.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

std::optional<std::string> url_decoded(std::string_view text) {
  std::string out(256, '\0');
  const auto size = decode_base64url(text, std::as_writable_bytes(std::span(out)));
  return size ? std::optional(out.substr(0, *size)) : std::nullopt;
}

}  // namespace

TEST_CASE("base64 agrees with RFC 4648, section 10") {
  const std::array<std::array<std::string, 2>, 7> rows{{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}}};
  for (const auto& [text, encoded] : rows) {
    CHECK(base64(bytes_of(text)) == encoded);
    CHECK(from_base64(encoded) == text);
    std::string unpadded;
    append_base64url(bytes_of(text), unpadded);
    CHECK(unpadded == encoded.substr(0, encoded.find('=')));
    CHECK(url_decoded(unpadded) == text);
  }
  CHECK(base64(bytes_of("\xfb\xff")) == "+/8=");
  CHECK(url_decoded("-_8") == "\xfb\xff");
}

TEST_CASE("base64 has one text per byte string: everything else is refused") {
  for (const std::string_view wrong : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zm9v====", "=",
                                       "====", "Z===", "Zm 9v", "Zm9v\n", "Zm-v", "Z\0==", "Zg==Zg=="})
    CHECK_MESSAGE(!from_base64(wrong), wrong);
  for (const std::string_view wrong : {"Z", "Zh", "Zm9", "Zg==", "Zm+v", "Zm/v", "Zm9vY", "Zm9v\xff", " Zm9"})
    CHECK_MESSAGE(!url_decoded(wrong), wrong);
}

TEST_CASE("every length of bytes comes back, and a buffer too small is refused") {
  SeededRng rng(3);
  for (std::size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0'), text;
    rng.fill(std::as_writable_bytes(std::span(bytes)));
    append_base64url(bytes_of(bytes), text);
    REQUIRE(text.size() == base64url_size(size));
    REQUIRE(url_decoded(text) == bytes);
    REQUIRE(from_base64(base64(bytes_of(bytes))) == bytes);
    REQUIRE(bytes_from_hex(hex_of(bytes)) == bytes);
    std::string small(size == 0 ? 0 : size - 1, '\0');
    if (size > 0) REQUIRE_FALSE(decode_base64url(text, std::as_writable_bytes(std::span(small))));
  }
}

TEST_CASE("hexadecimal is read in both cases and exactly") {
  std::array<std::byte, 2> out{};
  CHECK(from_hex("fE01", out));
  CHECK(out[0] == std::byte{0xFE});
  for (const std::string_view wrong : {"", "fe0", "fe011", "fe0g", "0x01", "fe 1"}) CHECK_FALSE(from_hex(wrong, out));
}
