// How to try each operation on charts: encounters, records and what is done with all of a patient's.
#include "tests/support/chart.hpp"

#include "tests/access/world.hpp"

namespace medflow::testing {
namespace {

constexpr Relation none = Relation::none;
constexpr Relation home = Relation::own_facility;
constexpr Relation away = Relation::other_facility;
constexpr Relation own = Relation::own;
constexpr Relation foreign = Relation::foreign;
constexpr Relation authored = Relation::authored;

using encounters::EncounterStatus;
using records::RecordContent;
using records::RecordKind;

RecordContent result_content() {
  RecordContent content;
  content.lab_result = records::LabResult{.conclusion = "fine"};
  return content;
}

RecordContent dispense_content() {
  RecordContent content;
  content.dispense = records::Dispense{.quantity = {.value = "1", .unit = "{box}"}};
  return content;
}

RecordContent condition_content() {
  RecordContent content{.title = "Cough"};
  content.condition = records::Condition{};
  return content;
}

std::string_view without_draft(std::string_view kind) { return kind.starts_with("draft ") ? kind.substr(6) : kind; }

RecordContent content_of(std::string_view kind, const std::string& code) {
  kind = without_draft(kind);
  if (kind == "lab_result") return result_content();
  if (kind == "dispense") return dispense_content();
  if (kind == "condition") return condition_content();
  return kind == "allergy" ? allergy_content(code) : note_content("as it is");
}

/// A call on an encounter in this state that says no more than which one it is.
template <class Op>
auto on_encounter(EncounterStatus status, Op op = {}) {
  return [status, op](World& world, const Session& caller, Relation relation) {
    const auto it = world.encounter(caller, relation, status);
    Op request = op;
    request.id = it.id;
    if constexpr (requires { request.revision; }) request.revision = it.revision;
    return outcome(caller.call(std::move(request)));
  };
}

/// One trial with a record of each of these kinds.
template <class Op>
void add_on_record(std::vector<Trial>& all, const std::vector<std::string_view>& kinds, Op op = {}) {
  for (const std::string_view kind : kinds)
    all.push_back({.operation = Op::operation.name,
                   .relations = {home, authored, away, own, foreign},
                   .run =
                       [kind, op](World& world, const Session& caller, Relation relation) {
                         const auto it = world.record(caller, relation, kind);
                         Op request = op;
                         request.id = it.id;
                         if constexpr (requires { request.revision; }) request.revision = it.revision;
                         if constexpr (requires { request.content; })
                           request.content = content_of(kind, world.fresh_word());
                         if constexpr (requires { request.signers; })
                           request.signers = {world.hospital.member(Role::doctor).id};
                         return outcome(caller.call(std::move(request)));
                       },
                   .kind = kind});
}

/// A draft for somebody to sign who may.
template <class Op>
auto adding(Op op) {
  return [op](World& world, const Session& caller, Relation relation) {
    Op request = op;
    request.patient_id = world.patient(relation);
    request.signers = {world.hospital.member(Role::doctor).id};
    return outcome(caller.call(std::move(request)));
  };
}

/// Who hands something out without seeing the order is let in, and told that there is none.
std::string dispense(World& world, const Session& caller, Relation relation) {
  const auto order = world.record(caller, relation, "medication_order");
  const auto done =
      caller.call(medications::Dispense{.patient_id = relation == foreign ? PatientId{world.nowhere} : order.patient_id,
                                        .based_on = order.id,
                                        .content = dispense_content(),
                                        .signers = {world.hospital.member(Role::doctor).id}});
  return fields_of(done) == "/based_on:record.unknown" ? "ok" : outcome(done);
}

std::string set_labels(World& world, const Session& caller, Relation relation) {
  const UserId id = world.user(relation, caller);
  return outcome(caller.call(
      users::SetLabels{.id = id, .revision = relation == foreign ? 1 : world.revision_of(id), .labels = {}}));
}

template <class Op>
auto importing(std::string_view table) {
  return [table](World&, const Session& caller, Relation) {
    return outcome(caller.call(Op{.content = Content::of("text/csv", std::string(table))}));
  };
}

}  // namespace

std::optional<Role> World::role_of(const Session& caller) {
  if (caller.user_id().is_nil()) return std::nullopt;
  if (of_role_.empty())
    for (std::size_t role = 1; role <= static_cast<std::size_t>(Role::auditor); ++role)
      of_role_.push_back(as(static_cast<Role>(role)).user_id());
  for (std::size_t i = 0; i < of_role_.size(); ++i)
    if (of_role_[i] == caller.user_id()) return static_cast<Role>(i + 1);
  return std::nullopt;
}

Session World::writer(const Session& caller, Relation relation) {
  std::string who = "writer of charts";
  if (relation == authored && !caller.user_id().is_nil()) {
    const auto role = role_of(caller);
    if (role) who = word(*role);
    // Whoever holds everything writes it alone: no other claims come between.
    if (!role && holder_ == "holder of everything") return caller;
    if (!role && caller.user_id() == holder_id_) who = holder_;
  }
  return host(who, {Role::doctor, Role::nurse, Role::lab, Role::pharmacist}, {hospital.home, hospital.away});
}

void World::give_back(const Session& caller, Relation relation) {
  if (relation != authored || caller.user_id().is_nil()) return;
  const auto role = role_of(caller);
  if (role) as(*role);
  if (!role && caller.user_id() == holder_id_) holding(holder_.substr(std::string_view("holder of ").size()));
}

records::Record World::record(const Session& caller, Relation relation, std::string_view kind) {
  if (relation == foreign) return {.id = RecordId{nowhere}, .revision = 1};
  const PatientId whose = patient(relation);
  const Session hand = writer(caller, relation);
  const bool draft = kind != without_draft(kind);
  kind = without_draft(kind);
  const auto order = [&] {
    return must(
        hand.call(medications::Order{.patient_id = whose, .content = order_content(fresh_word()), .sign = true}));
  };
  const auto written = [&]() -> records::Record {
    if (kind == "medication_order") return order();
    if (kind == "dispense")
      return must(hand.call(medications::Dispense{
          .patient_id = whose, .based_on = order().id, .content = dispense_content(), .sign = !draft}));
    if (kind == "lab_result")
      return must(hand.call(lab_results::Record{.patient_id = whose, .content = result_content(), .sign = !draft}));
    const RecordKind plain = kind == "allergy"     ? RecordKind::allergy
                             : kind == "condition" ? RecordKind::condition
                                                   : RecordKind::note;
    return must(hand.call(records::Create{
        .patient_id = whose, .kind = plain, .content = content_of(kind, fresh_word()), .sign = !draft}));
  };
  auto made = written();
  if (relation == own && !draft) made = must(hand.call(records::Release{.id = made.id, .revision = made.revision}));
  give_back(caller, relation);
  return made;
}

encounters::Encounter World::encounter(const Session& caller, Relation relation, EncounterStatus status) {
  if (relation == foreign) return {.id = EncounterId{nowhere}, .revision = 1};
  const PatientId whose = patient(relation);
  const Session hand = writer(caller, relation);
  auto made = must(hand.call(encounters::Open{.patient_id = whose, .planned = status == EncounterStatus::planned}));
  if (status == EncounterStatus::finished)
    made = must(hand.call(encounters::Finish{.id = made.id, .revision = made.revision}));
  give_back(caller, relation);
  return made;
}

std::vector<Trial> chart_trials() {
  using enum EncounterStatus;
  const std::vector<Relation> chart{home, away, own, foreign};
  const std::vector<Relation> written{home, authored, away, own, foreign};
  const std::vector<std::string_view> kinds{"note", "condition", "lab_result", "dispense"};
  const std::vector<std::string_view> drafts{"draft note", "draft condition", "draft lab_result", "draft dispense"};
  std::vector<Trial> all{
      {"encounters.open", chart,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(encounters::Open{.patient_id = w.patient(r), .facility_id = w.hospital.home}));
       }},
      {"encounters.list", chart,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(encounters::List{.patient_id = w.patient(r)}));
       }},
      {"encounters.get", chart, on_encounter<encounters::Get>(in_progress)},
      {"encounters.update", written, on_encounter<encounters::Update>(in_progress, {.reason = "worse"})},
      {"encounters.start", chart, on_encounter<encounters::Start>(planned)},
      {"encounters.finish", chart, on_encounter<encounters::Finish>(in_progress)},
      {"encounters.cancel", chart, on_encounter<encounters::Cancel>(planned, {.reason = "went home"})},
      {"encounters.sign", written, on_encounter<encounters::Sign>(finished)},
      {"encounters.mark_error", written,
       on_encounter<encounters::MarkError>(in_progress, {.reason = "it was somebody else"})},
      {"records.create", chart, adding(records::Create{.content = note_content("as it is")})},
      {"records.list", chart,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(records::List{.patient_id = w.patient(r)}));
       }},
      {"vitals.record", chart,
       adding(vitals::Record{.content = vitals_content({measured(records::VitalSign::heart_rate, "70", "/min")})})},
      {"lab_results.record", chart, adding(lab_results::Record{.content = result_content()})},
      {"medications.order", chart, adding(medications::Order{.content = order_content("161")})},
      {"medications.dispense", chart, dispense},
      {"patients.export", chart,
       [](World& w, const Session& s, Relation r) {
         return outcome(s.call(patients::Export{.id = w.patient(r), .reason = "the patient asked for it"}));
       }},
      {"users.set_labels", {home, own, foreign}, set_labels},
      {"imports.encounters",
       {none},
       importing<imports::Encounters>("Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION\n")},
      {"imports.records", {none}, importing<imports::Records>("START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n")}};
  add_on_record<records::Get>(all, {"note", "allergy", "condition", "lab_result", "dispense", "draft note"});
  add_on_record<records::Update>(all, drafts);
  add_on_record<records::Sign>(all, drafts);
  add_on_record<records::Discard>(all, {"draft note", "draft lab_result"});
  add_on_record<records::Amend>(all, kinds, {.reason = "it was otherwise"});
  add_on_record<records::Append>(all, {"note", "lab_result", "dispense"}, {.text = "and more"});
  add_on_record<records::Retract>(all, kinds, {.reason = "it was somebody else"});
  add_on_record<records::Release>(all, {"note", "lab_result"});
  add_on_record<records::ListVersions>(all, {"note"});
  add_on_record<records::GetVersion>(all, {"dispense"});
  add_on_record<records::Diff>(all, {"lab_result"});
  return all;
}

std::vector<Trial> trials() {
  std::vector<Trial> all = other_trials();
  for (auto part : {chart_trials(), money_trials()})
    for (Trial& each : part) all.push_back(std::move(each));
  return all;
}

}  // namespace medflow::testing
