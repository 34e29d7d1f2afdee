#include "records/checks.hpp"

#include <algorithm>

#include "codes/codes.hpp"
#include "encounters/entities.hpp"
#include "kernel/platform_state.hpp"
#include "records/content.hpp"
#include "tenants/facts.hpp"
#include "time/zoned.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::records {

using kernel::FieldErrors;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::size_t substances_told_max =
    40;  ///< with those about values, what an answer may hold; blocks come first

bool stands(RecordStatus status) { return status == RecordStatus::final || status == RecordStatus::amended; }

/// Whether the clinic has done with it: what it says held once.
bool is_over(ClinicalStatus status) {
  return status == ClinicalStatus::inactive || status == ClinicalStatus::remission ||
         status == ClinicalStatus::resolved;
}

bool same_code(const std::optional<Coding>& a, const std::optional<Coding>& b) {
  return a && b && !a->code.empty() && a->system == b->system && a->code == b->code;
}

/// The day that it is at an instant where the patient is known.
Date day_of(Work& work, const Chart& chart, Instant at) {
  const auto& places = chart.patient().facilities;
  return date_in(patients::zone_of(work, places.empty() ? FacilityId{} : places.front()), at);
}

Date today_of(Work& work, const Chart& chart) { return day_of(work, chart, work.now()); }

void check_encounter(Work& work, const StoredRecord& record, FieldErrors& errors) {
  if (!record.encounter_id) return;
  const auto encounter = Rows<encounters::Encounter>(work).find_unchecked(*record.encounter_id, 0);
  if (!encounter || encounter->patient_id != record.patient_id)
    return errors.add("/encounter_id", "encounter.unknown", "no such encounter of the patient");
  if (encounter->signed_at) throw Failure(encounters::signed_already);
  if (encounter->status == encounters::EncounterStatus::cancelled ||
      encounter->status == encounters::EncounterStatus::entered_in_error)
    errors.add("/encounter_id", "encounter.unknown", "it was called off or entered in error");
}

bool has_ended(const RecordContent& content, Date today) {
  return content.medication_order->ends && *content.medication_order->ends < today;
}

/// Whether an order of medication holds on the day of what carries it out.
bool is_in_force(Work& work, const Chart& chart, const StoredRecord& order, const StoredRecord& dispense) {
  return stands(order.status) &&
         (order.said() == nullptr || !has_ended(order.said()->content, day_of(work, chart, dispense.effective_at)));
}

void check_order(Work& work, const Chart& chart, const StoredRecord& record, FieldErrors& errors) {
  if (!record.based_on) return;
  const auto order = Rows<StoredRecord>(work).find(*record.based_on);
  if (!order || order->patient_id != record.patient_id || !chart.shows(*order))
    return errors.add("/based_on", "record.unknown", "no such record of the patient");
  const bool fits = record.kind == RecordKind::dispense     ? order->kind == RecordKind::medication_order
                    : record.kind == RecordKind::lab_result ? order->kind == RecordKind::lab_order
                                                            : true;
  if (!fits) return errors.add("/based_on", "record.unknown", "not an order of this kind");
  if (record.kind == RecordKind::dispense && !is_in_force(work, chart, *order, record)) throw Failure(not_in_force);
}

/// Adds what the host's checker has against it, told what the library knows.
void ask_checker(Work& work, const Chart& chart, const StoredRecord& record, const Coding& substance,
                 std::vector<Finding>& findings) {
  const auto& checker = work.session().platform().options().therapy_checker;
  if (checker == nullptr) return;
  TherapyQuestion question{.substance = {.system = substance.system, .code = substance.code}};
  const Date today = today_of(work, chart);
  const auto gather = [&](RecordKind kind, std::vector<TherapyQuestion::Substance>& known, auto&& counts) {
    const storage::Cell equal[] = {storage::Cell::bytes(record.patient_id.uuid.view()),
                                   storage::Cell::text(type_of<RecordKind>.words[static_cast<std::size_t>(kind)])};
    Rows<StoredRecord>(work).scan({.index = "records_kind", .equal = equal}, [&](const StoredRecord& other) {
      if (other.id == record.id || !stands(other.status) || other.said() == nullptr) return true;
      const RecordContent& content = other.said()->content;
      if (content.code && counts(content))
        known.push_back({.system = content.code->system, .code = content.code->code});
      return true;
    });
  };
  gather(RecordKind::allergy, question.allergies,
         [](const RecordContent& content) { return !is_over(content.allergy->clinical_status); });
  gather(RecordKind::medication_order, question.orders,
         [&](const RecordContent& content) { return !has_ended(content, today); });
  const auto add = [&](bool blocks, std::string_view rule) {
    if (findings.size() == substances_told_max) return;
    findings.push_back({.kind = FindingKind::checker,
                        .level = blocks ? FindingLevel::block : FindingLevel::warning,
                        .pointer = "/content/code",
                        .rule = std::string(rule.substr(0, 60))});
  };
  try {
    for (const TherapyFinding& each : checker->check(question)) add(each.blocks, each.rule);
  } catch (...) {
    add(true, "unavailable");
  }
}

}  // namespace

