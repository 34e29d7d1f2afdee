#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "adapters/json/codec.hpp"
#include "patients/entities.hpp"
#include "records/records.fields.hpp"
#include "storage/entity.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/events.hpp"
#include "tests/support/staff.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;
using records::RecordKind;
using records::RecordStatus;

namespace {

constexpr Role roles_of_tenant[] = {Role::tenant_admin, Role::doctor,        Role::nurse,
                                    Role::receptionist, Role::billing_clerk, Role::lab,
                                    Role::pharmacist,   Role::patient,       Role::auditor};
/// Those that hold `record.read`, however little of a chart that opens.
constexpr Role readers_of_charts[] = {Role::doctor, Role::nurse, Role::lab, Role::pharmacist, Role::patient};

std::size_t shown_to(const Session& session, PatientId patient, std::optional<RecordKind> kind = {}) {
  const auto page = session.call(records::List{.patient_id = patient, .kind = kind});
  return page.ok() ? page->data.size() : 0;
}

}  // namespace

TEST_CASE("REC-10: a patient sees what was released, from then on, and nothing else") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const auto patient = [&] { return ward.as_patient(); };
    const auto note = ward.note("for you", true);
    CHECK(code_of(patient().call(records::Get{.id = note.id})) == "not_found");
    CHECK(must(patient().call(records::List{.patient_id = ward.patient.id})).data.empty());
    CHECK(code_of(patient().call(records::ListVersions{.id = note.id})) == "not_found");
    CHECK(code_of(ward.nurse().call(records::Release{.id = note.id, .revision = note.revision})) == "forbidden");

    const Instant later{ward.hospital.clock->now().us + 3'600'000'000};
    const auto planned =
        must(ward.doctor().call(records::Release{.id = note.id, .revision = note.revision, .at = later}));
    CHECK(code_of(patient().call(records::Get{.id = note.id})) == "not_found");
    ward.hospital.clock->advance_s(3'601);
    CHECK(must(patient().call(records::Get{.id = note.id})).content->note->text == "for you");
    CHECK(shown_to(patient(), ward.patient.id) == 1);
    // Not any more; and a draft never.
    const auto withheld =
        must(ward.doctor().call(records::Release{.id = note.id, .revision = planned.revision, .withhold = true}));
    CHECK(code_of(patient().call(records::Get{.id = note.id})) == "not_found");
    CHECK_FALSE(withheld.released_to_patient_at);
    const auto draft = ward.note("not yet");
    CHECK(code_of(ward.doctor().call(records::Release{.id = draft.id, .revision = draft.revision})) ==
          "transition.illegal");
    const auto page = must(patient().call(records::List{.patient_id = ward.patient.id}));
    CHECK(page.data.empty());
    CHECK(page.page.left_out == 0);

    // By the tenant's rule: a day after signing.
    settings::Update rule;
    rule.record_release_h = 24U;
    ward.hospital.configure(rule);
    const auto ruled = ward.note("in a day", true);
    CHECK(code_of(patient().call(records::Get{.id = ruled.id})) == "not_found");
    ward.hospital.clock->advance_s(24 * 3'600 + 1);
    CHECK(must(patient().call(records::Get{.id = ruled.id})).id == ruled.id);
    // Another patient's chart is not there.
    const auto other = ward.hospital.add_patients(1).at(0);
    CHECK(code_of(patient().call(records::List{.patient_id = other.id})) == "not_found");
  }
}

TEST_CASE("REC-10: what a record said before it was signed is no patient's, even once it is released") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const auto draft = ward.note("it may be CANARY");
    ward.hospital.clock->advance_s(60);
    const Instant then = ward.hospital.clock->now();
    ward.hospital.clock->advance_s(60);
    const auto edited = must(ward.doctor().call(
        records::Update{.id = draft.id, .revision = draft.revision, .content = note_content("it is nothing")}));
    const auto done = must(ward.doctor().call(records::Sign{.id = draft.id, .revision = edited.revision}));
    const auto released = must(ward.doctor().call(records::Release{.id = draft.id, .revision = done.revision}));
    const Session patient = ward.as_patient();
    CHECK(must(patient.call(records::Get{.id = draft.id})).content->note->text == "it is nothing");
    CHECK(must(patient.call(records::List{.patient_id = ward.patient.id, .as_of = then})).data.empty());
    CHECK(must(ward.doctor().call(records::List{.patient_id = ward.patient.id, .as_of = then})).data.size() == 1);
    std::vector<std::uint64_t> shown;
    for (const auto& version : must(patient.call(records::ListVersions{.id = draft.id})).data)
      shown.push_back(version.n);
    CHECK(shown == std::vector<std::uint64_t>{done.revision, released.revision});
    CHECK(code_of(patient.call(records::GetVersion{.id = draft.id, .n = 1})) == "not_found");
    CHECK(code_of(patient.call(records::Diff{.id = draft.id, .from = 1, .to = done.revision})) == "not_found");
    // The one that was signed can be checked, so it says which hash came before.
    const auto said = must(patient.call(records::GetVersion{.id = draft.id, .n = done.revision}));
    const auto before = must(ward.doctor().call(records::GetVersion{.id = draft.id, .n = edited.revision}));
    CHECK(said.canonical.find(before.hash) != std::string::npos);
    CHECK(read_all(must(patient.call(patients::Export{.id = ward.patient.id}))).find("CANARY") == std::string::npos);
    CHECK(must(ward.doctor().call(records::ListVersions{.id = draft.id})).data.size() == 4);
  }
}

