#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr const char* nobody = "nobody@example.org";
constexpr const char* wrong = "not the password at all";

/// One way in: whose tenant, which address of the network, which device.
struct From {
  std::string tenant{};
  std::string address{};
  std::string device_token{};
};

class Door {
 public:
  explicit Door(Hospital& hospital, From from = {}) : hospital_(hospital), from_(std::move(from)) {
    if (from_.tenant.empty()) from_.tenant = hospital.slug();
  }
  Result<auth::Tokens> knock(std::string_view email, std::string_view password = wrong) const {
    return hospital_.platform.visit(from_.tenant)
        .call(auth::Login{.email = std::string(email),
                          .password = Hospital::secret(password),
                          .device_token = Hospital::secret(from_.device_token)},
              {.address = from_.address});
  }
  /// "auth.failed", or "auth.throttled 4".
  std::string try_once(std::string_view email, std::string_view password = wrong) const {
    const auto answer = knock(email, password);
    std::string text = code_of(answer);
    if (!answer.ok() && answer.error().retry_after_s) text += " " + std::to_string(*answer.error().retry_after_s);
    return text;
  }
  /// Fails so often; waits as long as it must between.
  void fail(std::string_view email, int times) const {
    for (int i = 0; i < times; ++i) {
      auto answer = knock(email);
      for (int waits = 0; code_of(answer) == "auth.throttled" && waits < 2; ++waits) {
        hospital_.clock->advance_s(*answer.error().retry_after_s);
        answer = knock(email);
      }
      REQUIRE(code_of(answer) == "auth.failed");
    }
  }

 private:
  Hospital& hospital_;
  From from_;
};

}  // namespace

TEST_CASE(
    "USR-3: five failures are free, then each next try waits twice as long, up to fifteen minutes, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Member nurse = hospital.member(Role::nurse);
    const Door door(hospital);
    door.fail(nurse.email, 5);
    for (const std::uint32_t wait_s : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 256U, 512U, 900U, 900U}) {
      CHECK(door.try_once(nurse.email) == "auth.throttled " + std::to_string(wait_s));
      CHECK(door.try_once(nurse.email, Hospital::password) == "auth.throttled " + std::to_string(wait_s));
      hospital.clock->advance_s(wait_s - 1);
      CHECK(door.try_once(nurse.email) == "auth.throttled 1");  // a try that is not let in is not counted
      hospital.clock->advance_s(1);
      CHECK(door.try_once(nurse.email) == "auth.failed");
    }
    hospital.clock->advance_s(900);
    CHECK(door.try_once(nurse.email, Hospital::password) == "ok");
    CHECK(door.try_once(nurse.email) == "auth.failed");  // the row is broken: five are free again
    CHECK(door.try_once(nurse.email, Hospital::password) == "ok");
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-3: an address without an account, and a tenant that is not there, are counted just so") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Member doctor = hospital.member(Role::doctor);
  must(hospital.as(Role::tenant_admin).call(users::Disable{.id = doctor.id}));
  const auto answers = [&](const Door& door, std::string_view email) {
    std::string text;
    for (int i = 0; i < 9; ++i) {
      text += door.try_once(email) + ", ";
      if (i % 2 == 0) hospital.clock->advance_s(1);
    }
    return text;
  };
  const std::string known = answers(Door(hospital), nurse.email);
  CHECK(known.find("auth.throttled 2") != std::string::npos);
  CHECK(answers(Door(hospital), nobody) == known);
  CHECK(answers(Door(hospital), doctor.email) == known);
  CHECK(answers(Door(hospital, {.tenant = "no-such-tenant"}), nurse.email) == known);
  CHECK(answers(Door(hospital, {.tenant = "another-one"}), nurse.email) == known);
}

TEST_CASE("USR-3: an address is counted whatever its case, and apart from others") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Door door(hospital);
  door.fail("ROLE3@example.org", 3);
  door.fail("role3@EXAMPLE.org", 2);
  CHECK(door.try_once(nurse.email) == "auth.throttled 1");
  CHECK(door.try_once(hospital.member(Role::doctor).email) == "auth.failed");
}

