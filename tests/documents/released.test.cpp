#include <doctest/doctest.h>

#include "tests/documents/wards.hpp"
#include "tests/support/chart.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("REC-10 DOC-7: a patient sees the document of a record for as long as the record is released and stands") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto note = ward.note("for you", true);
    documents::Upload upload{.patient_id = ward.patient.id, .title = "Letter", .file_name = "letter.pdf"};
    upload.record_id = note.id;
    upload.content = Content::of("application/pdf", files::pdf());
    const auto letter = must(doctor.call(std::move(upload)));
    const auto seen = [&] { return ward.as_patient().call(documents::Get{.id = letter.id}).ok(); };
    CHECK_FALSE(seen());
    const auto released = must(doctor.call(records::Release{.id = note.id, .revision = note.revision}));
    CHECK(seen());
    CHECK(read(ward.as_patient(), letter.id).ok());
    must(doctor.call(
        records::Retract{.id = note.id, .revision = released.revision, .reason = "of somebody else altogether"}));
    CHECK_FALSE(seen());
    CHECK(code_of(read(ward.as_patient(), letter.id)) == "not_found");
  }
}