TEST_CASE("RBA-7: the hash of a version whose labels one lacks is told to nobody, for it gives a guessed text away") {
  Charted ward{TestEngine("memory")};
  ward.give_labels(Role::doctor, {Label::hiv});
  const auto marked = must(ward.doctor().call(records::Create{
      .patient_id = ward.patient.id, .content = note_content("positive"), .labels = {Label::hiv}, .sign = true}));
  const auto plain = must(ward.doctor().call(records::Amend{.id = marked.id,
                                                            .revision = marked.revision,
                                                            .content = note_content("a cold"),
                                                            .reason = "of another patient"}));
  const std::string hash = must(ward.doctor().call(records::GetVersion{.id = marked.id, .n = 1})).hash;
  CHECK(must(ward.doctor().call(records::GetVersion{.id = marked.id, .n = plain.revision})).canonical.find(hash) !=
        std::string::npos);
  // A nurse has the right to what is marked, and not this label.
  CHECK(must(ward.nurse().call(records::Get{.id = marked.id})).content->note->text == "a cold");
  CHECK(code_of(ward.nurse().call(records::GetVersion{.id = marked.id, .n = plain.revision})) == "not_found");
  ward.give_labels(Role::nurse, {Label::hiv});
  CHECK(ward.nurse().call(records::GetVersion{.id = marked.id, .n = plain.revision}).ok());
}

