#include <doctest/doctest.h>

#include <map>
#include <set>

#include <boost/json.hpp>

#include "tests/support/chart.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/events.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

boost::json::object exported(const Session& session, PatientId id, std::string reason = "the patient asked for it") {
  return boost::json::parse(read_all(must(session.call(patients::Export{.id = id, .reason = std::move(reason)}))))
      .as_object();
}

std::size_t count(const boost::json::object& all, std::string_view part) { return all.at(part).as_array().size(); }

}  // namespace

TEST_CASE(
    "PAT-15: the export holds the patient, visits, encounters, records with every version, documents, and who has "
    "looked") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Clinic clinic{TestEngine(engine)};
    Charted ward{std::move(clinic.hospital)};
    const Session doctor = ward.doctor();
    const auto book = [&](std::string_view start) {
      auto booking = clinic.booking(start);
      booking.patient_id = ward.patient.id;
      return must(ward.hospital.as(Role::receptionist).call(std::move(booking)));
    };
    const auto kept = book("2026-11-23T09:00:00Z");
    const auto cancelled = book("2026-11-23T10:00:00Z");
    must(ward.hospital.as(Role::receptionist)
             .call(appointments::Cancel{.id = cancelled.id, .reason_code = "patient_request"}));
    ward.hospital.configure({.file_types = std::vector<std::string>{"txt"}});
    const auto send = [&](const Session& by, std::string title, std::vector<Label> labels) {
      return must(by.call(documents::Upload{.patient_id = ward.patient.id,
                                            .title = std::move(title),
                                            .file_name = "note.txt",
                                            .labels = std::move(labels),
                                            .content = Content::of("text/plain", "a letter")}));
    };
    const auto letter = send(doctor, "Letter", {});
    must(doctor.call(encounters::Open{.patient_id = ward.patient.id, .reason = "cough"}));
    const auto note = ward.note("first <b>draft</b>", true);
    const auto amended = must(doctor.call(records::Amend{
        .id = note.id, .revision = note.revision, .content = note_content("second"), .reason = "the side was wrong"}));
    must(doctor.call(records::Append{.id = note.id, .revision = amended.revision, .text = "ADDED-LATER"}));
    ward.give_labels(Role::nurse, {Label::hiv});
    must(ward.nurse().call(records::Create{
        .patient_id = ward.patient.id, .content = note_content("LABELLED-CANARY"), .labels = {Label::hiv}}));
    const auto labelled = send(ward.nurse(), "LABELLED-CANARY", {Label::hiv});
    must(ward.nurse().call(patients::Get{.id = ward.patient.id}));
    // Of somebody else nothing is in it.
    const auto other = ward.hospital.add_patients(1).at(0);
    must(doctor.call(records::Create{.patient_id = other.id, .content = note_content("OTHER-CANARY")}));

    const auto all = exported(doctor, ward.patient.id);
    CHECK(all.at("patient").at(0).at("mrn").as_string() == ward.patient.mrn);
    CHECK(count(all, "encounters") == 1);
    CHECK(count(all, "records") == 1);
    CHECK(count(all, "record_versions") == 3);
    std::map<std::string, std::string> visits;
    for (const auto& each : all.at("appointments").as_array())
      visits[std::string(each.at("id").as_string())] = std::string(each.at("status").as_string());
    CHECK(visits == std::map<std::string, std::string>{{kept.id.text(), "booked"}, {cancelled.id.text(), "cancelled"}});
    REQUIRE(count(all, "documents") == 1);
    CHECK(all.at("documents").at(0).at("id").as_string() == letter.id.text());
    CHECK(all.at("documents").at(0).at("title").as_string() == "Letter");
    const std::string text = boost::json::serialize(all);
    CHECK(text.find("first <b>draft</b>") != std::string::npos);
    CHECK(text.find("ADDED-LATER") != std::string::npos);
    CHECK(text.find("CANARY") == std::string::npos);
    CHECK(text.find(labelled.id.text()) == std::string::npos);
    std::size_t nurse_looked = 0;
    for (const auto& each : all.at("accesses").as_array())
      nurse_looked += each.at("action").as_string() == "patients.get" ? 1 : 0;
    CHECK(nurse_looked == 1);

    // To print: the same, escaped, with the addendum and the version before.
    const std::string page = read_all(must(doctor.call(patients::Export{
        .id = ward.patient.id, .format = patients::ExportFormat::html, .reason = "the patient asked for it"})));
    CHECK(page.find("first &lt;b&gt;draft&lt;/b&gt;") != std::string::npos);
    CHECK(page.find("ADDED-LATER") != std::string::npos);
    CHECK(page.find("<b>draft") == std::string::npos);

    CHECK(code_of(doctor.call(patients::Export{.id = ward.patient.id})) == "reason.required");
    CHECK(code_of(ward.nurse().call(patients::Export{.id = ward.patient.id, .reason = "long enough a reason"})) ==
          "forbidden");
    // An administrator has no right to what is clinical, and gets the rest.
    const auto administrative = exported(ward.admin(), ward.patient.id);
    CHECK(count(administrative, "records") == 0);
    CHECK(administrative.at("patient").at(0).at("mrn").as_string() == ward.patient.mrn);
    // The patient's own, without being asked why: what was released.
    must(doctor.call(records::Release{.id = note.id, .revision = ward.again(note.id).revision}));
    const auto own = exported(ward.as_patient(), ward.patient.id, "");
    CHECK(count(own, "records") == 1);
    CHECK(count(own, "appointments") == 2);
    CHECK(count(own, "documents") == 1);
    CHECK(code_of(ward.as_patient().call(patients::Export{.id = other.id})) == "not_found");
  }
}

