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
  const auto done = caller.call(patients::Delete{.id = id, .revision = revision, .reason = "entered by mistake"});
  if (done.ok()) must(world.admin.call(patients::Restore{.id = id, .reason = "for the next trial"}));
  return outcome(done);
}

std::string restore_patient(World& world, const Session& caller, PatientId id, std::uint64_t) {
  const bool there = id.uuid != world.nowhere;
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

std::string update_profile(World& world, const Session& caller, Relation) {
  const std::uint64_t revision = caller.user_id().is_nil() ? 1 : world.revision_of(caller.user_id());
  return outcome(caller.call(profile::Update{.revision = revision, .display_name = "Renamed"}));
}

}  // namespace

World::World(std::string_view engine_name) : engine(engine_name) {
  const auto settings = must(admin.call(settings::Get{}));
  must(admin.call(settings::Update{.revision = settings.revision,
                                   .trusted_issuers = std::vector<std::string>{std::string(issuer)}}));
  own_chart = new_patient(hospital.away);
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
  return must(hospital.platform.session(hospital.slug(), principal));
}

roles::RoleInfo World::custom_role(const std::string& name, std::vector<roles::Grant> grants) {
  const auto role = must(admin.call(roles::Create{.name = name, .grants = std::move(grants)}));
  if (!role.proposal_id) return role;
  const Session second = host("second administrator", {Role::tenant_admin}, {hospital.home});
  return must(second.call(role_proposals::Approve{.id = *role.proposal_id}));
}

Session World::holding(const std::string& role) {
  return must(hospital.platform.session(hospital.slug(), {.issuer = std::string(issuer),
                                                          .subject = "holder of " + role,
                                                          .display_name = "Anybody",
                                                          .facilities = {hospital.home},
                                                          .patient_id = own_chart.id,
                                                          .custom_roles = {role}}));
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
  return relation == home ? hospital.home : hospital.away;
}

std::uint64_t World::revision_of(const PatientId& id) {
  for (const FacilityId& facility : {hospital.home, hospital.away})
    if (const auto found = registrar(facility).call(patients::Get{.id = id}); found.ok()) return found->revision;
  throw std::runtime_error("a patient whom nobody sees");
}

std::uint64_t World::revision_of(const UserId& id) const { return must(admin.call(users::Get{.id = id})).revision; }

Verdict verdict_of(std::string_view outcome) {
  if (outcome == "ok") return Verdict::allowed;
  if (outcome == "not_found" || outcome == "facility.unknown") return Verdict::missing;
  if (outcome == "forbidden" || outcome == "unauthenticated" || outcome == "user.own_account") return Verdict::denied;
  throw std::runtime_error("a trial that neither worked nor was refused: " + std::string(outcome));
}

std::vector<Trial> trials() {
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
