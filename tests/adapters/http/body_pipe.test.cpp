// A body between its connection and its reader: what it counts for, and for how long.
#include "adapters/http/body_pipe.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>

using namespace medflow;
using http::BodyPipe;
using http::Budget;
using http::Charge;

namespace {

std::shared_ptr<BodyPipe> pipe_of(const std::shared_ptr<Budget>& budget) {
  Charge charge(budget);
  REQUIRE(charge.grow_to(BodyPipe::bytes_max));
  return std::make_shared<BodyPipe>(std::move(charge), [] {});
}

}  // namespace

TEST_CASE("API-8: a body that is whole counts until its reader lets go of it, whatever became of its connection") {
  const auto budget = std::make_shared<Budget>(BodyPipe::bytes_max);
  auto of_connection = pipe_of(budget);
  auto of_reader = of_connection;
  CHECK(of_connection->push("a letter"));
  of_connection->finish();
  of_connection.reset();
  CHECK(budget->taken() == BodyPipe::bytes_max);
  CHECK_FALSE(budget->take(1));
  std::array<std::byte, 100> bytes{};
  CHECK(of_reader->pull(bytes).value() == 8);
  CHECK(of_reader->pull(bytes).value() == 0);
  of_reader.reset();
  CHECK(budget->taken() == 0);
}

TEST_CASE("API-8: of a body that broke off nothing is kept or counted, however late its reader comes") {
  const auto budget = std::make_shared<Budget>(BodyPipe::bytes_max);
  auto of_connection = pipe_of(budget);
  const auto of_reader = of_connection;
  CHECK_FALSE(of_connection->push(std::string(BodyPipe::bytes_max, 'x')));
  of_connection->break_off();
  of_connection.reset();
  CHECK(budget->taken() == 0);
  std::array<std::byte, 100> bytes{};
  const auto pulled = of_reader->pull(bytes);
  REQUIRE_FALSE(pulled.ok());
  CHECK(pulled.error().code.name == "document.cut_short");
}

TEST_CASE("API-8: a charge that finds no room stays as it is, and gives back all it has") {
  const auto budget = std::make_shared<Budget>(100);
  {
    Charge charge(budget);
    CHECK(charge.grow_to(60));
    CHECK(charge.grow_to(40));
    CHECK_FALSE(charge.grow_to(101));
    CHECK(budget->taken() == 60);
    const Charge moved(std::move(charge));
    CHECK(budget->taken() == 60);
  }
  CHECK(budget->taken() == 0);
}

TEST_CASE("DOC-1: a reader that never catches up gets every byte in its order") {
  const auto budget = std::make_shared<Budget>(BodyPipe::bytes_max);
  const auto pipe = pipe_of(budget);
  std::string sent;
  std::string got;
  std::string piece(10'000, '\0');
  for (std::size_t i = 0; i < 200; ++i) {
    const std::string next(10'000, static_cast<char>('a' + i % 26));
    sent += next;
    CHECK(pipe->push(next));
    if (i < 10) continue;  // it stays behind
    const auto count = pipe->pull(std::as_writable_bytes(std::span(piece)));
    got.append(piece, 0, count.value());
  }
  pipe->finish();
  for (auto count = pipe->pull(std::as_writable_bytes(std::span(piece))); count.value() > 0;
       count = pipe->pull(std::as_writable_bytes(std::span(piece))))
    got.append(piece, 0, count.value());
  CHECK(got == sent);
}
