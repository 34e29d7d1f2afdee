#include "adapters/json/examples.hpp"

#include <vector>

namespace medflow::json {
namespace {

constexpr std::string_view patient =
    R"({"names":[{"family":"Field","given":["Finn"]}],"birth":{"date":"1980-05-12"},"sex_admin":"male",)"
    R"("identifiers":[{"system":"urn:example:national","value":"NX-{{run}}"}],"phones":[{"e164":"+442071234567"}],)"
    R"("emails":["finn-{{run}}@example.org"]})";

constexpr std::string_view patient_changed =
    R"({"revision":{{patient_revision}},"names":[{"family":"Field","given":["Finnegan"]}],"birth":{"date":"1980-05-12"},)"
    R"("sex_admin":"male","identifiers":[{"system":"urn:example:national","value":"NX-{{run}}"}]})";

constexpr std::string_view patients_csv =
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
    "BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP\n"
    "5e3f2d6a-60c8-4c1b-8a6e-0d6d4b1f2a77,1971-03-04,,999-10-1234,,,Ms.,Wilma,Ashby,,,,white,nonhispanic,F,"
    "Leeds,1 Mill Road,Leeds,West Yorkshire,,LS1\n";

constexpr Example shown[] = {
    // Everybody signs in.
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{admin_email}}","password":"{{password}}"})", "",
     "admin_token=/access_token"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{reception_email}}","password":"{{password}}"})", "",
     "reception_token=/access_token"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{doctor_email}}","password":"{{password}}"})", "",
     "doctor_token=/access_token"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{auditor_email}}","password":"{{password}}"})", "",
     "auditor_token=/access_token"},

    // The platform and its tenants.
    {"platform.status", "operator"},
    {"platform.set_recovery", "operator",
     R"({"public_key":"07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c","confirmation":"79a8-995a"})"},
    {"tenants.provision", "operator",
     R"({"slug":"guest-{{run}}","name":"Guest Clinic","default_zone":"Europe/London","currency":"GBP"})"},
    {"tenants.list", "operator", "", "limit=5"},
    {"tenants.get", "operator"},
    {"users.invite_first_admin", "operator", R"({"email":"first-{{run}}@example.org","display_name":"First Admin"})"},
    {"tenants.suspend", "operator"},
    {"tenants.resume", "operator"},
    {"tenants.move", "operator", R"({"placement":"default"})"},
    {"tenants.migrate", "operator"},

    // How the hospital is set up.
    {"settings.get", "admin"},
    {"settings.update", "admin", R"({"revision":{{setting_revision}},"mrn_prefix":"MF"})"},
    {"settings.history", "admin"},
    {"facilities.create", "admin", R"({"name":"Annex {{run}}","zone":"Europe/London"})"},
    {"facilities.list", "admin"},
    {"facilities.get", "admin"},
    {"facilities.update", "admin",
     R"({"revision":{{facility_revision}},"name":"Annex {{run}}, west wing","zone":"Europe/London"})"},

    // A colleague comes.
    {"roles.list", "admin"},
    {"users.invite", "admin",
     R"({"email":"nurse-{{run}}@example.org","display_name":"Nora Nurse","roles":["nurse"],"facilities":["{{facility_id}}"]})",
     "", "invitation=/token user_id=/user/id user_revision=/user/revision user_email=/user/email"},
    {"auth.register", "", R"({"tenant":"{{tenant}}","invitation":"{{invitation}}","password":"{{password}}"})"},
    {"users.list", "admin", "", "status=active&limit=5"},
    {"users.get", "admin"},
    {"users.update", "admin", R"({"revision":{{user_revision}},"display_name":"Nora Nurse-Norris","locale":"en"})"},
    {"users.set_roles", "admin", R"({"revision":{{user_revision}},"roles":["nurse","lab"]})"},
    {"users.set_facilities", "admin", R"({"revision":{{user_revision}},"facilities":["{{facility_id}}"]})"},
    {"users.clear_throttle", "admin"},

    // A role of the hospital's own; what opens records takes a second administrator.
    {"users.invite", "admin",
     R"({"email":"second-{{run}}@example.org","display_name":"Sam Second","roles":["tenant_admin"]})", "",
     "second_invitation=/token second_email=/user/email"},
    {"auth.register", "", R"({"tenant":"{{tenant}}","invitation":"{{second_invitation}}","password":"{{password}}"})"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{second_email}}","password":"{{password}}"})", "",
     "second_token=/access_token"},
    {"roles.create", "admin",
     R"({"name":"Ward clerk {{run}}","grants":[{"permission":"patient.read","scope":"F"},)"
     R"({"permission":"record.read","scope":"C"}]})",
     "", "role_proposal_id=/proposal_id"},
    {"role_proposals.approve", "second"},
    {"roles.get", "admin"},
    {"roles.update", "admin",
     R"({"revision":{{role_revision}},"name":"Clerk {{run}}","grants":[{"permission":"patient.read","scope":"F"},)"
     R"({"permission":"patient.search","scope":"F"}]})"},
    {"roles.delete", "admin"},
    {"roles.create", "admin",
     R"({"name":"Locum {{run}}","grants":[{"permission":"record.read","scope":"O","condition":"released"}]})", "",
     "role_proposal_id=/proposal_id"},
    {"role_proposals.list", "second", "", "status=pending&limit=5"},
    {"role_proposals.reject", "second"},
    {"roles.delete", "admin"},
    {"users.start_reset", "admin"},
    {"users.disable", "admin"},
    {"users.enable", "admin"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{user_email}}","password":"{{password}}","device":"ward"})",
     "", "nurse_token=/access_token nurse_refresh=/refresh_token"},
    {"auth.refresh", "", R"({"tenant":"{{tenant}}","refresh_token":"{{nurse_refresh}}"})", "",
     "nurse_token=/access_token nurse_refresh=/refresh_token"},
    {"profile.get", "nurse"},
    {"profile.update", "nurse", R"({"revision":{{user_revision}},"display_name":"Nora Norris","locale":"en-GB"})"},
    {"sessions.list", "nurse", "", "", "session_id=/data/0/id"},
    {"auth.logout", "nurse"},
    {"auth.request_reset", "", R"({"tenant":"{{tenant}}","email":"{{user_email}}"})"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{user_email}}","password":"{{password}}","device":"home"})",
     "", "nurse_token=/access_token"},
    {"sessions.list", "nurse", "", "", "session_id=/data/0/id"},
    {"sessions.revoke", "admin"},

    // A patient comes.
    {"patients.register", "reception", patient},
    {"patients.list", "reception", "", "name=field&limit=5"},
    {"patients.search", "reception", R"({"name":"fi fie","limit":5})"},
    {"patients.get", "reception"},
    {"patients.update", "reception", patient_changed},
    {"patients.patch", "doctor", R"({"revision":{{patient_revision}},"language":"en","gender_identity":null})"},
    {"patients.delete", "admin", "", "reason_code=entered_in_error"},
    {"patients.restore", "admin", R"({"reason":"deleted the wrong one"})"},
    {"imports.patients", "admin", patients_csv, "format=synthea_csv", "", "text/csv"},

    // Who did what.
    {"audit.verify", "auditor"},
    {"audit.export", "auditor", "", "from_seq=1"},
    {"audit.head", "auditor"},
    {"audit.checkpoints", "auditor", "", "limit=5"},
    {"audit.prove_inclusion", "auditor", "", "seq=1"},
    {"audit.prove_consistency", "auditor", "", "earlier_size=1"},
};

}  // namespace

std::span<const Example> examples() {
  static const std::vector<Example> all = [] {
    std::vector<Example> known;
    for (const Example& example : shown)
      if (find_operation(example.operation) != nullptr) known.push_back(example);
    return known;
  }();
  return all;
}

std::string example_path(const OperationRow& row) {
  std::string path;
  std::string_view rest = row.operation->path;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    path.append(rest.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    // `id` is that of the object itself, unless the operation makes something else of it: then it is the path's.
    const bool of_tenant = row.operation->name == "users.invite_first_admin";
    path += "{{";
    if (name == "id") path.append(of_tenant ? "tenant" : row.operation->object).append("_");
    path.append(name).append("}}");
    rest.remove_prefix(close + 1);
  }
  return path;
}

}  // namespace medflow::json
