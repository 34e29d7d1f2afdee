// Licences that expire are told of, 30 days, 7 days and 1 day ahead (PRV-1).
#include "doctors/licences.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "messages/outbox.hpp"
#include "tests/jobs/house.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/messages.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// A hospital with a doctor who has an account and a licence that is valid until the last day of 2026.
class Ward {
 public:
  explicit Ward(std::string_view engine_name) : engine(engine_name), posted(engine) {
    hospital().as(Role::doctor);
    doctor = must(admin().call(
        doctors::Create{.user_id = hospital().member(Role::doctor).id,
                        .name = "Dr Grey",
                        .registrations = {{.authority = "GMC", .number = "1234567", .valid_to = day("2026-12-31")}},
                        .facilities = {hospital().home}}));
    posted.post();
  }

  Hospital& hospital() { return posted.hospital; }
  Session admin() { return hospital().as(Role::tenant_admin); }
  /// What is sent by this moment: "address", sorted. Only alerts come.
  std::vector<std::string> at_time(std::string_view instant) {
    hospital().clock->advance_s((at(instant).us - hospital().clock->now().us) / 1'000'000);
    std::vector<std::string> whom;
    for (int ticks = 0; ticks < 2; ++ticks)  // the first looks and sends, the second sends what is left
      for (const Message& message : posted.post()) {
        CHECK(message.kind == "doctor.licence");
        text = message.text;
        whom.push_back(message.to);
      }
    std::sort(whom.begin(), whom.end());
    return whom;
  }
  void set(std::vector<doctors::Registration> registrations) {
    doctor = must(admin().call(doctors::Update{.id = doctor.id,
                                               .revision = doctor.revision,
                                               .user_id = doctor.user_id,
                                               .name = doctor.name,
                                               .registrations = std::move(registrations),
                                               .facilities = doctor.facilities}));
  }

  TestEngine engine;
  Posted posted;
  doctors::Doctor doctor{};
  std::string text{};  ///< of the last message
};

const std::vector<std::string> nobody{};

}  // namespace

TEST_CASE(
    "PRV-1: administrators and the doctor are told 30 days, 7 days and 1 day before a licence expires, once each") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Ward ward(name);
    const std::vector<std::string> both{Hospital::email_of(Role::tenant_admin), Hospital::email_of(Role::doctor)};
    CHECK(ward.at_time("2026-11-30T07:00:00Z") == nobody);
    CHECK(ward.at_time("2026-12-01T05:59:00Z") == nobody);
    CHECK(ward.at_time("2026-12-01T06:00:00Z") == both);
    CHECK(ward.text.find("Dr Grey, GMC 1234567, 2026-12-31") != std::string::npos);
    CHECK(ward.at_time("2026-12-01T18:00:00Z") == nobody);
    CHECK(ward.at_time("2026-12-02T06:00:00Z") == nobody);
    CHECK(ward.at_time("2026-12-23T06:00:00Z") == nobody);
    CHECK(ward.at_time("2026-12-24T06:00:00Z") == both);
    CHECK(ward.at_time("2026-12-29T06:00:00Z") == nobody);
    CHECK(ward.at_time("2026-12-30T06:00:00Z") == both);
    CHECK(ward.at_time("2026-12-31T06:00:00Z") == nobody);
    CHECK(ward.at_time("2027-01-01T06:00:00Z") == nobody);
  }
}

TEST_CASE("PRV-1: what was not told because nothing ran is told late, and only how near it is now") {
  Ward ward("memory");
  CHECK(ward.at_time("2026-12-26T03:00:00Z").size() == 2);
  CHECK(ward.at_time("2026-12-26T06:00:00Z") == nobody);
  CHECK(ward.at_time("2026-12-30T06:00:00Z").size() == 2);
}

TEST_CASE("PRV-1: nobody is told of a licence that was renewed, nor is who cannot sign in") {
  Ward ward("memory");
  const doctors::Registration old{.authority = "GMC", .number = "1234567", .valid_to = day("2026-12-31")};
  ward.set({old, {.authority = "GMC", .number = "7654321", .valid_to = day("2027-12-31")}});
  CHECK(ward.at_time("2026-12-24T06:00:00Z") == nobody);
  // One of another authority is another one.
  ward.set({old, {.authority = "GDC", .number = "7654321"}});
  must(ward.admin().call(users::Disable{.id = ward.hospital().member(Role::doctor).id}));
  CHECK(ward.at_time("2026-12-25T06:00:00Z") == std::vector<std::string>{Hospital::email_of(Role::tenant_admin)});
}

TEST_CASE("PRV-1: run twice, the sweep tells once") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const auto clock = std::make_shared<FakeClock>();
    const TestEngine engine(name);
    const Builder builder(engine, clock, {});
    const TenantId tenant = builder.add("saint-mary");
    const auto invited = must(builder.root().call(
        users::InviteFirstAdmin{.id = tenant, .email = "ada@example.org", .display_name = "Ada Admin"}));
    must(builder.inside(tenant).call(
        doctors::Create{.user_id = invited.user.id,
                        .name = "Dr Grey",
                        .registrations = {{.authority = "GMC", .number = "1234567", .valid_to = day("2026-11-25")}}}));
    std::size_t alerts = 0;
    for (int times = 0; times < 2; ++times) {
      builder.write(tenant, [](kernel::Work& work) {
        jobs::Progress progress;
        CHECK(doctors::licence_sweep.step(work, progress).how == jobs::Next::How::done);
      });
      builder.write(tenant, [&](kernel::Work& work) {
        alerts = 0;
        kernel::Rows<messages::StoredMessage>(work).scan({}, [&](const messages::StoredMessage& message) {
          alerts += message.kind == messages::MessageKind::licence ? 1 : 0;
          return true;
        });
      });
      CHECK(alerts == 1);
    }
  }
}