TEST_CASE("RBA-7: who does not hold a record's labels sees neither it, nor that it is there") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    ward.give_labels(Role::doctor, {Label::mental, Label::hiv});
    ward.note("plain canary", true);
    CHECK(
        fields_of(ward.doctor().call(records::Create{
            .patient_id = ward.patient.id, .content = note_content("x"), .labels = {Label::mental, Label::genetic}})) ==
        "/labels/1:label.not_held");
    const auto secret = must(ward.doctor().call(records::Create{.patient_id = ward.patient.id,
                                                                .content = note_content("LABELLED-CANARY"),
                                                                .labels = {Label::mental, Label::hiv},
                                                                .sign = true}));
    CHECK(secret.labels == std::vector<Label>{Label::mental, Label::hiv});
    const auto struck = must(ward.doctor().call(records::Create{.patient_id = ward.patient.id,
                                                                .content = note_content("LABELLED-CANARY struck"),
                                                                .labels = {Label::hiv},
                                                                .sign = true}));
    must(ward.doctor().call(
        records::Retract{.id = struck.id, .revision = struck.revision, .reason = "of another patient"}));
    const auto released = must(ward.doctor().call(records::Release{.id = secret.id, .revision = secret.revision}));

    const auto page = must(ward.doctor().call(records::List{.patient_id = ward.patient.id}));
    CHECK(page.data.size() == 2);
    CHECK(page.page.left_out == 1);
    // One of two labels is not enough.
    ward.give_labels(Role::nurse, {Label::mental});
    for (const Role role : roles_of_tenant) {
      if (role == Role::doctor) continue;
      CAPTURE(static_cast<int>(role));
      const Session session = ward.hospital.as(role);
      // To who reads charts it is not there; the others may read none.
      const bool reads =
          std::find(std::begin(readers_of_charts), std::end(readers_of_charts), role) != std::end(readers_of_charts);
      const std::string refusal = reads ? "not_found" : "forbidden";
      const auto got = session.call(records::Get{.id = secret.id});
      REQUIRE_FALSE(got.ok());
      CHECK(code_of(got) == refusal);
      CHECK(got.error().detail.find("CANARY") == std::string::npos);
      CHECK(code_of(session.call(records::ListVersions{.id = secret.id})) == refusal);
      CHECK(code_of(session.call(records::GetVersion{.id = secret.id, .n = 1})) == refusal);
      CHECK(code_of(session.call(records::Diff{.id = secret.id, .from = 1, .to = 1})) == refusal);
      CHECK_FALSE(session.call(records::Append{.id = secret.id, .revision = released.revision, .text = "x"}).ok());
      const auto list = session.call(records::List{.patient_id = ward.patient.id});
      if (role == Role::nurse) {
        REQUIRE(list.ok());
        CHECK(list->data.size() == 1);
        CHECK(list->page.left_out == 0);
      }
      const auto before =
          session.call(records::List{.patient_id = ward.patient.id, .as_of = ward.hospital.clock->now()});
      for (const auto* each : {&list, &before}) {
        if (!each->ok()) continue;
        std::string text;
        json::encode(type_of<Page<records::Record>>, &each->value(), text);
        CHECK(text.find("CANARY") == std::string::npos);
      }
    }
    ward.give_labels(Role::nurse, {Label::hiv, Label::mental});
    CHECK(must(ward.nurse().call(records::Get{.id = secret.id})).content->note->text == "LABELLED-CANARY");
    // The patient it is about, once it is released.
    CHECK(must(ward.as_patient().call(records::Get{.id = secret.id})).content->note->text == "LABELLED-CANARY");
    // A label that is put on later hides what was written before, too.
    const auto plain = ward.note("OPEN-CANARY", true);
    CHECK(ward.hospital.as(Role::nurse).call(records::Get{.id = plain.id}).ok());
    must(ward.doctor().call(records::Amend{.id = plain.id,
                                           .revision = plain.revision,
                                           .content = note_content("OPEN-CANARY"),
                                           .labels = {Label::hiv},
                                           .reason = "this is not for all"}));
    ward.give_labels(Role::nurse, {});
    CHECK(code_of(ward.nurse().call(records::GetVersion{.id = plain.id, .n = 1})) == "not_found");
    CHECK(must(ward.nurse().call(records::List{.patient_id = ward.patient.id})).data.size() == 1);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("AUD-1: a denied look at a chart is a denial, and says whose chart it was") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const auto note = ward.note("canary");
    const Session elsewhere = staff(ward.hospital, "elsewhere", Role::doctor, {ward.hospital.away});
    const PatientId nobody{Uuid{{7}}};
    const auto denied = [&](std::string_view action, const Uuid& object) {
      const auto log = events(ward.hospital.as(Role::auditor));
      const ReadEvent* last = last_of(log, action);
      REQUIRE(last != nullptr);
      CHECK(last->event.outcome == audit::Outcome::denied);
      CHECK(last->event.object == object);
      CHECK(last->event.patients.empty());
      return last->event.table;
    };
    const std::uint16_t patients_table = storage::layout_of<patients::Patient>().table().id;
    for (const PatientId& id : {ward.patient.id, nobody}) {
      CHECK(code_of(elsewhere.call(records::List{.patient_id = id})) == "not_found");
      CHECK(denied("records.list", id.uuid) == patients_table);
      CHECK(code_of(elsewhere.call(encounters::List{.patient_id = id})) == "not_found");
      CHECK(denied("encounters.list", id.uuid) == patients_table);
      CHECK(fields_of(elsewhere.call(records::Create{.patient_id = id, .content = note_content("x")})) ==
            "/patient_id:patient.unknown");
      CHECK(denied("records.create", id.uuid) == patients_table);
      CHECK(fields_of(elsewhere.call(encounters::Open{.patient_id = id})) == "/patient_id:patient.unknown");
      CHECK(denied("encounters.open", id.uuid) == patients_table);
    }
    CHECK(code_of(elsewhere.call(records::Get{.id = note.id})) == "not_found");
    CHECK(denied("records.get", note.id.uuid) != patients_table);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("RBA-2: each role reads and writes the kinds of records that the matrix gives it") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  const auto add = [&](RecordKind kind, records::RecordContent content) {
    return must(doctor.call(
        records::Create{.patient_id = ward.patient.id, .kind = kind, .content = std::move(content), .sign = true}));
  };
  add(RecordKind::note, note_content("n"));
  add(RecordKind::allergy, allergy_content("1"));
  records::RecordContent condition{.title = "c"};
  condition.condition = records::Condition{};
  add(RecordKind::condition, condition);
  records::RecordContent order{.title = "Blood count"};
  order.lab_order = records::LabOrder{};
  const auto asked = add(RecordKind::lab_order, order);
  const auto medication =
      must(doctor.call(medications::Order{.patient_id = ward.patient.id, .content = order_content("2"), .sign = true}));
  records::RecordContent result;
  result.lab_result = records::LabResult{.conclusion = "fine"};
  const auto found = must(ward.hospital.as(Role::lab).call(
      lab_results::Record{.patient_id = ward.patient.id, .based_on = asked.id, .content = result, .sign = true}));
  CHECK(found.status == RecordStatus::final);
  records::RecordContent handed;
  handed.dispense = records::Dispense{.quantity = {.value = "1", .unit = "{box}"}};
  must(ward.hospital.as(Role::pharmacist)
           .call(medications::Dispense{
               .patient_id = ward.patient.id, .based_on = medication.id, .content = handed, .sign = true}));

  const std::map<Role, std::size_t> seen = {{Role::tenant_admin, 0}, {Role::doctor, 7},        {Role::nurse, 7},
                                            {Role::receptionist, 0}, {Role::billing_clerk, 0}, {Role::lab, 2},
                                            {Role::pharmacist, 3},   {Role::patient, 0},       {Role::auditor, 0}};
  for (const auto& [role, count] : seen) {
    const int number = static_cast<int>(role);
    CAPTURE(number);
    CHECK(shown_to(ward.hospital.as(role), ward.patient.id) == count);
  }
  // A result is no order for medication, and a laboratory writes no notes.
  CHECK(fields_of(ward.hospital.as(Role::lab).call(
            lab_results::Record{.patient_id = ward.patient.id, .based_on = medication.id, .content = result})) ==
        "/based_on:record.unknown");
  for (const Role role : {Role::lab, Role::pharmacist, Role::receptionist, Role::billing_clerk, Role::tenant_admin,
                          Role::patient, Role::auditor}) {
    CAPTURE(static_cast<int>(role));
    CHECK(code_of(ward.hospital.as(role).call(
              records::Create{.patient_id = ward.patient.id, .content = note_content("x")})) == "forbidden");
  }
  // At another facility nobody's chart is there.
  const auto nurse = must(ward.admin().call(users::Get{.id = ward.hospital.member(Role::nurse).id}));
  must(ward.admin().call(
      users::SetFacilities{.id = nurse.id, .revision = nurse.revision, .facilities = {ward.hospital.away}}));
  CHECK(code_of(ward.nurse().call(records::List{.patient_id = ward.patient.id})) == "not_found");
  CHECK(fields_of(ward.nurse().call(records::Create{.patient_id = ward.patient.id, .content = note_content("x")})) ==
        "/patient_id:patient.unknown");
}

