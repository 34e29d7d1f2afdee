#include "tests/access/world.hpp"

#include <algorithm>

#include "users/users.fields.hpp"

namespace medflow::testing {
namespace {

constexpr std::string_view issuer = "https://host.example";

constexpr Relation none = Relation::none;
constexpr Relation home = Relation::own_facility;
constexpr Relation away = Relation::other_facility;
constexpr Relation own = Relation::own;
constexpr Relation foreign = Relation::foreign;

patients::Register registration(std::vector<FacilityId> facilities = {}) {
  return {.names = {{.family = "Field", .given = {"Finn"}}},
          .sex_admin = patients::Sex::unknown,
          .facilities = std::move(facilities)};
}

std::string csv() {
  return "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
         "BIRTHPLACE,ADDRESS,"
         "CITY,STATE,COUNTY,ZIP\n";
}

template <class Op>
auto simple(Op op) {
  return [op](World&, const Session& caller, Relation) { return outcome(caller.call(op)); };
}

/// A call on a patient that is changed by it.
template <class Change>
auto on_patient(Change change) {
  return [change](World& world, const Session& caller, Relation relation) {
    const PatientId id = world.patient(relation);
    return change(world, caller, id, relation == foreign ? 1 : world.revision_of(id));
  };
}

template <class Change>
auto on_user(Change change) {
  return [change](World& world, const Session& caller, Relation relation) {
    const UserId id = world.user(relation, caller);
    return change(world, caller, id, relation == foreign ? 1 : world.revision_of(id));
  };
}

std::string delete_patient(World& world, const Session& caller, PatientId id, std::uint64_t revision) {
  world.clear_visit();
  world.clear_bills();
  const auto done = caller.call(patients::Delete{.id = id, .revision = revision, .reason = "entered by mistake"});
  if (done.ok()) must(world.admin.call(patients::Restore{.id = id, .reason = "for the next trial"}));
  return outcome(done);
}

std::string restore_patient(World& world, const Session& caller, PatientId id, std::uint64_t) {
  const bool there = id.uuid != world.nowhere;
  world.clear_visit();
  world.clear_bills();
  if (there) must(world.admin.call(patients::Delete{.id = id, .reason = "for this very trial"}));
  const auto restored = caller.call(patients::Restore{.id = id, .reason = "deleted by mistake"});
  if (there && !restored.ok()) must(world.admin.call(patients::Restore{.id = id, .reason = "for the next trial"}));
  return outcome(restored);
}

std::string suspend(World& world, const Session& caller, Relation relation) {
  const auto done = caller.call(tenants::Suspend{.id = world.spare_tenant(relation)});
  if (done.ok()) must(world.hospital.root().call(tenants::Resume{.id = world.spare.id}));
  return outcome(done);
}

std::string resume(World& world, const Session& caller, Relation relation) {
  must(world.hospital.root().call(tenants::Suspend{.id = world.spare.id}));
  const auto done = caller.call(tenants::Resume{.id = world.spare_tenant(relation)});
  if (!done.ok()) must(world.hospital.root().call(tenants::Resume{.id = world.spare.id}));
  return outcome(done);
}

/// To where it is: who may move a tenant at all is what is asked.
std::string move(World& world, const Session& caller, Relation relation) {
  return outcome(
      caller.call(tenants::Move{.id = world.spare_tenant(relation), .placement = std::string(default_placement)}));
}

/// Nothing is lacking: who may migrate a tenant at all is what is asked.
std::string migrate(World& world, const Session& caller, Relation relation) {
  return outcome(caller.call(tenants::Migrate{.id = world.spare_tenant(relation)}));
}

std::string enable(World& world, const Session& caller, Relation relation) {
  const UserId id = world.user(relation, caller);
  if (relation != foreign) must(world.admin.call(users::Disable{.id = id}));
  return outcome(caller.call(users::Enable{.id = id}));
}

std::string log_in(World& world, const Session& caller, Relation) {
  return outcome(caller.call(auth::Login{.email = world.hospital.member(Role::nurse).email,
                                         .password = Hospital::secret(Hospital::password)}));
}

std::string refresh(World& world, const Session& caller, Relation) {
  const auto tokens = must(world.hospital.sign_in(world.hospital.member(Role::nurse).email));
  return outcome(caller.call(auth::Refresh{.refresh_token = Hospital::secret(tokens.refresh_token)}));
}

std::string complete(World& world, const Session& caller, Relation) {
  return outcome(caller.call(auth::Register{.invitation = Hospital::secret(world.invited().token),
                                            .password = Hospital::secret(Hospital::password)}));
}

/// Whoever comes with no good link is let in and told so.
template <class Op>
std::string link(World&, const Session& caller, Relation) {
  Op op{.token = Hospital::secret("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
  if constexpr (requires { op.password; }) op.password = Hospital::secret(Hospital::password);
  const auto answer = caller.call(std::move(op));
  return code_of(answer) == "link.expired" ? "ok" : outcome(answer);
}

/// The accounts of this world are a host's, which have no password: whoever may is told so.
std::string start_reset(World& world, const Session& caller, Relation relation) {
  const auto answer = caller.call(users::StartReset{.id = world.user(relation, caller)});
  return code_of(answer) == "transition.illegal" ? "ok" : outcome(answer);
}

std::string update_facility(World& world, const Session& caller, Relation relation) {
  const FacilityId id = world.facility(relation);
  std::uint64_t revision = 1;
  if (relation != foreign) revision = must(world.admin.call(facilities::Get{.id = id})).revision;
  return outcome(
      caller.call(facilities::Update{.id = id, .revision = revision, .name = "Renamed", .zone = {"Europe/London"}}));
}

/// What a doctor may change of the own profile, and nothing else.
std::string update_doctor(World& world, const Session& caller, Relation relation) {
  const PractitionerId id = world.doctor(relation);
  doctors::Update request{.id = id, .revision = 1, .name = "Dana Doyle"};
  if (relation != foreign) {
    const auto now = must(world.admin.call(doctors::Get{.id = id}));
    request.revision = now.revision;
    request.facilities = now.facilities;
  }
  request.languages = {"cy"};
  return outcome(caller.call(std::move(request)));
}

std::string update_service(World& world, const Session& caller, Relation relation) {
  const auto now = relation == foreign ? services::Service{.id = {world.nowhere}, .revision = 1} : world.new_service();
  return outcome(
      caller.call(services::Update{.id = now.id, .revision = now.revision, .code = now.id.text(), .name = "Renamed"}));
}

std::string update_resource(World& world, const Session& caller, Relation relation) {
  return outcome(caller.call(resources::Update{.id = world.resource(relation), .revision = 1, .name = "Renamed"}));
}

std::string set_schedule(World& world, const Session& caller, Relation relation) {
  const auto now = world.schedule(relation);
  return outcome(caller.call(schedules::Set{.id = now.id, .revision = now.revision}));
}

std::string effective_rules(World& world, const Session& caller, Relation relation) {
  return outcome(
      caller.call(schedules::GetEffective{.id = world.doctor(relation).uuid, .service_id = world.new_service().id}));
}

std::string add_leave(World& world, const Session& caller, Relation relation) {
  const Instant from{1'900'000'000'000'000};
  return outcome(
      caller.call(leaves::Add{.resource_id = world.doctor(relation).uuid, .from = from, .to = from.plus_s(60)}));
}

/// A call on an appointment in this state that says no more than which one it is.
template <class Op>
auto on_visit(appointments::AppointmentStatus state, Op op = {}) {
  return [state, op](World& world, const Session& caller, Relation relation) {
    const bool begins_now = std::is_same_v<Op, appointments::MarkNoShow>;
    const auto visit = world.visit(relation, state, begins_now);
    auto request = op;
    request.id = visit.id;
    if constexpr (requires { request.token; }) request.token = world.hold_token();
    if constexpr (
        requires { request.priority; } && requires { request.revision; })
      request.revision = visit.revision;
    if constexpr (std::is_same_v<Op, appointments::Reschedule>) {
      request.revision = visit.revision;
      request.start = visit.start.plus_s(1800);
    }
    return outcome(caller.call(std::move(request)));
  };
}

std::string book(World& world, const Session& caller, Relation relation) {
  world.clear_visit();
  const auto booked = caller.call(world.booking(relation));
  if (booked.ok()) world.made(booked->id);
  return outcome(booked);
}

std::string hold(World& world, const Session& caller, Relation relation) {
  world.clear_visit();
  const appointments::Book booking = world.booking(relation);
  const auto held = caller.call(appointments::Hold{.patient_id = booking.patient_id,
                                                   .service_id = booking.service_id,
                                                   .resources = booking.resources,
                                                   .start = booking.start});
  if (held.ok()) world.made(held->appointment.id);
  return outcome(held);
}

std::string check(World& world, const Session& caller, Relation relation) {
  world.clear_visit();
  const appointments::Book booking = world.booking(relation);
  return outcome(caller.call(appointments::Check{.patient_id = booking.patient_id,
                                                 .service_id = booking.service_id,
                                                 .resources = booking.resources,
                                                 .start = booking.start}));
}

/// The same as a series that has one visit, which begins on the next whole minute.
series::Book series_like(const appointments::Book& booking) {
  return {.patient_id = booking.patient_id,
          .service_id = booking.service_id,
          .resources = booking.resources,
          .wall_start = local_in(Zone{"Europe/London"}, booking.start->plus_s(59)),
          .rrule = "FREQ=DAILY;COUNT=1"};
}

std::string book_series(World& world, const Session& caller, Relation relation) {
  world.clear_visit();
  const auto booked = caller.call(series_like(world.booking(relation)));
  if (booked.ok()) world.made(*booked->occurrences.front().appointment_id);
  return outcome(booked);
}

/// A call on such a series.
template <class Op>
auto on_series(Op op = {}) {
  return [op](World& world, const Session& caller, Relation relation) {
    auto request = op;
    request.id = world.series(relation);
    return outcome(caller.call(std::move(request)));
  };
}

std::string create_feed(World&, const Session& caller, Relation) {
  const auto made = caller.call(calendars::CreateFeed{});
  if (made.ok()) must(caller.call(calendars::RevokeFeed{.id = made->feed.id}));
  return outcome(made);
}

std::string revoke_feed(World& world, const Session& caller, Relation relation) {
  FeedId id{world.nowhere};
  if (relation == own) {
    const auto made = caller.call(calendars::CreateFeed{});
    if (!made.ok()) return outcome(made);
    id = made->feed.id;
  }
  return outcome(caller.call(calendars::RevokeFeed{.id = id}));
}

std::string read_feed(World& world, const Session& caller, Relation) {
  const Session owner = world.as(Role::doctor);
  const auto made = must(owner.call(calendars::CreateFeed{}));
  const auto read = outcome(caller.call(calendars::ReadFeed{.token = made.token}));
  must(owner.call(calendars::RevokeFeed{.id = made.feed.id}));
  return read;
}

waitlists::Join joining(World& world, Relation relation) {
  const appointments::Book booking = world.booking(relation);
  const Date today = date_in({"UTC"}, world.hospital.clock->now());
  return {.patient_id = booking.patient_id,
          .service_id = booking.service_id,
          .resources_any = {booking.resources.front().id},
          .facility_id = relation == foreign ? world.hospital.away : world.facility(relation),
          .earliest = today,
          .latest = Date::from_days(today.days() + 30),
          .priority = appointments::Priority::urgent};  // offered by night as well
}

std::string join(World& world, const Session& caller, Relation relation) {
  world.clear_visit();
  const auto joined = caller.call(joining(world, relation));
  if (joined.ok()) world.made(joined->id);
  return outcome(joined);
}

std::string list_entries(World& world, const Session& caller, Relation) {
  return outcome(caller.call(waitlists::List{.service = world.new_service().id}));
}

/// A call on an entry, to which something is offered if it has to be.
template <class Op>
std::string on_entry(World& world, const Session& caller, Relation relation) {
  const bool answers = std::is_same_v<Op, waitlists::Accept> || std::is_same_v<Op, waitlists::Decline>;
  const auto answer = caller.call(Op{.id = world.entry(relation, answers).id});
  if constexpr (std::is_same_v<Op, waitlists::Accept>)
    if (answer.ok()) world.made(answer->id);
  return outcome(answer);
}

std::string walk_in(World& world, const Session& caller, Relation relation) {
  world.clear_visit();
  const appointments::Book booking = world.booking(relation);
  const auto visit = caller.call(queues::WalkIn{
      .patient_id = booking.patient_id, .service_id = booking.service_id, .resources = booking.resources});
  if (visit.ok()) world.made(visit->id);
  return outcome(visit);
}

template <class Op>
std::string on_queue(World& world, const Session& caller, Relation relation) {
  const bool named = std::is_same_v<Op, queues::Skip> || std::is_same_v<Op, queues::Recall>;
  const auto queued = world.queued(relation, named);
  Op request{.resource_id = queued.resource};
  if constexpr (requires { request.number; }) request.number = queued.number;
  return outcome(caller.call(std::move(request)));
}

std::string list_slots(World& world, const Session& caller, Relation) {
  const Instant from = world.hospital.clock->now();
  return outcome(caller.call(slots::List{.service_id = world.new_service().id,
                                         .resource_id = world.own_doctor.id.uuid,
                                         .from = from,
                                         .to = from.plus_s(3600)}));
}

std::string find_slots(World& world, const Session& caller, Relation) {
  return outcome(caller.call(slots::FindFirst{
      .service_id = world.new_service().id, .doctors = {world.own_doctor.id}, .from = world.hospital.clock->now()}));
}

std::string create_role(World& world, const Session& caller, Relation) {
  const auto made = caller.call(roles::Create{.name = "made in a trial"});
  if (made.ok()) must(world.admin.call(roles::Delete{.id = *made->id}));
  return outcome(made);
}

std::string update_role(World& world, const Session& caller, Relation relation) {
  const RoleId id = world.role(relation);
  return outcome(caller.call(roles::Update{.id = id, .revision = 1, .name = "renamed in a trial"}));
}

std::string update_settings(World& world, const Session& caller, Relation) {
  const auto now = must(world.admin.call(settings::Get{}));
  return outcome(caller.call(settings::Update{.revision = now.revision, .mrn_prefix = std::string("MF")}));
}

Hospital hospital_on(std::shared_ptr<storage::Engine> engine, std::shared_ptr<MessageSender> messages) {
  auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(std::move(engine), clock);
  options.messages = std::move(messages);
  return Hospital(std::move(options), std::move(clock));
}

std::string update_profile(World& world, const Session& caller, Relation) {
  const std::uint64_t revision = caller.user_id().is_nil() ? 1 : world.revision_of(caller.user_id());
  return outcome(caller.call(profile::Update{.revision = revision, .display_name = "Renamed"}));
}

}  // namespace

World::World(std::string_view engine_name, std::shared_ptr<MessageSender> messages)
    : engine(engine_name), hospital(hospital_on(engine, std::move(messages))) {
  const auto settings = must(admin.call(settings::Get{}));
  must(admin.call(settings::Update{.revision = settings.revision,
                                   .trusted_issuers = std::vector<std::string>{std::string(issuer)}}));
  own_chart = new_patient(hospital.away);
  own_doctor = new_doctor(hospital.away);
  spare = must(hospital.root().call(tenants::Provision{
      .slug = "spare", .name = "Spare", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
}

std::string_view World::word(Role role) { return Words<Role>::words[static_cast<std::size_t>(role)]; }

Session World::host(std::string subject, std::vector<Role> roles, std::vector<FacilityId> facilities, Role role) {
  Principal principal{.issuer = std::string(issuer),
                      .subject = std::move(subject),
                      .display_name = "Anybody",
                      .roles = std::move(roles),
                      .facilities = std::move(facilities)};
  if (role == Role::patient) principal.patient_id = own_chart.id;
  if (role == Role::doctor || role == Role::lab) principal.practitioner_id = own_doctor.id;
  return must(hospital.platform.session(hospital.slug(), principal));
}

roles::RoleInfo World::custom_role(const std::string& name, std::vector<roles::Grant> grants) {
  const auto role = must(admin.call(roles::Create{.name = name, .grants = std::move(grants)}));
  if (!role.proposal_id) return role;
  const Session second = host("second administrator", {Role::tenant_admin}, {hospital.home});
  return must(second.call(role_proposals::Approve{.id = *role.proposal_id}));
}

Session World::holding(const std::string& role) {
  holder_ = "holder of " + role;
  auto session = must(hospital.platform.session(hospital.slug(), {.issuer = std::string(issuer),
                                                                  .subject = holder_,
                                                                  .display_name = "Anybody",
                                                                  .facilities = {hospital.home},
                                                                  .practitioner_id = own_doctor.id,
                                                                  .patient_id = own_chart.id,
                                                                  .custom_roles = {role}}));
  holder_id_ = session.user_id();
  return session;
}

roles::RoleInfo World::spare_role(std::vector<roles::Grant> grants) {
  if (spare_role_) static_cast<void>(admin.call(roles::Delete{.id = *spare_role_}));
  auto role = must(admin.call(roles::Create{.name = "spare " + std::to_string(++count_), .grants = std::move(grants)}));
  spare_role_ = role.id;
  return role;
}

roles::RoleInfo World::new_role() { return spare_role({{.permission = "facility.read", .scope = "A"}}); }

RoleProposalId World::proposal(Relation relation) {
  if (relation == Relation::foreign) return RoleProposalId{nowhere};
  return *spare_role({{.permission = "record.read", .scope = "C"}}).proposal_id;
}

UserId World::new_user() { return host("target " + std::to_string(++count_), {Role::lab}, {hospital.home}).user_id(); }

patients::Patient World::new_patient(FacilityId facility) {
  return must(registrar(facility).call(registration({facility})));
}

PatientId World::patient(Relation relation) {
  if (relation == foreign) return PatientId{nowhere};
  if (relation == own) return own_chart.id;
  return new_patient(facility(relation)).id;
}

UserId World::user(Relation relation, const Session& caller) {
  if (relation == foreign) return UserId{nowhere};
  return relation == own ? caller.user_id() : new_user();
}

SessionId World::session(Relation relation) {
  if (relation == foreign) return SessionId{nowhere};
  const auto tokens = must(hospital.sign_in(hospital.member(Role::nurse).email));
  return must(must(hospital.platform.authenticate(tokens.access_token)).call(sessions::List{})).data.front().id;
}

FacilityId World::facility(Relation relation) const {
  if (relation == foreign) return FacilityId{nowhere};
  return relation == home || relation == Relation::authored ? hospital.home : hospital.away;
}

doctors::Doctor World::new_doctor(FacilityId facility) const {
  return must(admin.call(doctors::Create{.name = "Dana Doyle", .facilities = {facility}}));
}

PractitionerId World::doctor(Relation relation) {
  if (relation == foreign) return PractitionerId{nowhere};
  return relation == own ? own_doctor.id : new_doctor(facility(relation)).id;
}

CodeSystemId World::code_system(Relation relation) {
  if (relation == foreign) return {nowhere};
  return must(admin.call(code_systems::Import{.system = "http://hl7.org/fhir/sid/icd-10-cm",
                                              .version = "2026",
                                              .format = code_systems::Format::icd10cm,
                                              .total = 2,
                                              .content = Content::of("text/csv",
                                                                     "code,billable,long_description\nA00,0,Cholera\n"
                                                                     "A000,1,\"Cholera due to Vibrio cholerae 01, "
                                                                     "biovar cholerae\"\n")}))
      .system.id;
}

services::Service World::new_service() {
  return must(admin.call(services::Create{.code = "S" + std::to_string(++count_), .name = "Consultation"}));
}

resources::Resource World::new_resource(FacilityId facility) const {
  return must(admin.call(resources::Create{.name = "Room", .facility_id = facility}));
}

schedules::Schedule World::schedule(Relation relation) {
  if (relation == foreign) return {.id = nowhere, .revision = 1};
  const Uuid id = doctor(relation).uuid;
  if (auto there = admin.call(schedules::Get{.id = id}); there.ok()) return std::move(there).value();
  return must(admin.call(schedules::Set{.id = id}));
}

LeaveId World::leave(Relation relation) {
  if (relation == foreign) return LeaveId{nowhere};
  const Instant from{1'800'000'000'000'000};
  return must(admin.call(leaves::Add{.resource_id = doctor(relation).uuid, .from = from, .to = from.plus_s(3600)}))
      .leave.id;
}

JobId World::job(const Session& owner) {
  hospital.platform.tick(hospital.clock->now());  // those before are done: they are in nobody's way
  const Instant from{1'850'000'000'000'000};
  for (const Uuid& calendar : {own_doctor.id.uuid, new_doctor(hospital.home).id.uuid}) {
    const auto added = owner.call(leaves::Add{
        .resource_id = calendar, .from = from, .to = from.plus_s(3600), .on_affected = leaves::OnAffected::move});
    if (added.ok()) return added->leave.job_id.value();
  }
  throw std::runtime_error("somebody who starts no job");
}

JobId World::job_of_others(const Session& caller, Relation relation) {
  if (relation == foreign) return JobId{nowhere};
  const Session doctor = as(Role::doctor);
  return job(caller.user_id() == doctor.user_id() ? admin : doctor);
}

void World::open_calendar(PractitionerId doctor, FacilityId facility) const {
  schedules::Set request{.id = doctor.uuid};
  if (const auto there = admin.call(schedules::Get{.id = doctor.uuid}); there.ok()) {
    if (!there->windows.empty()) return;
    request.revision = there->revision;
  }
  for (int weekday = 0; weekday < 7; ++weekday)
    request.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = facility});
  must(admin.call(std::move(request)));
}

services::Service& World::bookable(bool approval) {
  auto& service = bookable_[approval ? 1 : 0];
  if (!service)
    service = must(admin.call(services::Create{.code = approval ? "ASK" : "BOOK",
                                               .name = "Bookable",
                                               .duration_min = 5,
                                               .approval = approval,
                                               .no_show_grace_min = 0}));
  return *service;
}

void World::clear_visit() {
  if (visit_) static_cast<void>(admin.call(appointments::MarkError{.id = *visit_, .reason = "for the next trial"}));
  visit_.reset();
  if (entry_) static_cast<void>(admin.call(waitlists::Leave{.id = *entry_}));
  entry_.reset();
}

waitlists::Entry World::entry(Relation relation, bool offered) {
  if (relation == foreign) return {.id = WaitlistEntryId{nowhere}};
  clear_visit();
  const Session desk = registrar(facility(relation));
  const auto entry = must(desk.call(joining(*this, relation)));
  entry_ = entry.id;
  // Who has no address is offered nothing.
  const auto waiting = must(desk.call(patients::Get{.id = entry.patient_id}));
  if (offered && waiting.emails.empty())
    must(desk.call(patients::Patch{
        .id = waiting.id, .revision = waiting.revision, .emails = std::vector<std::string>{"finn@example.org"}}));
  // Jobs that other trials have left may come first: a tick does some of what is due.
  const auto waits = [&] {
    return must(admin.call(waitlists::Get{.id = entry.id})).state == waitlists::WaitState::waiting;
  };
  for (int ticks = 0; offered && ticks < 10 && waits(); ++ticks)
    static_cast<void>(hospital.platform.tick(hospital.clock->now()));
  return entry;
}

World::Queued World::queued(Relation relation, bool called) {
  if (relation == foreign) return {.resource = nowhere};
  clear_visit();
  const appointments::Book request = booking(relation);
  const auto visit = must(
      registrar(facility(relation))
          .call(queues::WalkIn{
              .patient_id = request.patient_id, .service_id = request.service_id, .resources = request.resources}));
  visit_ = visit.id;
  const Uuid resource = request.resources.front().id;
  if (called) must(admin.call(queues::CallNext{.resource_id = resource}));
  return {.resource = resource, .number = *visit.token_no};
}

appointments::Book World::booking(Relation relation, bool begins_now, bool approval) {
  const PractitionerId with = doctor(relation);
  if (relation != foreign) open_calendar(with, facility(relation));
  return {
      .patient_id = patient(relation),
      .service_id = bookable(approval).id,
      .resources = {{.kind = ResourceKind::practitioner, .id = relation == foreign ? own_doctor.id.uuid : with.uuid}},
      .start = hospital.clock->now().plus_s(begins_now ? 0 : 3600)};
}

appointments::Appointment World::visit(Relation relation, appointments::AppointmentStatus state, bool begins_now) {
  using S = appointments::AppointmentStatus;
  if (relation == foreign) return {.id = AppointmentId{nowhere}, .revision = 1};
  clear_visit();
  const FacilityId place = facility(relation);
  const Session desk = registrar(place);
  const auto request = booking(relation, begins_now, state == S::requested);
  if (state == S::held) {
    // Nobody holds more than three slots at once.
    const Session holder = host("holder " + std::to_string(++count_), {Role::receptionist}, {place});
    auto held = must(holder.call(appointments::Hold{.patient_id = request.patient_id,
                                                    .service_id = request.service_id,
                                                    .resources = request.resources,
                                                    .start = request.start}));
    hold_token_ = std::move(held.token);
    visit_ = held.appointment.id;
    return std::move(held.appointment);
  }
  auto visit = must(desk.call(request));
  visit_ = visit.id;
  if (state == S::cancelled) visit = must(desk.call(appointments::Cancel{.id = visit.id}));
  if (state == S::arrived || state == S::in_progress) visit = must(desk.call(appointments::CheckIn{.id = visit.id}));
  const Session ward = host("ward " + place.text(), {Role::nurse}, {place});
  if (state == S::in_progress) visit = must(ward.call(appointments::Start{.id = visit.id}));
  return visit;
}

SeriesId World::series(Relation relation) {
  if (relation == foreign) return SeriesId{nowhere};
  clear_visit();
  const auto booked = must(registrar(facility(relation)).call(series_like(booking(relation))));
  visit_ = booked.occurrences.front().appointment_id;
  return booked.series->id;
}

FeedId World::feed(const Session& owner) {
  for (const auto& feed : must(owner.call(calendars::ListFeeds{.limit = 200})).data)
    if (!feed.revoked_at) return feed.id;
  return must(owner.call(calendars::CreateFeed{})).feed.id;
}

Content World::letter() {
  return Content::of("application/pdf",
                     "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \n"
                     "trailer\n<< /Root 1 0 R >>\nstartxref\n52\n%%EOF\n");
}

DocumentId World::document(const Session& caller, Relation relation, documents::Category category, PatientId* whose) {
  if (relation == foreign) return DocumentId{nowhere};
  std::string sender = "sender of documents";
  for (const Role role : {Role::lab, Role::pharmacist})
    if (relation == own && as(role).user_id() == caller.user_id()) sender = word(role);
  if (relation == own && caller.user_id() == holder_id_) sender = holder_;
  const Session session =
      host(sender, {Role::receptionist, Role::billing_clerk, Role::doctor}, {hospital.home, hospital.away});
  const auto sent = must(session.call(documents::Upload{
      .patient_id = patient(relation), .category = category, .file_name = "letter.pdf", .content = letter()}));
  if (whose != nullptr) *whose = sent.patient_id;
  // Who it was sent as has their own role again. A session that is live is not written anew: this is another one.
  if (sender == holder_)
    must(hospital.platform.session(hospital.slug(),
                                   {.issuer = std::string(issuer),
                                    .subject = holder_,
                                    .display_name = "Anybody " + std::to_string(++count_),
                                    .facilities = {hospital.home},
                                    .practitioner_id = own_doctor.id,
                                    .patient_id = own_chart.id,
                                    .custom_roles = {holder_.substr(std::string("holder of ").size())}}));
  return sent.id;
}

std::uint64_t World::revision_of(const PatientId& id) {
  for (const FacilityId& facility : {hospital.home, hospital.away})
    if (const auto found = registrar(facility).call(patients::Get{.id = id}); found.ok()) return found->revision;
  throw std::runtime_error("a patient whom nobody sees");
}

std::uint64_t World::revision_of(const UserId& id) const { return must(admin.call(users::Get{.id = id})).revision; }

Verdict verdict_of(std::string_view outcome) {
  if (outcome == "ok") return Verdict::allowed;
  if (outcome == "not_found" || outcome == "facility.unknown" || outcome == "patient.unknown") return Verdict::missing;
  if (outcome == "forbidden" || outcome == "unauthenticated" || outcome == "user.own_account") return Verdict::denied;
  throw std::runtime_error("a trial that neither worked nor was refused: " + std::string(outcome));
}

/// What some may do with administrative documents others may with those about billing: one of them will do.
template <class Run>
auto of_either(Run run) {
  return [run](World& world, const Session& caller, Relation relation) {
    std::string first = run(world, caller, relation, documents::Category::administrative);
    const bool again = first == "forbidden" || first == "not_found";
    const std::string second = again ? run(world, caller, relation, documents::Category::billing) : first;
    return second == "ok" ? second : first;
  };
}

template <class Op>
auto on_document() {
  return of_either([](World& world, const Session& caller, Relation relation, documents::Category category) {
    return outcome(caller.call(Op{.id = world.document(caller, relation, category)}));
  });
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Trial> other_trials() {
  using enum appointments::AppointmentStatus;
  const std::vector<Relation> object{home, away, foreign};
  const std::vector<Relation> account{home, own, foreign};
  const std::vector<Relation> chart{home, away, own, foreign};
  const std::vector<Relation> directory{home, foreign};
  return {
      {"tenants.list", {none}, simple(tenants::List{})},
      {"tenants.get", directory,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(tenants::Get{.id = w.spare_tenant(r)})); }},
      {"tenants.provision",
       {none},
       simple(tenants::Provision{
           .slug = "spare", .name = "Spare", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")})},
      {"tenants.suspend", directory, suspend},
      {"tenants.resume", directory, resume},
      {"tenants.move", directory, move},
      {"tenants.migrate", directory, migrate},
      {"platform.status", {none}, simple(platforms::GetStatus{})},
      {"platform.set_recovery",
       {none},
       [](World&, const Session& s, Relation) {
         const auto status = s.call(platforms::GetStatus{});
         const bool there = status.ok() && status->recovery;
         return outcome(s.call(
             platforms::SetRecovery{.revision = there ? std::optional(status->recovery->revision) : std::nullopt,
                                    .public_key = "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c",
                                    .confirmation = "79a8-995a"}));
       }},
      {"users.invite_first_admin", directory,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(
             users::InviteFirstAdmin{.id = w.spare_tenant(r), .email = "first@example.org", .display_name = "F"}));
       }},
      {"auth.login", {none}, log_in},
      {"auth.refresh", {none}, refresh},
      {"auth.logout", {none}, simple(auth::Logout{})},
      {"auth.register", {none}, complete},
      {"auth.verify", {none}, link<auth::Verify>},
      {"auth.request_reset",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(auth::RequestReset{.email = w.fresh_address()}));
       }},
      {"auth.reset", {none}, link<auth::Reset>},
      {"users.list", {none}, simple(users::List{})},
      {"users.get", account,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(users::Get{.id = w.user(r, s)})); }},
      {"users.invite",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(users::Invite{.email = w.fresh_address(), .display_name = "I", .roles = {Role::nurse}}));
       }},
      {"users.update", account, on_user([](World&, const Session& s, UserId id, std::uint64_t revision) {
         return outcome(s.call(users::Update{.id = id, .revision = revision, .display_name = "Renamed"}));
       })},
      {"users.set_roles", account, on_user([](World&, const Session& s, UserId id, std::uint64_t revision) {
         return outcome(s.call(users::SetRoles{.id = id, .revision = revision, .roles = {Role::nurse}}));
       })},
      {"users.set_facilities", account, on_user([](World&, const Session& s, UserId id, std::uint64_t revision) {
         return outcome(s.call(users::SetFacilities{.id = id, .revision = revision}));
       })},
      {"users.set_patient", account, on_user([](World& w, const Session& s, UserId id, std::uint64_t revision) {
         return outcome(s.call(users::SetPatient{.id = id, .revision = revision, .patient_id = w.own_chart.id}));
       })},
      {"users.disable", account,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(users::Disable{.id = w.user(r, s)})); }},
      {"users.enable", directory, enable},
      {"users.clear_throttle", account,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(users::ClearThrottle{.id = w.user(r, s)}));
       }},
      {"users.start_reset", account, start_reset},
      {"sessions.list", account,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(sessions::List{.user_id = w.user(r, s)})); }},
      {"sessions.revoke", directory,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(sessions::Revoke{.id = w.session(r)})); }},
      {"profile.get", {own}, simple(profile::Get{})},
      {"profile.update", {own}, update_profile},
      {"roles.list", {none}, simple(roles::List{})},
      {"roles.get", directory,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(roles::Get{.id = w.role(r)})); }},
      {"roles.create", {none}, create_role},
      {"roles.update", directory, update_role},
      {"roles.delete", directory,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(roles::Delete{.id = w.role(r)})); }},
      {"role_proposals.list", {none}, simple(role_proposals::List{})},
      {"role_proposals.approve", directory,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(role_proposals::Approve{.id = w.proposal(r)}));
       }},
      {"role_proposals.reject", directory,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(role_proposals::Reject{.id = w.proposal(r)}));
       }},
      {"facilities.list", {none}, simple(facilities::List{})},
      {"facilities.get", object,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(facilities::Get{.id = w.facility(r)})); }},
      {"facilities.create", {none}, simple(facilities::Create{.name = "New", .zone = {"Europe/London"}})},
      {"facilities.update", object, update_facility},
      {"doctors.list", {none}, simple(doctors::List{})},
      {"doctors.get", chart,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(doctors::Get{.id = w.doctor(r)})); }},
      {"doctors.create", {none}, simple(doctors::Create{.name = "New"})},
      {"doctors.update", chart, update_doctor},
      {"code_systems.list", {none}, simple(code_systems::List{})},
      {"code_systems.get", directory,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(code_systems::Get{.id = w.code_system(r)}));
       }},
      {"code_systems.activate", directory,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(code_systems::Activate{.id = w.code_system(r)}));
       }},
      {"code_systems.import",
       {none},
       [](World&, const Session& s, Relation) {
         return outcome(s.call(code_systems::Import{
             .system = "urn:example:codes", .version = "1", .content = Content::of("text/csv", "code,display\n")}));
       }},
      {"codes.search",
       {none},
       [](World& w, const Session& s, Relation) {
         w.code_system(none);
         return outcome(s.call(codes::Search{.system = "http://hl7.org/fhir/sid/icd-10-cm", .q = "chol"}));
       }},
      {"codes.get",
       {none},
       [](World& w, const Session& s, Relation) {
         w.code_system(none);
         return outcome(s.call(codes::Get{.code = "A00.0", .system = "http://hl7.org/fhir/sid/icd-10-cm"}));
       }},
      {"services.list", {none}, simple(services::List{})},
      {"services.get", directory,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(services::Get{.id = w.service(r)})); }},
      {"services.create",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(services::Create{.code = w.fresh_address(), .name = "New"}));
       }},
      {"services.update", directory, update_service},
      {"resources.list", {none}, simple(resources::List{})},
      {"resources.get", object,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(resources::Get{.id = w.resource(r)})); }},
      {"resources.create",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(resources::Create{.name = "New", .facility_id = w.hospital.home}));
       }},
      {"resources.update", object, update_resource},
      {"schedules.get", chart,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(schedules::Get{.id = w.schedule(r).id})); }},
      {"schedules.set", chart, set_schedule},
      {"schedules.get_effective", chart, effective_rules},
      {"leaves.list", chart,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(leaves::List{.resource_id = w.doctor(r).uuid}));
       }},
      {"leaves.add", chart, add_leave},
      {"leaves.get", chart,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(leaves::Get{.id = w.leave(r)})); }},
      {"jobs.get", directory,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(jobs::Get{.id = w.job_of_others(s, r)})); }},
      {"jobs.cancel", directory,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(jobs::Cancel{.id = w.job_of_others(s, r)}));
       }},
      {"leaves.remove", chart,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(leaves::Remove{.id = w.leave(r)})); }},
      {"series.book", chart, book_series},
      {"series.get", chart, on_series<series::Get>()},
      {"series.reschedule", chart, on_series<series::Reschedule>({.revision = 1, .shift_days = 1})},
      {"series.cancel", chart, on_series<series::Cancel>()},
      {"calendars.create_feed", {own}, create_feed},
      {"calendars.list_feeds", {own}, simple(calendars::ListFeeds{})},
      {"calendars.revoke_feed", {own, foreign}, revoke_feed},
      {"calendars.read_feed", {none}, read_feed},
      {"settings.get", {none}, simple(settings::Get{})},
      {"settings.update", {none}, update_settings},
      {"settings.history", {none}, simple(settings::History{})},
      {"patients.register", object,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(registration({w.facility(r)}))); }},
      {"patients.list", {none}, simple(patients::List{})},
      {"patients.search", {none}, simple(patients::Search{.name = "field"})},
      {"patients.get", chart,
       [](World& w, const Session& s, Relation r) { return outcome(s.call(patients::Get{.id = w.patient(r)})); }},
      {"patients.update", chart, on_patient([](World&, const Session& s, PatientId id, std::uint64_t revision) {
         // What a patient may change of their own chart, and nothing else.
         return outcome(s.call(patients::Update{
             .id = id, .revision = revision, .names = registration().names, .phones = {{.e164 = "+442071234567"}}}));
       })},
      {"patients.patch", chart, on_patient([](World&, const Session& s, PatientId id, std::uint64_t revision) {
         return outcome(s.call(patients::Patch{.id = id, .revision = revision, .language = std::string("en")}));
       })},
      {"patients.delete", chart, on_patient(delete_patient)},
      {"patients.restore", chart, on_patient(restore_patient)},
      {"waitlists.join", chart, join},
      {"waitlists.list", {none}, list_entries},
      {"waitlists.get", chart, on_entry<waitlists::Get>},
      {"waitlists.accept", chart, on_entry<waitlists::Accept>},
      {"waitlists.decline", chart, on_entry<waitlists::Decline>},
      {"waitlists.leave", chart, on_entry<waitlists::Leave>},
      {"queues.walk_in", chart, walk_in},
      {"queues.get", chart, on_queue<queues::Get>},
      {"queues.call_next", chart, on_queue<queues::CallNext>},
      {"queues.skip", chart, on_queue<queues::Skip>},
      {"queues.recall", chart, on_queue<queues::Recall>},
      {"queues.display", chart, on_queue<queues::GetDisplay>},
      {"slots.list", {none}, list_slots},
      {"slots.find_first", {none}, find_slots},
      {"appointments.check", chart, check},
      {"appointments.book", chart, book},
      {"appointments.hold", chart, hold},
      {"appointments.confirm", chart, on_visit<appointments::Confirm>(held)},
      {"appointments.list", {none}, simple(appointments::List{})},
      {"appointments.get", chart, on_visit<appointments::Get>(booked)},
      {"appointments.update", chart, on_visit<appointments::Update>(booked)},
      {"appointments.reschedule", chart, on_visit<appointments::Reschedule>(booked)},
      {"appointments.cancel", chart, on_visit<appointments::Cancel>(booked)},
      {"appointments.approve", chart, on_visit<appointments::Approve>(requested)},
      {"appointments.check_in", chart, on_visit<appointments::CheckIn>(booked)},
      {"appointments.undo_check_in", chart, on_visit<appointments::UndoCheckIn>(arrived, {.reason = "somebody else"})},
      {"appointments.start", chart, on_visit<appointments::Start>(arrived)},
      {"appointments.undo_start", chart, on_visit<appointments::UndoStart>(in_progress, {.reason = "somebody else"})},
      {"appointments.complete", chart, on_visit<appointments::Complete>(in_progress)},
      {"appointments.mark_no_show", chart, on_visit<appointments::MarkNoShow>(booked)},
      {"appointments.restore", chart, on_visit<appointments::Restore>(cancelled)},
      {"appointments.mark_error", chart,
       on_visit<appointments::MarkError>(booked, {.reason = "by mistake, all of it"})},
      {"documents.upload", object, of_either([](World& w, const Session& s, Relation r, documents::Category category) {
         return outcome(s.call(documents::Upload{
             .patient_id = w.patient(r), .category = category, .file_name = "letter.pdf", .content = World::letter()}));
       })},
      // Administrative ones: of who sends bills alone they are not asked.
      {"documents.upload_patient",
       {foreign},
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(documents::UploadPatient{
             .patient_id = w.patient(r), .file_name = "card.pdf", .content = World::letter()}));
       }},
      {"documents.upload_medical",
       {foreign},
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(documents::UploadMedical{.patient_id = w.patient(r),
                                                        .record_id = RecordId{w.nowhere},
                                                        .file_name = "report.pdf",
                                                        .content = World::letter()}));
       }},
      {"documents.replace", chart, of_either([](World& w, const Session& s, Relation r, documents::Category category) {
         return outcome(s.call(documents::Replace{
             .id = w.document(s, r, category), .revision = 1, .file_name = "letter.pdf", .content = World::letter()}));
       })},
      {"documents.list", chart,
       [](World& w, const Session& s, Relation r) {
         if (r == own) w.document(s, r, documents::Category::administrative);
         return outcome(s.call(documents::List{.patient_id = w.patient(r)}));
       }},
      {"documents.get", chart, on_document<documents::Get>()},
      {"documents.list_versions", chart, on_document<documents::ListVersions>()},
      {"documents.download", chart, on_document<documents::Download>()},
      {"documents.list_quarantine", {none}, simple(documents::ListQuarantine{})},
      {"documents.release_quarantine", object,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(documents::ReleaseQuarantine{
             .id = w.document(s, r, documents::Category::billing), .revision = 1, .reason = "it was never scanned"}));
       }},
      {"imports.facilities",
       {none},
       [](World&, const Session& s, Relation) {
         return outcome(
             s.call(imports::Facilities{.content = Content::of("text/csv", "Id,NAME,ADDRESS,CITY,STATE,ZIP,PHONE\n")}));
       }},
      {"imports.doctors",
       {none},
       [](World&, const Session& s, Relation) {
         return outcome(
             s.call(imports::Doctors{.content = Content::of("text/csv", "Id,ORGANIZATION,NAME,GENDER,SPECIALITY\n")}));
       }},
      {"imports.appointments",
       {none},
       [](World&, const Session& s, Relation) {
         return outcome(s.call(imports::Appointments{
             .content = Content::of("text/csv",
                                    "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION\n")}));
       }},
      {"imports.patients",
       {none},
       [](World&, const Session& s, Relation) {
         return outcome(s.call(imports::Patients{.content = Content::of("text/csv", csv())}));
       }},
      {"audit.verify", {none}, simple(audit::Verify{})},
      {"audit.export", {none}, simple(audit::Export{})},
      {"audit.head", {none}, simple(audit::GetHead{})},
      {"audit.checkpoints", {none}, simple(audit::ListCheckpoints{})},
      {"audit.prove_inclusion", {none}, simple(audit::ProveInclusion{.seq = 1})},
      {"audit.prove_consistency", {none}, simple(audit::ProveConsistency{.earlier_size = 1})},
  };
}

}  // namespace medflow::testing
