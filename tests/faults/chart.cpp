// One way to try each operation on encounters and records.
#include "tests/support/chart.hpp"

#include "tests/faults/stage.hpp"

namespace medflow::testing {
namespace {

Session admin(Stage& stage) { return stage.admin(); }
Session doctor(Stage& stage) { return stage.hospital().as(Role::doctor); }
Session lab(Stage& stage) { return stage.hospital().as(Role::lab); }
Session pharmacist(Stage& stage) { return stage.hospital().as(Role::pharmacist); }

encounters::Encounter encounter(Stage& stage, bool planned = false, bool finished = false) {
  auto made = must(doctor(stage).call(encounters::Open{.patient_id = stage.patient().id, .planned = planned}));
  if (finished) made = must(doctor(stage).call(encounters::Finish{.id = made.id, .revision = made.revision}));
  return made;
}

/// A call on an encounter that says no more than which one it is.
template <class Op>
auto on_encounter(bool planned, bool finished, Op op = {}) {
  return made(doctor, [=](Stage& stage) {
    const auto it = encounter(stage, planned, finished);
    auto request = op;
    request.id = it.id;
    request.revision = it.revision;
    return request;
  });
}

records::Record note(Stage& stage, bool sign) {
  return must(doctor(stage).call(
      records::Create{.patient_id = stage.patient().id, .content = note_content("as it is"), .sign = sign}));
}

template <class Op>
auto on_note(bool is_signed, Op op = {}) {
  return made(doctor, [=](Stage& stage) {
    const auto it = note(stage, is_signed);
    auto request = op;
    request.id = it.id;
    if constexpr (requires { request.revision; }) request.revision = it.revision;
    return request;
  });
}

template <class Import>
auto importing(Import request, const std::string& table) {
  return [request, table](Stage& stage) -> Call {
    return [session = stage.admin(), request, table]() mutable {
      request.content = Content::of("text/csv", table);
      return answer_of(session.call(request));
    };
  };
}

/// Read to its end, or the end would be written by who lets it go and tells nobody.
Call export_patient(Stage& stage) {
  return [session = stage.admin(), id = stage.patient().id] {
    const auto stream = session.call(patients::Export{.id = id, .reason = "the patient asked for it"});
    if (!stream.ok()) return answer_of(stream);
    return answer_of(Content{.pull = stream->pull}.read_all(std::size_t{64} << 20));
  };
}

}  // namespace

std::vector<Scenario> chart_scenarios() {
  return {
      {"encounters.open",
       made(doctor,
            [](Stage& s) { return encounters::Open{.patient_id = s.patient().id, .reason = s.fresh("cough ")}; })},
      {"encounters.list", made(doctor,
                               [](Stage& s) {
                                 encounter(s);
                                 return encounters::List{.patient_id = s.patient().id, .limit = 5};
                               })},
      {"encounters.get", made(doctor, [](Stage& s) { return encounters::Get{.id = encounter(s).id}; })},
      {"encounters.update", on_encounter<encounters::Update>(false, false, {.reason = "worse"})},
      {"encounters.start", on_encounter<encounters::Start>(true, false)},
      {"encounters.finish", on_encounter<encounters::Finish>(false, false)},
      {"encounters.cancel", on_encounter<encounters::Cancel>(true, false, {.reason = "went home"})},
      {"encounters.sign", on_encounter<encounters::Sign>(false, true)},
      {"encounters.mark_error", on_encounter<encounters::MarkError>(false, false, {.reason = "it was somebody else"})},
      {"records.create", made(doctor,
                              [](Stage& s) {
                                return records::Create{
                                    .patient_id = s.patient().id, .content = note_content("as it is"), .sign = true};
                              })},
      {"records.list", made(doctor,
                            [](Stage& s) {
                              note(s, true);
                              return records::List{.patient_id = s.patient().id, .limit = 5};
                            })},
      {"records.get", on_note<records::Get>(true)},
      {"records.update", on_note<records::Update>(false, {.content = note_content("otherwise")})},
      {"records.sign", on_note<records::Sign>(false)},
      {"records.discard", on_note<records::Discard>(false)},
      {"records.amend",
       on_note<records::Amend>(true, {.content = note_content("otherwise"), .reason = "it was otherwise"})},
      {"records.append", on_note<records::Append>(true, {.text = "and more"})},
      {"records.retract", on_note<records::Retract>(true, {.reason = "it was somebody else"})},
      {"records.release", on_note<records::Release>(true)},
      {"records.list_versions", on_note<records::ListVersions>(true)},
      {"records.get_version", on_note<records::GetVersion>(true)},
      {"records.diff", on_note<records::Diff>(true)},
      {"vitals.record", made(doctor,
                             [](Stage& s) {
                               return vitals::Record{
                                   .patient_id = s.patient().id,
                                   .content = vitals_content({measured(records::VitalSign::heart_rate, "70", "/min")})};
                             })},
      {"lab_results.record", made(lab,
                                  [](Stage& s) {
                                    records::RecordContent content;
                                    content.lab_result = records::LabResult{.conclusion = "fine"};
                                    return lab_results::Record{.patient_id = s.patient().id, .content = content};
                                  })},
      {"medications.order", made(doctor,
                                 [](Stage& s) {
                                   return medications::Order{
                                       .patient_id = s.patient().id, .content = order_content("161"), .sign = true};
                                 })},
      {"medications.dispense",
       made(pharmacist,
            [](Stage& s) {
              const auto order = must(doctor(s).call(
                  medications::Order{.patient_id = s.patient().id, .content = order_content("162"), .sign = true}));
              records::RecordContent content;
              content.dispense = records::Dispense{.quantity = {.value = "1", .unit = "{box}"}};
              return medications::Dispense{.patient_id = s.patient().id, .based_on = order.id, .content = content};
            })},
      {"patients.export", export_patient, true},
      {"users.set_labels", made(admin,
                                [](Stage& s) {
                                  const UserId user = s.user();
                                  return users::SetLabels{
                                      .id = user, .revision = s.revision_of(user), .labels = {Label::hiv}};
                                })},
      {"imports.encounters",
       importing(imports::Encounters{},
                 "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION\n")},
      {"imports.records", importing(imports::Records{}, "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n")},
  };
}

}  // namespace medflow::testing