TEST_CASE("USR-3: after a hundred in a row only an administrator opens it, or a reset") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Door door(hospital);
  door.fail(nurse.email, 99);
  hospital.clock->advance_s(900);
  CHECK(door.try_once(nurse.email) == "auth.failed");
  for (int day = 0; day < 40; ++day) {
    hospital.clock->advance_s(24 * 60 * 60);
    CHECK(hospital.platform.tick(hospital.clock->now()).empty());
  }
  CHECK(door.try_once(nurse.email, Hospital::password) == "auth.throttled 900");
  must(hospital.as(Role::tenant_admin).call(users::ClearThrottle{.id = nurse.id}));
  CHECK(door.try_once(nurse.email, Hospital::password) == "ok");
}

TEST_CASE("USR-3: a block of network addresses has twenty failures a minute, over all accounts") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const auto address_of = [](int i) { return "u" + std::to_string(i) + "@example.org"; };
  const Door ours(hospital, {.address = "192.0.2.17"});
  for (int i = 0; i < 20; ++i) CHECK(ours.try_once(address_of(i)) == "auth.failed");
  CHECK(ours.try_once(address_of(20)) == "auth.throttled 60");
  CHECK(Door(hospital, {.address = "192.0.2.250"}).try_once(address_of(21)) == "auth.throttled 60");
  CHECK(Door(hospital, {.address = "::ffff:192.0.2.1"}).try_once(address_of(21)) == "auth.throttled 60");
  CHECK(Door(hospital, {.address = "192.0.3.17"}).try_once(address_of(22)) == "auth.failed");
  CHECK(Door(hospital).try_once(address_of(23)) == "auth.failed");  // a caller in this process has none
  hospital.clock->advance_s(60);
  CHECK(ours.try_once(address_of(24)) == "auth.failed");

  for (int i = 0; i < 20; ++i)
    CHECK(Door(hospital, {.address = "2001:db8:1:" + std::to_string(i) + "::1"}).try_once(address_of(100 + i)) ==
          "auth.failed");
  CHECK(Door(hospital, {.address = "2001:db8:1:ffff::9"}).try_once(address_of(120)) == "auth.throttled 60");
  CHECK(Door(hospital, {.address = "2001:db8:2::9"}).try_once(address_of(120)) == "auth.failed");
}

TEST_CASE("USR-3: strangers cannot keep a user out of a device that they have signed in on") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Member doctor = hospital.member(Role::doctor);
  const auto tokens = must(hospital.sign_in(nurse.email));
  REQUIRE_FALSE(tokens.device_token.empty());
  const Door stranger(hospital, {.address = "192.0.2.1"});
  stranger.fail(nurse.email, 12);
  CHECK(stranger.try_once(nurse.email, Hospital::password).starts_with("auth.throttled"));

  const Door device(hospital, {.address = "192.0.2.1", .device_token = tokens.device_token});
  const auto again = must(device.knock(nurse.email, Hospital::password));
  // Which opens it for nobody else, and has a count of its own.
  CHECK(stranger.try_once(nurse.email, Hospital::password).starts_with("auth.throttled"));
  device.fail(nurse.email, 5);
  CHECK(device.try_once(nurse.email) == "auth.throttled 1");
  const Door same(hospital, {.device_token = again.device_token});
  CHECK(same.try_once(nurse.email) == "auth.throttled 1");
  must(hospital.as(Role::tenant_admin).call(users::ClearThrottle{.id = nurse.id}));
  CHECK(device.try_once(nurse.email, Hospital::password) == "ok");
  CHECK(stranger.try_once(nurse.email, Hospital::password) == "ok");

  // A token that is somebody else's, of another tenant or torn counts as none.
  stranger.fail(doctor.email, 5);
  std::string torn = tokens.device_token;
  torn[torn.size() / 2] = torn[torn.size() / 2] == 'A' ? 'B' : 'A';
  Hospital other = make_platform(TestEngine("memory"));
  const auto foreign = must(other.sign_in(other.member(Role::doctor).email)).device_token;
  for (const std::string& token : {tokens.device_token, torn, foreign, std::string("x")})
    CHECK(Door(hospital, {.device_token = token}).try_once(doctor.email) == "auth.throttled 1");
}

