// Whether a tenant learns by time what another one has: the same call in one hospital, with something that the other has and with
// something that nobody has, in interleaved pairs (TEN-4).
//
//   campaign_tenant_timing [--size PAIRS] [--engine memory|sqlite|sqlcipher] [--state DIR] [--plant look-aside]
//
// Prints |t| and both medians of each kind of call. With --state the times are kept in DIR, and the campaign goes on where it was broken off.
// With the plant, what the other has is looked up there as well: the run succeeds if that is seen.
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/campaigns/process.hpp"
#include "tests/campaigns/timing.hpp"
#include "tests/support/platform.hpp"

namespace medflow::campaign {
namespace {

using testing::Hospital;
using testing::must;

std::string code_of_patient(std::uint64_t i, char who) {
  return std::string(1, who) + "-" + std::to_string(100'000 + i);
}

patients::Register registration(const std::string& identifier) {
  return {.names = {{.family = "Field", .given = {"Finn"}}},
          .sex_admin = patients::Sex::unknown,
          .identifiers = {{.system = "urn:test:national", .value = identifier}}};
}

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : size_(arguments.number("size", 10'000)),
        planted_(!arguments.text("plant").empty()),
        state_(arguments.text("state")),
        engine_(arguments.text("engine", "memory")) {}

  bool run() {
    if (!state_.empty()) std::filesystem::create_directories(state_);
    fill_theirs();
    const Session desk = ours_.as(Role::receptionist);
    const Session admin = ours_.as(Role::tenant_admin);
    const auto look = [&](std::uint64_t i) {
      for (int times = 0; planted_ && times < 20; ++times)
        static_cast<void>(their_desk_->call(patients::Get{.id = theirs_.at(i)}));
    };
    bool same = pairs(
        "patients.get, an id",
        [&](std::uint64_t i) {
          expect(desk.call(patients::Get{.id = theirs_[i]}), "not_found");
          look(i);
        },
        [&](std::uint64_t i) { expect(desk.call(patients::Get{.id = nowhere(i)}), "not_found"); });
    if (planted_) {
      std::cout << (same ? "the planted look aside was NOT seen" : "the planted look aside was seen") << std::endl;
      return !same;
    }
    same &= pairs(
        "patients.register, an identifier",
        [&](std::uint64_t i) { must(desk.call(registration(code_of_patient(i, 'T')))); },
        [&](std::uint64_t i) { must(desk.call(registration(code_of_patient(i, 'N')))); });
    same &= pairs(
        "users.invite, an address", [&](std::uint64_t i) { must(admin.call(invitation(code_of_patient(i, 't')))); },
        [&](std::uint64_t i) { must(admin.call(invitation(code_of_patient(i, 'n')))); });
    same &= pairs(
        "patients.list, a cursor",
        [&](std::uint64_t) { expect(desk.call(patients::List{.cursor = their_cursor_}), "cursor.invalid"); },
        [&](std::uint64_t) { expect(desk.call(patients::List{.cursor = torn_}), "cursor.invalid"); });
    return same;
  }

 private:
  static users::Invite invitation(const std::string& name) {
    return {.email = name + "@example.org", .display_name = "Ivy", .roles = {Role::nurse}};
  }

  template <class T>
  static void expect(const Result<T>& answer, std::string_view code) {
    if (testing::code_of(answer) != code) throw std::runtime_error("unexpected: " + testing::code_of(answer));
  }

  /// One that nobody has, of the time and form of those that there are.
  PatientId nowhere(std::uint64_t i) const {
    PatientId id = theirs_.at(i);
    id.uuid.bytes[15] = static_cast<std::uint8_t>(id.uuid.bytes[15] ^ 0x55U);
    return id;
  }

  bool pairs(const std::string& what, const std::function<void(std::uint64_t)>& taken,
             const std::function<void(std::uint64_t)>& free) const {
    const std::string file = state_.empty() ? "" : state_ + "/" + what.substr(0, what.find(',')) + ".times";
    const auto comparison = time_pairs(
        size_, taken, free, [](std::uint64_t) {}, file);
    print(what + ", the other's and nobody's", size_, comparison);
    return comparison.same();
  }

  void fill_theirs() {
    const auto tenant = must(ours_.root().call(tenants::Provision{
        .slug = "other", .name = "Other", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
    const auto invited = must(ours_.root().call(
        users::InviteFirstAdmin{.id = tenant.id, .email = "ada@other.example", .display_name = "Ada"}));
    const Session admin = enter(invited.token, "ada@other.example");
    const auto home = must(admin.call(facilities::List{})).data.at(0).id;
    auto desk = invitation("desk");
    desk.roles = {Role::receptionist};
    desk.facilities = {home};
    their_desk_.emplace(enter(must(admin.call(desk)).token, desk.email));
    for (std::uint64_t i = 0; i < size_; ++i) {
      theirs_.push_back(must(their_desk_->call(registration(code_of_patient(i, 'T')))).id);
      must(admin.call(invitation(code_of_patient(i, 't'))));
    }
    their_cursor_ = *must(their_desk_->call(patients::List{.limit = 1})).page.next;
    torn_ = their_cursor_;
    torn_[torn_.size() / 2] = torn_[torn_.size() / 2] == 'A' ? 'B' : 'A';
  }

  Session enter(const std::string& token, const std::string& email) const {
    const Session visitor = ours_.platform.visit("other");
    const std::string password(Hospital::password);
    must(visitor.call(auth::Register{.invitation = Secret(token), .password = Secret(password)}));
    return must(ours_.platform.authenticate(
        must(visitor.call(auth::Login{.email = email, .password = Secret(password)})).access_token));
  }

  const std::uint64_t size_;
  const bool planted_;
  const std::string state_;
  testing::TestEngine engine_;
  Hospital ours_ = testing::make_platform(engine_);
  std::optional<Session> their_desk_{};
  std::vector<PatientId> theirs_{};
  std::string their_cursor_{};
  std::string torn_{};
};

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_tenant_timing", count, words);
}
