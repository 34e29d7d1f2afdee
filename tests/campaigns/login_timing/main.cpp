// Whether a sign-in tells by its time who has an account: wrong passwords for an address that has one and for one that has none,
// in interleaved pairs, with Argon2id at its floor; the test's clock moves on so that nothing is throttled (USR-3, USR-7).
//
//   campaign_login_timing [--size PAIRS] [--engine memory|sqlite|sqlcipher] [--plant early-return]
//
// With the plant, the address without an account is answered without the work: the run succeeds if that is seen.
#include <iostream>
#include <stdexcept>
#include <string>

#include "tests/campaigns/process.hpp"
#include "tests/campaigns/timing.hpp"
#include "tests/support/platform.hpp"

namespace medflow::campaign {
namespace {

using testing::Hospital;
using testing::must;

constexpr std::int64_t hour_s = 60 * 60;

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : size_(arguments.number("size", 2'000)),
        planted_(arguments.text("plant") == "early-return"),
        engine_(arguments.text("engine", "memory")) {}

  bool run() {
    const std::string known = hospital_.member(Role::nurse).email;
    const auto sign_in = time_pairs(
        size_, [&](std::uint64_t) { fail(known); }, [&](std::uint64_t) { planted_ ? answer_early() : fail(nobody()); },
        [&](std::uint64_t i) { go_on(i); });
    print("auth.login, known and unknown address", size_, sign_in);
    if (planted_) {
      std::cout << (sign_in.same() ? "the planted early return was NOT seen" : "the planted early return was seen")
                << std::endl;
      return !sign_in.same();
    }
    const auto reset = time_pairs(
        size_, [&](std::uint64_t) { ask(known); }, [&](std::uint64_t) { ask(nobody()); },
        [&](std::uint64_t i) { go_on(i); });
    print("auth.request_reset, known and unknown address", size_, reset);
    const auto throttled = time_throttled(known);
    print("auth.login when throttled, known and unknown address", size_, throttled);
    return sign_in.same() && reset.same() && throttled.same();
  }

 private:
  /// As long as that of the nurse: the length of what is hashed is nobody's secret.
  std::string nobody() const {
    std::string digits = std::to_string(nobody_ % 10'000);
    digits.insert(0, 4 - digits.size(), '0');
    return "n" + digits + "@example.org";
  }

  /// Between two pairs: nothing is throttled, and now and then both begin anew, before a hundred failures in a row shut them.
  void go_on(std::uint64_t pair) {
    hospital_.clock->advance_s(pair % 50 == 49 ? 25 * hour_s : hour_s);
    if (pair % 50 != 49) return;
    ++nobody_;
    must(hospital_.as(Role::tenant_admin).call(users::ClearThrottle{.id = hospital_.member(Role::nurse).id}));
    if (!hospital_.platform.tick(hospital_.clock->now()).empty()) throw std::runtime_error("a background task failed");
  }

  void fail(const std::string& email) {
    const auto answer = hospital_.sign_in(email, "not the password at all");
    if (testing::code_of(answer) != "auth.failed") throw std::runtime_error("unexpected: " + testing::code_of(answer));
  }
  static void answer_early() {}
  void ask(const std::string& email) { must(hospital_.visitor().call(auth::RequestReset{.email = email})); }

  Comparison time_throttled(const std::string& known) {
    const auto shut = [&](const std::string& email) {
      for (int i = 0; i < 100; ++i) {
        hospital_.clock->advance_s(hour_s);
        static_cast<void>(hospital_.sign_in(email, "not the password at all"));
      }
    };
    const std::string unknown = nobody();
    shut(known);
    shut(unknown);
    const auto knock = [&](const std::string& email) {
      if (testing::code_of(hospital_.sign_in(email)) != "auth.throttled") throw std::runtime_error("not throttled");
    };
    return time_pairs(
        size_, [&](std::uint64_t) { knock(known); }, [&](std::uint64_t) { knock(unknown); }, [](std::uint64_t) {});
  }

  const std::uint64_t size_;
  const bool planted_;
  std::uint64_t nobody_ = 0;
  testing::TestEngine engine_;
  Hospital hospital_ = testing::make_platform(engine_);
};

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_login_timing", count, words);
}