TEST_CASE("USR-3: what is counted outlasts the process") {
  for (const auto name : durable_engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    const std::shared_ptr<storage::Engine> shared = engine;
    std::optional<Hospital> hospital(make_platform(shared));
    const Member nurse = hospital->member(Role::nurse);
    Door(*hospital).fail(nurse.email, 7);
    const auto clock = hospital->clock;
    const std::string slug = hospital->slug();
    hospital.reset();
    const Platform again = must(Platform::open(test_options(shared, clock)));
    const auto answer =
        again.visit(slug).call(auth::Login{.email = nurse.email, .password = Hospital::secret(Hospital::password)});
    CHECK(code_of(answer) == "auth.throttled");
    CHECK(answer.error().retry_after_s == 4);
  }
}

TEST_CASE("USR-3: who guesses from many threads at once learns no more") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Door door(hospital);
  std::atomic<int> failed = 0;
  std::atomic<int> throttled = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 24; ++i)
    threads.emplace_back([&] {
      const std::string answer = door.try_once(nurse.email);
      failed += answer == "auth.failed" ? 1 : 0;
      throttled += answer.starts_with("auth.throttled") ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(failed == 5);
  CHECK(throttled == 19);
}

TEST_CASE("USR-3: who rests between the failures has a hundred in a row as well, known or not, on every engine") {
  for (const auto name : engine_kinds) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Member nurse = hospital.member(Role::nurse);
    const Door door(hospital);
    for (const std::string& email : {nurse.email, std::string(nobody)}) {
      for (int rest = 0; rest < 11; ++rest) {
        door.fail(email, 9);
        hospital.clock->advance_s(26 * 60 * 60);
        CHECK(hospital.platform.tick(hospital.clock->now()).empty());
      }
      CHECK(door.try_once(email) == "auth.failed");
      CHECK(door.try_once(email, Hospital::password) == "auth.throttled 900");
      hospital.clock->advance_s(26 * 60 * 60);
      CHECK(hospital.platform.tick(hospital.clock->now()).empty());
      CHECK(door.try_once(email, Hospital::password) == "auth.throttled 900");
    }
  }
}

TEST_CASE("USR-3: failures in a row are forgotten a year after the last, unless they have shut the account") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Door door(hospital);
  const Member nurse = hospital.member(Role::nurse);
  door.fail(nurse.email, 100);
  door.fail(nobody, 5);
  const auto rest = [&](std::int64_t days) {
    hospital.clock->advance_s(days * 24 * 60 * 60);
    CHECK(hospital.platform.tick(hospital.clock->now()).empty());
  };
  rest(364);
  CHECK(door.try_once(nobody) == "auth.failed");
  CHECK(door.try_once(nobody) == "auth.throttled 2");
  rest(366);
  door.fail(nobody, 4);
  CHECK(door.try_once(nobody) == "auth.failed");
  CHECK(door.try_once(nobody) == "auth.throttled 1");
  CHECK(door.try_once(nurse.email, Hospital::password) == "auth.throttled 900");
}

TEST_CASE("USR-3: a throttled try is in the audit log, and what was counted of a message is forgotten after a day") {
  TestEngine engine("sqlite");
  Hospital hospital = make_platform(engine);
  const Door door(hospital);
  door.fail(nobody, 5);
  CHECK(door.try_once(nobody) == "auth.throttled 1");
  must(hospital.visitor().call(auth::RequestReset{.email = nobody}));
  const auto log = events(hospital.as(Role::auditor));
  const ReadEvent* event = last_of(log, "auth.login");
  REQUIRE(event != nullptr);
  bool told = false;
  for (const ReadEvent& one : log) told = told || one.text() == "auth.login denied auth.throttled";
  CHECK(told);

  hospital.clock->advance_s(24 * 60 * 60 + 1);
  CHECK(hospital.platform.tick(hospital.clock->now()).empty());
  const auto after = events(hospital.as(Role::auditor));
  const ReadEvent* expiry = last_of(after, "users.expire");
  REQUIRE(expiry != nullptr);
  CHECK(expiry->event.rows.size() >= 1);
  CHECK(hospital.platform.tick(hospital.clock->now()).empty());
  const auto later = events(hospital.as(Role::auditor));
  CHECK(last_of(later, "users.expire")->event.seq == expiry->event.seq);  // nothing is left to do
  CHECK(door.try_once(nobody) == "auth.failed");                          // the sixth in a row
  CHECK(door.try_once(nobody) == "auth.throttled 2");
  CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
}
