#include "tests/faults/stage.hpp"

#include <algorithm>
#include <set>

#include "tests/support/staff.hpp"

namespace medflow::testing {
namespace {

patients::Register registration() {
  return {.names = {{.family = "Field", .given = {"Finn"}}}, .sex_admin = patients::Sex::unknown};
}

Session admin(Stage& stage) { return stage.admin(); }
Session desk(Stage& stage) { return stage.desk(); }
Session root(Stage& stage) { return stage.root(); }
Session visitor(Stage& stage) { return stage.hospital().visitor(); }

/// A role of the tenant's own; the one before is gone.
roles::RoleInfo spare_role(Stage& stage, std::vector<roles::Grant> grants) {
  for (const auto& role : must(stage.admin().call(roles::List{})).data)
    if (role.id) must(stage.admin().call(roles::Delete{.id = *role.id}));
  return must(stage.admin().call(roles::Create{.name = stage.fresh("Role "), .grants = std::move(grants)}));
}

const std::vector<roles::Grant> harmless{{.permission = "facility.read", .scope = "A"}};
const std::vector<roles::Grant> grave{{.permission = "record.read", .scope = "C"}};

/// A second administrator.
Session second_admin(Stage& stage) {
  const std::string email = stage.fresh("second") + "@example.org";
  const auto invitation =
      must(stage.admin().call(users::Invite{.email = email, .display_name = "Second", .roles = {Role::tenant_admin}}));
  must(stage.hospital().complete_invitation(invitation.token));
  return must(stage.hospital().platform.authenticate(must(stage.hospital().sign_in(email)).access_token));
}

/// Somebody invited, who has not come yet.
users::Invitation invited(Stage& stage) {
  return must(stage.admin().call(
      users::Invite{.email = stage.fresh("invited") + "@example.org", .display_name = "I", .roles = {Role::nurse}}));
}

Session ward(Stage& stage) { return stage.hospital().as(Role::nurse); }

/// A call on a visit in this state that says no more than which one it is.
template <class Op>
auto on_visit(Session (*who)(Stage&), appointments::AppointmentStatus state, Op op = {}) {
  return made(who, [state, op](Stage& stage) {
    const auto visit = stage.visit(state);
    auto request = op;
    request.id = visit.id;
    request.revision = visit.revision;
    return request;
  });
}

/// Two visits on the two days after tomorrow.
series::Book two_visits(Stage& stage) {
  const appointments::Book booking = stage.booking();
  return {.patient_id = booking.patient_id,
          .service_id = booking.service_id,
          .resources = booking.resources,
          .wall_start = local_in(Zone{"Europe/London"}, booking.start->plus_s(2 * 86'400)),
          .rrule = "FREQ=DAILY;COUNT=2",
          .reason = "a cough",
          .override = true,
          .override_reason = booking.override_reason};
}

template <class Op>
auto on_series(Op op = {}) {
  return made(desk, [op](Stage& stage) {
    auto request = op;
    request.id = must(stage.desk().call(two_visits(stage))).series->id;
    return request;
  });
}

/// Somebody who has a calendar, and no feed of it.
Session owner(Stage& stage) {
  Session session = staff(stage.hospital(), "owner", Role::doctor, {stage.facility()}, stage.doctor().id);
  for (const auto& feed : must(session.call(calendars::ListFeeds{.limit = 200})).data)
    must(session.call(calendars::RevokeFeed{.id = feed.id}));
  return session;
}

Call read_feed(Stage& stage) {
  return [session = stage.hospital().visitor(), token = must(owner(stage).call(calendars::CreateFeed{})).token] {
    const auto stream = session.call(calendars::ReadFeed{.token = token});
    if (!stream.ok()) return answer_of(stream);
    return answer_of(Content{.pull = stream->pull}.read_all(std::size_t{1} << 20));
  };
}

/// To a start that it does not have.
template <class Op>
Op moved(Stage& stage) {
  const auto visit = stage.visit(appointments::AppointmentStatus::booked);
  Op request{.id = visit.id, .revision = visit.revision};
  const Instant start = stage.hospital().clock->now().plus_s(3600);
  request.start = start.plus_s(std::stol(stage.fresh("")) % 600 * 60);
  request.override = true;
  request.override_reason = "moved for this very try";
  if constexpr (requires { request.reason; }) request.reason = "a cough";
  return request;
}

/// A hold of a slot that nobody wants. Nobody holds more than three at once: those that were left over are let go.
appointments::Hold holding(Stage& stage) {
  const auto left = must(stage.desk().call(appointments::List{
      .patient = stage.patient().id, .status = appointments::AppointmentStatus::held, .limit = 200}));
  for (const auto& one : left.data) must(stage.desk().call(appointments::Cancel{.id = one.id}));
  const appointments::Book booking = stage.booking();
  return {.patient_id = booking.patient_id,
          .service_id = booking.service_id,
          .resources = booking.resources,
          .start = stage.hospital().clock->now().plus_s(86'400 + std::stol(stage.fresh("")) * 300)};
}

Call confirm(Stage& stage) {
  const auto held = must(stage.desk().call(holding(stage)));
  return [session = stage.desk(), id = held.appointment.id, token = held.token] {
    return answer_of(session.call(appointments::Confirm{.id = id, .token = token, .reason = "a cough"}));
  };
}

Call export_all(Stage& stage) {
  return [session = stage.admin()] {
    const auto stream = session.call(audit::Export{});
    if (!stream.ok()) return answer_of(stream);
    return answer_of(Content{.pull = stream->pull}.read_all(std::size_t{64} << 20));
  };
}

Call verify(Stage& stage) {
  return [session = stage.admin()] {
    const auto found = session.call(audit::Verify{});
    if (found.ok() && !found->intact) return Answer{.code = "not intact"};
    return answer_of(found);
  };
}

/// Opening hours that no calendar has yet.
schedules::Set opening(Stage& stage) {
  schedules::Set request{.id = stage.doctor().id.uuid};
  if (const auto now = stage.admin().call(schedules::Get{.id = request.id}); now.ok()) request.revision = now->revision;
  const auto minute = static_cast<std::uint16_t>(std::stoul(stage.fresh("")) % 600);
  request.windows = {{.weekday = Weekday::mon,
                      .start = {minute},
                      .end = {720},
                      .facility_id = stage.facility(),
                      .services = {stage.service().id}}};
  return request;
}

/// A leave of the room's.
leaves::Leave away(Stage& stage) {
  const Instant from{1'800'000'000'000'000};
  return must(stage.admin().call(leaves::Add{
                  .resource_id = stage.resource().id.uuid, .from = from, .to = from.plus_s(3600), .reason = "repairs"}))
      .leave;
}

/// A job of the administrator's.
JobId job(Stage& stage) {
  const Instant from{1'900'000'000'000'000};
  return *must(stage.admin().call(leaves::Add{.resource_id = stage.resource().id.uuid,
                                              .from = from,
                                              .to = from.plus_s(3600),
                                              .on_affected = leaves::OnAffected::move}))
              .leave.job_id;
}

Call import(Stage& stage) {
  std::string csv = "Id,BIRTHDATE,FIRST,LAST,GENDER\n";
  for (int row = 0; row < 2; ++row) {
    const std::string number = std::to_string(100'000 + std::stoul(stage.fresh("").substr(0)));
    csv += "019a0000-0000-7000-8000-000000" + number + ",1980-01-02,Im,Field,F\n";
  }
  return [session = stage.admin(), csv] {
    const auto report = session.call(imports::Patients{.content = Content::of("text/csv", csv)});
    if (report.ok() && report->failed > 0) return Answer{.code = "rows failed"};
    return answer_of(report);
  };
}

/// An id that no row has had.
std::string row_id(Stage& stage) {
  return "019b0000-0000-7000-8000-000000" + std::to_string(100'000 + std::stoul(stage.fresh("")));
}

template <class Op>
Call import_of(Stage& stage, const std::string& csv) {
  return [session = stage.admin(), csv] {
    const auto report = session.call(Op{.content = Content::of("text/csv", csv)});
    if (report.ok() && report->failed > 0) return Answer{.code = "rows failed"};
    return answer_of(report);
  };
}

const std::string codes_of_stage = "urn:example:codes";

/// One of two versions of a code system, with two codes.
code_systems::Import version_of_stage(const std::string& version) {
  return {.system = codes_of_stage,
          .version = version,
          .total = 2,
          .activate = false,
          .content = Content::of("text/csv", "code,display\nA1,First code\nB2,Second code\n")};
}

/// The one that is not in use.
CodeSystemId unused_version(Stage& stage) {
  const auto first = must(stage.admin().call(version_of_stage("1"))).system;
  const auto second = must(stage.admin().call(version_of_stage("2"))).system;
  return first.in_use ? second.id : first.id;
}

/// A version that is begun anew each time.
Call import_codes(Stage& stage) {
  return [session = stage.admin()] {
    const auto report = session.call(
        code_systems::Import{.system = codes_of_stage,
                             .version = "begun",
                             .content = Content::of("text/csv", "code,display\nA1,First code\nB2,Second code\n")});
    if (report.ok() && report->failed > 0) return Answer{.code = "rows failed"};
    return answer_of(report);
  };
}

/// A search or the like in codes that are there.
template <class Op>
auto on_codes(Op op) {
  return made(admin, [op](Stage& stage) {
    must(stage.admin().call(code_systems::Activate{.id = unused_version(stage)}));
    return op;
  });
}

Call import_facilities(Stage& stage) {
  return import_of<imports::Facilities>(stage, "Id,NAME,ADDRESS,CITY,STATE,ZIP,PHONE\n" + row_id(stage) +
                                                   ",Mill Road " + stage.fresh("") + ",,Leeds,,LS1,\n");
}

Call import_doctors(Stage& stage) {
  return import_of<imports::Doctors>(stage, "Id,ORGANIZATION,NAME,GENDER,SPECIALITY\n" + row_id(stage) + "," +
                                                stage.facility().text() + ",Rowan Reed,F,GENERAL PRACTICE\n");
}

Call import_appointments(Stage& stage) {
  return import_of<imports::Appointments>(
      stage, "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION\n" + row_id(stage) +
                 ",2021-08-23T03:26:50Z,2021-08-23T03:41:50Z," + stage.patient().id.text() + "," +
                 stage.facility().text() + "," + stage.doctor().id.text() +
                 ",wellness,162673000,General examination\n");
}

}  // namespace

Stage::Stage(std::string_view engine_name, const Between& between)
    : engine_(engine_name), dumping_(std::make_shared<DumpingEngine>(engine_)) {
  outermost_ = std::make_shared<FaultyEngine>(dumping_, faults_);
  if (between) outermost_ = between(outermost_);
  hospital_ = std::make_unique<Hospital>(options(), clock_);
  admin();
  desk();
}

PlatformOptions Stage::options() const {
  PlatformOptions options = test_options(outermost_, clock_);
  options.placements["there"] = there_;
  options.messages = sender_;
  options.link_base = "https://clinic.example";
  return options;
}

std::string Stage::mailed_token() {
  sender_->messages.clear();
  hospital_->platform.tick(clock_->now());
  std::erase_if(sender_->messages, [](const Message& message) { return message.kind.starts_with("appointment."); });
  return token_in(sender_->messages.at(sender_->messages.size() - 1));
}

patients::Patient& Stage::patient() {
  if (patient_.empty()) patient_.push_back(must(desk().call(registration())));
  return patient_.front();
}

UserId Stage::user() {
  if (user_.empty()) user_.push_back(hospital_->member(Role::nurse).id);
  return user_.front();
}

tenants::Tenant& Stage::spare() {
  if (spare_.empty())
    spare_.push_back(must(root().call(tenants::Provision{
        .slug = "spare", .name = "Spare", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")})));
  return spare_.front();
}

FacilityId Stage::facility() { return hospital_->away; }

doctors::Doctor& Stage::doctor() {
  if (doctor_.empty())
    doctor_.push_back(must(admin().call(doctors::Create{.name = "Dana Doyle", .facilities = {facility()}})));
  return doctor_.front();
}

services::Service& Stage::service() {
  if (service_.empty())
    service_.push_back(must(admin().call(services::Create{.code = "CONSULT", .name = "Consultation"})));
  return service_.front();
}

resources::Resource& Stage::resource() {
  if (resource_.empty())
    resource_.push_back(must(admin().call(resources::Create{.name = "Room", .facility_id = facility()})));
  return resource_.front();
}

namespace {

/// Somebody who waits from the tenth day on, for anything that is free then; to whom something is offered where it has to be. Nobody else waits.
waitlists::Entry waiting(Stage& stage, bool offered = false) {
  const appointments::Book booking = stage.booking();
  for (const auto state : {waitlists::WaitState::waiting, waitlists::WaitState::offered})
    for (const auto& one :
         must(stage.desk().call(waitlists::List{.patient = booking.patient_id, .state = state, .limit = 200})).data)
      static_cast<void>(stage.desk().call(waitlists::Leave{.id = one.id}));
  // Who has no address is offered nothing.
  const auto patient = must(stage.desk().call(patients::Get{.id = booking.patient_id}));
  if (patient.emails.empty())
    must(stage.desk().call(patients::Patch{
        .id = patient.id, .revision = patient.revision, .emails = std::vector<std::string>{"finn@example.org"}}));
  const Date today = date_in({"UTC"}, stage.hospital().clock->now());
  const auto entry = must(stage.desk().call(waitlists::Join{.patient_id = booking.patient_id,
                                                            .service_id = booking.service_id,
                                                            .resources_any = {booking.resources.front().id},
                                                            .earliest = Date::from_days(today.days() + 10),
                                                            .latest = Date::from_days(today.days() + 30)}));
  if (offered) static_cast<void>(stage.hospital().platform.tick(stage.hospital().clock->now()));
  return entry;
}

template <class Op>
auto on_entry(bool offered) {
  return made(desk, [offered](Stage& stage) { return Op{.id = waiting(stage, offered).id}; });
}

queues::WalkIn walking_in(Stage& stage) {
  const appointments::Book booking = stage.booking();
  return {.patient_id = booking.patient_id, .service_id = booking.service_id, .resources = booking.resources};
}

/// A number that waits, or was called.
queues::Token queued(Stage& stage, bool called) {
  const auto visit = must(stage.desk().call(walking_in(stage)));
  const Uuid resource = visit.resources.front().id;
  while (called && must(stage.desk().call(queues::CallNext{.resource_id = resource})).number != *visit.token_no) {
  }
  return {.resource_id = resource, .number = *visit.token_no};
}

template <class Op>
auto on_queue(bool called = false) {
  return made(desk, [called](Stage& stage) {
    const auto token = queued(stage, called);
    Op request{.resource_id = token.resource_id};
    if constexpr (requires { request.number; }) request.number = token.number;
    return request;
  });
}

}  // namespace

appointments::Book Stage::booking(bool approval) {
  if (with_.empty()) {
    with_.push_back(must(admin().call(doctors::Create{.name = "Vera Vale", .facilities = {hospital_->home}})));
    // Where it is day: by night nobody is offered anything.
    schedules::Set always{.id = with_.front().id.uuid, .zone = Zone{"Asia/Singapore"}};
    for (int weekday = 0; weekday < 7; ++weekday)
      always.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = hospital_->home});
    must(admin().call(std::move(always)));
    for (const bool approved : {false, true})
      bookable_.push_back(must(admin().call(services::Create{.code = approved ? "ASK" : "BOOK",
                                                             .name = "Visit",
                                                             .duration_min = 5,
                                                             .capacity = 100,
                                                             .approval = approved,
                                                             .no_show_grace_min = 0})));
  }
  // Another minute each time, so that the calendar is never full; the clock stands still.
  const Instant start = clock_->now().plus_s(3600 + std::stol(fresh("")) % 600 * 60);
  return {.patient_id = patient().id,
          .service_id = bookable_.at(approval ? 1 : 0).id,
          .resources = {{.kind = ResourceKind::practitioner, .id = with_.front().id.uuid}},
          .start = start,
          .reason = "a cough",
          .override = true,
          .override_reason = "made for this very try"};
}

appointments::Appointment Stage::new_visit(bool approval) {
  visit_.clear();
  auto request = booking(approval);
  // It is looked at again before it is approved: then nothing else of the patient's may be at that time.
  if (approval) request.start = clock_->now().plus_s(3 * 86'400 + std::stol(fresh("")) * 300);
  visit_.push_back(must(desk().call(request)));
  return visit_.front();
}

/// As a new one where nothing leads back.
appointments::Appointment Stage::back_to_booked(appointments::Appointment visit) {
  using enum appointments::AppointmentStatus;
  const Session nurse = hospital_->as(Role::nurse);
  if (visit.status == in_progress)
    visit = must(nurse.call(appointments::UndoStart{.id = visit.id, .reason = "for the next try"}));
  if (visit.status == arrived)
    visit = must(nurse.call(appointments::UndoCheckIn{.id = visit.id, .reason = "for the next try"}));
  if (visit.status == cancelled) visit = must(desk().call(appointments::Restore{.id = visit.id}));
  return visit.status == booked && visit.reschedule_count < 10 ? visit : new_visit(false);
}

appointments::Appointment Stage::visit(appointments::AppointmentStatus state) {
  using enum appointments::AppointmentStatus;
  if (state == requested) return new_visit(true);
  auto visit =
      back_to_booked(visit_.empty() ? new_visit(false) : must(desk().call(appointments::Get{.id = visit_.front().id})));
  const Session nurse = hospital_->as(Role::nurse);
  if (state == cancelled) return must(desk().call(appointments::Cancel{.id = visit.id}));
  if (state == arrived || state == in_progress) visit = must(nurse.call(appointments::CheckIn{.id = visit.id}));
  if (state == in_progress) visit = must(nurse.call(appointments::Start{.id = visit.id}));
  return visit;
}

std::string Stage::view() {
  const Session session = desk();
  std::set<std::string> stored, found;
  for (const auto& patient : must(session.call(patients::List{.limit = 200})).data)
    stored.insert(patient.id.text() + " " + std::to_string(patient.revision));
  for (const auto& patient : must(session.call(patients::List{.name = "field", .limit = 200})).data)
    found.insert(patient.id.text() + " " + std::to_string(patient.revision));
  std::string text = stored == found ? "" : "the name index and the rows disagree\n";
  // By the index of the place, and by the claims of the patient's own calendar.
  const auto visits = [&](appointments::List query) {
    std::string lines;
    query.limit = 200;
    for (bool more = true; more;) {
      const auto page = must(session.call(query));
      for (const auto& visit : page.data)
        lines += visit.id.text() + " " + std::to_string(visit.revision) + " " + visit.start.text() + "\n";
      more = page.page.next.has_value();
      if (more) query.cursor = *page.page.next;
    }
    return lines;
  };
  if (!with_.empty()) {
    const std::string by_place = visits({.facility = hospital_->home});
    if (by_place != visits({.patient = patient().id})) text = "the claims and the rows of visits disagree\n" + text;
    if (by_place != visits({.resource = with_.front().id.uuid})) text = "the claims and the rows disagree\n" + text;
    text += by_place;
  }
  for (const std::string& patient : stored) text += patient + "\n";
  for (const auto& user : must(admin().call(users::List{.limit = 200})).data)
    text += user.id.text() + " " + std::to_string(user.revision) + "\n";
  for (const auto& role : must(admin().call(roles::List{})).data)
    if (role.id) text += role.id->text() + " " + std::to_string(role.revision) + "\n";
  for (const auto& tenant : must(root().call(tenants::List{})).data)
    text += tenant.slug + " " + std::to_string(tenant.revision) + "\n";
  return text;
}

void Stage::reopen() {
  { const Platform closed = std::move(hospital_->platform); }
  hospital_->platform = must(Platform::open(options()));
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Scenario> scenarios() {
  std::vector<Scenario> all{
      {"tenants.list", plain(root, tenants::List{})},
      {"tenants.get", made(root, [](Stage& s) { return tenants::Get{.id = s.spare().id}; })},
      {"tenants.provision",
       made(root,
            [](Stage& s) {
              return tenants::Provision{.slug = s.fresh("clinic-"),
                                        .name = "Clinic",
                                        .default_zone = {"Europe/London"},
                                        .currency = *Currency::parse("GBP")};
            }),
       true},
      {"tenants.suspend",
       made(root,
            [](Stage& s) {
              static_cast<void>(s.root().call(tenants::Resume{.id = s.spare().id}));
              return tenants::Suspend{.id = s.spare().id};
            }),
       true},
      {"tenants.resume",
       made(root,
            [](Stage& s) {
              static_cast<void>(s.root().call(tenants::Suspend{.id = s.spare().id}));
              return tenants::Resume{.id = s.spare().id};
            }),
       true},
      {"tenants.move",
       made(root,
            [](Stage& s) {
              const auto now = must(s.root().call(tenants::Get{.id = s.spare().id})).placement;
              return tenants::Move{
                  .id = s.spare().id, .placement = now == "there" ? "default" : "there", .alone = true};
            }),
       true},
      {"tenants.migrate", made(root, [](Stage& s) { return tenants::Migrate{.id = s.spare().id}; })},
      {"platform.status", plain(root, platforms::GetStatus{})},
      {"platform.set_recovery",
       made(root,
            [](Stage& s) {
              const auto status = must(s.root().call(platforms::GetStatus{}));
              return platforms::SetRecovery{
                  .revision = status.recovery ? std::optional(status.recovery->revision) : std::nullopt,
                  .public_key = "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c",
                  .confirmation = "79a8-995a"};
            })},
      {"users.invite_first_admin",
       made(root,
            [](Stage& s) {
              return users::InviteFirstAdmin{
                  .id = s.spare().id, .email = s.fresh("first") + "@example.org", .display_name = "First"};
            }),
       true},
      {"auth.login", made(visitor,
                          [](Stage& s) {
                            return auth::Login{.email = s.hospital().member(Role::receptionist).email,
                                               .password = Hospital::secret(Hospital::password)};
                          })},
      {"auth.refresh",
       [](Stage& s) -> Call {
         const auto tokens = must(s.hospital().sign_in(s.hospital().member(Role::doctor).email));
         return [session = s.hospital().visitor(), token = tokens.refresh_token] {
           return answer_of(session.call(auth::Refresh{.refresh_token = Hospital::secret(token)}));
         };
       }},
      {"auth.logout",
       [](Stage& s) -> Call {
         const auto tokens = must(s.hospital().sign_in(s.hospital().member(Role::doctor).email));
         return [session = must(s.hospital().platform.authenticate(tokens.access_token))] {
           return answer_of(session.call(auth::Logout{}));
         };
       }},
      {"auth.register",
       [](Stage& s) -> Call {
         return [session = s.hospital().visitor(), token = invited(s).token] {
           return answer_of(session.call(auth::Register{.invitation = Hospital::secret(token),
                                                        .password = Hospital::secret(Hospital::password)}));
         };
       }},
      {"auth.verify",
       [](Stage& s) -> Call {
         s.hospital().configure({.self_registration = true});
         must(s.hospital().visitor().call(auth::Register{.display_name = "Self",
                                                         .email = s.fresh("self") + "@example.org",
                                                         .password = Hospital::secret(Hospital::password)}));
         return [session = s.hospital().visitor(), token = s.mailed_token()] {
           return answer_of(session.call(
               auth::Verify{.token = Hospital::secret(token), .password = Hospital::secret(Hospital::password)}));
         };
       }},
      {"auth.request_reset",
       made(visitor, [](Stage& s) { return auth::RequestReset{.email = s.fresh("lost") + "@example.org"}; })},
      {"auth.reset",
       [](Stage& s) -> Call {
         static_cast<void>(s.admin().call(users::Enable{.id = s.user()}));
         must(s.admin().call(users::StartReset{.id = s.user()}));
         return [session = s.hospital().visitor(), token = s.mailed_token()] {
           return answer_of(session.call(
               auth::Reset{.token = Hospital::secret(token), .password = Hospital::secret(Hospital::password)}));
         };
       }},
      {"users.list", plain(admin, users::List{})},
      {"users.get", made(admin, [](Stage& s) { return users::Get{.id = s.user()}; })},
      {"users.invite", made(admin,
                            [](Stage& s) {
                              return users::Invite{
                                  .email = s.fresh("new") + "@example.org", .display_name = "N", .roles = {Role::lab}};
                            })},
      {"users.update", made(admin,
                            [](Stage& s) {
                              return users::Update{.id = s.user(),
                                                   .revision = s.revision_of(s.user()),
                                                   .display_name = s.fresh("Renamed ")};
                            })},
      {"users.set_roles", made(admin,
                               [](Stage& s) {
                                 return users::SetRoles{
                                     .id = s.user(),
                                     .revision = s.revision_of(s.user()),
                                     .roles = {s.fresh("").back() % 2 == 0 ? Role::nurse : Role::lab}};
                               })},
      {"users.set_facilities", made(admin,
                                    [](Stage& s) {
                                      return users::SetFacilities{.id = s.user(),
                                                                  .revision = s.revision_of(s.user()),
                                                                  .facilities = {s.facility()}};
                                    })},
      {"users.set_patient", made(admin,
                                 [](Stage& s) {
                                   return users::SetPatient{.id = s.user(),
                                                            .revision = s.revision_of(s.user()),
                                                            .patient_id = s.patient().id};
                                 })},
      {"users.disable", made(admin,
                             [](Stage& s) {
                               static_cast<void>(s.admin().call(users::Enable{.id = s.user()}));
                               return users::Disable{.id = s.user()};
                             })},
      {"users.enable", made(admin,
                            [](Stage& s) {
                              static_cast<void>(s.admin().call(users::Disable{.id = s.user()}));
                              return users::Enable{.id = s.user()};
                            })},
      {"users.clear_throttle", made(admin, [](Stage& s) { return users::ClearThrottle{.id = s.user()}; })},
      {"users.start_reset", made(admin, [](Stage& s) { return users::StartReset{.id = s.user()}; })},
      {"sessions.list", made(admin, [](Stage& s) { return sessions::List{.user_id = s.user()}; })},
      {"sessions.revoke",
       [](Stage& s) -> Call {
         must(s.hospital().sign_in(s.hospital().member(Role::doctor).email));
         const UserId doctor = s.hospital().member(Role::doctor).id;
         return [session = s.admin(), id = must(s.admin().call(sessions::List{.user_id = doctor})).data.at(0).id] {
           return answer_of(session.call(sessions::Revoke{.id = id}));
         };
       }},
      {"profile.get", plain(admin, profile::Get{})},
      {"profile.update", made(desk,
                              [](Stage& s) {
                                return profile::Update{.revision = must(s.desk().call(profile::Get{})).revision,
                                                       .display_name = s.fresh("Myself ")};
                              })},
      {"roles.list", plain(admin, roles::List{})},
      {"roles.get", made(admin, [](Stage& s) { return roles::Get{.id = *spare_role(s, harmless).id}; })},
      {"roles.create", made(admin,
                            [](Stage& s) {
                              spare_role(s, harmless);
                              return roles::Create{.name = s.fresh("Another "), .grants = grave};
                            })},
      {"roles.update", made(admin,
                            [](Stage& s) {
                              const auto role = spare_role(s, grave);
                              return roles::Update{
                                  .id = *role.id, .revision = role.revision, .name = role.name, .grants = harmless};
                            })},
      {"roles.delete", made(admin, [](Stage& s) { return roles::Delete{.id = *spare_role(s, grave).id}; })},
      {"role_proposals.list", plain(admin, role_proposals::List{})},
      {"role_proposals.approve",
       made(second_admin, [](Stage& s) { return role_proposals::Approve{.id = *spare_role(s, grave).proposal_id}; })},
      {"role_proposals.reject",
       made(second_admin, [](Stage& s) { return role_proposals::Reject{.id = *spare_role(s, grave).proposal_id}; })},
      {"facilities.list", plain(admin, facilities::List{})},
      {"facilities.get", made(admin, [](Stage& s) { return facilities::Get{.id = s.facility()}; })},
      {"facilities.create",
       made(admin, [](Stage& s) { return facilities::Create{.name = s.fresh("Wing "), .zone = {"Europe/London"}}; })},
      {"facilities.update",
       made(admin,
            [](Stage& s) {
              const auto now = must(s.admin().call(facilities::Get{.id = s.facility()}));
              return facilities::Update{
                  .id = now.id, .revision = now.revision, .name = s.fresh("Annex "), .zone = {"Europe/London"}};
            })},
      {"doctors.list", made(admin,
                            [](Stage& s) {
                              s.doctor();
                              return doctors::List{.facility = s.facility()};
                            })},
      {"doctors.get", made(admin, [](Stage& s) { return doctors::Get{.id = s.doctor().id}; })},
      {"doctors.create", made(admin,
                              [](Stage& s) {
                                return doctors::Create{.user_id = invited(s).user.id,
                                                       .name = s.fresh("Dr "),
                                                       .facilities = {s.facility()}};
                              })},
      {"doctors.update", made(admin,
                              [](Stage& s) {
                                const auto now = must(s.admin().call(doctors::Get{.id = s.doctor().id}));
                                return doctors::Update{.id = now.id, .revision = now.revision, .name = s.fresh("Dr ")};
                              })},
      {"services.list", plain(admin, services::List{})},
      {"services.get", made(admin, [](Stage& s) { return services::Get{.id = s.service().id}; })},
      {"services.create",
       made(admin, [](Stage& s) { return services::Create{.code = s.fresh("S"), .name = "Consultation"}; })},
      {"services.update", made(admin,
                               [](Stage& s) {
                                 const auto now = must(s.admin().call(services::Get{.id = s.service().id}));
                                 return services::Update{
                                     .id = now.id, .revision = now.revision, .code = now.code, .name = s.fresh("C ")};
                               })},
      {"resources.list", made(admin,
                              [](Stage& s) {
                                s.resource();
                                return resources::List{.facility = s.facility()};
                              })},
      {"resources.get", made(admin, [](Stage& s) { return resources::Get{.id = s.resource().id}; })},
      {"resources.create", made(admin,
                                [](Stage& s) {
                                  return resources::Create{.kind = ResourceKind::device,
                                                           .name = s.fresh("Device "),
                                                           .facility_id = s.facility()};
                                })},
      {"resources.update", made(admin,
                                [](Stage& s) {
                                  const auto now = must(s.admin().call(resources::Get{.id = s.resource().id}));
                                  return resources::Update{
                                      .id = now.id, .revision = now.revision, .name = s.fresh("Room ")};
                                })},
      {"schedules.get", made(admin,
                             [](Stage& s) {
                               must(s.admin().call(opening(s)));
                               return schedules::Get{.id = s.doctor().id.uuid};
                             })},
      {"schedules.set", made(admin, opening)},
      {"schedules.get_effective",
       made(admin,
            [](Stage& s) { return schedules::GetEffective{.id = s.doctor().id.uuid, .service_id = s.service().id}; })},
      {"leaves.list", made(admin,
                           [](Stage& s) {
                             away(s);
                             return leaves::List{.resource_id = s.resource().id.uuid};
                           })},
      {"leaves.add", made(admin,
                          [](Stage& s) {
                            const Instant from = Instant{1'800'000'000'000'000}.plus_s(std::stol(s.fresh("")) * 60);
                            return leaves::Add{
                                .resource_id = s.resource().id.uuid, .from = from, .to = from.plus_s(60)};
                          })},
      {"leaves.get", made(admin, [](Stage& s) { return leaves::Get{.id = away(s).id}; })},
      {"jobs.get", made(admin, [](Stage& s) { return jobs::Get{.id = job(s)}; })},
      {"jobs.cancel", made(admin, [](Stage& s) { return jobs::Cancel{.id = job(s)}; })},
      {"leaves.remove", made(admin, [](Stage& s) { return leaves::Remove{.id = away(s).id}; })},
      {"series.book", made(desk, two_visits)},
      {"series.get", on_series<series::Get>()},
      {"series.reschedule",
       on_series<series::Reschedule>(
           {.revision = 1, .shift_days = 1, .override = true, .override_reason = "moved for this very try"})},
      {"series.cancel", on_series<series::Cancel>()},
      {"calendars.create_feed", plain(owner, calendars::CreateFeed{})},
      {"calendars.list_feeds", plain(owner, calendars::ListFeeds{})},
      {"calendars.revoke_feed",
       made(
           owner,
           [](Stage& s) { return calendars::RevokeFeed{.id = must(owner(s).call(calendars::CreateFeed{})).feed.id}; })},
      {"calendars.read_feed", read_feed},
      {"settings.get", plain(admin, settings::Get{})},
      {"settings.update", made(admin,
                               [](Stage& s) {
                                 const auto now = must(s.admin().call(settings::Get{}));
                                 return settings::Update{
                                     .revision = now.revision,
                                     .mrn_prefix = std::string(s.fresh("").back() % 2 == 0 ? "MF" : "MX")};
                               })},
      {"settings.history", plain(admin, settings::History{})},
      {"patients.register", made(desk,
                                 [](Stage& s) {
                                   auto request = registration();
                                   request.identifiers = {{.system = "urn:test:faults", .value = s.fresh("F")}};
                                   request.phones = {{.e164 = "+442071234567"}};
                                   request.reason = "somebody came";
                                   return request;
                                 })},
      {"patients.list", made(desk,
                             [](Stage& s) {
                               s.patient();
                               return patients::List{.limit = 5};
                             })},
      {"patients.search", made(desk,
                               [](Stage& s) {
                                 s.patient();
                                 return patients::Search{.name = "field", .limit = 5};
                               })},
      {"patients.get", made(desk, [](Stage& s) { return patients::Get{.id = s.patient().id}; })},
      {"patients.update", made(desk,
                               [](Stage& s) {
                                 const PatientId id = s.patient().id;
                                 return patients::Update{
                                     .id = id,
                                     .revision = s.revision_of(id),
                                     .names = {{.family = "Field", .given = {s.fresh("Given")}}},
                                     .identifiers = {{.system = "urn:test:faults", .value = s.fresh("U")}}};
                               })},
      {"patients.patch", made(desk,
                              [](Stage& s) {
                                const PatientId id = s.patient().id;
                                return patients::Patch{.id = id,
                                                       .revision = s.revision_of(id),
                                                       .names = std::vector<patients::PersonName>{
                                                           {.family = "Field", .given = {s.fresh("Patched")}}}};
                              })},
      {"patients.delete", made(admin,
                               [](Stage& s) {
                                 const PatientId id = s.patient().id;
                                 static_cast<void>(
                                     s.admin().call(patients::Restore{.id = id, .reason = "for the next try"}));
                                 return patients::Delete{.id = id, .reason = "entered by mistake"};
                               })},
      {"patients.restore", made(admin,
                                [](Stage& s) {
                                  const PatientId id = s.patient().id;
                                  static_cast<void>(
                                      s.admin().call(patients::Delete{.id = id, .reason = "for the next try"}));
                                  return patients::Restore{.id = id, .reason = "deleted by mistake"};
                                })},
      {"slots.list", made(desk,
                          [](Stage& s) {
                            const auto booking = s.booking();
                            return slots::List{.service_id = booking.service_id,
                                               .resource_id = booking.resources.front().id,
                                               .from = *booking.start,
                                               .to = booking.start->plus_s(7200)};
                          })},
      {"slots.find_first", made(desk,
                                [](Stage& s) {
                                  const auto booking = s.booking();
                                  return slots::FindFirst{.service_id = booking.service_id,
                                                          .facility = s.hospital().home,
                                                          .from = *booking.start};
                                })},
      {"appointments.check", made(desk,
                                  [](Stage& s) {
                                    const auto booking = s.booking();
                                    return appointments::Check{.patient_id = booking.patient_id,
                                                               .service_id = booking.service_id,
                                                               .resources = booking.resources,
                                                               .start = booking.start,
                                                               .override = true};
                                  })},
      {"appointments.book", made(desk, [](Stage& s) { return s.booking(); })},
      {"appointments.hold", made(desk, holding)},
      {"appointments.confirm", confirm},
      {"appointments.list", made(desk,
                                 [](Stage& s) {
                                   s.visit(appointments::AppointmentStatus::booked);
                                   return appointments::List{.patient = s.patient().id, .limit = 5};
                                 })},
      {"appointments.get",
       made(desk,
            [](Stage& s) { return appointments::Get{.id = s.visit(appointments::AppointmentStatus::booked).id}; })},
      {"appointments.update", made(desk, moved<appointments::Update>)},
      {"appointments.reschedule", made(desk, moved<appointments::Reschedule>)},
      {"appointments.cancel",
       on_visit<appointments::Cancel>(desk, appointments::AppointmentStatus::booked, {.reason = "no time"})},
      {"appointments.approve", on_visit<appointments::Approve>(desk, appointments::AppointmentStatus::requested)},
      {"appointments.check_in", on_visit<appointments::CheckIn>(desk, appointments::AppointmentStatus::booked)},
      {"appointments.undo_check_in",
       on_visit<appointments::UndoCheckIn>(desk, appointments::AppointmentStatus::arrived, {.reason = "another one"})},
      {"appointments.start", on_visit<appointments::Start>(ward, appointments::AppointmentStatus::arrived)},
      {"appointments.undo_start", on_visit<appointments::UndoStart>(ward, appointments::AppointmentStatus::in_progress,
                                                                    {.reason = "another one"})},
      {"appointments.complete", on_visit<appointments::Complete>(ward, appointments::AppointmentStatus::in_progress)},
      {"appointments.mark_no_show", made(ward,
                                         [](Stage& s) {
                                           auto request = s.booking();
                                           request.start = s.hospital().clock->now();
                                           return appointments::MarkNoShow{.id = must(s.desk().call(request)).id};
                                         })},
      {"appointments.restore", on_visit<appointments::Restore>(desk, appointments::AppointmentStatus::cancelled)},
      {"appointments.mark_error",
       on_visit<appointments::MarkError>(desk, appointments::AppointmentStatus::booked, {.reason = "by mistake"})},
      {"waitlists.join", made(desk,
                              [](Stage& s) {
                                const auto entry = waiting(s);
                                must(s.desk().call(waitlists::Leave{.id = entry.id}));
                                return waitlists::Join{.patient_id = entry.patient_id,
                                                       .service_id = entry.service_id,
                                                       .resources_any = entry.resources_any,
                                                       .earliest = entry.earliest,
                                                       .latest = entry.latest};
                              })},
      {"waitlists.list", made(desk, [](Stage& s) { return waitlists::List{.service = waiting(s).service_id}; })},
      {"waitlists.get", on_entry<waitlists::Get>(false)},
      {"waitlists.accept", on_entry<waitlists::Accept>(true)},
      {"waitlists.decline", on_entry<waitlists::Decline>(true)},
      {"waitlists.leave", on_entry<waitlists::Leave>(true)},
      {"queues.walk_in", made(desk, walking_in)},
      {"queues.get", on_queue<queues::Get>()},
      {"queues.call_next", on_queue<queues::CallNext>()},
      {"queues.skip", on_queue<queues::Skip>(true)},
      {"queues.recall", on_queue<queues::Recall>(true)},
      {"queues.display", on_queue<queues::GetDisplay>()},
      {"imports.facilities", import_facilities},
      {"code_systems.import", import_codes},
      {"code_systems.list", plain(admin, code_systems::List{})},
      {"code_systems.get", made(admin, [](Stage& s) { return code_systems::Get{.id = unused_version(s)}; })},
      {"code_systems.activate", made(admin, [](Stage& s) { return code_systems::Activate{.id = unused_version(s)}; })},
      {"codes.search", on_codes(codes::Search{.system = codes_of_stage, .q = "fir"})},
      {"codes.get", on_codes(codes::Get{.code = "A1", .system = codes_of_stage})},
      {"imports.doctors", import_doctors},
      {"imports.appointments", import_appointments},
      {"imports.patients", import},
      {"audit.verify", verify},
      {"audit.export", export_all, true},
      {"audit.head", plain(admin, audit::GetHead{})},
      {"audit.checkpoints", plain(admin, audit::ListCheckpoints{})},
      {"audit.prove_inclusion", plain(admin, audit::ProveInclusion{.seq = 1})},
      {"audit.prove_consistency", plain(admin, audit::ProveConsistency{.earlier_size = 1})},
  };
  for (Scenario& each : chart_scenarios()) all.push_back(std::move(each));
  for (Scenario& each : document_scenarios()) all.push_back(std::move(each));
  return all;
}

}  // namespace medflow::testing
