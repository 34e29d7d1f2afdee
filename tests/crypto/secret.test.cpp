#include "crypto/secret.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <type_traits>
#include <vector>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST_CASE("SEC-1: keys cannot be copied or printed, and leave nothing behind when moved") {
  static_assert(!std::is_copy_constructible_v<SecureKey> && !std::is_copy_constructible_v<SecureBytes> &&
                !std::is_copy_constructible_v<ArenaSlot>);
  static_assert(!Printable<SecureKey> && !Printable<SecureBytes> && !Printable<ArenaSlot>);
  SecureKey first = key_counting_from(1);
  const SecureKey second = std::move(first);
  CHECK(hex_of(second.view()).substr(0, 8) == "01020304");
  CHECK(hex_of(first.view()) == std::string(64, '0'));  // NOLINT(bugprone-use-after-move): that is what it is about
}

TEST_CASE("constant_time_equal compares size and every byte") {
  const std::string a = "0123456789";
  CHECK(constant_time_equal(bytes_of(a), bytes_of("0123456789")));
  CHECK_FALSE(constant_time_equal(bytes_of(a), bytes_of("012345678")));
  CHECK(constant_time_equal({}, {}));
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::string b = a;
    b[i] = static_cast<char>(b[i] ^ 1);
    CHECK_FALSE(constant_time_equal(bytes_of(a), bytes_of(b)));
  }
}

TEST_CASE("SEC-1: the guarded arena hands out distinct slots, wipes them, and says when it is full") {
  const auto arena = KeyArena::create(4 * KeyArena::slot_size);
  std::vector<ArenaSlot> slots;
  for (std::uint8_t i = 0; i < 4; ++i) {
    slots.push_back(arena->take());
    slots.back().set(key_counting_from(i));
  }
  for (std::uint8_t i = 0; i < 4; ++i) CHECK(constant_time_equal(slots[i].key(), key_counting_from(i).view()));
  std::string code;
  try {
    (void)arena->take();
  } catch (const Failure& failure) {
    code = failure.error.code.name;
  }
  CHECK(code == "key.arena_full");
  slots.erase(slots.begin() + 1);
  const ArenaSlot again = arena->take();
  CHECK(hex_of(again.bytes()) == std::string(128, '0'));
}

TEST_CASE("a slot keeps its arena alive") {
  ArenaSlot slot = KeyArena::create(KeyArena::slot_size)->take();
  slot.set(key_counting_from(9));
  CHECK(hex_of(slot.key()).substr(0, 4) == "090a");
}

TEST_CASE("the arena serves threads at once without giving a slot twice") {
  const auto arena = KeyArena::create();
  std::vector<std::thread> threads;
  std::array<bool, 4> right{};
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      bool all = true;
      for (int round = 0; round < 500; ++round) {
        const ArenaSlot one = arena->take();
        const ArenaSlot two = arena->take();
        one.set(key_counting_from(static_cast<std::uint8_t>(t)));
        two.set(key_counting_from(static_cast<std::uint8_t>(t + 100)));
        all = all && constant_time_equal(one.key(), key_counting_from(static_cast<std::uint8_t>(t)).view());
      }
      right[t] = all;
    });
  for (auto& thread : threads) thread.join();
  for (const bool all : right) CHECK(all);
}
