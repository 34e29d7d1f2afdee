// What the audit log says of each operation, and what happens where it cannot say it.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "audit/tables.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

patients::Register person(const std::string& family) {
  patients::Register request{.names = {{.family = family, .given = {"Ann"}}},
                             .birth = patients::Birth{.date = {1980, 5, 12}},
                             .sex_admin = patients::Sex::female};
  request.identifiers = {{.system = "urn:test:national", .value = family}};
  return request;
}

constexpr std::size_t event_bytes_max = 400;
constexpr std::size_t patient_bytes = 16;

/// Watches a tenant's log from one call to the next.
class Watch {
 public:
  explicit Watch(Hospital& hospital) : auditor_(hospital.as(Role::auditor)) { skip(); }

  /// The events since the last time, without those of looking.
  std::vector<ReadEvent> look() {
    auto read = events(auditor_, next_);
    next_ += read.size() + looking_events;
    return read;
  }
  void skip() { next_ = events(auditor_).size() + 1 + looking_events; }

 private:
  static constexpr std::uint64_t looking_events = 2;  // an export's opening and closing
  Session auditor_;
  std::uint64_t next_ = 1;
};

/// Of one operation there is one event, which says this and is no longer than it may be.
void check_one(Watch& watch, const std::string& text, std::size_t patients = 0) {
  CAPTURE(text);
  const auto seen = watch.look();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].text() == text);
  CHECK(seen[0].event.patients.size() == patients);
  CHECK(seen[0].bytes.size() - seen[0].event.detail.size() <=
        event_bytes_max + patient_bytes * seen[0].event.patients.size());
}

/// Fails every insert into the audit log while it is told to.
class NoAudit final : public WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;
  std::atomic<bool> failing{false};

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName&) override {
    return std::make_unique<Data>(std::move(database), failing);
  }

 private:
  class Refusing final : public WrappedTransaction {
   public:
    Refusing(storage::Transaction& inner, const std::atomic<bool>& failing)
        : WrappedTransaction(inner), failing_(failing) {}
    void insert(const storage::Table& table, storage::RowView row) override {
      if (failing_ && table.id == audit::events_table.id)
        throw storage::Fault{storage::FaultKind::unavailable, "audit_events"};
      WrappedTransaction::insert(table, row);
    }

   private:
    const std::atomic<bool>& failing_;
  };
  class Data final : public WrappedDatabase {
   public:
    Data(std::unique_ptr<storage::Database> inner, const std::atomic<bool>& failing)
        : WrappedDatabase(std::move(inner)), failing_(failing) {}
    void write(storage::Body body) override {
      WrappedDatabase::write([&](storage::Transaction& transaction) {
        Refusing refusing(transaction, failing_);
        body(refusing);
      });
    }

   private:
    const std::atomic<bool>& failing_;
  };
};

}  // namespace