void check_references(Work& work, const Chart& chart, const StoredRecord& record, FieldErrors& errors) {
  check_encounter(work, record, errors);
  check_order(work, chart, record, errors);
  const bool planned = record.kind == RecordKind::lab_order || record.kind == RecordKind::medication_order ||
                       record.kind == RecordKind::referral || record.kind == RecordKind::procedure;
  if (!planned && work.now() < record.effective_at)
    errors.add("/effective_at", "date.future", "what has not happened yet");
  for (std::size_t i = 0; i < record.signers.size(); ++i)
    if (!users::is_user(work, record.signers[i].user_id))
      errors.add(kernel::item_pointer("/signers", i), "user.unknown", "no such user");
}

void require_in_force(Work& work, const Chart& chart, const StoredRecord& record) {
  if (record.kind != RecordKind::dispense || !record.based_on) return;
  const auto order = Rows<StoredRecord>(work).find(*record.based_on);
  if (!order || !is_in_force(work, chart, *order, record)) throw Failure(not_in_force);
}

void check_signers(const Work& work, const Chart& chart, const StoredRecord& record, FieldErrors& errors) {
  for (std::size_t i = 0; i < record.signers.size(); ++i)
    if (record.signers[i].user_id == work.actor().user && record.author_id == work.actor().user &&
        !chart.allows(record, Permission::record_sign))
      errors.add(kernel::item_pointer("/signers", i), "signer.not_allowed",
                 "you may not sign a record of this kind; name who does");
}

void check_codes(Work& work, const RecordContent& content, FieldErrors& errors, const RecordContent* before) {
  const auto kept = before != nullptr ? codings_in(*before) : std::vector<PlacedCoding>{};
  const auto is_kept = [&](const Coding& coding) {
    return std::any_of(kept.begin(), kept.end(), [&](const PlacedCoding& each) {
      return each.coding->system == coding.system && each.coding->code == coding.code;
    });
  };
  for (const PlacedCoding& each : codings_in(content))
    if (!each.coding->code.empty() && !is_kept(*each.coding) &&
        codes::standing_of(work, each.coding->system, each.coding->code) == codes::Standing::unknown_code)
      errors.add(each.pointer + "/code", "code.unknown", "not in the version of the code system that is in use");
}

void check_labels(const Work& work, const std::vector<Label>& labels, FieldErrors& errors) {
  const auto& held = work.actor().labels;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (std::find(held.begin(), held.end(), labels[i]) == held.end())
      errors.add(kernel::item_pointer("/labels", i), "label.not_held", "you do not hold this label yourself");
}

std::vector<Finding> substance_findings(Work& work, const Chart& chart, const StoredRecord& record) {
  std::vector<Finding> findings;
  const bool gives = record.kind == RecordKind::medication_order || record.kind == RecordKind::dispense ||
                     record.kind == RecordKind::immunization;
  if (!gives || record.said() == nullptr) return findings;
  Rows<StoredRecord> rows(work);
  std::optional<Coding> substance = record.said()->content.code;
  if (!substance && record.based_on) {
    const auto order = rows.find(*record.based_on);
    if (order && order->said() != nullptr) substance = order->said()->content.code;
  }
  if (!substance) return findings;
  const auto add = [&](FindingKind kind, FindingLevel level, const StoredRecord& in_the_way) {
    if (findings.size() == substances_told_max) return;
    findings.push_back({.kind = kind, .level = level, .pointer = "/content/code"});
    // What the caller may not see stands in the way all the same; which record it is is not said.
    if (chart.shows(in_the_way)) findings.back().record_id = in_the_way.id;
  };
  const auto look_at = [&](RecordKind kind, auto&& in_the_way) {
    const storage::Cell equal[] = {storage::Cell::bytes(record.patient_id.uuid.view()),
                                   storage::Cell::text(type_of<RecordKind>.words[static_cast<std::size_t>(kind)])};
    rows.scan({.index = "records_kind", .equal = equal}, [&](const StoredRecord& other) {
      if (other.id != record.id && stands(other.status) && other.said() != nullptr &&
          same_code(other.said()->content.code, substance))
        in_the_way(other, other.said()->content);
      return true;
    });
  };
  look_at(RecordKind::allergy, [&](const StoredRecord& other, const RecordContent& content) {
    if (!is_over(content.allergy->clinical_status)) add(FindingKind::allergy, FindingLevel::block, other);
  });
  ask_checker(work, chart, record, *substance, findings);
  if (record.kind != RecordKind::medication_order) return findings;
  const Date today = today_of(work, chart);
  look_at(RecordKind::medication_order, [&](const StoredRecord& other, const RecordContent& content) {
    if (!has_ended(content, today)) add(FindingKind::duplicate_therapy, FindingLevel::warning, other);
  });
  return findings;
}

}  // namespace medflow::inline v1::records
