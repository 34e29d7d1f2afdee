// One way to try each operation on documents.
#include "tests/faults/stage.hpp"
#include "tests/support/chart.hpp"

namespace medflow::testing {
namespace {

const std::string letter_bytes =
    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R "
    ">>\nstartxref\n52\n%%EOF\n";

Session admin(Stage& stage) { return stage.admin(); }
Session doctor(Stage& stage) { return stage.hospital().as(Role::doctor); }
Session desk(Stage& stage) { return stage.desk(); }

/// One who has no files yet: there are as many as a patient may have.
PatientId patient(Stage& stage) {
  return must(stage.desk().call(patients::Register{.names = {{.family = stage.fresh("Field"), .given = {"Finn"}}},
                                                   .sex_admin = patients::Sex::unknown}))
      .id;
}

Content letter() { return Content::of("application/pdf", letter_bytes); }

documents::Document stored(Stage& stage) {
  return must(doctor(stage).call(
      documents::Upload{.patient_id = patient(stage), .file_name = "letter.pdf", .content = letter()}));
}

/// Content is pulled once: it is made for each try of a call.
template <class Op>
auto sending(Session (*who)(Stage&), Op (*make)(Stage&)) {
  return [who, make](Stage& stage) -> Call {
    return [session = who(stage), op = make(stage)]() mutable {
      op.content = letter();
      return answer_of(session.call(op));
    };
  };
}

template <class Op>
auto on_document(Op op = {}) {
  return made(doctor, [op](Stage& stage) {
    auto request = op;
    request.id = stored(stage).id;
    return request;
  });
}

Call download(Stage& stage) {
  return [session = doctor(stage), id = stored(stage).id] {
    const auto stream = session.call(documents::Download{.id = id});
    if (!stream.ok()) return answer_of(stream);
    return answer_of(Content{.pull = stream->pull}.read_all(std::size_t{1} << 20));
  };
}

}  // namespace

std::vector<Scenario> document_scenarios() {
  return {
      {"documents.upload",
       sending<documents::Upload>(
           doctor, [](Stage& s) { return documents::Upload{.patient_id = patient(s), .file_name = "letter.pdf"}; })},
      {"documents.upload_patient",
       sending<documents::UploadPatient>(
           desk, [](Stage& s) { return documents::UploadPatient{.patient_id = patient(s), .file_name = "card.pdf"}; })},
      {"documents.upload_medical",
       sending<documents::UploadMedical>(
           doctor,
           [](Stage& s) {
             const PatientId whose = patient(s);
             const auto record =
                 must(doctor(s).call(records::Create{.patient_id = whose, .content = note_content("as it is")}));
             return documents::UploadMedical{.patient_id = whose, .record_id = record.id, .file_name = "report.pdf"};
           })},
      {"documents.replace", sending<documents::Replace>(doctor,
                                                        [](Stage& s) {
                                                          const auto before = stored(s);
                                                          return documents::Replace{.id = before.id,
                                                                                    .revision = before.revision,
                                                                                    .file_name = "letter.pdf"};
                                                        })},
      {"documents.list", made(doctor, [](Stage& s) { return documents::List{.patient_id = stored(s).patient_id}; })},
      {"documents.get", on_document<documents::Get>()},
      {"documents.list_versions", on_document<documents::ListVersions>()},
      {"documents.download", download, true},
      {"documents.list_quarantine", plain(admin, documents::ListQuarantine{})},
      {"documents.release_quarantine", made(admin,
                                            [](Stage& s) {
                                              const auto document = stored(s);
                                              return documents::ReleaseQuarantine{.id = document.id,
                                                                                  .revision = document.revision,
                                                                                  .reason = "it was never scanned"};
                                            })},
  };
}

}  // namespace medflow::testing
