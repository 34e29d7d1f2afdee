// The state machine, as the table of entities.md has it, written out again here: every pair of states, by every operation and role.
#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <utility>

#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using S = appointments::AppointmentStatus;

namespace {

constexpr S all_states[] = {S::requested, S::held,      S::booked,  S::arrived,         S::in_progress,
                            S::completed, S::cancelled, S::no_show, S::entered_in_error};
constexpr std::string_view words[] = {"requested", "held",      "booked",  "arrived",         "in_progress",
                                      "completed", "cancelled", "no_show", "entered_in_error"};
std::string_view word(S status) { return words[static_cast<std::size_t>(status)]; }

/// A visit that an operation is tried on, and how.
struct Tried {
  AppointmentId id{};
  S from{};
  std::uint64_t revision{};
  Instant start{};
  std::string token{};  ///< of a hold
};

/// Where each operation may lead from.
struct Step {
  std::string_view name{};
  S to{};
  std::set<S> from{};
  std::set<Role> who{};
  std::function<Result<appointments::Appointment>(const Session&, const Tried&)> call{};
};

std::vector<Step> steps() {
  using R = Role;
  const std::set<S> any{S::requested,   S::held,      S::booked,    S::arrived,
                        S::in_progress, S::completed, S::cancelled, S::no_show};
  return {
      {"approve",
       S::booked,
       {S::requested},
       {R::doctor, R::receptionist},
       [](const Session& session, const Tried& visit) { return session.call(appointments::Approve{.id = visit.id}); }},
      {"cancel",
       S::cancelled,
       {S::requested, S::held, S::booked, S::arrived},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, const Tried& visit) {
         const char* code = visit.from == S::requested ? "declined" : "left_without_being_seen";
         return session.call(appointments::Cancel{.id = visit.id, .reason_code = code});
       }},
      {"confirm",
       S::booked,
       {S::held},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::Confirm{.id = visit.id, .token = visit.token});
       }},
      {"reschedule",
       S::booked,
       {S::booked},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::Reschedule{.id = visit.id,
                                                      .revision = visit.revision,
                                                      .start = visit.start.plus_s(600),
                                                      .override_reason = "came late, by train"});
       }},
      {"update",
       S::booked,
       {S::requested, S::booked},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::Update{
             .id = visit.id, .revision = visit.revision, .priority = appointments::Priority::urgent});
       }},
      {"check_in",
       S::arrived,
       {S::booked, S::no_show},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, const Tried& visit) { return session.call(appointments::CheckIn{.id = visit.id}); }},
      {"undo_check_in",
       S::booked,
       {S::arrived},
       {R::doctor, R::nurse, R::receptionist, R::lab},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::UndoCheckIn{.id = visit.id, .reason = "the wrong patient"});
       }},
      {"start",
       S::in_progress,
       {S::arrived},
       {R::doctor, R::nurse, R::lab},
       [](const Session& session, const Tried& visit) { return session.call(appointments::Start{.id = visit.id}); }},
      {"undo_start",
       S::arrived,
       {S::in_progress},
       {R::doctor, R::nurse, R::lab},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::UndoStart{.id = visit.id, .reason = "the wrong patient"});
       }},
      {"complete",
       S::completed,
       {S::in_progress},
       {R::doctor, R::nurse, R::lab},
       [](const Session& session, const Tried& visit) { return session.call(appointments::Complete{.id = visit.id}); }},
      {"mark_no_show",
       S::no_show,
       {S::booked},
       {R::nurse, R::receptionist},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::MarkNoShow{.id = visit.id});
       }},
      {"restore",
       S::booked,
       {S::cancelled},
       {R::receptionist},
       [](const Session& session, const Tried& visit) { return session.call(appointments::Restore{.id = visit.id}); }},
      {"mark_error",
       S::entered_in_error,
       any,
       {R::tenant_admin, R::nurse, R::receptionist},
       [](const Session& session, const Tried& visit) {
         return session.call(appointments::MarkError{.id = visit.id, .reason = "entered by mistake"});
       }},
  };
}

