#include "crypto/password.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

TEST_CASE("USR-1: a hash is a PHC string that libsodium itself verifies") {
  SeededRng rng(1);
  const std::string stored = hash_password("correct horse battery staple", password_cost_floor, rng);
  CHECK(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(crypto_pwhash_str_verify(stored.c_str(), "correct horse battery staple", 28) == 0);
  CHECK(verify_password("correct horse battery staple", stored) == PasswordCheck::right);
  CHECK(verify_password("correct horse battery stapl", stored) == PasswordCheck::wrong);
  CHECK(verify_password("", stored) == PasswordCheck::wrong);
  CHECK(stored != hash_password("correct horse battery staple", password_cost_floor, rng));
}

TEST_CASE("USR-1: the default is 64 MiB, 3 passes; the floor 19 MiB, 2 passes") {
  CHECK(PasswordCost{} == PasswordCost{.passes = 3, .memory_kib = 65536});
  CHECK(password_cost_allowed({}));
  CHECK(password_cost_allowed({.passes = 2, .memory_kib = 19 * 1024}));
  CHECK_FALSE(password_cost_allowed({.passes = 1, .memory_kib = 65536}));
  CHECK_FALSE(password_cost_allowed({.passes = 2, .memory_kib = 19 * 1024 - 1}));
  CHECK_FALSE(password_cost_allowed({.passes = 17, .memory_kib = 65536}));
}

TEST_CASE("USR-1: a hash that is cheaper than asked for, or bcrypt, is made again") {
  const std::string tail = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  CHECK_FALSE(needs_rehash("$argon2id$v=19$m=65536,t=3,p=1" + tail, {}));
  CHECK_FALSE(needs_rehash("$argon2id$v=19$m=131072,t=4,p=1" + tail, {}));
  CHECK(needs_rehash("$argon2id$v=19$m=65535,t=3,p=1" + tail, {}));
  CHECK(needs_rehash("$argon2id$v=19$m=65536,t=2,p=1" + tail, {}));
  CHECK(needs_rehash("$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", {}));
}

TEST_CASE("USR-1: hashes of other Argon2 writers verify; what cannot be checked is refused") {
  const std::string path = shared_data("crypto/argon2id_phc_interop.csv");
  if (path.empty()) return;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  int right = 0, refused = 0;
  while (std::getline(in, line)) {
    const auto a = line.find(','), b = line.find(',', a + 1);
    const auto open_quote = line.find('"', b), close_quote = line.find('"', open_quote + 1);
    const std::string password = bytes_from_hex(line.substr(a + 1, b - a - 1));
    const auto result = verify_password(password, line.substr(open_quote + 1, close_quote - open_quote - 1));
    const std::string expected = line.substr(close_quote + 2);
    if (expected == "ok") {
      CHECK_MESSAGE(result == PasswordCheck::right, line);
      ++right;
    } else {
      CHECK_MESSAGE(result != PasswordCheck::right, line);
      ++refused;
    }
  }
  CHECK(right == 29);
  CHECK(refused == 5);
}

TEST_CASE("USR-1: malformed or monstrous stored hashes are unsupported, not tried") {
  const std::string tail = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  REQUIRE(password_hash_supported("$argon2id$v=19$m=19456,t=2,p=1" + tail));
  for (const std::string& stored :
       std::vector<std::string>{"",
                                "$",
                                "plain",
                                "$1$abc$def",
                                "$argon2i$v=19$m=19456,t=2,p=1" + tail,
                                "$argon2id$v=16$m=19456,t=2,p=1" + tail,
                                "$argon2id$v=19$m=19456,t=2,p=4" + tail,
                                "$argon2id$v=19$m=19456,t=2" + tail,
                                "$argon2id$v=19$m=19456,t=2,p=1,x=1" + tail,
                                "$argon2id$v=19$m=19456,m=2,p=1" + tail,
                                "$argon2id$v=19$m=4194304,t=2,p=1" + tail,
                                "$argon2id$v=19$m=19456,t=4000000,p=1" + tail,
                                "$argon2id$v=19$m=019456,t=2,p=1" + tail,
                                "$argon2id$v=19$m=-1,t=2,p=1" + tail,
                                "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA",
                                "$argon2id$v=19$m=19456,t=2,p=1" + tail + "=",
                                "$argon2id$v=19$m=19456,t=2,p=1" + tail + "$",
                                "$argon2id$v=19$m=7,t=2,p=1" + tail,
                                "$argon2id$v=19$m=99999999999,t=2,p=1" + tail,
                                "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
                                "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO W"}) {
    CHECK_MESSAGE(!password_hash_supported(stored), stored);
    CHECK(verify_password("password", stored) == PasswordCheck::unsupported);
  }
}

TEST_CASE("USR-1: imported bcrypt verifies") {  // the vectors that bcrypt implementations share
  const std::string one = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  CHECK(verify_password("U*U", one) == PasswordCheck::right);
  CHECK(verify_password("U*U*", one) == PasswordCheck::wrong);
  CHECK(verify_password("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK") ==
        PasswordCheck::right);
  CHECK(verify_password("U*U*U", "$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a") ==
        PasswordCheck::right);
  CHECK(verify_password("U*U*U", "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a") ==
        PasswordCheck::right);
}

TEST_CASE("USR-1: a password that bcrypt would cut is refused") {
  const std::string stored = "$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
  CHECK(verify_password(std::string(72, 'x'), stored) == PasswordCheck::wrong);
  CHECK(verify_password(std::string(73, 'x'), stored) == PasswordCheck::too_long_for_bcrypt);
  CHECK(verify_password(std::string("U*U*U\0more", 10), stored) == PasswordCheck::too_long_for_bcrypt);
}

TEST_CASE("USR-3: a user that does not exist is always wrong") {
  CHECK(verify_nobody("anything", password_cost_floor) == PasswordCheck::wrong);
}

TEST_CASE("USR-1: the stored hash is sealed under the pepper, in its place") {
  SeededRng rng(4);
  SealContext user{.tenant = uuid_of(1),
                   .table_id = 2,
                   .row_id = uuid_of(3),
                   .subject_id = uuid_of(3),
                   .block = 6,
                   .block_version = 1};
  const std::string hash = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA";
  const std::string wrapped = wrap_password_hash(key_counting_from(1), 1, user, hash, rng);
  CHECK(wrapped.find("argon2") == std::string::npos);
  CHECK(unwrap_password_hash(key_counting_from(1), user, wrapped) == hash);
  CHECK_FALSE(unwrap_password_hash(key_counting_from(2), user, wrapped).has_value());
  user.row_id = uuid_of(4);
  CHECK_FALSE(unwrap_password_hash(key_counting_from(1), user, wrapped).has_value());
}

TEST_CASE("USR-1: the gate lets one in per core, queues, and refuses beyond the queue") {
  PasswordGate none_waits(1, 0);
  auto inside = std::make_unique<PasswordGate::Pass>(none_waits.enter());
  std::optional<Error> error;
  try {
    (void)none_waits.enter();
  } catch (const Failure& failure) {
    error = failure.error;
  }
  REQUIRE(error.has_value());
  CHECK(error->code.name == "auth.busy");
  CHECK(error->kind() == Errc::unavailable);
  CHECK(error->retry_after_s.value_or(0) > 0);
  inside.reset();
  CHECK_NOTHROW((void)none_waits.enter());

  PasswordGate gate(2);
  std::atomic<int> now{0}, most{0}, done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto pass = gate.enter();
        const int mine = ++now;
        int seen = most.load();
        while (mine > seen && !most.compare_exchange_weak(seen, mine)) {
        }
        std::this_thread::yield();
        --now;
        ++done;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(done == 800);
  CHECK(most <= 2);
}
