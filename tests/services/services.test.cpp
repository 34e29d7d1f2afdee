#include <doctest/doctest.h>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

services::Create consultation() {
  return {.code = "CONSULT",
          .name = "Consultation",
          .duration_min = 45,
          .buffer_before_min = 5,
          .buffer_after_min = 10,
          .buffer_outside = true,
          .step_min = 15,
          .capacity = 2,
          .min_lead_min = 60,
          .max_horizon_d = 90,
          .cancel_cutoff_min = 1440,
          .approval = true,
          .requested_blocks = false,
          .no_show_grace_min = 20,
          .reminders_min = {1440, 60},
          .waitlist = false,
          .waitlist_notice_min = 30,
          .resources_needed = {ResourceKind::practitioner, ResourceKind::room}};
}

template <class Op>
std::string refused(const Session& session, void (*spoil)(Op&), Op op) {
  spoil(op);
  return fields_of(session.call(op));
}

}  // namespace

TEST_CASE("PRV-4: a service is stored with its rules, and replaced as a whole") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto made = must(admin.call(consultation()));
    const auto read = must(hospital.as(Role::patient).call(services::Get{.id = made.id}));
    CHECK(read.duration_min == 45);
    CHECK(read.step_min == 15);
    CHECK(read.buffer_outside);
    CHECK(read.reminders_min == std::vector<std::uint32_t>{1440, 60});
    CHECK(read.resources_needed == consultation().resources_needed);
    const auto changed = must(admin.call(
        services::Update{.id = made.id, .revision = made.revision, .code = "CONSULT", .name = "Consultation"}));
    CHECK(changed.duration_min == 30);
    CHECK_FALSE(changed.step_min);
    CHECK(changed.capacity == 1);
    CHECK(changed.requested_blocks);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("PRV-4: a code is one service's") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto made = must(admin.call(consultation()));
    CHECK(code_of(admin.call(consultation())) == "service.code_taken");
    const auto other = must(admin.call(services::Create{.code = "OTHER", .name = "Other"}));
    CHECK(code_of(admin.call(
              services::Update{.id = other.id, .revision = other.revision, .code = "CONSULT", .name = "Other"})) ==
          "service.code_taken");
    auto again = consultation();
    again.id = made.id;
    CHECK(must(admin.call(again)).created_at == made.created_at);
    again.duration_min = 50;
    CHECK(code_of(admin.call(again)) == "conflict.id_reused");
  }
}

TEST_CASE("PRV-4, R9: the bounds of a service's rules") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  using Create = services::Create;
  const std::pair<std::string, void (*)(Create&)> wrong[] = {
      {"/duration_min:number.out_of_range", [](Create& c) { c.duration_min = 4; }},
      {"/duration_min:number.out_of_range", [](Create& c) { c.duration_min = 481; }},
      {"/buffer_before_min:number.out_of_range", [](Create& c) { c.buffer_before_min = 121; }},
      {"/buffer_after_min:number.out_of_range", [](Create& c) { c.buffer_after_min = 121; }},
      {"/step_min:number.out_of_range", [](Create& c) { c.step_min = 4; }},
      {"/step_min:number.out_of_range", [](Create& c) { c.step_min = 241; }},
      {"/capacity:number.out_of_range", [](Create& c) { c.capacity = 0; }},
      {"/capacity:number.out_of_range", [](Create& c) { c.capacity = 101; }},
      {"/max_horizon_d:number.out_of_range", [](Create& c) { c.max_horizon_d = 0; }},
      {"/max_horizon_d:number.out_of_range", [](Create& c) { c.max_horizon_d = 731; }},
      {"/no_show_grace_min:number.out_of_range", [](Create& c) { c.no_show_grace_min = 241; }},
      {"/reminders_min:list.too_long", [](Create& c) { c.reminders_min = {1, 2, 3, 4, 5, 6}; }},
      {"/reminders_min/0:number.out_of_range", [](Create& c) { c.reminders_min = {0}; }},
      {"/resources_needed:required", [](Create& c) { c.resources_needed.clear(); }},
      {"/code:required", [](Create& c) { c.code.clear(); }},
      {"/duration_min:number.out_of_range /capacity:number.out_of_range",
       [](Create& c) {
         c.duration_min = 0;
         c.capacity = 0;
       }},
  };
  for (const auto& [fields, spoil] : wrong) CHECK(refused(admin, spoil, consultation()) == fields);
  for (const auto& allow : std::vector<void (*)(Create&)>{[](Create& c) {
                                                            c.duration_min = 5, c.step_min = 5, c.capacity = 100,
                                                            c.max_horizon_d = 730, c.no_show_grace_min = 0;
                                                            c.code = "LOW";
                                                          },
                                                          [](Create& c) {
                                                            c.duration_min = 480, c.step_min = 240,
                                                            c.buffer_before_min = 120, c.buffer_after_min = 120;
                                                            c.reminders_min.clear();
                                                            c.code = "HIGH";
                                                          }})
    CHECK(refused(admin, allow, consultation()).empty());
}

