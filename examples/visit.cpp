// A doctor, a calendar and a visit.
#include <array>
#include <cstdio>

#include "medflow/medflow.hpp"
using namespace medflow;

namespace {

auto must(auto result) { return result.ok() ? std::move(*result) : throw Failure(result.error()); }

Session join(const Platform& platform, const users::Invitation& invitation) {
  const Session visitor = platform.visit("general");
  must(visitor.call(auth::Register{.invitation = Secret(invitation.token), .password = Secret("violet tundra 47")}));
  const auto tokens =
      must(visitor.call(auth::Login{.email = *invitation.user.email, .password = Secret("violet tundra 47")}));
  return must(platform.authenticate(tokens.access_token));
}

void run(const Session& admin, const Session& desk, const Platform& platform, FacilityId facility) {
  // What can be booked, with whom, and when: from Monday to Friday, mornings and afternoons.
  const auto service =
      must(admin.call(services::Create{.code = "CONSULT", .name = "Consultation", .duration_min = 30}));
  const auto doctor = must(admin.call(doctors::Create{.name = "Dr Dana Doyle", .facilities = {facility}}));
  schedules::Set week{.id = doctor.id.uuid};
  for (const Weekday day : {Weekday::mon, Weekday::tue, Weekday::wed, Weekday::thu, Weekday::fri}) {
    week.windows.push_back({.weekday = day, .start = {9 * 60}, .end = {12 * 60}, .facility_id = facility});
    week.windows.push_back({.weekday = day, .start = {13 * 60}, .end = {17 * 60}, .facility_id = facility});
  }
  must(admin.call(week));

  // A free slot can be booked as long as nobody else does.
  const auto anna = must(desk.call(patients::Register{.names = {{.family = "Müller", .given = {"Anna"}}}}));
  const Instant tomorrow = system_clock()->now().plus_s(86'400);
  const auto free =
      must(desk.call(slots::FindFirst{.service_id = service.id, .doctors = {doctor.id}, .from = tomorrow, .limit = 2}));
  appointments::Book booking{.patient_id = anna.id,
                             .service_id = service.id,
                             .resources = {{.kind = ResourceKind::practitioner, .id = doctor.id.uuid}},
                             .start = free.slots[0].start};
  const auto visit = must(desk.call(booking));
  const auto again = desk.call(booking);  // fails, and says what is free instead
  std::printf("%s booked, once more: %s\n", visit.number.c_str(), again.error().code.name.data());

  // The doctor is away then: a job moves the visit, and tells the patient.
  const auto away = must(admin.call(leaves::Add{
      .resource_id = doctor.id.uuid, .from = visit.start, .to = visit.end, .on_affected = leaves::OnAffected::move}));
  platform.tick(system_clock()->now());  // a server does this once a second
  const auto job = must(admin.call(jobs::Get{.id = *away.leave.job_id}));
  const auto moved = must(desk.call(appointments::Get{.id = visit.id}));
  std::printf("%d visit moved to the next slot: %s\n", static_cast<int>(job.done),
              moved.start == free.slots[1].start ? "yes" : "no");

  // With an account of her own she sees her visits, and nobody else's.
  const Session patient =
      join(platform,
           must(admin.call(users::Invite{
               .email = "anna@example.org", .display_name = "Anna", .roles = {Role::patient}, .patient_id = anna.id})));
  std::printf("%zu visit of her own\n", must(patient.call(appointments::List{})).data.size());
}

}  // namespace

int main() {
  const auto platform = must(Platform::open({.engine = storage::memory_engine(),
                                             .root_key = memory_root_key(std::array<std::byte, 32>{std::byte{7}}),
                                             .create = true}));
  const Session root = platform.local_operator("visit");
  const auto hospital = must(root.call(tenants::Provision{
      .slug = "general", .name = "General", .default_zone = {"Europe/Rome"}, .currency = *Currency::parse("EUR")}));
  const Session admin = join(platform, must(root.call(users::InviteFirstAdmin{hospital.id, "ada@example.org", "Ada"})));
  const auto facility = must(admin.call(facilities::List{})).data.front().id;
  const Session desk =
      join(platform, must(admin.call(users::Invite{"rita@example.org", "Rita", {Role::receptionist}, {facility}})));
  run(admin, desk, platform, facility);
}