/// What the table of entities.md and roles.csv answer to this role about a visit in that state, which if booked has begun a minute ago.
std::string expected(const Step& step, S from, Role role) {
  if (!step.who.contains(role)) return "forbidden";
  if (!step.from.contains(from)) return "transition.illegal";
  const bool cancels = step.name == "cancel";
  if (role == Role::patient) {
    // Who has come, or was missed, is for the staff; and a hold is for who made it.
    const bool for_staff = (cancels && (from == S::held || from == S::arrived)) || from == S::no_show;
    if (for_staff) return "forbidden";
  }
  if ((cancels || step.name == "reschedule") && from == S::booked) {
    // After the cutoff it takes leave to override policy, by roles.csv.
    const bool overrides = role == Role::doctor || role == Role::receptionist;
    return overrides ? "ok" : "cancel.too_late";
  }
  if (step.name == "mark_error" && from == S::completed && role != Role::tenant_admin) return "forbidden";
  return "ok";
}

/// Who tries it: everybody where that costs little; else the patient, and of the staff one who may.
std::vector<Role> who_tries(const Step& step, bool all) {
  if (all)
    return {Role::tenant_admin, Role::doctor,     Role::nurse,   Role::receptionist, Role::billing_clerk,
            Role::lab,          Role::pharmacist, Role::patient, Role::auditor};
  return {step.who.contains(Role::receptionist) ? Role::receptionist : Role::doctor, Role::patient};
}

/// A clinic whose users have calendars and charts of their own, so that every scope reaches the visits.
class Ward : public Clinic {
 public:
  using Clinic::Clinic;

  /// Each role's session: the doctor's and the laboratory's calendars are the clinic's, the patient is its first.
  Session as_user(Role role) {
    const Principal who{.issuer = "https://host.example",
                        .subject = "role " + std::to_string(static_cast<int>(role)),
                        .display_name = "Somebody",
                        .roles = {role},
                        .facilities = {hospital.home},
                        .practitioner_id = role == Role::doctor || role == Role::lab
                                               ? std::optional<PractitionerId>(doctor.id)
                                               : std::nullopt,
                        .patient_id = role == Role::patient ? std::optional<PatientId>(patients[0].id) : std::nullopt};
    if (!std::exchange(trusts_, true))
      hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
    return must(hospital.platform.session(hospital.slug(), who));
  }

  /// The doctor works at any time, by the five minutes.
  void open_always() {
    std::vector<schedules::Window> always;
    for (int weekday = 0; weekday < 7; ++weekday)
      always.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = hospital.home});
    schedules::Set rules;
    rules.rules = {{.step_min = 5}};
    set_schedule(doctor.id.uuid, always, rules);
  }

  /// The token of the hold that was made last.
  const std::string& token() const { return token_; }

  /// Another visit of the first patient, in this state, now.
  AppointmentId in_state(S status) {
    hospital.clock->advance_s(1800);
    const Session staff = desk();
    const Session doctor_session = as_user(Role::doctor);
    service = status == S::requested ? approved() : plain();
    constexpr std::int64_t grid = 300'000'000;
    const std::string start = Instant{(now().us / grid + 2) * grid}.text();
    if (status == S::held) return hold(staff, start);
    const AppointmentId id = book(start).id;
    if (status == S::cancelled) must(staff.call(appointments::Cancel{.id = id}));
    if (status == S::entered_in_error)
      must(staff.call(appointments::MarkError{.id = id, .reason = "entered by mistake"}));
    if (status == S::requested || status == S::cancelled) return id;
    go_to(at(start).plus_s(60).text());  // it may begin, and is missed if nobody comes
    if (status == S::arrived || status == S::in_progress || status == S::completed)
      must(staff.call(appointments::CheckIn{.id = id}));
    if (status == S::in_progress || status == S::completed) must(doctor_session.call(appointments::Start{.id = id}));
    if (status == S::completed) must(doctor_session.call(appointments::Complete{.id = id}));
    if (status == S::no_show) must(staff.call(appointments::MarkNoShow{.id = id}));
    return id;
  }

 private:
  AppointmentId hold(const Session& staff, const std::string& start) {
    auto held = must(staff.call(appointments::Hold{.patient_id = patients[0].id,
                                                   .service_id = service.id,
                                                   .resources = {taking_part(doctor)},
                                                   .start = at(start),
                                                   .minutes = 60}));
    token_ = std::move(held.token);
    return held.appointment.id;
  }
  services::Service approved() {
    if (!approved_) approved_ = add_service("approved", {.duration_min = 5, .approval = true, .no_show_grace_min = 0});
    return *approved_;
  }
  services::Service plain() {
    if (!plain_) plain_ = add_service("plain", {.duration_min = 5, .no_show_grace_min = 0});
    return *plain_;
  }

  bool trusts_ = false;
  std::string token_{};
  std::optional<services::Service> approved_{};
  std::optional<services::Service> plain_{};
};

}  // namespace

