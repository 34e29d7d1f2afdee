#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

using roles::Grant;

const Grant find_patients{.permission = "patient.search", .scope = "F"};
const Grant read_patients{.permission = "patient.read", .scope = "F"};
const Grant read_records{.permission = "record.read", .scope = "C"};
const Grant read_orders{.permission = "record.read", .scope = "C", .condition = "own orders"};
const Grant read_roles{.permission = "role.read", .scope = "A"};
const Grant manage_roles{.permission = "role.manage", .scope = "A"};
const Grant read_users{.permission = "user.read", .scope = "A"};
const Grant invite_users{.permission = "user.invite", .scope = "A"};

/// A hospital with a second administrator, and somebody who has been given roles of the hospital's own.
struct Staff {
  explicit Staff(std::string_view engine_name = "memory") : engine(engine_name) {
    second_email = add("second@example.org", {.roles = {Role::tenant_admin}});
  }

  std::string add(const std::string& email, users::Invite invite) {
    invite.email = email;
    invite.display_name = "Somebody";
    const auto invitation = must(admin().call(std::move(invite)));
    must(hospital.complete_invitation(invitation.token));
    return email;
  }

  Session admin() { return hospital.as(Role::tenant_admin); }
  Session second() const { return as(second_email); }
  Session as(const std::string& email) const {
    return must(hospital.platform.authenticate(must(hospital.sign_in(email)).access_token));
  }

  TestEngine engine;
  Hospital hospital = make_platform(engine);
  std::string second_email{};
};

}  // namespace