TEST_CASE("PAT-15: an export of many pages has each row once") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  for (int i = 0; i < 250; ++i) {
    if (i % 7 == 0) ward.hospital.clock->advance_s(1);
    must(doctor.call(records::Create{.patient_id = ward.patient.id, .content = note_content(std::to_string(i))}));
  }
  const auto all = exported(doctor, ward.patient.id);
  std::set<std::string> texts;
  for (const auto& each : all.at("records").as_array())
    texts.insert(std::string(each.at("content").at("note").at("text").as_string()));
  CHECK(count(all, "records") == 250);
  CHECK(texts.size() == 250);
  CHECK(count(all, "record_versions") == 250);
}

TEST_CASE("PAT-15: who has looked is looked for a piece at a time, so that other streams go on") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  const auto other = ward.hospital.add_patients(1).at(0);
  for (int i = 0; i < 11'000; ++i) must(doctor.call(patients::Get{.id = other.id}));
  for (const auto format : {patients::ExportFormat::json, patients::ExportFormat::html}) {
    const Stream stream = must(
        doctor.call(patients::Export{.id = ward.patient.id, .format = format, .reason = "the patient asked for it"}));
    std::string text;
    std::size_t empty = 0;
    std::array<char, 4096> room{};
    for (std::size_t n = 1; n != 0; text.append(room.data(), n)) {
      n = must(stream.pull(std::as_writable_bytes(std::span(room))));
      if (std::string_view(room.data(), n) == " ") ++empty;
    }
    CHECK(empty >= 1);
    if (format != patients::ExportFormat::json) continue;
    CHECK(count(boost::json::parse(text).as_object(), "accesses") > 0);
  }
}

TEST_CASE(
    "PAT-15 AUD-1: an export ends with the session that asked for it, and leaves an event that says how it ended") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    ward.note("a note that is longer than a piece", true);
    const Member& member = ward.hospital.member(Role::doctor);
    const auto session = [&] {
      return must(ward.hospital.platform.authenticate(must(ward.hospital.sign_in(member.email)).access_token));
    };
    const auto open = [&](const Session& by) {
      return must(by.call(patients::Export{.id = ward.patient.id, .reason = "the patient asked for it"}));
    };
    const auto ended = [&](std::string_view how, std::size_t size) {
      const auto log = events(ward.hospital.as(Role::auditor));
      const ReadEvent* last = last_of(log, "patients.export");
      REQUIRE(last != nullptr);
      CHECK(last->text() == how);
      CHECK(last->event.on_behalf_of == member.id.uuid);
      CHECK(last->event.object == ward.patient.id.uuid);
      CHECK(last->event.patients == std::vector{ward.patient.id.uuid});
      CHECK(last->event.count == size);
    };
    const Session by = session();
    ended("patients.export ok", read_all(open(by)).size());

    std::array<std::byte, 20> room{};
    { CHECK(must(open(by).pull(room)) == room.size()); }
    ended("patients.export error stream.broken_off", room.size());

    const Stream stream = open(by);
    std::size_t size = must(stream.pull(room));
    must(by.call(auth::Logout{}));
    Result<std::size_t> more = stream.pull(room);
    for (; more.ok() && *more != 0 && size < 100'000; more = stream.pull(room)) size += *more;
    CHECK(code_of(more) == "unauthenticated");
    ended("patients.export error unauthenticated", size);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}
