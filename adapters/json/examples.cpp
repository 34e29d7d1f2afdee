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
    R"("sex_admin":"male","identifiers":[{"system":"urn:example:national","value":"NX-{{run}}"}],)"
    R"("emails":["finn-{{run}}@example.org"]})";

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

constexpr std::string_view codes_csv =
    "code,billable,short_description,long_description\n"
    "A00,0,Cholera,Cholera\n"
    "A000,1,\"Cholera due to Vibrio cholerae 01, biovar cholerae\",\"Cholera due to Vibrio cholerae 01, biovar "
    "cholerae\"\n";

constexpr std::string_view conditions_csv =
    "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n"
    "2021-08-23,,5e3f2d6a-60c8-4c1b-8a6e-0d6d4b1f2a77,8c3f2e1f-2b2d-4d3f-8f65-2c4d9e1f3a77,38341003,Hypertension\n";

constexpr std::string_view payers_csv =
    "Id,NAME,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP,PHONE\n"
    "9d4f3e2a-3c3e-4e4a-8a76-3d5e0f2a4b88,Fenland Mutual,3 Fen Road,Ely,,CB7,\n";

constexpr std::string_view payer_transitions_csv =
    "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,SECONDARY_PAYER,OWNERSHIP,OWNERNAME\n"
    "5e3f2d6a-60c8-4c1b-8a6e-0d6d4b1f2a77,ae5f4e3b-4d4f-4f5b-8b87-4e6f1a3b5c99,2021-01-01T00:00:00Z,"
    "2022-01-01T00:00:00Z,9d4f3e2a-3c3e-4e4a-8a76-3d5e0f2a4b88,,Self,Wilma Ashby\n";

constexpr std::string_view charges_csv =
    "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,"
    "TOTAL_CLAIM_COST,PAYER_COVERAGE\n"
    "8c3f2e1f-2b2d-4d3f-8f65-2c4d9e1f3a77,2021-08-23T03:26:50Z,2021-08-23T03:41:50Z,"
    "5e3f2d6a-60c8-4c1b-8a6e-0d6d4b1f2a77,6a1f0c9e-0f0b-4b1e-8d43-0a2b7c9d1e55,"
    "7b2f1d0e-1a1c-4c2f-9e54-1b3c8d0e2f66,9d4f3e2a-3c3e-4e4a-8a76-3d5e0f2a4b88,wellness,162673000,"
    "General examination of patient,146.76,306.55,241.22\n";

// Forms whose file is a PDF of no pages.
#define MEDFLOW_FIELD(name, value) "--medflow\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define MEDFLOW_FILE(name)                                                                                        \
  "--medflow\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" name                                  \
  "\"\r\nContent-Type: application/pdf\r\n\r\n"                                                                   \
  "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\n" \
  "endobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 3 /Root 1 0 R "                                      \
  ">>\nstartxref\n110\n%%EOF\n\r\n--medflow--\r\n"
constexpr std::string_view form_type = "multipart/form-data; boundary=medflow";
constexpr std::string_view letter_form =
    MEDFLOW_FIELD("category", "referral") MEDFLOW_FIELD("title", "Letter") MEDFLOW_FILE("letter.pdf");
constexpr std::string_view card_form =
    MEDFLOW_FIELD("patient_id", "{{patient_id}}") MEDFLOW_FIELD("title", "Insurance card") MEDFLOW_FILE("card.pdf");
constexpr std::string_view report_form = MEDFLOW_FIELD("patient_id", "{{patient_id}}")
    MEDFLOW_FIELD("record_id", "{{record_id}}") MEDFLOW_FIELD("category", "laboratory") MEDFLOW_FILE("report.pdf");
constexpr std::string_view version_form =
    MEDFLOW_FIELD("revision", "{{document_revision}}") MEDFLOW_FILE("letter, signed.pdf");
