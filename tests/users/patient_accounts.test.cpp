// Accounts of patients: which patient one is, an administrator says (USR-7, RBA-8).
#include <doctest/doctest.h>

#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

users::Invite invitation(std::string email, std::optional<PatientId> patient) {
  return {.email = std::move(email), .display_name = "Ada", .roles = {Role::patient}, .patient_id = patient};
}

Session sign_in(const Clinic& clinic, std::string_view email) {
  return must(clinic.hospital.platform.authenticate(must(clinic.hospital.sign_in(email)).access_token));
}

std::size_t visits(const Session& session) { return must(session.call(appointments::List{})).data.size(); }

}  // namespace

TEST_CASE("USR-7: who is invited as a patient sees the own visits and record, and nobody else's") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto own = clinic.book("2026-11-23T10:00:00Z", 0);
    const auto other = clinic.book("2026-11-23T11:00:00Z", 1);
    const auto sent = must(clinic.admin().call(invitation("ada@example.org", clinic.patients[0].id)));
    CHECK(sent.user.patient_id == clinic.patients[0].id);
    CHECK(must(clinic.hospital.complete_invitation(sent.token)).patient_id == clinic.patients[0].id);
    const Session patient = sign_in(clinic, "ada@example.org");
    const auto seen = must(patient.call(appointments::List{})).data;
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].id == own.id);
    CHECK(code_of(patient.call(appointments::Get{.id = other.id})) == "not_found");
    CHECK(must(patient.call(patients::Get{.id = clinic.patients[0].id})).names == clinic.patients[0].names);
    CHECK(code_of(patient.call(patients::Get{.id = clinic.patients[1].id})) == "not_found");
    CHECK(must(patient.call(appointments::Cancel{.id = own.id})).cancelled_by == appointments::Party::patient);
    CHECK(code_of(patient.call(appointments::Cancel{.id = other.id})) == "not_found");
  }
}

TEST_CASE("USR-13: which patient an account is can be said later, and unsaid; its sessions know at once") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.book("2026-11-23T10:00:00Z", 0);
    const UserId id = clinic.hospital.member(Role::patient).id;
    const auto visible = [&] { return visits(clinic.hospital.as(Role::patient)); };  // the same sign-in
    CHECK(visible() == 0);
    const auto before = must(clinic.admin().call(users::Get{.id = id}));
    CHECK(code_of(clinic.admin().call(users::SetPatient{.id = id, .patient_id = clinic.patients[0].id})) ==
          "precondition.required");
    const auto set = must(clinic.admin().call(
        users::SetPatient{.id = id, .revision = before.revision, .patient_id = clinic.patients[0].id}));
    CHECK(set.patient_id == clinic.patients[0].id);
    CHECK(set.email == before.email);
    CHECK(visible() == 1);
    CHECK(code_of(clinic.admin().call(users::SetPatient{.id = id, .revision = before.revision})) ==
          "conflict.revision");
    CHECK_FALSE(must(clinic.admin().call(users::SetPatient{.id = id, .revision = set.revision})).patient_id);
    CHECK(visible() == 0);
    CHECK(must(clinic.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("RBA-8: only who may manage users says which patient one is, never of themselves, and of one who is there") {
  Clinic clinic{TestEngine("memory")};
  const PatientId patient = clinic.patients[0].id;
  CHECK(fields_of(clinic.admin().call(invitation("x@example.org", PatientId{Uuid{{9}}}))) ==
        "/patient_id:patient.unknown");
  const auto admin = must(clinic.admin().call(profile::Get{}));
  CHECK(code_of(clinic.admin().call(users::SetPatient{
            .id = admin.id, .revision = admin.revision, .patient_id = patient})) == "user.own_account");
  const auto nurse = must(clinic.admin().call(users::Get{.id = clinic.hospital.member(Role::nurse).id}));
  const users::SetPatient set{.id = nurse.id, .revision = nurse.revision, .patient_id = PatientId{Uuid{{9}}}};
  CHECK(fields_of(clinic.admin().call(set)) == "/patient_id:patient.unknown");
  CHECK(code_of(clinic.desk().call(set)) == "forbidden");

  // Who may only invite gives no patient: the account could be their own.
  const auto role = must(clinic.admin().call(roles::Create{
      .name = "Inviting",
      .grants = {{.permission = "user.read", .scope = "A"}, {.permission = "user.invite", .scope = "A"}}}));
  if (role.proposal_id) {
    const auto second = must(clinic.admin().call(
        users::Invite{.email = "second@example.org", .display_name = "Sam", .roles = {Role::tenant_admin}}));
    must(clinic.hospital.complete_invitation(second.token));
    must(sign_in(clinic, "second@example.org").call(role_proposals::Approve{.id = *role.proposal_id}));
  }
  const auto inviter = must(clinic.admin().call(users::Invite{
      .email = "inviter@example.org", .display_name = "Iris", .roles = {Role::patient}, .custom_roles = {*role.id}}));
  must(clinic.hospital.complete_invitation(inviter.token));
  const Session inviting = sign_in(clinic, "inviter@example.org");
  CHECK(fields_of(inviting.call(invitation("friend@example.org", patient))) == "/patient_id:role.not_assignable");
  CHECK(code_of(inviting.call(invitation("friend@example.org", std::nullopt))) == "ok");
  // Nor is one's that an earlier invitation gave now theirs to complete.
  must(clinic.admin().call(invitation("ada@example.org", patient)));
  CHECK(code_of(inviting.call(invitation("ada@example.org", std::nullopt))) == "user.exists");
  CHECK_FALSE(must(clinic.admin().call(invitation("ada@example.org", std::nullopt))).user.patient_id);
}