TEST_CASE("APT-1: every operation from every state, for every role, as the table has it") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Ward ward{TestEngine(name)};
    ward.open_always();
    int allowed = 0;
    for (const Step& step : steps()) {
      for (const S from : all_states) {
        for (const Role role : who_tries(step, name == "memory")) {
          const AppointmentId id = ward.in_state(from);
          CAPTURE(step.name);
          CAPTURE(word(from));
          CAPTURE(static_cast<int>(role));
          const auto before = must(ward.desk().call(appointments::Get{.id = id}));
          REQUIRE(before.status == from);
          const std::string code = expected(step, from, role);
          const auto answer = step.call(
              ward.as_user(role),
              {.id = id, .from = from, .revision = before.revision, .start = before.start, .token = ward.token()});
          CHECK(code_of(answer) == code);
          const auto after = must(ward.desk().call(appointments::Get{.id = id}));
          // Who changes what a request says has not approved it.
          const S to = code == "ok" && step.name != "update" ? step.to : from;
          CHECK(after.status == to);
          CHECK(after.revision == before.revision + (code == "ok" ? 1 : 0));
          if (code == "transition.illegal" && !answer.ok())
            CHECK(answer.error().detail.starts_with("from " + std::string(word(from)) + " to " +
                                                    std::string(word(step.to)) + "; possible: "));
          allowed += code == "ok" ? 1 : 0;
        }
      }
    }
    CHECK(allowed > (name == "memory" ? 70 : 20));
  }
}

TEST_CASE("APT-1: a hold is confirmed by who has its token, and its slot is let go of by any of the staff") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Ward ward{TestEngine(name)};
    ward.open_always();
    const AppointmentId first = ward.in_state(S::held);
    const std::string token = ward.token();
    const AppointmentId second = ward.in_state(S::held);
    const auto wrong = ward.desk().call(appointments::Confirm{.id = second, .token = token});
    CHECK(code_of(wrong) == "hold.token");
    CHECK(code_of(ward.as_user(Role::patient).call(appointments::Cancel{.id = second})) == "forbidden");
    // Whoever made it may have gone home: the slot is not lost until it expires.
    CHECK(must(ward.as_user(Role::nurse).call(appointments::Cancel{.id = second})).status == S::cancelled);
    CHECK(must(ward.desk().call(appointments::Confirm{.id = first, .token = token})).status == S::booked);
  }
}

TEST_CASE("APT-1: a patient is checked in on the day of the visit, from four hours before it on") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto visit = clinic.book("2026-11-23T10:00:00Z");
    const auto check_in = [&] { return clinic.desk().call(appointments::CheckIn{.id = visit.id}); };
    clinic.go_to("2026-11-22T23:59:59Z");
    CHECK(code_of(check_in()) == "check_in.day");
    clinic.go_to("2026-11-23T05:59:59Z");
    CHECK(code_of(check_in()) == "check_in.day");
    CHECK(must(clinic.desk().call(appointments::Get{.id = visit.id})).status == S::booked);
    clinic.go_to("2026-11-23T06:00:00Z");
    CHECK(must(check_in()).status == S::arrived);

    // Late on the same day there is nothing against it; on the next one there is.
    const auto late = clinic.book("2026-11-23T11:00:00Z");
    const auto missed = clinic.book("2026-11-23T12:00:00Z");
    clinic.go_to("2026-11-23T23:59:59Z");
    CHECK(must(clinic.desk().call(appointments::CheckIn{.id = late.id})).status == S::arrived);
    must(clinic.desk().call(appointments::MarkNoShow{.id = missed.id}));
    clinic.go_to("2026-11-24T00:00:00Z");
    CHECK(code_of(clinic.desk().call(appointments::CheckIn{.id = missed.id})) == "check_in.day");
  }
}

