#include "crypto/frames.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace medflow;
using namespace medflow::crypto;

namespace {

SecureKey key_of(unsigned char byte) {
  SecureKey key;
  for (std::byte& one : key.writable()) one = std::byte{byte};
  return key;
}

FramePlace place() {
  FramePlace place{.tenant = Uuid{{1}}, .document = Uuid{{2}}, .index = 7};
  place.nonce.fill(std::byte{9});
  return place;
}

}  // namespace

TEST_CASE("DOC-5: a frame opens where it was sealed, under its key, and nowhere else") {
  const SecureKey key = key_of(3);
  const std::string content = "a letter about a knee";
  const std::string sealed = seal_frame(key, place(), content);
  CHECK(sealed.size() == content.size() + frame_overhead);
  std::string opened;
  REQUIRE(open_frame(key, place(), sealed, opened));
  CHECK(opened == content);
  CHECK_FALSE(open_frame(key_of(4), place(), sealed, opened));
  CHECK(opened.empty());
  const auto fails = [&](void (*change)(FramePlace&)) {
    FramePlace other = place();
    change(other);
    return !open_frame(key, other, sealed, opened);
  };
  CHECK(fails([](FramePlace& other) { other.index = 8; }));
  CHECK(fails([](FramePlace& other) { other.last = true; }));  // as the end of a document that was cut
  CHECK(fails([](FramePlace& other) { other.tenant.bytes[15] = 1; }));
  CHECK(fails([](FramePlace& other) { other.document.bytes[15] = 1; }));
  CHECK(fails([](FramePlace& other) { other.nonce[18] = std::byte{8}; }));
}

TEST_CASE("DOC-5: a frame of which any bit was changed, or a byte is missing, does not open") {
  const SecureKey key = key_of(3);
  const std::string sealed = seal_frame(key, place(), "a letter");
  std::string opened;
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(static_cast<unsigned char>(changed[bit / 8]) ^ (1U << (bit % 8)));
    CHECK_FALSE(open_frame(key, place(), changed, opened));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(open_frame(key, place(), sealed.substr(0, size), opened));
}
