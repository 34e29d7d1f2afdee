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

TEST_CASE(
    "RBA-7: a label that a record gets later hides the documents that it has, from lists, downloads and exports") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    ward.give_labels(Role::doctor, {Label::hiv});
    const auto note = ward.note("as it is", true);
    documents::Upload upload{.patient_id = ward.patient.id, .title = "Letter", .file_name = "letter.pdf"};
    upload.record_id = note.id;
    upload.content = Content::of("application/pdf", files::pdf());
    const auto letter = must(ward.doctor().call(std::move(upload)));
    const auto shown = [&] {
      const auto page = must(ward.nurse().call(documents::List{.patient_id = ward.patient.id}));
      CHECK(ward.nurse().call(documents::Get{.id = letter.id}).ok() == !page.data.empty());
      CHECK(read(ward.nurse(), letter.id).ok() == !page.data.empty());
      return page.data.size();
    };
    CHECK(shown() == 1);
    const auto marked = must(ward.doctor().call(records::Amend{.id = note.id,
                                                               .revision = note.revision,
                                                               .content = note_content("as it is"),
                                                               .labels = {Label::hiv},
                                                               .reason = "this is not for all"}));
    CHECK(shown() == 0);
    CHECK(code_of(read(ward.nurse(), letter.id)) == "not_found");
    ward.give_labels(Role::nurse, {Label::hiv});
    CHECK(shown() == 1);
    ward.give_labels(Role::nurse, {});
    must(ward.doctor().call(records::Amend{.id = note.id,
                                           .revision = marked.revision,
                                           .content = note_content("as it is"),
                                           .reason = "it was a mistake"}));
    CHECK(shown() == 1);
  }
}

TEST_CASE("RBA-7 DOC-7: nobody adds a document to a record that they do not see, nor learns what it is labelled with") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    ward.give_labels(Role::doctor, {Label::hiv});
    const auto plain = ward.note("as it is", true);
    const auto secret = must(ward.doctor().call(records::Create{
        .patient_id = ward.patient.id, .content = note_content("not for all"), .labels = {Label::hiv}, .sign = true}));
    const auto send = [&](const Session& session, const RecordId& to,
                          documents::Category category = documents::Category::clinical) {
      documents::Upload upload{
          .patient_id = ward.patient.id, .category = category, .title = "Letter", .file_name = "letter.pdf"};
      upload.record_id = to;
      upload.content = Content::of("application/pdf", files::pdf());
      return session.call(std::move(upload));
    };
    const RecordId unknown{Uuid{{9}}};
    CHECK(must(send(ward.doctor(), secret.id)).labels == std::vector{Label::hiv});
    CHECK(code_of(send(ward.nurse(), secret.id)) == "not_found");
    CHECK(code_of(send(ward.nurse(), unknown)) == "not_found");
    const Session desk = ward.hospital.as(Role::receptionist);
    for (const RecordId& id : {plain.id, secret.id, unknown})
      CHECK(code_of(send(desk, id, documents::Category::administrative)) == "not_found");

    // What a record's documents get is what it is labelled with now, and who sees it no more adds no version.
    const auto letter = must(send(ward.nurse(), plain.id));
    const auto replace = [&] {
      documents::Replace request{.id = letter.id, .revision = letter.revision, .file_name = "letter.pdf"};
      request.content = Content::of("application/pdf", files::pdf("another"));
      return ward.nurse().call(std::move(request));
    };
    const auto marked = must(ward.doctor().call(records::Amend{.id = plain.id,
                                                               .revision = plain.revision,
                                                               .content = note_content("as it is"),
                                                               .labels = {Label::hiv},
                                                               .reason = "this is not for all"}));
    CHECK(code_of(replace()) == "forbidden");
    must(ward.doctor().call(records::Amend{.id = plain.id,
                                           .revision = marked.revision,
                                           .content = note_content("as it is"),
                                           .reason = "it was a mistake"}));
    CHECK(must(replace()).labels.empty());
    CHECK(must(send(ward.doctor(), plain.id)).labels.empty());
  }
}
