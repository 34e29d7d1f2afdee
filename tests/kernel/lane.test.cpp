// What is slow waits for its turn within a bound, and what is not slow does not wait for it.
#include "kernel/lane.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

using Texts = std::vector<std::string>;

/// A hospital whose submitted calls wait until the test lets them go on, one step after the other.
struct Stepped {
  Stepped() : hospital(make()) {}

  Hospital make() {
    const auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(storage::memory_engine(), clock);
    options.executor = executor;
    return Hospital(std::move(options), clock);
  }
  /// Notes how it was answered.
  template <class Op>
  void submit(const Session& session, Op request, const std::string& what) {
    session.submit(std::move(request), [this, what](const Result<typename Op::Output>& answer) {
      answers.push_back(what + " " + code_of(answer));
      if (!answer.ok()) retry_after_s = answer.error().retry_after_s.value_or(0);
    });
  }
  std::size_t count(const std::string& answer) const {
    return static_cast<std::size_t>(std::count(answers.begin(), answers.end(), answer));
  }

  std::shared_ptr<QueuedExecutor> executor = std::make_shared<QueuedExecutor>();
  Hospital hospital;
  Texts answers{};
  std::uint32_t retry_after_s = 0;
};

}  // namespace

TEST_CASE("TEN-6: so many pieces of work of one key run, so many wait in order, and those of another key do not") {
  const auto executor = std::make_shared<QueuedExecutor>();
  kernel::Lane lane(executor, 1, 2);
  Texts done;
  const auto post = [&](std::uint8_t key, const std::string& name) {
    return lane.post(Uuid{{key}}, [&done, name] { done.push_back(name); });
  };
  CHECK(post(1, "a1"));
  CHECK(post(1, "a2"));
  CHECK(post(1, "a3"));
  CHECK_FALSE(post(1, "a4"));
  CHECK(post(2, "b1"));
  executor->run_all();
  CHECK(done == Texts{"a1", "b1", "a2", "a3"});
  CHECK(post(1, "a5"));
  executor->run_all();
  CHECK(done.back() == "a5");
}

TEST_CASE("TEN-6: one who verifies again and again keeps nobody from signing in, and is told when it is too often") {
  Stepped there;
  const Session auditor = there.hospital.as(Role::auditor);
  const std::string email = there.hospital.member(Role::nurse).email;
  for (int i = 0; i < 12; ++i) there.submit(auditor, audit::Verify{}, "verify");
  there.submit(there.hospital.visitor(),
               auth::Login{.email = email, .password = Hospital::secret(Hospital::password), .device = "test"},
               "login");
  there.executor->run_all();
  CHECK(there.answers.size() == 13);
  CHECK(there.count("verify ok") == 9);
  CHECK(there.count("verify tenant.busy") == 3);
  CHECK(there.retry_after_s == 5);
  // With or just behind the first of them.
  const auto login = std::find(there.answers.begin(), there.answers.end(), "login ok");
  REQUIRE(login != there.answers.end());
  CHECK(std::count(there.answers.begin(), login, "verify ok") <= 1);
  // Who may not verify takes nobody's turn.
  there.answers.clear();
  const Session nurse = there.hospital.as(Role::nurse);
  for (int i = 0; i < 12; ++i) there.submit(nurse, audit::Verify{}, "verify");
  there.executor->run_all();
  CHECK(there.count("verify forbidden") == 12);
}

TEST_CASE(
    "USR-1: of more sign-ins at once than may wait for a hash, those that are too many are told when to come again") {
  Stepped there;
  const std::string email = there.hospital.member(Role::nurse).email;
  const Session visitor = there.hospital.visitor();
  constexpr std::size_t too_many = 3;
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency()) + 64U;
  for (std::size_t i = 0; i < most + too_many; ++i)
    there.submit(visitor,
                 auth::Login{.email = email, .password = Hospital::secret(Hospital::password), .device = "test"},
                 "login");
  there.executor->run_all();
  CHECK(there.count("login ok") == most);
  CHECK(there.count("login auth.busy") == too_many);
  CHECK(there.retry_after_s == 5);
}
