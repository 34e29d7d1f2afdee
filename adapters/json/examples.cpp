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

constexpr std::string_view organizations_csv =
    "Id,NAME,ADDRESS,CITY,STATE,ZIP,PHONE\n"
    "6a1f0c9e-0f0b-4b1e-8d43-0a2b7c9d1e55,Mill Road Surgery,2 Mill Road,Leeds,West Yorkshire,LS1,\n";

constexpr std::string_view providers_csv =
    "Id,ORGANIZATION,NAME,GENDER,SPECIALITY\n"
    "7b2f1d0e-1a1c-4c2f-9e54-1b3c8d0e2f66,6a1f0c9e-0f0b-4b1e-8d43-0a2b7c9d1e55,Rowan Reed,F,GENERAL PRACTICE\n";

constexpr std::string_view encounters_csv =
    "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION\n"
    "8c3f2e1f-2b2d-4d3f-8f65-2c4d9e1f3a77,2021-08-23T03:26:50Z,2021-08-23T03:41:50Z,"
    "5e3f2d6a-60c8-4c1b-8a6e-0d6d4b1f2a77,6a1f0c9e-0f0b-4b1e-8d43-0a2b7c9d1e55,"
    "7b2f1d0e-1a1c-4c2f-9e54-1b3c8d0e2f66,wellness,162673000,General examination of patient\n";

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
    {"facilities.create", "admin",
     R"({"name":"Annex {{run}}","zone":"Europe/London","phone":"+442071234567",)"
     R"("address":{"lines":["2 Mill Road"],"city":"Leeds","postal":"LS1 1AA","country":"GB"},)"
     R"("open_hours":[{"weekday":"mon","start":"08:00","end":"18:00"}],)"
     R"("holidays":[{"date":"2026-12-25","label":"Christmas Day"}]})"},
    {"facilities.list", "admin"},
    {"facilities.get", "admin"},
    {"facilities.update", "admin",
     R"({"revision":{{facility_revision}},"name":"Annex {{run}}, west wing","zone":"Europe/London"})"},

    // What can be booked, with whom, where and when.
    {"services.create", "admin",
     R"({"code":"CONSULT-{{run}}","name":"Consultation","duration_min":30,"buffer_after_min":5,"step_min":15})"},
    {"services.list", "admin", "", "active=true&limit=5"},
    {"services.get", "reception"},
    {"services.update", "admin",
     R"({"revision":{{service_revision}},"code":"CONSULT-{{run}}","name":"First consultation","duration_min":45})"},
    {"resources.create", "admin", R"({"kind":"room","name":"Room {{run}}","facility_id":"{{facility_id}}"})"},
    {"resources.list", "reception", "", "facility={{facility_id}}&kind=room&limit=5"},
    {"resources.get", "reception"},
    {"resources.update", "admin", R"({"revision":{{resource_revision}},"name":"Room {{run}}, quiet"})"},
    {"doctors.create", "admin",
     R"({"name":"Dr Dana Doyle","specialties":["394579002"],"registrations":[{"authority":"Example Medical Council",)"
     R"("number":"R-{{run}}","valid_to":"2040-12-31"}],"npi":"1234567893","languages":["en","cy"],)"
     R"("facilities":["{{facility_id}}"],"colour":"#3366cc"})",
     "", "schedule_id=/id"},
    {"doctors.list", "reception", "", "facility={{facility_id}}&bookable=true&limit=5"},
    {"doctors.get", "reception"},
    {"doctors.update", "admin",
     R"({"revision":{{doctor_revision}},"name":"Dr Dana Doyle","specialties":["394579002"],"npi":"1234567893",)"
     R"("languages":["en"],"facilities":["{{facility_id}}"],"colour":"#3366cc"})"},
    {"schedules.set", "admin",
     R"({"kind":"practitioner","windows":[{"weekday":"mon","start":"09:00","end":"12:30","facility_id":"{{facility_id}}"},)"
     R"({"weekday":"thu","start":"13:00","end":"17:00","facility_id":"{{facility_id}}","services":["{{service_id}}"],)"
     R"("valid_from":"2026-01-01","every_n_weeks":2}],"overrides":[{"date":"2026-12-28","reason":"Stocktaking"}],)"
     R"("rules":[{"service_id":"{{service_id}}","duration_min":60}]})"},
    {"schedules.get", "doctor"},
    {"schedules.get_effective", "doctor", "", "service_id={{service_id}}"},
    {"leaves.add", "admin", R"({"from":"2026-12-24T00:00:00Z","to":"2027-01-02T00:00:00Z","reason":"Holiday"})", "",
     "leave_id=/leave/id"},
    {"leaves.list", "reception", "", "since=2026-01-01T00:00:00Z&limit=5"},
    {"leaves.remove", "admin"},

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
    {"patients.register", "reception", patient, "", "home_id=/facilities/0"},
    {"patients.list", "reception", "", "name=field&limit=5"},
    {"patients.search", "reception", R"({"name":"fi fie","limit":5})"},
    {"patients.get", "reception"},
    {"patients.update", "reception", patient_changed},
    {"patients.patch", "doctor", R"({"revision":{{patient_revision}},"language":"en","gender_identity":null})"},
    {"patients.delete", "admin", "", "reason_code=entered_in_error"},
    {"patients.restore", "admin", R"({"reason":"deleted the wrong one"})"},
    {"imports.patients", "admin", patients_csv, "format=synthea_csv", "", "text/csv"},
    {"imports.facilities", "admin", organizations_csv, "zone=Europe/London", "", "text/csv"},
    {"imports.doctors", "admin", providers_csv, "", "", "text/csv"},
    {"imports.appointments", "admin", encounters_csv, "", "", "text/csv"},

    // The nurse comes to where the patient is.
    {"users.get", "admin"},
    {"users.set_facilities", "admin", R"({"revision":{{user_revision}},"facilities":["{{home_id}}"]})"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{user_email}}","password":"{{password}}","device":"ward"})",
     "", "nurse_token=/access_token"},

    // A visit is planned, moved, cancelled and restored.
    {"services.create", "admin",
     R"({"code":"VISIT-{{run}}","name":"Short visit","duration_min":10,"capacity":10,"no_show_grace_min":0})"},
    {"doctors.create", "admin", R"({"name":"Dr Vera Vale","facilities":["{{home_id}}"]})", "", "schedule_id=/id"},
    {"schedules.set", "admin",
     R"({"windows":[{"weekday":"mon","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
     R"({"weekday":"tue","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
     R"({"weekday":"wed","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
     R"({"weekday":"thu","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
     R"({"weekday":"fri","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
     R"({"weekday":"sat","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
     R"({"weekday":"sun","start":"00:00","end":"00:00","facility_id":"{{home_id}}"}]})"},
    {"slots.find_first", "reception",
     R"({"service_id":"{{service_id}}","doctors":["{{doctor_id}}"],"from":"{{now}}","days":2,"limit":20})", "",
     "first=/slots/6/start second=/slots/12/start third=/slots/18/start"},
    {"slots.list", "reception",
     R"({"service_id":"{{service_id}}","resource_id":"{{doctor_id}}","from":"{{first}}","to":"{{third}}","limit":5})"},
    {"appointments.check", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources":[{"id":"{{doctor_id}}"}],)"
     R"("start":"{{first}}"})"},
    {"appointments.hold", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources":[{"id":"{{doctor_id}}"}],)"
     R"("start":"{{first}}","minutes":15})",
     "", "appointment_id=/appointment/id hold_token=/token"},
    {"appointments.confirm", "reception", R"({"token":"{{hold_token}}","reason":"a cough that does not go"})"},
    {"appointments.list", "reception", "", "patient={{patient_id}}&limit=5"},
    {"appointments.get", "reception"},
    {"appointments.update", "nurse",
     R"({"revision":{{appointment_revision}},"resources":[{"id":"{{doctor_id}}"}],"priority":"urgent",)"
     R"("reason":"a cough, and now fever","notes":"brings an interpreter",)"
     R"("extensions":[{"url":"urn:example:referred-by","value":"Mill Road Surgery"}]})"},
    {"appointments.reschedule", "reception",
     R"({"revision":{{appointment_revision}},"start":"{{second}}","resources":[{"id":"{{doctor_id}}"}]})"},
    {"appointments.cancel", "reception", "", "reason_code=patient_request"},
    {"appointments.restore", "reception", "{}"},

    // A series of visits.
    {"slots.find_first", "reception",
     R"({"service_id":"{{service_id}}","doctors":["{{doctor_id}}"],"from":"{{now}}","days":2,"limit":40})", "",
     "series_start=/slots/30/wall_start"},
    {"series.book", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources":[{"id":"{{doctor_id}}"}],)"
     R"("wall_start":"{{series_start}}","rrule":"FREQ=WEEKLY;COUNT=3","reason":"dressing to be changed"})",
     "", "series_id=/series/id series_revision=/series/revision"},
    {"series.get", "reception"},
    {"series.reschedule", "reception",
     R"({"revision":{{series_revision}},"scope":"this_and_following","from_index":2,"shift_days":1})"},
    {"series.cancel", "reception", R"({"scope":"all_future","reason_code":"patient_request"})"},

    // One that waits for approval, and was a mistake.
    {"services.create", "admin",
     R"({"code":"REVIEW-{{run}}","name":"Review","duration_min":10,"capacity":10,"approval":true})", "",
     "review_id=/id"},
    {"appointments.book", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{review_id}}",)"
     R"("resources":[{"kind":"practitioner","id":"{{doctor_id}}","role":"reviewer"}],"start":"{{third}}",)"
     R"("channel":"video","reason":"results to be talked over",)"
     R"("extensions":[{"url":"urn:example:referred-by","value":"Mill Road Surgery"}]})"},
    {"appointments.approve", "reception", "{}"},
    {"appointments.mark_error", "reception", R"({"reason":"booked for the wrong patient"})"},

    // Somebody comes at once, is seen, and goes.
    {"services.create", "admin",
     R"({"code":"ACUTE-{{run}}","name":"Acute visit","duration_min":10,"capacity":10,"no_show_grace_min":0})"},
    {"appointments.book", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources":[{"id":"{{doctor_id}}"}],)"
     R"("start":"{{now}}","priority":"urgent","override":true,"override_reason":"somebody who is here already",)"
     R"("extensions":[{"url":"urn:example:referred-by","value":"Mill Road Surgery"}]})"},
    {"appointments.check_in", "reception", "{}"},
    {"appointments.undo_check_in", "reception", R"({"reason":"it was somebody else"})"},
    {"appointments.check_in", "reception", "{}"},
    {"appointments.start", "nurse", "{}"},
    {"appointments.undo_start", "nurse", R"({"reason":"the room was not free"})"},
    {"appointments.start", "nurse", "{}"},
    {"appointments.complete", "nurse", "{}"},

    // Somebody does not come.
    {"appointments.book", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources":[{"id":"{{doctor_id}}"}],)"
     R"("start":"{{now}}","overbook":true,"override":true,"override_reason":"a call from the ambulance",)"
     R"("extensions":[{"url":"urn:example:referred-by","value":"Mill Road Surgery"}]})"},
    {.operation = "appointments.mark_no_show", .caller = "nurse", .body = "{}", .waits = true},

    // Who would come earlier waits, and is offered what is free.
    {"waitlists.join", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources_any":["{{doctor_id}}"],)"
     R"("facility_id":"{{home_id}}","earliest":"2020-01-01","latest":"2099-12-31","priority":"urgent",)"
     R"("preferences":[{"weekdays":["mon","tue","wed","thu","fri","sat","sun"],"start":"00:00","end":"00:00"}]})"},
    {"waitlists.list", "reception", "", "service={{service_id}}&limit=5"},
    {"waitlists.get", "reception"},
    {.operation = "waitlists.decline", .caller = "reception", .body = "{}", .waits = true},
    {.operation = "waitlists.accept", .caller = "reception", .body = "{}", .waits = true},
    {"waitlists.join", "reception",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources_any":["{{doctor_id}}"],)"
     R"("facility_id":"{{home_id}}","earliest":"2020-01-01","latest":"2099-12-31",)"
     R"("preferences":[{"weekdays":["mon"],"start":"09:00","end":"12:00"}]})"},
    {"waitlists.leave", "reception"},

    // Somebody comes without an appointment, and is called by a number.
    {"queues.walk_in", "nurse",
     R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}","resources":[{"id":"{{doctor_id}}"}],)"
     R"("priority":"urgent","reason":"a cut hand"})",
     "", "resource_id=/resources/0/id token_no=/token_no"},
    {"queues.get", "reception"},
    {"queues.call_next", "reception", "{}", "", "token_no=/number"},
    {"queues.display", "reception"},
    {"queues.skip", "reception", R"({"number":{{token_no}}})"},
    {"queues.recall", "reception", R"({"number":{{token_no}}})"},

    // A calendar program shows when one has visits.
    {"doctors.create", "admin", R"({"user_id":"{{user_id}}","name":"Nora Norris","facilities":["{{home_id}}"]})"},
    {"calendars.create_feed", "nurse", "{}", "", "feed_id=/feed/id token=/token"},
    {"calendars.list_feeds", "nurse", "", "limit=5"},
    {"calendars.read_feed", "", "", "tenant={{tenant}}"},
    {"calendars.revoke_feed", "nurse"},

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