TEST_CASE("PRV-4: services are listed by whether they are in use") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  for (int i = 0; i < 7; ++i)
    must(admin.call(services::Create{.code = "S" + std::to_string(i), .name = "Service", .active = i % 2 == 0}));
  CHECK(must(admin.call(services::List{})).data.size() == 7);
  CHECK(must(admin.call(services::List{.active = true})).data.size() == 4);
  const auto unused = must(admin.call(services::List{.active = false})).data;
  CHECK(unused.size() == 3);
  const auto renamed = must(admin.call(services::Update{.id = unused[0].id,
                                                        .revision = unused[0].revision,
                                                        .code = unused[0].code,
                                                        .name = "Renamed",
                                                        .resources_needed = unused[0].resources_needed}));
  CHECK_FALSE(renamed.active);
  CHECK(must(admin.call(services::Update{.id = unused[0].id,
                                         .revision = renamed.revision,
                                         .code = unused[0].code,
                                         .name = "Renamed",
                                         .resources_needed = unused[0].resources_needed,
                                         .active = true}))
            .active);
}

TEST_CASE("PRV-6: rooms and devices stay what and where they are") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto room = must(admin.call(resources::Create{.name = "Room 1", .facility_id = hospital.home}));
    const auto device = must(
        admin.call(resources::Create{.kind = ResourceKind::device, .name = "Scanner", .facility_id = hospital.away}));
    CHECK(fields_of(admin.call(resources::Create{
              .kind = ResourceKind::practitioner, .name = "X", .facility_id = hospital.home})) == "/kind:enum.unknown");
    CHECK(fields_of(admin.call(resources::Create{.name = "X", .facility_id = FacilityId{Uuid{{7}}}})) ==
          "/facility_id:facility.unknown");
    const auto changed = must(
        admin.call(resources::Update{.id = room.id, .revision = room.revision, .name = "Room 1a", .active = false}));
    CHECK(changed.facility_id == hospital.home);
    CHECK(changed.kind == ResourceKind::room);
    CHECK_FALSE(must(admin.call(resources::Get{.id = room.id})).active);
    CHECK_FALSE(
        must(admin.call(resources::Update{.id = room.id, .revision = changed.revision, .name = "Room 1b"})).active);
    CHECK(must(admin.call(resources::List{.facility = hospital.home})).data.size() == 1);
    CHECK(must(admin.call(resources::List{.facility = hospital.away, .kind = ResourceKind::room})).data.empty());
    CHECK(must(admin.call(resources::List{.kind = ResourceKind::device})).data.at(0).id == device.id);
    for (int i = 0; i < 5; ++i)
      must(admin.call(resources::Create{.name = "R" + std::to_string(i), .facility_id = hospital.home}));
    const auto first = must(admin.call(resources::List{.facility = hospital.home, .limit = 4}));
    const auto second =
        must(admin.call(resources::List{.facility = hospital.home, .limit = 4, .cursor = *first.page.next}));
    CHECK(first.data.size() == 4);
    CHECK(second.data.size() == 2);
    CHECK(must(admin.call(resources::List{.facility = hospital.home, .limit = 4, .cursor = *second.page.prev}))
              .data.size() == 4);
  }
}