TEST_CASE("AUD-1: every operation leaves one event, whether it went well or not") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Session desk = hospital.as(Role::receptionist);
    const Session admin = hospital.as(Role::tenant_admin);
    const Session billing = hospital.as(Role::billing_clerk);
    Watch watch(hospital);

    const auto first = must(desk.call(person("First")));
    check_one(watch, "patients.register ok", 1);
    const auto second = must(desk.call(person("Second")));
    check_one(watch, "patients.register ok", 1);
    must(desk.call(patients::Get{.id = first.id}));
    check_one(watch, "patients.get ok", 1);
    must(desk.call(patients::List{}));
    check_one(watch, "patients.list ok", 2);
    must(desk.call(patients::List{.limit = 1}));
    check_one(watch, "patients.list ok", 1);
    must(desk.call(patients::List{.name = "sec"}));
    check_one(watch, "patients.list ok", 1);
    must(desk.call(patients::Search{.name = "nobody"}));
    check_one(watch, "patients.search ok", 0);
    must(desk.call(facilities::List{}));
    check_one(watch, "facilities.list ok");
    must(admin.call(users::List{}));
    check_one(watch, "users.list ok");

    CHECK(code_of(desk.call(patients::Get{.id = PatientId{hospital.home.uuid}})) == "not_found");
    check_one(watch, "patients.get denied not_found");
    CHECK(code_of(desk.call(users::Invite{.email = "x@example.org", .display_name = "X", .roles = {Role::nurse}})) ==
          "forbidden");
    check_one(watch, "users.invite denied forbidden");
    CHECK(code_of(billing.call(person("Third"))) == "forbidden");
    check_one(watch, "patients.register denied forbidden");
    CHECK(code_of(hospital.visitor().call(patients::List{})) == "unauthenticated");
    check_one(watch, "patients.list denied unauthenticated");
    CHECK(code_of(desk.call(person("Second"))) == "patient.duplicate");
    check_one(watch, "patients.register error patient.duplicate");
    patients::Patch patch{.id = second.id, .revision = 9};
    patch.language = std::string("fr");
    CHECK(code_of(desk.call(patch)) == "conflict.revision");
    check_one(watch, "patients.patch error conflict.revision");
    patch.revision = 1;
    must(desk.call(patch));
    check_one(watch, "patients.patch ok", 1);
    must(admin.call(patients::Delete{.id = second.id, .reason = "entered twice by mistake"}));
    check_one(watch, "patients.delete ok", 1);

    must(hospital.sign_in(hospital.member(Role::nurse).email));
    watch.skip();
    const auto tokens = must(hospital.sign_in(hospital.member(Role::nurse).email));
    check_one(watch, "auth.login ok");
    CHECK(code_of(hospital.sign_in(hospital.member(Role::nurse).email, "not the password at all")) == "auth.failed");
    check_one(watch, "auth.login denied auth.failed");
    CHECK(code_of(hospital.sign_in("nobody@example.org")) == "auth.failed");
    check_one(watch, "auth.login denied auth.failed");
    must(must(hospital.platform.authenticate(tokens.access_token)).call(auth::Logout{}));
    check_one(watch, "auth.logout ok");
    must(admin.call(audit::Verify{}));
    check_one(watch, "audit.verify ok");
  }
}