TEST_CASE("APT-1: where midnight is less than four hours before a visit, its day begins at midnight") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.set_schedule(clinic.doctor.id.uuid, clinic.weekdays("00:00", "17:00"));
    const auto visit = clinic.book("2026-11-24T02:00:00Z");
    clinic.go_to("2026-11-23T23:59:59Z");
    CHECK(code_of(clinic.desk().call(appointments::CheckIn{.id = visit.id})) == "check_in.day");
    clinic.go_to("2026-11-24T00:00:00Z");
    CHECK(code_of(clinic.desk().call(appointments::CheckIn{.id = visit.id})) == "ok");
  }
}

TEST_CASE("APT-1: nobody is missed before the grace after the start has passed") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("patient", {.no_show_grace_min = 20});
    const auto visit = clinic.book("2026-11-23T10:00:00Z");
    const auto mark = [&] { return clinic.desk().call(appointments::MarkNoShow{.id = visit.id}); };
    clinic.go_to("2026-11-23T09:00:00Z");
    CHECK(code_of(mark()) == "no_show.too_soon");
    clinic.go_to("2026-11-23T10:19:59Z");
    CHECK(code_of(mark()) == "no_show.too_soon");
    CHECK(must(clinic.desk().call(appointments::Get{.id = visit.id})).status == S::booked);
    clinic.go_to("2026-11-23T10:20:00Z");
    CHECK(must(mark()).status == S::no_show);
  }
}

TEST_CASE("APT-1: a check-in and a start are taken back within half an hour, and not later") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto visit = clinic.book("2026-11-23T10:00:00Z");
    const auto nurse = [&] { return clinic.hospital.as(Role::nurse); };
    const auto undo_check_in = [&] {
      return nurse().call(appointments::UndoCheckIn{.id = visit.id, .reason = "it was somebody else"});
    };
    const auto undo_start = [&] {
      return nurse().call(appointments::UndoStart{.id = visit.id, .reason = "it was somebody else"});
    };
    clinic.go_to("2026-11-23T09:00:00Z");
    must(nurse().call(appointments::CheckIn{.id = visit.id}));
    clinic.go_to("2026-11-23T09:30:00Z");
    CHECK(must(undo_check_in()).status == S::booked);
    must(nurse().call(appointments::CheckIn{.id = visit.id}));
    clinic.go_to("2026-11-23T10:00:01Z");
    CHECK(code_of(undo_check_in()) == "undo.too_late");
    must(nurse().call(appointments::Start{.id = visit.id}));
    clinic.go_to("2026-11-23T10:30:01Z");
    CHECK(must(undo_start()).status == S::arrived);
    must(nurse().call(appointments::Start{.id = visit.id}));
    clinic.go_to("2026-11-23T11:00:02Z");
    CHECK(code_of(undo_start()) == "undo.too_late");
    CHECK(must(clinic.desk().call(appointments::Get{.id = visit.id})).status == S::in_progress);
  }
}

TEST_CASE("APT-1: what was cancelled is restored within a day, and before it would have begun") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto restore = [&](const appointments::Appointment& visit) {
      return clinic.desk().call(appointments::Restore{.id = visit.id});
    };
    const auto visit = clinic.book("2026-11-27T10:00:00Z");
    const auto other = clinic.book("2026-11-27T12:00:00Z");
    clinic.go_to("2026-11-23T08:00:00Z");
    for (const auto& one : {visit, other}) must(clinic.desk().call(appointments::Cancel{.id = one.id}));
    clinic.go_to("2026-11-24T08:00:00Z");
    CHECK(must(restore(visit)).status == S::booked);
    clinic.go_to("2026-11-24T08:00:01Z");
    CHECK(code_of(restore(other)) == "restore.too_late");

    const auto near = clinic.book("2026-11-24T10:00:00Z");
    must(clinic.desk().call(appointments::Cancel{.id = near.id}));
    clinic.go_to("2026-11-24T09:59:59Z");
    must(restore(near));
    must(clinic.desk().call(appointments::Cancel{.id = near.id, .reason = "said so on the telephone"}));
    clinic.go_to("2026-11-24T10:00:00Z");
    CHECK(code_of(restore(near)) == "restore.too_late");
    CHECK(must(clinic.desk().call(appointments::Get{.id = near.id})).status == S::cancelled);
  }
}
