#include "tests/faults/stage.hpp"

#include <algorithm>
#include <set>

namespace medflow::testing {
namespace {

patients::Register registration() {
  return {.names = {{.family = "Field", .given = {"Finn"}}}, .sex_admin = patients::Sex::unknown};
}

/// A call of whoever `who` gives, on what stands in the request.
template <class Op>
auto plain(Session (*who)(Stage&), Op op) {
  return [who, op](Stage& stage) -> Call { return [session = who(stage), op] { return answer_of(session.call(op)); }; };
}

/// A call whose request is made for each try of it.
template <class Make>
auto made(Session (*who)(Stage&), Make make) {
  return [who, make](Stage& stage) -> Call {
    return [session = who(stage), op = make(stage)] { return answer_of(session.call(op)); };
  };
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

std::string Stage::view() {
  const Session session = desk();
  std::set<std::string> stored, found;
  for (const auto& patient : must(session.call(patients::List{.limit = 200})).data)
    stored.insert(patient.id.text() + " " + std::to_string(patient.revision));
  for (const auto& patient : must(session.call(patients::List{.name = "field", .limit = 200})).data)
    found.insert(patient.id.text() + " " + std::to_string(patient.revision));
  std::string text = stored == found ? "" : "the name index and the rows disagree\n";
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
  return {
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
           return answer_of(session.call(auth::Verify{.token = Hospital::secret(token)}));
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
      {"imports.patients", import},
      {"audit.verify", verify},
      {"audit.export", export_all, true},
      {"audit.head", plain(admin, audit::GetHead{})},
      {"audit.checkpoints", plain(admin, audit::ListCheckpoints{})},
      {"audit.prove_inclusion", plain(admin, audit::ProveInclusion{.seq = 1})},
      {"audit.prove_consistency", plain(admin, audit::ProveConsistency{.earlier_size = 1})},
  };
}

}  // namespace medflow::testing