TEST_CASE("AUD-1: every step of a visit leaves one event, which names its patient") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const Session desk = clinic.desk();
    clinic.hospital.member(Role::nurse);
    const Session billing = clinic.hospital.as(Role::billing_clerk);
    Watch watch(clinic.hospital);
    const auto step = [&](const auto& result, const std::string& operation, std::size_t patients = 1) {
      must(result);
      check_one(watch, "appointments." + operation + " ok", patients);
    };

    const auto booking = clinic.booking("2026-11-23T10:00:00Z");
    const appointments::Hold hold{.patient_id = booking.patient_id,
                                  .service_id = booking.service_id,
                                  .resources = booking.resources,
                                  .start = at("2026-11-23T11:00:00Z")};
    step(desk.call(appointments::Check{.patient_id = booking.patient_id,
                                       .service_id = booking.service_id,
                                       .resources = booking.resources,
                                       .start = booking.start}),
         "check");
    const auto visit = must(desk.call(booking));
    check_one(watch, "appointments.book ok", 1);
    const auto held = must(desk.call(hold));
    check_one(watch, "appointments.hold ok", 1);
    step(desk.call(appointments::Confirm{.id = held.appointment.id, .token = held.token}), "confirm");
    step(desk.call(appointments::Get{.id = visit.id}), "get");
    step(desk.call(appointments::List{}), "list");
    step(billing.call(appointments::List{}), "list");
    step(desk.call(appointments::Update{.id = visit.id, .revision = visit.revision, .notes = "by the side door"}),
         "update");
    step(desk.call(appointments::Reschedule{
             .id = visit.id, .revision = visit.revision + 1, .start = at("2026-11-23T12:00:00Z")}),
         "reschedule");
    step(desk.call(appointments::Cancel{.id = visit.id}), "cancel");
    step(desk.call(appointments::Restore{.id = visit.id}), "restore");
    CHECK(code_of(billing.call(appointments::Cancel{.id = visit.id})) == "forbidden");
    check_one(watch, "appointments.cancel denied forbidden");
    CHECK(code_of(desk.call(clinic.booking("2026-11-23T12:00:00Z", 1))) == "slot.taken");
    check_one(watch, "appointments.book error slot.taken");
    clinic.go_to("2026-11-23T11:50:00Z");
    const Session later = clinic.desk();
    const Session there = clinic.hospital.as(Role::nurse);
    watch = Watch(clinic.hospital);
    step(later.call(appointments::CheckIn{.id = visit.id}), "check_in");
    step(later.call(appointments::UndoCheckIn{.id = visit.id, .reason = "it was somebody else"}), "undo_check_in");
    step(later.call(appointments::CheckIn{.id = visit.id}), "check_in");
    step(there.call(appointments::Start{.id = visit.id}), "start");
    step(there.call(appointments::UndoStart{.id = visit.id, .reason = "the room was not free"}), "undo_start");
    step(there.call(appointments::Start{.id = visit.id}), "start");
    step(there.call(appointments::Complete{.id = visit.id}), "complete");
    step(later.call(appointments::MarkNoShow{.id = held.appointment.id}), "mark_no_show");
    step(later.call(appointments::MarkError{.id = held.appointment.id, .reason = "booked by mistake"}), "mark_error");
    must(later.call(slots::List{.service_id = clinic.service.id,
                                .resource_id = clinic.doctor.id.uuid,
                                .from = clinic.now(),
                                .to = clinic.now().plus_s(86'400)}));
    check_one(watch, "slots.list ok");
  }
}

TEST_CASE("AUD-1: a page of two hundred patients is one event with their ids, and no longer than it may be") {
  const TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session desk = hospital.as(Role::receptionist);
  constexpr std::size_t made = 210;
  for (std::size_t i = 0; i < made; ++i) must(desk.call(person("Many" + std::to_string(i))));
  Watch watch(hospital);
  const auto page = must(desk.call(patients::List{.limit = page_limit_max}));
  check_one(watch, "patients.list ok", page_limit_max);
  REQUIRE(page.page.next.has_value());
  CHECK(must(desk.call(patients::List{.limit = page_limit_max, .cursor = *page.page.next})).data.size() ==
        made - page_limit_max);
  check_one(watch, "patients.list ok", made - page_limit_max);
}

TEST_CASE("AUD-4: where no event can be written nothing is shown and nothing is stored") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<NoAudit>(inner);
    Hospital hospital = make_platform(engine);
    const Session desk = hospital.as(Role::receptionist);
    const Session admin = hospital.as(Role::tenant_admin);
    const Session auditor = hospital.as(Role::auditor);
    const auto patient = must(desk.call(person("Before")));
    const auto users_before = must(admin.call(users::List{})).data.size();
    const auto events_before = events(auditor).size();

    engine->failing = true;
    const std::function<std::string()> calls[] = {
        [&] { return code_of(desk.call(person("Unheard"))); },
        [&] { return code_of(desk.call(patients::Get{.id = patient.id})); },
        [&] { return code_of(desk.call(patients::List{})); },
        [&] { return code_of(desk.call(patients::List{.name = "before"})); },
        [&] { return code_of(desk.call(patients::Get{.id = PatientId{hospital.home.uuid}})); },
        [&] { return code_of(admin.call(patients::Delete{.id = patient.id, .reason = "entered twice by mistake"})); },
        [&] {
          return code_of(admin.call(users::Invite{
              .email = "x@example.org", .display_name = "X", .roles = {Role::nurse}, .facilities = {hospital.home}}));
        },
        [&] { return code_of(admin.call(facilities::Create{.name = "Unheard", .zone = {"Europe/London"}})); },
        [&] { return code_of(hospital.sign_in(hospital.member(Role::receptionist).email)); },
        [&] { return code_of(desk.call(users::Invite{.email = "x@example.org"})); },
        [&] { return code_of(auditor.call(audit::Export{})); },
        [&] { return code_of(auditor.call(audit::Verify{})); },
        [&] { return code_of(hospital.root().call(tenants::List{})); },
    };
    int number = 0;
    for (const auto& call : calls) {
      CAPTURE(number);
      CHECK(call() == "store.unavailable");
      ++number;
    }

    engine->failing = false;
    CHECK(must(desk.call(patients::List{})).data.size() == 1);
    CHECK(must(desk.call(patients::List{.name = "unheard"})).data.empty());
    CHECK(must(desk.call(patients::Get{.id = patient.id})).revision == 1);
    CHECK(must(admin.call(users::List{})).data.size() == users_before);
    CHECK(must(admin.call(facilities::List{})).data.size() == 2);
    constexpr std::size_t since = 2 + 5;  // the first export, and the reads just now
    CHECK(events(auditor).size() == events_before + since);
    CHECK(must(auditor.call(audit::Verify{})).intact);
  }
}