#undef MEDFLOW_FIELD
#undef MEDFLOW_FILE

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
    {"leaves.add", "admin",
     R"({"from":"2026-12-24T00:00:00Z","to":"2027-01-02T00:00:00Z","reason":"Holiday","on_affected":"move"})", "",
     "leave_id=/leave/id job_id=/leave/job_id"},
    {"jobs.get", "admin"},
    {"jobs.cancel", "admin", "{}"},
    {"leaves.get", "admin"},
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
    {"users.set_roles", "admin",
     R"({"revision":{{user_revision}},"roles":["nurse","lab","pharmacist","billing_clerk"]})"},
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
    {"imports.encounters", "admin", encounters_csv, "", "", "text/csv"},
    {"imports.records", "admin", conditions_csv, "table=conditions", "", "text/csv"},

    // Diagnoses get codes.
    {"code_systems.import", "admin", codes_csv,
     "system=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Ficd-10-cm&version=2026&name=ICD-10-CM&format=icd10cm&total=2",
     "code_system_id=/system/id", "text/csv"},
    {"code_systems.list", "doctor", "", "system=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Ficd-10-cm&limit=5"},
    {"code_systems.get", "doctor"},
    {"code_systems.activate", "admin", "{}"},
    {"codes.search", "doctor", "", "system=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Ficd-10-cm&q=vib+chol&limit=5",
     "code=/codes/0/code"},
    {"codes.get", "doctor", "", "system=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Ficd-10-cm"},

    // The nurse comes to where the patient is.
    {"users.get", "admin"},
    {"users.set_facilities", "admin", R"({"revision":{{user_revision}},"facilities":["{{home_id}}"]})"},
    {"auth.login", "", R"({"tenant":"{{tenant}}","email":"{{user_email}}","password":"{{password}}","device":"ward"})",
     "", "nurse_token=/access_token"},

    // A visit is planned, moved, cancelled and restored.
    {"services.create", "admin",
     R"({"code":"VISIT-{{run}}","name":"Short visit","duration_min":10,"capacity":10,"no_show_grace_min":0})"},
    {"doctors.create", "admin", R"({"name":"Dr Vera Vale","facilities":["{{home_id}}"]})", "", "schedule_id=/id"},
    // Whoever comes now comes in opening hours: in a zone where it is about noon.
    {"schedules.set", "admin",
     R"({"zone":"{{noon_zone}}",)"
     R"("windows":[{"weekday":"mon","start":"00:00","end":"00:00","facility_id":"{{home_id}}"},)"
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
    {.operation = "appointments.mark_no_show", .caller = "nurse", .body = "{}", .waits = true, .or_status = 409},

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

    // The patient gets an account, and will see the visits.
    {"users.invite", "admin",
     R"({"email":"finn-{{run}}@example.org","display_name":"Finn Field","roles":["patient"],"patient_id":"{{patient_id}}"})",
     "", "user_id=/user/id user_revision=/user/revision"},
    {"users.set_patient", "admin", R"({"revision":{{user_revision}},"patient_id":"{{patient_id}}"})"},

    // The doctor sees the patient: an encounter, and what is written down in it.
    {"encounters.open", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_class":"ambulatory","planned":true,"reason":"A cough for two weeks",)"
     R"("extensions":[{"url":"urn:example:referred-by","value":"Mill Road Surgery"}]})"},
    {"encounters.get", "doctor"},
    {"encounters.list", "doctor", "", "limit=5"},
    {"encounters.update", "doctor",
     R"({"revision":{{encounter_revision}},"encounter_class":"virtual","reason":"A cough for three weeks",)"
     R"("extensions":[{"url":"urn:example:referred-by","value":"Mill Road Surgery"}]})"},
    {"encounters.start", "doctor", R"({"revision":{{encounter_revision}}})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","kind":"condition",)"
     R"("content":{"code":{"system":"urn:example:diagnoses","code":"R05","display":"Cough"},"title":"Cough",)"
     R"("condition":{"clinical_status":"active","verification":"confirmed","severity":"mild","onset":"2026-08","note":"dry"},)"
     R"("extensions":[{"url":"urn:example:form","value":"7"}]}})",
     "", "condition_id=/id"},
    {"records.sign", "doctor", R"({"revision":{{record_revision}}})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","kind":"procedure",)"
     R"("content":{"title":"Spirometry","procedure":{"site":"lungs","outcome":"normal",)"
     R"("reasons":[{"system":"urn:example:diagnoses","code":"R05","display":"Cough"}]}},"sign":true})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","kind":"immunization",)"
     R"("content":{"code":{"system":"http://hl7.org/fhir/sid/cvx","code":"140","display":"Influenza"},)"
     R"("immunization":{"lot":"A81","site":"left arm","route":"intramuscular","dose_number":1,)"
     R"("dose":{"value":"0.5","unit":"mL"}}},"sign":true})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","kind":"referral","content":{"title":"Chest clinic",)"
     R"("referral":{"priority":"urgent","specialty":"pneumology","recipient":"Leeds General","question":"Anything more?"}},)"
     R"("sign":true})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","kind":"allergy","content":{"code":{"system":"urn:example:substances",)"
     R"("code":"7980","display":"Penicillin"},"allergy":{"category":"medication","criticality":"high",)"
     R"("reactions":[{"manifestation":{"display":"Rash"},"severity":"moderate"}]}},"sign":true})"},
    {"vitals.record", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","content":{"vital":{"measurements":[)"
     R"({"sign":"body_temperature","quantity":{"value":"36.9","unit":"Cel"}},)"
     R"({"sign":"body_weight","quantity":{"value":"81.5","unit":"kg"}},)"
     R"({"sign":"body_height","quantity":{"value":"180","unit":"cm"}}]}},"sign":true})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","kind":"lab_order",)"
     R"("content":{"title":"Blood count","lab_order":{"priority":"urgent","specimen":"blood",)"
     R"("tests":[{"system":"http://loinc.org","code":"718-7","display":"Haemoglobin"}]}},"sign":true})",
     "", "lab_order_id=/id"},
    {"lab_results.record", "nurse",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","based_on":"{{lab_order_id}}",)"
     R"("content":{"lab_result":{"observations":[{"code":{"system":"http://loinc.org","code":"718-7","display":"Haemoglobin"},)"
     R"("quantity":{"value":"13.1","unit":"g/dL"},"reference_range":"13.0 to 17.0","interpretation":"normal"}],)"
     R"("conclusion":"nothing of note"}},"sign":true})"},
    {"medications.order", "doctor",
     R"({"patient_id":"{{patient_id}}","encounter_id":"{{encounter_id}}","content":{"code":{"system":"urn:example:substances",)"
     R"("code":"3289","display":"Dextromethorphan"},"medication_order":{"dose":{"value":"15","unit":"mg"},"route":"oral",)"
     R"("frequency":"1-0-1","begins":"2026-11-01","ends":"2099-01-01","refills":1,"instructions":"with water",)"
     R"("reasons":[{"display":"Cough"}]}},"sign":true})",
     "", "order_id=/id"},
    {"medications.dispense", "nurse",
     R"({"patient_id":"{{patient_id}}","based_on":"{{order_id}}","content":{"dispense":)"
     R"({"quantity":{"value":"20","unit":"{capsule}"},"days_supply":10,"batch":"B7"}},"sign":true})"},
    {"encounters.finish", "doctor", R"({"revision":{{encounter_revision}}})"},
    {"encounters.open", "doctor", R"({"patient_id":"{{patient_id}}","planned":true})"},
    {"encounters.cancel", "doctor", R"({"revision":{{encounter_revision}},"reason":"the patient called"})"},
    {"encounters.mark_error", "doctor",
     R"({"revision":{{encounter_revision}},"reason":"planned for the wrong patient"})"},
    {"encounters.open", "doctor", R"({"patient_id":"{{patient_id}}"})"},
    {"encounters.finish", "doctor", R"({"revision":{{encounter_revision}}})"},
    {"encounters.sign", "doctor", R"({"revision":{{encounter_revision}}})"},

    // A note is written, thrown away, written again, signed, amended, added to, shown to the patient, and struck.
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","kind":"note","content":{"title":"Call","note":{"text":"left a message"}}})"},
    {"records.discard", "doctor", R"({"revision":{{record_revision}}})"},
    {"records.create", "doctor",
     R"({"patient_id":"{{patient_id}}","kind":"note","content":{"title":"Call","note":{"text":"left a message"}}})"},
    {"records.update", "doctor",
     R"({"revision":{{record_revision}},"content":{"title":"Call","note":{"text":"spoke to the patient"}}})"},
    {"records.sign", "doctor", R"({"revision":{{record_revision}}})"},
    {"records.amend", "doctor",
     R"({"revision":{{record_revision}},"content":{"title":"Call","note":{"text":"spoke to the patient's wife"}},)"
     R"("reason":"it was his wife who answered"})"},
    {"records.append", "doctor", R"({"revision":{{record_revision}},"text":"He called back himself."})"},
    {"records.release", "doctor", R"({"revision":{{record_revision}}})"},
    {"records.get", "doctor"},
    {"records.list", "doctor", "", "limit=5"},
    {"records.list_versions", "doctor", "", "limit=5", "n=/data/0/n"},
    {"records.get_version", "doctor"},
    {"records.diff", "doctor", "", "from=1&to=2"},
    {"records.retract", "doctor", R"({"revision":{{record_revision}},"reason":"it was about somebody else"})"},
    {"users.set_labels", "admin", R"({"revision":{{user_revision}},"labels":["mental","hiv"]})"},
    {"patients.export", "admin", R"({"format":"json","reason":"the patient asked for a copy"})"},

    // Files are put into the chart.
    {"documents.upload_patient", "reception", card_form, "", "", form_type},
    {"documents.upload_medical", "doctor", report_form, "", "", form_type},
    {"documents.upload", "doctor", letter_form, "", "", form_type},
    {"documents.replace", "doctor", version_form, "", "", form_type},
    {"documents.list", "doctor", "", "limit=5"},
    {"documents.get", "doctor"},
    {"documents.list_versions", "doctor", "", "limit=5"},
    {"documents.download", "doctor"},
    {"documents.list_quarantine", "admin", "", "limit=5"},
    {"documents.release_quarantine", "admin",
     R"({"revision":{{document_revision}},"reason":"scanned again after an update"})"},

    // What things cost.
    {"tax_codes.create", "admin",
     R"({"code":"S-{{run}}","name":"Standard rate","rates":[{"valid_from":"2020-01-01","rate_micro":200000}]})", "",
     "tax_code=/code"},
    {"tax_codes.list", "reception", "", "limit=5"},
    {"tax_codes.update", "admin",
     R"({"revision":{{tax_code_revision}},"name":"Standard rate of VAT","rates":[)"
     R"({"valid_from":"2020-01-01","rate_micro":200000},{"valid_from":"2099-01-01","rate_micro":210000}]})"},
    {"prices.create", "admin", R"({"code":"CONSULTATION-{{run}}","name":"Consultation","category":"visits"})", "",
     "consultation_id=/id"},
    {"prices.set", "admin", R"({"revision":{{price_item_revision}},"price_micro":80000000,"valid_from":"2020-01-01"})"},
    {"prices.create", "admin",
     R"({"code":"DRESSING-{{run}}","name":"Dressing","tax_code":"{{tax_code}}","category":"materials"})"},
    {"prices.set", "admin",
     R"({"revision":{{price_item_revision}},"price_micro":12500000,"valid_from":"2020-01-01",)"
     R"("valid_to":"2098-12-31"})"},
    {"prices.list", "reception", "", "limit=5"},
    {"prices.get", "reception"},
    {"prices.update", "admin",
     R"({"revision":{{price_item_revision}},"name":"Dressing, large","tax_code":"{{tax_code}}","category":"materials"})"},
    {"fee_rules.create", "admin",
     R"({"name":"Second visit","kind":"follow_up","service_ids":["{{service_id}}"],"days":14,"percent_micro":500000})"},
    {"fee_rules.list", "reception", "", "limit=5"},
    {"fee_rules.update", "admin",
     R"({"revision":{{fee_rule_revision}},"name":"Second visit within two weeks","valid_to":"2099-12-31"})"},

    // Who pays beside the patient.
    {"payers.create", "admin",
     R"({"code":"FUND-{{run}}","name":"Sickness Fund","address":"1 Fund Street\nLeeds","email":"claims@example.org"})"},
    {"payers.list", "reception", "", "limit=5"},
    {"payers.get", "reception"},
    {"payers.update", "admin",
     R"({"revision":{{payer_revision}},"name":"Sickness Fund of Leeds","address":"1 Fund Street\nLeeds",)"
     R"("email":"claims@example.org","terms_days":60})"},
    {"coverages.create", "reception",
     R"({"patient_id":"{{patient_id}}","payer_id":"{{payer_id}}","member_id":"M-{{run}}","policy_no":"P-7","plan":"Family",)"
     R"("relationship":"spouse","rank":2,"valid_from":"2020-01-01","limits":{"per_visit":500000},)"
     R"("copay":{"kind":"fixed","value":1000}})"},
    {"coverages.list", "reception", "", "limit=5"},
    {"coverages.get", "reception"},
    {"coverages.update", "reception",
     R"({"revision":{{coverage_revision}},"member_id":"M-{{run}}","policy_no":"P-8","plan":"Family",)"
     R"("relationship":"spouse","rank":2,"valid_from":"2020-01-01","valid_to":"2024-12-31",)"
     R"("copay":{"kind":"percent","value":100000},"deductible":5000,"status":"ended"})"},

    // An invoice is drafted, changed and issued.
    {"invoices.create", "reception",
     R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}","lines":[)"
     R"({"item_id":"{{consultation_id}}","practitioner_id":"{{doctor_id}}"},)"
     R"({"item_id":"{{price_item_id}}","quantity":20000}],)"
     R"("shares":[{"payer_id":"{{payer_id}}","amount":3000}],)"
     R"("extensions":[{"url":"urn:example:cost-centre","value":"7"}]})"},
    {"invoices.list", "reception", "", "limit=5"},
    {"invoices.get", "reception"},
    {"invoices.update", "reception",
     R"({"revision":{{invoice_revision}},"lines":[{"item_id":"{{consultation_id}}","practitioner_id":"{{doctor_id}}"},)"
     R"({"item_id":"{{price_item_id}}","quantity":20000,)"
     R"("discount":{"kind":"percent","value":100000,"reason":"the wrong size at first"}}],)"
     R"("discount":{"kind":"fixed","value":200,"reason":"for waiting so long"},)"
     R"("shares":[{"payer_id":"{{payer_id}}","amount":3000}],)"
     R"("extensions":[{"url":"urn:example:cost-centre","value":"7"}]})"},
    {"invoices.issue", "reception", R"({"revision":{{invoice_revision}}})"},
    {"invoices.print", "reception", "", "format=text"},

    // It is paid at the desk, and by card.
    {"cash_shifts.open", "reception", R"({"facility_id":"{{home_id}}","opening":10000})"},
    {"payments.record", "reception",
     R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}","method":"cash","amount":4000,)"
     R"("allocations":[{"invoice_id":"{{invoice_id}}","amount":4000}]})"},
    {"cash_shifts.list", "reception", "", "limit=5"},
    {"cash_shifts.get", "reception"},
    {"cash_shifts.close", "reception", R"({"revision":{{cash_shift_revision}},"counted":14000})"},
    {"payments.record", "reception",
     R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}","method":"card","amount":2000,"keep_as_deposit":true,)"
     R"("external_ref":"TX-{{run}}","pending":true})"},
    {"payments.resolve", "reception", R"({"state":"succeeded"})"},
    {"payments.allocate", "reception",
     R"({"revision":{{payment_revision}},"allocations":[{"invoice_id":"{{invoice_id}}","amount":1000}]})"},
    {"payments.list", "reception", "", "limit=5"},
    {"payments.get", "reception"},
    {"payments.print", "reception", "", "format=text"},

    // What was too much goes back, when somebody else agrees.
    {"refunds.request", "reception", R"({"amount":500,"reason":"paid twice by mistake"})"},
    {"refunds.list", "reception", "", "limit=5"},
    {"refunds.get", "reception"},
    {"refunds.approve", "admin", R"({"revision":{{refund_revision}}})"},
    {"refunds.complete", "reception", R"({"revision":{{refund_revision}}})"},
    {"refunds.request", "reception",
     R"({"invoice_id":"{{invoice_id}}","amount":100,"reason":"the dressing was returned"})"},
    {"refunds.reject", "admin", R"({"revision":{{refund_revision}}})"},

    // Something is credited, something given up, and what was issued by mistake is voided.
    {"credit_notes.issue", "nurse", R"({"lines":[{"line":2,"net":1}],"reason":"a penny too many on the bill"})"},
    {"credit_notes.list", "reception", "", "limit=5"},
    {"credit_notes.print", "reception", "", "format=text"},
    {"write_offs.request", "nurse", R"({"amount":1,"reason":"less than the postage"})"},
    {"write_offs.list", "auditor", "", "limit=5"},
    {"write_offs.approve", "admin", R"({"revision":{{write_off_revision}}})"},
    {"write_offs.request", "nurse", R"({"amount":1,"reason":"less than the postage"})"},
    {"write_offs.reject", "admin", R"({"revision":{{write_off_revision}}})"},
    {"invoices.create", "nurse",
     R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}",)"
     R"("lines":[{"description":"A copy of the chart","price_micro":5000000}],)"
     R"("shares":[{"payer_id":"{{payer_id}}","amount":100}]})"},
    {"invoices.issue", "nurse", R"({"revision":{{invoice_revision}}})"},
    {"invoices.void", "nurse", R"({"revision":{{invoice_revision}},"reason":"it was for somebody else"})"},
    {"invoices.create", "reception",
     R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}",)"
     R"("lines":[{"item_id":"{{price_item_id}}"}]})"},
    {"invoices.discard", "reception", R"({"revision":{{invoice_revision}},"reason":"the dressing is not wanted"})"},

    {"invoices.bill", "reception",
     R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}",)"
     R"("lines":[{"item_id":"{{price_item_id}}","quantity":30000}]})"},

    // What it comes to.
    {"invoices.verify_sequence", "auditor"},
    {"ledger.list_entries", "auditor", "", "limit=5"},
    {"ledger.trial_balance", "auditor"},
    {"ledger.verify", "auditor"},
    {"reports.revenue", "auditor", "", "by=month&from=2026-01-01&to=2029-12-31"},
    {"reports.aging", "auditor"},
    {"reports.export", "auditor", "", "report=revenue&by=day&from=2026-01-01&to=2029-12-31"},
    {"reports.statement", "reception"},
    {"reports.print_statement", "reception", "", "csv=true"},
    {"imports.payers", "admin", payers_csv, "", "", "text/csv"},
    {"imports.coverages", "admin", payer_transitions_csv, "", "", "text/csv"},
    {"imports.charges", "admin", charges_csv, "table=encounters", "", "text/csv"},

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
