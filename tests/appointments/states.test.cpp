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

/// Where each operation may lead from.
struct Step {
  std::string_view name{};
  S to{};
  std::set<S> from{};
  std::set<Role> who{};
  std::function<Result<appointments::Appointment>(const Session&, AppointmentId, S from)> call{};
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
       [](const Session& session, AppointmentId id, S) { return session.call(appointments::Approve{.id = id}); }},
      {"cancel",
       S::cancelled,
       {S::requested, S::held, S::booked, S::arrived},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, AppointmentId id, S from) {
         const char* code = from == S::requested ? "declined" : "left_without_being_seen";
         return session.call(appointments::Cancel{.id = id, .reason_code = code});
       }},
      {"check_in",
       S::arrived,
       {S::booked, S::no_show},
       {R::doctor, R::nurse, R::receptionist, R::lab, R::patient},
       [](const Session& session, AppointmentId id, S) { return session.call(appointments::CheckIn{.id = id}); }},
      {"undo_check_in",
       S::booked,
       {S::arrived},
       {R::doctor, R::nurse, R::receptionist, R::lab},
       [](const Session& session, AppointmentId id, S) {
         return session.call(appointments::UndoCheckIn{.id = id, .reason = "the wrong patient"});
       }},
      {"start",
       S::in_progress,
       {S::arrived},
       {R::doctor, R::nurse, R::lab},
       [](const Session& session, AppointmentId id, S) { return session.call(appointments::Start{.id = id}); }},
      {"undo_start",
       S::arrived,
       {S::in_progress},
       {R::doctor, R::nurse, R::lab},
       [](const Session& session, AppointmentId id, S) {
         return session.call(appointments::UndoStart{.id = id, .reason = "the wrong patient"});
       }},
      {"complete",
       S::completed,
       {S::in_progress},
       {R::doctor, R::nurse, R::lab},
       [](const Session& session, AppointmentId id, S) { return session.call(appointments::Complete{.id = id}); }},
      {"mark_no_show",
       S::no_show,
       {S::booked},
       {R::nurse, R::receptionist},
       [](const Session& session, AppointmentId id, S) { return session.call(appointments::MarkNoShow{.id = id}); }},
      {"restore",
       S::booked,
       {S::cancelled},
       {R::receptionist},
       [](const Session& session, AppointmentId id, S) { return session.call(appointments::Restore{.id = id}); }},
      {"mark_error",
       S::entered_in_error,
       any,
       {R::tenant_admin, R::nurse, R::receptionist},
       [](const Session& session, AppointmentId id, S) {
         return session.call(appointments::MarkError{.id = id, .reason = "entered by mistake"});
       }},
  };
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

  /// Another visit of the first patient, in this state, now.
  AppointmentId in_state(S status) {
    hospital.clock->advance_s(1800);
    const Session staff = desk();
    const Session doctor_session = as_user(Role::doctor);
    service = status == S::requested ? approved() : plain();
    constexpr std::int64_t grid = 300'000'000;
    const std::string start = Instant{(now().us / grid + 2) * grid}.text();
    if (status == S::held)
      return must(staff.call(appointments::Hold{.patient_id = patients[0].id,
                                                .service_id = service.id,
                                                .resources = {taking_part(doctor)},
                                                .start = at(start),
                                                .minutes = 60}))
          .appointment.id;
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
  services::Service approved() {
    if (!approved_) approved_ = add_service("approved", {.duration_min = 5, .approval = true, .no_show_grace_min = 0});
    return *approved_;
  }
  services::Service plain() {
    if (!plain_) plain_ = add_service("plain", {.duration_min = 5, .no_show_grace_min = 0});
    return *plain_;
  }

  bool trusts_ = false;
  std::optional<services::Service> approved_{};
  std::optional<services::Service> plain_{};
};

}  // namespace

TEST_CASE("APT-1: every operation from every state, for every role, as the table has it") {
  Ward ward{TestEngine("memory")};
  std::vector<schedules::Window> always;
  for (int weekday = 0; weekday < 7; ++weekday)
    always.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = ward.hospital.home});
  schedules::Set rules;
  rules.rules = {{.step_min = 5}};
  ward.set_schedule(ward.doctor.id.uuid, always, rules);
  int allowed = 0;
  for (const Step& step : steps()) {
    for (const S from : all_states) {
      for (const Role role : {Role::tenant_admin, Role::doctor, Role::nurse, Role::receptionist, Role::billing_clerk,
                              Role::lab, Role::pharmacist, Role::patient, Role::auditor}) {
        const AppointmentId id = ward.in_state(from);
        CAPTURE(step.name);
        CAPTURE(word(from));
        CAPTURE(static_cast<int>(role));
        const auto answer = step.call(ward.as_user(role), id, from);
        const auto after = must(ward.desk().call(appointments::Get{.id = id})).status;
        if (!step.who.contains(role)) {
          CHECK(code_of(answer) == "forbidden");
          CHECK(after == from);
        } else if (!step.from.contains(from)) {
          CHECK(code_of(answer) == "transition.illegal");
          CHECK(after == from);
          CHECK(answer.error().detail.starts_with("from " + std::string(word(from)) + " to " +
                                                  std::string(word(step.to)) + "; possible: "));
        } else if (role == Role::patient &&
                   (from == S::arrived || from == S::no_show || (from == S::held && step.to == S::cancelled) ||
                    (from == S::booked && step.to == S::cancelled))) {
          // Once there, or too late, it is for the staff; and a hold is for who made it.
          CHECK(!answer.ok());
          CHECK(after == from);
        } else if (from == S::completed && step.to == S::entered_in_error && role != Role::tenant_admin) {
          CHECK(code_of(answer) == "forbidden");
          CHECK(after == from);
        } else if (code_of(answer) == "cancel.too_late") {
          // After the cutoff it takes leave to override policy, which neither nurses nor laboratories have.
          CHECK((role == Role::nurse || role == Role::lab));
          CHECK(from == S::booked);
          CHECK(after == from);
        } else {
          CHECK(code_of(answer) == "ok");
          CHECK(after == step.to);
          ++allowed;
        }
      }
    }
  }
  CHECK(allowed > 60);
}
