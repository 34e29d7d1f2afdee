#include "tests/campaigns/booking/place.hpp"

#include <array>

#include "medflow/testing/hospital.hpp"

namespace medflow::campaign {
namespace {

using testing::must;

constexpr std::string_view issuer = "https://campaign.example";
constexpr std::string_view password = "violet tundra 47 anchor mosaic";

Session provision(const Platform& platform) {
  const Session root = platform.local_operator("campaign");
  const auto tenant = must(root.call(tenants::Provision{
      .slug = std::string(slug), .name = "Saint Mary", .default_zone = {"UTC"}, .currency = *Currency::parse("GBP")}));
  const auto invitation =
      must(root.call(users::InviteFirstAdmin{.id = tenant.id, .email = "admin@example.org", .display_name = "Admin"}));
  const Session visitor = platform.visit(slug);
  must(visitor.call(auth::Register{.invitation = Secret(invitation.token), .password = Secret(std::string(password))}));
  const auto tokens =
      must(visitor.call(auth::Login{.email = "admin@example.org", .password = Secret(std::string(password))}));
  return must(platform.authenticate(tokens.access_token));
}

Way add_service(const Session& admin, services::Create request) {
  request.name = "Service " + request.code;
  const auto made = must(admin.call(std::move(request)));
  return {.service = made.id.uuid, .duration_min = made.duration_min, .capacity = made.capacity};
}

Uuid add_calendar(const Session& admin, const Shared& shared, ResourceKind kind, const std::string& name) {
  const FacilityId home{shared.facility};
  const Uuid id =
      kind == ResourceKind::practitioner
          ? must(admin.call(doctors::Create{.name = "Dr " + name, .facilities = {home}})).id.uuid
          : must(admin.call(resources::Create{.kind = kind, .name = "Room " + name, .facility_id = home})).id.uuid;
  schedules::Set hours{.id = id, .kind = kind};
  for (int weekday = 0; weekday < 5; ++weekday)
    hours.windows.push_back({.weekday = static_cast<Weekday>(weekday),
                             .start = TimeOfDay{9 * 60},
                             .end = TimeOfDay{17 * 60},
                             .facility_id = home});
  must(admin.call(std::move(hours)));
  return id;
}

void make_groups(const Session& admin, Shared& shared) {
  using R = ResourceKind;
  const Way plain = add_service(admin, {.code = "plain"});
  const Way three = add_service(admin, {.code = "three", .capacity = 3, .reminders_min = {}});
  const Way buffered = add_service(admin, {.code = "buffered",
                                           .duration_min = 20,
                                           .buffer_before_min = 5,
                                           .buffer_after_min = 5,
                                           .buffer_outside = true,
                                           .step_min = 30,
                                           .reminders_min = {}});
  const Way team =
      add_service(admin, {.code = "team", .reminders_min = {}, .resources_needed = {R::practitioner, R::room}});
  const Way large = add_service(admin, {.code = "large",
                                        .duration_min = 60,
                                        .buffer_before_min = 10,
                                        .buffer_outside = true,
                                        .step_min = 30,
                                        .capacity = 2,
                                        .reminders_min = {}});
  shared.groups_count = (shared.slots + starts_of_day - 1) / starts_of_day;
  for (std::size_t i = 0; i < shared.groups_count; ++i) {
    Group& group = shared.groups.at(i);
    const std::string name(1, static_cast<char>('A' + i));
    group.resources[0] = add_calendar(admin, shared, R::practitioner, name);
    const bool is_team = i % 6 == 4;
    if (is_team) {
      group.count = 3;
      group.resources[1] = add_calendar(admin, shared, R::practitioner, name + "a");
      group.resources[2] = add_calendar(admin, shared, R::room, name);
      group.kinds[2] = R::room;
    }
    const Way& first = is_team ? team : i % 4 == 2 ? three : i % 4 == 3 ? buffered : plain;
    group.ways = {first, shared.uniform ? first : large};
  }
}

void make_patients(const Session& desk, Shared& shared) {
  std::size_t number = 0;
  for (std::size_t h = 0; h < shared.hands; ++h)
    for (std::size_t g = 0; g < shared.groups_count; ++g) {
      patients::Register request{.names = {{.family = "Zq" + std::to_string(number), .given = {"Maria"}}},
                                 .sex_admin = patients::Sex::female};
      request.birth = patients::Birth{.date = {static_cast<std::int16_t>(1940 + number % 80), 3, 7}};
      request.identifiers = {{.system = "https://ids.example/test", .value = "T" + std::to_string(100'000 + number++)}};
      shared.hand.at(h).patients.at(g) = must(desk.call(std::move(request))).id.uuid;
    }
}

Session member(const Platform& platform, std::string subject, Role role, std::vector<FacilityId> facilities) {
  return must(platform.session(slug, {.issuer = std::string(issuer),
                                      .subject = std::move(subject),
                                      .display_name = "Somebody",
                                      .roles = {role},
                                      .facilities = std::move(facilities)}));
}

}  // namespace

PlatformOptions options_of(const Shared& shared, std::shared_ptr<storage::Engine> engine, std::int64_t behind_us) {
  return testing::test_options(std::move(engine), std::make_shared<SharedClock>(shared, behind_us));
}

void make_hospital(const Platform& platform, Shared& shared) {
  const Session admin = provision(platform);
  shared.facility = must(admin.call(facilities::List{})).data.at(0).id.uuid;
  must(admin.call(settings::Update{.revision = must(admin.call(settings::Get{})).revision,
                                   .trusted_issuers = std::vector<std::string>{std::string(issuer)}}));
  make_groups(admin, shared);
  make_patients(desk_of(platform, shared, 0), shared);
  shared.made = true;
}

Session desk_of(const Platform& platform, const Shared& shared, std::size_t hand) {
  return member(platform, "desk " + std::to_string(hand), Role::receptionist, {FacilityId{shared.facility}});
}

Session admin_of(const Platform& platform) { return member(platform, "admin", Role::tenant_admin, {}); }

}  // namespace medflow::campaign
