#include "medflow/stream.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>

#include "medflow/error.hpp"

using namespace medflow;

TEST_CASE("content in memory is pulled piece by piece, from start to end") {
  const Content content = Content::of("text/csv", std::string(10, 'x') + "end");
  CHECK(content.media_type == "text/csv");
  CHECK(content.size_bytes == 13U);
  std::array<std::byte, 8> piece{};
  CHECK(content.pull(piece).value() == 8);
  CHECK(content.pull(piece).value() == 5);
  CHECK(static_cast<char>(piece[4]) == 'd');
  CHECK(content.pull(piece).value() == 0);
}

TEST_CASE("content is read whole, or refused where it is too large") {
  const std::string bytes(100'000, 'x');
  CHECK(Content::of("text/plain", bytes).read_all(100'000).value() == bytes);
  CHECK(Content::of("text/plain", bytes).read_all(99'999).error().code == codes::too_large);
  CHECK(Content{}.read_all(1).value().empty());

  Content endless{.pull = [](std::span<std::byte> out) -> Result<std::size_t> { return out.size(); }};
  CHECK(endless.read_all(1'000'000).error().code == codes::too_large);
  Content broken{
      .pull = [](std::span<std::byte>) -> Result<std::size_t> { return Error{.code = codes::store_unavailable}; }};
  CHECK(broken.read_all(10).error().code == codes::store_unavailable);
}