TEST_CASE("RBA-8: a role of the tenant's own is made, given, changed, taken and removed, on every engine") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Staff staff(engine);
    const Session admin = staff.admin();
    const auto role = must(admin.call(roles::Create{.name = "Ward clerk", .grants = {find_patients, read_patients}}));
    REQUIRE(role.id);
    CHECK(role.revision == 1);
    CHECK_FALSE(role.built_in);
    CHECK_FALSE(role.proposal_id);
    CHECK(must(admin.call(roles::Get{.id = *role.id})).grants == role.grants);
    const auto list = must(admin.call(roles::List{}));
    CHECK(list.data.size() == 10);
    CHECK(list.data.front().built_in);
    CHECK(list.data.back().name == "Ward clerk");

    const std::string clerk =
        staff.add("clerk@example.org", {.facilities = {staff.hospital.home}, .custom_roles = {*role.id}});
    const auto patient = staff.hospital.add_patients(1).front();
    const auto tokens = must(staff.hospital.sign_in(clerk));
    const auto session = [&] { return must(staff.hospital.platform.authenticate(tokens.access_token)); };
    CHECK(session().call(patients::Get{.id = patient.id}).ok());
    CHECK(code_of(session().call(patients::Register{.names = patient.names})) == "forbidden");
    CHECK(code_of(session().call(users::List{})) == "forbidden");

    // A change of the role is felt by the session that is there; the one in hand has ended.
    const Session in_hand = session();
    const auto changed =
        must(admin.call(roles::Update{.id = *role.id, .revision = 1, .name = "Clerk", .grants = {read_roles}}));
    CHECK(changed.revision == 2);
    CHECK(code_of(in_hand.call(patients::Get{.id = patient.id})) == "unauthenticated");
    CHECK(code_of(session().call(patients::Get{.id = patient.id})) == "forbidden");
    CHECK(session().call(roles::List{}).ok());
    CHECK(code_of(admin.call(roles::Update{.id = *role.id, .revision = 1, .name = "Late"})) == "conflict.revision");
    CHECK(code_of(admin.call(roles::Update{.id = *role.id, .name = "Late"})) == "precondition.required");

    const auto in_use = admin.call(roles::Delete{.id = *role.id});
    CHECK(code_of(in_use) == "role.in_use");
    CHECK(in_use.error().detail == "1 user has it");
    const auto user = must(admin.call(users::Get{.id = tokens.user_id}));
    CHECK(user.custom_roles == std::vector{*role.id});
    CHECK(user.roles.empty());
    CHECK(fields_of(admin.call(users::SetRoles{.id = user.id, .revision = user.revision})) == "/roles:required");
    must(admin.call(users::SetRoles{.id = user.id, .revision = user.revision, .roles = {Role::nurse}}));
    CHECK(session().call(patients::Get{.id = patient.id}).ok());
    must(admin.call(roles::Delete{.id = *role.id}));
    CHECK(code_of(admin.call(roles::Get{.id = *role.id})) == "not_found");
    CHECK(must(admin.call(roles::List{})).data.size() == 9);

    const auto log = events(staff.hospital.as(Role::auditor));
    for (const char* action : {"roles.create", "roles.update", "roles.delete", "users.set_roles"}) {
      CAPTURE(action);
      const ReadEvent* event = last_of(log, action);
      REQUIRE(event != nullptr);
      CHECK(event->event.actor == staff.hospital.member(Role::tenant_admin).id.uuid);
    }
    CHECK(last_of(log, "roles.delete")->event.object == role.id->uuid);
    CHECK(must(staff.hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("RBA-8: a role holds only what built-in roles of a tenant hold, and what it can read") {
  Staff staff;
  const Session admin = staff.admin();
  const auto refused = [&](std::vector<Grant> grants) {
    return fields_of(admin.call(roles::Create{.name = "R", .grants = std::move(grants)}));
  };
  CHECK(refused({{.permission = "tenant.create", .scope = "A"}}) == "/grants/0:grant.unknown");
  CHECK(refused({read_patients, {.permission = "patient.read", .scope = "W"}}) == "/grants/1:grant.unknown");
  CHECK(refused({{.permission = "record.read", .scope = "C", .condition = "own"}}) == "/grants/0:grant.unknown");
  CHECK(refused({{.permission = "nothing.read", .scope = "A"}}) == "/grants/0:grant.unknown");
  CHECK(refused({{.permission = "patient.update", .scope = "F"}}) == "/grants/0:grant.needs_read");
  CHECK(refused({{.permission = "patient.update", .scope = "F"}, find_patients}) == "/grants/0:grant.needs_read");
  // What a role holds twice it holds once.
  CHECK(must(admin.call(roles::Create{.name = "Twice", .grants = {read_patients, read_patients}})).grants.size() == 1);
  CHECK(fields_of(admin.call(roles::Create{.name = "twice"})) == "/name:role.name_taken");
  CHECK(fields_of(admin.call(roles::Create{.name = "Doctor"})) == "/name:role.name_taken");
  CHECK(code_of(staff.hospital.as(Role::doctor).call(roles::Create{.name = "Mine"})) == "forbidden");
}

TEST_CASE("RBA-8: what opens records takes a second administrator") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Staff staff(engine);
    const Session admin = staff.admin();
    const Session second = staff.second();
    for (const Grant& grave : {read_records, read_orders, Grant{.permission = "break_glass.invoke", .scope = "A"},
                               Grant{.permission = "patient.export", .scope = "C"}}) {
      CAPTURE(grave.permission);
      const std::vector<Grant> grants{read_patients, grave};
      const std::string name = "With " + grave.permission + grave.condition;
      const auto role = must(admin.call(roles::Create{.name = name, .grants = grants}));
      CHECK(role.grants.empty());
      REQUIRE(role.proposal_id);
      CHECK(code_of(admin.call(role_proposals::Approve{.id = *role.proposal_id})) == "proposal.own");
      CHECK(code_of(admin.call(role_proposals::Reject{.id = *role.proposal_id})) == "proposal.own");
      CHECK(code_of(staff.hospital.as(Role::doctor).call(role_proposals::Approve{.id = *role.proposal_id})) ==
            "forbidden");
      const auto approved = must(second.call(role_proposals::Approve{.id = *role.proposal_id}));
      CHECK(approved.grants == grants);
      CHECK_FALSE(approved.proposal_id);
      CHECK(code_of(second.call(role_proposals::Approve{.id = *role.proposal_id})) == "proposal.stale");
      CHECK(code_of(second.call(role_proposals::Reject{.id = *role.proposal_id})) == "proposal.stale");
      // What was agreed to once needs no second agreement, and less never needs one.
      const auto renamed = must(second.call(
          roles::Update{.id = *role.id, .revision = approved.revision, .name = name + "!", .grants = grants}));
      CHECK_FALSE(renamed.proposal_id);
      const auto less = must(second.call(
          roles::Update{.id = *role.id, .revision = renamed.revision, .name = name, .grants = {read_patients}}));
      CHECK(less.grants == std::vector{read_patients});
      // But what was given up is gained anew.
      staff.hospital.clock->advance_s(1);  // the list is in the order of time
      const auto more =
          must(second.call(roles::Update{.id = *role.id, .revision = less.revision, .name = name, .grants = grants}));
      CHECK(more.grants == std::vector{read_patients});
      REQUIRE(more.proposal_id);
      const auto rejected = must(admin.call(role_proposals::Reject{.id = *more.proposal_id}));
      CHECK(rejected.grants == std::vector{read_patients});
      CHECK_FALSE(rejected.proposal_id);
    }
    using enum roles::ProposalStatus;
    CHECK(must(admin.call(role_proposals::List{})).data.size() == 8);
    CHECK(must(admin.call(role_proposals::List{.status = approved})).data.size() == 4);
    const auto last = must(admin.call(role_proposals::List{})).data.front();
    CHECK(last.status == rejected);
    CHECK(last.created_by == second.user_id());
    CHECK(last.decided_by == admin.user_id());
    const auto log = events(staff.hospital.as(Role::auditor));
    CHECK(last_of(log, "role_proposals.reject")->event.object == last.id.uuid);
    CHECK(last_of(log, "role_proposals.approve")->event.actor == second.user_id().uuid);
    CHECK(must(staff.hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("RBA-8: a proposal about a role that was changed or removed meanwhile is stale") {
  Staff staff;
  const Session admin = staff.admin();
  const Session second = staff.second();
  const auto propose = [&](const roles::RoleInfo& role) {
    return must(admin.call(roles::Update{
        .id = *role.id, .revision = role.revision, .name = role.name, .grants = {read_patients, read_records}}));
  };
  const auto stale = [&](const roles::RoleInfo& role) {
    CHECK(code_of(second.call(role_proposals::Approve{.id = *role.proposal_id})) == "proposal.stale");
    const auto all = must(admin.call(role_proposals::List{}));
    const auto found = std::find_if(all.data.begin(), all.data.end(),
                                    [&](const auto& proposal) { return proposal.id == *role.proposal_id; });
    REQUIRE(found != all.data.end());
    CHECK(found->status == roles::ProposalStatus::superseded);
  };
  const auto role = propose(must(admin.call(roles::Create{.name = "Clerk", .grants = {read_patients}})));
  const auto newer = propose(role);
  CHECK(newer.proposal_id != role.proposal_id);
  stale(role);
  const auto changed = must(
      second.call(roles::Update{.id = *role.id, .revision = newer.revision, .name = "Clerk", .grants = {read_roles}}));
  CHECK_FALSE(changed.proposal_id);
  stale(newer);
  const auto again = propose(changed);
  must(admin.call(roles::Delete{.id = *role.id}));
  stale(again);

  // The name that it would have is another's by now.
  const auto waits = must(admin.call(roles::Create{.name = "Waits", .grants = {read_patients}}));
  const auto renamed = must(admin.call(roles::Update{
      .id = *waits.id, .revision = waits.revision, .name = "Popular", .grants = {read_patients, read_records}}));
  must(admin.call(roles::Create{.name = "Popular"}));
  CHECK(code_of(second.call(role_proposals::Approve{.id = *renamed.proposal_id})) == "proposal.stale");
  CHECK(second.call(role_proposals::Reject{.id = *renamed.proposal_id}).ok());
}

TEST_CASE("RBA-8: a caller's own id makes the making of a role repeatable") {
  Staff staff;
  const Session admin = staff.admin();
  const RoleId id{Uuid{{9, 9}}};
  for (const std::vector<Grant>& grants : {std::vector{read_patients}, std::vector{read_patients, read_records}}) {
    const roles::Create create{.id = id, .name = "Clerk", .grants = grants};
    const auto made = must(admin.call(create));
    CHECK(must(admin.call(create)).revision == made.revision);
    CHECK(code_of(admin.call(roles::Create{.id = id, .name = "Clerk", .grants = {read_roles}})) ==
          "conflict.id_reused");
    must(admin.call(roles::Delete{.id = id}));
  }
}

TEST_CASE("RBA-8: nobody changes a role that they have, and who only invites gives no more than they have") {
  Staff staff;
  const Session admin = staff.admin();
  const auto role = must(
      admin.call(roles::Create{.name = "Role keeper", .grants = {read_roles, manage_roles, read_users, invite_users}}));
  const auto other = must(admin.call(roles::Create{.name = "Other", .grants = {read_roles}}));
  const std::string keeper =
      staff.add("keeper@example.org", {.facilities = {staff.hospital.home}, .custom_roles = {*role.id}});
  const Session session = staff.as(keeper);
  CHECK(
      session
          .call(roles::Update{.id = *other.id, .revision = other.revision, .name = "Other", .grants = {read_patients}})
          .ok());
  CHECK(code_of(session.call(
            roles::Update{.id = *role.id, .revision = role.revision, .name = "More", .grants = {read_patients}})) ==
        "user.own_account");
  CHECK(code_of(session.call(roles::Delete{.id = *role.id})) == "user.own_account");

  const auto invite = [&](users::Invite request) {
    request.email = "puppet@example.org";
    request.display_name = "Puppet";
    return fields_of(session.call(std::move(request)));
  };
  CHECK(invite({.roles = {Role::tenant_admin}}) == "/roles/0:role.not_assignable");
  CHECK(invite({.custom_roles = {*role.id, *other.id}}) == "/custom_roles/1:role.not_assignable");
  CHECK(invite({.facilities = {staff.hospital.away}, .custom_roles = {*role.id}}) ==
        "/facilities/0:role.not_assignable");
  CHECK(invite({.custom_roles = {RoleId{Uuid{{1}}}}}) == "/custom_roles/0:role.unknown");
  CHECK(invite({.facilities = {staff.hospital.home}, .custom_roles = {*role.id}}).empty());
}

TEST_CASE("RBA-8: who only invites is given no account that waits with more than they could give") {
  Staff staff;
  const Session admin = staff.admin();
  const auto role = must(admin.call(roles::Create{.name = "Door", .grants = {read_users, invite_users}}));
  const Session door =
      staff.as(staff.add("door@example.org", {.facilities = {staff.hospital.home}, .custom_roles = {*role.id}}));
  // What anybody at the door may give, and what the account has had before.
  const auto again = [&](users::Invite waits, const std::vector<Label>& labels = {}) {
    waits.email = "waits@example.org";
    waits.display_name = "Waits";
    const auto user = must(admin.call(waits)).user;
    must(admin.call(users::SetLabels{.id = user.id, .revision = user.revision, .labels = labels}));
    const auto answer = door.call(users::Invite{.email = "Waits@example.org",
                                                .display_name = "Me",
                                                .facilities = {staff.hospital.home},
                                                .custom_roles = {*role.id}});
    CHECK(must(admin.call(users::Get{.id = user.id})).display_name == (answer.ok() ? "Me" : "Waits"));
    return code_of(answer);
  };
  CHECK(again({.custom_roles = {*role.id}}) == "ok");
  CHECK(again({.custom_roles = {*role.id}}, {Label::hiv}) == "user.exists");
  CHECK(again({.roles = {Role::nurse}}) == "user.exists");
  CHECK(again({.facilities = {staff.hospital.away}, .custom_roles = {*role.id}}) == "user.exists");
  const auto patient = staff.hospital.add_patients(1).at(0).id;
  CHECK(again({.roles = {Role::patient}, .patient_id = patient}) == "user.exists");
  CHECK(again({.custom_roles = {*role.id}}) == "ok");
}

TEST_CASE("RBA-8: an invitation of who only invites ends where somebody changes what the account may do") {
  Staff staff;
  const Session admin = staff.admin();
  const Session second = staff.second();
  const auto role = must(admin.call(roles::Create{.name = "Door", .grants = {read_users, invite_users}}));
  const Session door =
      staff.as(staff.add("door@example.org", {.facilities = {staff.hospital.home}, .custom_roles = {*role.id}}));
  using Change = std::function<void(const Session&, const users::User&)>;
  const Change changes[] = {
      [](const Session& by, const users::User& user) {
        must(by.call(users::SetRoles{.id = user.id, .revision = user.revision, .roles = {Role::tenant_admin}}));
      },
      [&](const Session& by, const users::User& user) {
        must(by.call(
            users::SetFacilities{.id = user.id, .revision = user.revision, .facilities = {staff.hospital.away}}));
      },
      [](const Session& by, const users::User& user) {
        must(by.call(users::SetLabels{.id = user.id, .revision = user.revision, .labels = {Label::hiv}}));
      },
      [&](const Session& by, const users::User& user) {
        const auto patient = staff.hospital.add_patients(1).at(0).id;
        must(by.call(users::SetPatient{.id = user.id, .revision = user.revision, .patient_id = patient}));
      },
      [&](const Session& by, const users::User& user) {
        must(by.call(doctors::Create{.user_id = user.id, .name = "Dr Waits", .facilities = {staff.hospital.home}}));
      }};
  int number = 0;
  const auto invite = [&](const Session& by) {
    return must(by.call(users::Invite{.email = "waits" + std::to_string(++number) + "@example.org",
                                      .display_name = "Waits",
                                      .facilities = {staff.hospital.home},
                                      .custom_roles = {*role.id}}));
  };
  for (const Change& change : changes) {
    CAPTURE(number);
    const auto by_door = invite(door);
    change(admin, by_door.user);
    CHECK(code_of(staff.hospital.complete_invitation(by_door.token)) == "invitation.expired");
    const auto waits = must(admin.call(users::Get{.id = by_door.user.id}));
    CHECK(waits.status == users::UserStatus::invited);
    const auto anew = must(admin.call(users::Invite{
        .email = *waits.email, .display_name = "Waits", .roles = waits.roles, .custom_roles = waits.custom_roles}));
    CHECK(code_of(staff.hospital.complete_invitation(anew.token)) == "ok");

    const auto by_admin = invite(admin);
    change(second, by_admin.user);  // either could have given it
    CHECK(code_of(staff.hospital.complete_invitation(by_admin.token)) == "ok");
  }
}

TEST_CASE("RBA-8: a host's identity holds a role of the tenant's own by its name, where the tenant has it") {
  Staff staff;
  const Session admin = staff.admin();
  staff.hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
  const Principal principal{.issuer = "https://host.example",
                            .subject = "clerk@host",
                            .display_name = "Clerk",
                            .facilities = {staff.hospital.home},
                            .custom_roles = {"Ward clerk"}};
  const auto session = [&] { return staff.hospital.platform.session(staff.hospital.slug(), principal); };
  CHECK(fields_of(session()) == "/custom_roles/0:role.unknown");
  const auto role = must(admin.call(roles::Create{.name = "Ward clerk", .grants = {find_patients, read_patients}}));
  const Session clerk = must(session());
  CHECK(clerk.call(patients::List{}).ok());
  CHECK(code_of(clerk.call(users::List{})) == "forbidden");
  must(admin.call(
      roles::Update{.id = *role.id, .revision = role.revision, .name = "Ward clerk", .grants = {read_users}}));
  CHECK(code_of(clerk.call(patients::List{})) == "unauthenticated");
  CHECK(code_of(must(session()).call(patients::List{})) == "forbidden");
  CHECK(must(session()).call(users::List{}).ok());
  CHECK(code_of(admin.call(roles::Delete{.id = *role.id})) == "role.in_use");
}

TEST_CASE("RBA-8: a tenant makes 100 roles at most") {
  Staff staff;
  const Session admin = staff.admin();
  for (int i = 0; i < 100; ++i) must(admin.call(roles::Create{.name = "Role " + std::to_string(i)}));
  CHECK(code_of(admin.call(roles::Create{.name = "One more"})) == "role.too_many");
}