TEST_CASE("PAT-19: whoever may read the patient is shown two identifiers with every record") {
  Charted ward{storage::memory_engine()};
  const auto note = ward.note("x", true);
  REQUIRE(note.patient);
  CHECK(note.patient->mrn == ward.patient.mrn);
  CHECK_FALSE(note.patient->name.empty());
  CHECK(note.patient->birth.has_value());
  for (const auto& record : must(ward.nurse().call(records::List{.patient_id = ward.patient.id})).data)
    CHECK(record.patient.has_value());
  auto versions = must(ward.nurse().call(records::ListVersions{.id = note.id})).data;
  versions.push_back(must(ward.nurse().call(records::GetVersion{.id = note.id, .n = 1})));
  for (const auto& version : versions) {
    CHECK(version.patient_id == ward.patient.id);
    REQUIRE(version.patient);
    CHECK(version.patient->mrn == ward.patient.mrn);
    CHECK_FALSE(version.patient->name.empty());
    CHECK(version.patient->birth.has_value());
  }
}

namespace {

/// Adds the objects of what an operation answers that name a patient, and of these the ones that do not say who it is.
void add_naming_patient(const Type& type, std::set<const Type*>& seen, std::set<std::string_view>& all,
                        std::set<std::string_view>& silent) {
  if (type.element != nullptr) return add_naming_patient(*type.element, seen, all, silent);
  if (!seen.insert(&type).second) return;
  const auto has = [&](std::string_view name) {
    return std::any_of(type.fields.begin(), type.fields.end(), [&](const Field& each) { return each.name == name; });
  };
  if (has("patient_id")) {
    all.insert(type.name);
    if (!has("patient")) silent.insert(type.name);
  }
  for (const Field& each : type.fields) add_naming_patient(*each.type, seen, all, silent);
}

}  // namespace

TEST_CASE("PAT-19: what operations answer in a patient's context has room for two identifiers") {
  std::set<const Type*> seen;
  std::set<std::string_view> all;
  std::set<std::string_view> silent;
  for (const OperationRow& row : operations())
    if (row.shape == Shape::value || row.shape == Shape::page) add_naming_patient(*row.output, seen, all, silent);
  // Money and accounts: bookkeeping names by ids, and who reads it need not read patients. Invoices say who it is.
  const std::set<std::string_view> books = {"AgingRow", "CreditNote", "PatientStatement", "Payment",
                                            "Posting",  "Refund",     "WriteOff"};
  // A login, an address for a calendar and an insurance are looked up for themselves; the visits of a series, and those that a leave
  // touches, say who it is where they are read.
  const std::set<std::string_view> elsewhere = {"AffectedVisit", "Coverage", "Feed", "Series", "User"};
  for (const std::string_view name : silent)
    CHECK_MESSAGE((books.contains(name) || elsewhere.contains(name)), name, " names a patient by an id alone");
  for (const std::string_view name : {"Appointment", "Encounter", "Record", "RecordVersion", "Document"})
    CHECK_MESSAGE((all.contains(name) && !silent.contains(name)), name);
}
