#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto::testing;

namespace {

std::string draw(Rng& rng, std::size_t size) {
  std::string out(size, '\0');
  rng.fill(std::as_writable_bytes(std::span(out)));
  return out;
}

}  // namespace

TEST_CASE("nonces never repeat, across refills of the buffer and threads") {
  const auto rng = system_rng();
  std::array<std::set<std::string>, 3> drawn;
  std::vector<std::thread> threads;
  for (auto& mine : drawn)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) mine.insert(draw(*rng, 24));
    });
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 6000);
}

TEST_CASE("sizes below and above the buffer's limit are filled to the end") {
  const auto rng = system_rng();
  draw(*rng, 0);
  for (const std::size_t size : {std::size_t{64}, std::size_t{256}, std::size_t{257}, std::size_t{10'000}}) {
    const std::string out = draw(*rng, size);
    CHECK(out.substr(size - 16) != std::string(16, '\0'));
    CHECK(out != draw(*rng, size));
  }
}

TEST_CASE("a forked child does not draw what its parent draws") {
  const auto rng = system_rng();
  draw(*rng, 24);  // the buffer is full of bytes that both would have
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string theirs = draw(*rng, 32);
    _exit(write(ends[1], theirs.data(), theirs.size()) == 32 ? 0 : 1);
  }
  const std::string ours = draw(*rng, 32);
  std::string theirs(32, '\0');
  CHECK(read(ends[0], theirs.data(), 32) == 32);
  int status = 0;
  waitpid(child, &status, 0);
  close(ends[0]);
  close(ends[1]);
  CHECK(status == 0);
  CHECK(ours != theirs);
}

TEST_CASE("the system's clock tells a time after this was written") {
  CHECK(system_clock()->now().us > 1'760'000'000'000'000);
}
