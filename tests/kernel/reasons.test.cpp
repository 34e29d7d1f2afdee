// Under whose key it is sealed why something was done.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "crypto/seal.hpp"
#include "kernel/detail.fields.hpp"
#include "keys/key_store.hpp"
#include "medflow/testing/ports.hpp"
#include "storage/block_codec.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::uint64_t slots_tried = 16;  ///< a hospital of few patients has no more

/// What is sealed in an event, and whether that is under a patient's key.
struct Opened {
  std::string reason{};
  bool patients_key = false;

  friend bool operator==(const Opened&, const Opened&) = default;
};

/// The keys of a tenant whose platform has gone.
class Keys {
 public:
  Keys(storage::Engine& engine, const PlatformOptions& options, const Uuid& tenant)
      : tenant_(tenant),
        root_(options.root_key),
        store_(engine.open({.tenant = TenantId{tenant}.text(), .part = storage::Part::keys},
                           {.schema = &keys::key_schema()}),
               *root_, tenant, crypto::KeyArena::create(), rng_, engine.shared()) {}

  Opened open(const audit::Event& event, const PatientId& patient) {
    if (event.detail.empty()) return {};
    crypto::SealContext where{.tenant = tenant_,
                              .table_id = 1,
                              .row_id = event.object,
                              .block = 1,
                              .block_version = static_cast<std::uint32_t>(event.revision)};
    std::string text;
    if (crypto::open(store_.tenant().tenant_fields(), where, event.detail, text) == crypto::OpenResult::ok)
      return {.reason = reason_of(text)};
    where.subject_id = patient.uuid;
    for (std::uint64_t slot = 1; slot <= slots_tried; ++slot)
      if (crypto::open(store_.patient_key(slot, {}).view(), where, event.detail, text) == crypto::OpenResult::ok)
        return {.reason = reason_of(text), .patients_key = true};
    return {.reason = "sealed under no key that is known"};
  }

 private:
  static std::string reason_of(const std::string& text) {
    kernel::Detail detail;
    CHECK(storage::decode_fields(type_of<kernel::Detail>, text, &detail));
    return detail.reason;
  }

  Uuid tenant_;
  std::shared_ptr<RootKeyProvider> root_;
  SeededRng rng_{1};
  keys::KeyStore store_;
};

}  // namespace

TEST_CASE("SEC-4 AUD-1: why a patient was read, or was refused, is sealed under that patient's key or is a code") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const std::string why = "the sister of Ann Lindqvist asked";
    const PatientId nobody{Uuid{{7}}};
    std::vector<ReadEvent> log;
    PatientId patient;
    Uuid tenant;
    {
      Hospital hospital = make_platform(engine);
      tenant = hospital.tenant.id.uuid;
      patient = hospital.add_patients(2).at(1).id;
      const Session admin = hospital.as(Role::tenant_admin);
      must(admin.call(patients::Export{.id = patient, .reason = why}));
      CHECK(code_of(admin.call(patients::Restore{.id = patient, .reason = why})) == "transition.illegal");
      CHECK_FALSE(admin.call(patients::Delete{.id = nobody, .reason = why}).ok());
      CHECK_FALSE(admin.call(patients::Restore{.id = nobody, .reason = why, .reason_code = "unspecified"}).ok());
      must(admin.call(patients::Delete{.id = patient, .reason_code = "duplicate"}));
      log = events(hospital.as(Role::auditor));
    }
    Keys keys(*std::shared_ptr<storage::Engine>(engine), test_options(engine, nullptr), tenant);
    std::vector<Opened> opened;
    for (const ReadEvent& each : log)
      if ((each.event.action == "patients.export" && !each.event.on_behalf_of) ||
          each.event.action == "patients.delete" || each.event.action == "patients.restore")
        opened.push_back(keys.open(each.event, patient));
    REQUIRE(opened.size() == 5);
    CHECK(opened[0] == Opened{.reason = why, .patients_key = true});
    CHECK(opened[1] == Opened{.reason = why, .patients_key = true});
    CHECK(opened[2] == Opened{});
    CHECK(opened[3] == Opened{.reason = "unspecified"});
    CHECK(opened[4].patients_key);
  }
}

TEST_CASE("APT-18 AUD-1: why a visit is moved or cancelled after the cutoff is kept with the event") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    std::vector<ReadEvent> log;
    PatientId patient;
    Uuid tenant;
    {
      Clinic clinic(engine);
      tenant = clinic.hospital.tenant.id.uuid;
      patient = clinic.patients[0].id;
      clinic.service = clinic.add_service("cutoff", {.cancel_cutoff_min = 24 * 60});
      const auto visit = clinic.book("2026-11-24T10:00:00Z");
      const auto course = must(clinic.desk().call(series::Book{.patient_id = patient,
                                                               .service_id = clinic.service.id,
                                                               .resources = {Clinic::taking_part(clinic.doctor)},
                                                               .wall_start = {day("2026-11-24"), clock_time("09:00")},
                                                               .rrule = "FREQ=WEEKLY;COUNT=2"}));
      clinic.go_to("2026-11-23T11:30:00Z");
      must(clinic.desk().call(appointments::Reschedule{
          .id = visit.id, .revision = 1, .start = at("2026-11-24T11:00:00Z"), .override_reason = "the bus was late"}));
      must(clinic.desk().call(series::Reschedule{.id = course.series->id,
                                                 .revision = course.series->revision,
                                                 .time = clock_time("10:00"),
                                                 .override_reason = "the train was late"}));
      must(clinic.desk().call(appointments::Cancel{.id = visit.id, .reason = "too ill to come"}));
      log = events(clinic.hospital.as(Role::auditor));
    }
    Keys keys(*std::shared_ptr<storage::Engine>(engine), test_options(engine, nullptr), tenant);
    const auto kept = [&](std::string_view action) {
      const ReadEvent* event = last_of(log, action);
      return event != nullptr ? keys.open(event->event, patient) : Opened{};
    };
    CHECK(kept("appointments.reschedule") == Opened{.reason = "the bus was late", .patients_key = true});
    CHECK(kept("series.reschedule") == Opened{.reason = "the train was late", .patients_key = true});
    CHECK(kept("appointments.cancel") == Opened{.reason = "too ill to come", .patients_key = true});
  }
}
