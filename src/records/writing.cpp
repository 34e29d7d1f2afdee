#include "records/writing.hpp"

#include <algorithm>
#include <span>

#include "kernel/expected.hpp"
#include "kernel/lists.hpp"
#include "kernel/steps.hpp"
#include "records/canonical.hpp"
#include "records/checks.hpp"
#include "records/content.hpp"
#include "tenants/facts.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::records {

using kernel::FieldErrors;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::int64_t us_of_hour = 3'600'000'000;

std::string_view code_of(FindingKind kind) {
  if (kind == FindingKind::allergy) return "substance.allergy";
  return kind == FindingKind::checker ? "substance.checker" : "substance.duplicate";
}

bool has_signed(const StoredRecord& record, const UserId& user) {
  return std::any_of(record.signers.begin(), record.signers.end(),
                     [&](const Signature& each) { return each.user_id == user && each.at; });
}

bool same_signers(const StoredRecord& one, const StoredRecord& other) {
  return std::equal(one.signers.begin(), one.signers.end(), other.signers.begin(), other.signers.end(),
                    [](const Signature& a, const Signature& b) { return a.user_id == b.user_id; });
}

/// Whether this is what the caller asks for again: nothing has become of it since, but that more have signed. What patients measure nobody signs.
bool is_same(const StoredRecord& there, const StoredRecord& asked, const Draft& draft, bool by_patient) {
  if (draft.effective_at && there.effective_at != asked.effective_at) return false;
  if (!by_patient && !same_signers(there, asked)) return false;
  if (!by_patient && draft.sign && !has_signed(there, asked.author_id)) return false;
  std::string a;
  std::string b;
  append_canonical(type_of<RecordContent>, &there.said()->content, a);
  append_canonical(type_of<RecordContent>, &asked.said()->content, b);
  return a == b && there.said()->labels == asked.said()->labels && there.patient_id == asked.patient_id &&
         there.encounter_id == asked.encounter_id && there.kind == asked.kind && there.based_on == asked.based_on &&
         there.author_id == asked.author_id;
}

[[noreturn]] void refuse_blocked(const std::vector<Finding>& findings) {
  Error error{.code = blocked};
  for (const Finding& each : findings) {
    if (!is_checked(each.kind)) continue;
    const bool blocks = each.level == FindingLevel::block;
    error.fields.push_back({.pointer = each.pointer,
                            .code = std::string(code_of(each.kind)),
                            .message = blocks ? "needs an override_reason" : "a warning"});
    if (each.record_id) error.ids.push_back(each.record_id->uuid.text());
  }
  throw Failure(std::move(error));
}

/// Whether an order of the same substance ends sooner, and gives nothing more until then.
bool only_ends_sooner(const RecordContent& before, const RecordContent& now) {
  if (!before.medication_order || !now.medication_order || before.code != now.code || !now.medication_order->ends)
    return false;
  const MedicationOrder& old = *before.medication_order;
  if (old.ends && *old.ends <= *now.medication_order->ends) return false;
  MedicationOrder as_before = *now.medication_order;
  as_before.ends = old.ends;
  as_before.reasons = old.reasons;
  return as_before == old;
}

/// When a record that has become final shows itself to its patient, where the tenant has a rule (REC-10).
void plan_release(Work& work, StoredRecord& record) {
  if (const auto hours = tenants::settings_in_force(work).record_release_h)
    record.released_to_patient_at = Instant{work.now().us + *hours * us_of_hour};
}

}  // namespace

std::vector<Signature> signers_of(const std::vector<UserId>& named, UserId fallback) {
  std::vector<Signature> signers;
  for (const UserId& user : kernel::without_repeats(named)) signers.push_back({.user_id = user});
  if (signers.empty()) signers.push_back({.user_id = fallback});
  return signers;
}

void refuse_step(const StoredRecord& record, std::string_view to) {
  using S = RecordStatus;
  static constexpr S of_draft[] = {S::final, S::discarded};
  static constexpr S of_signed[] = {S::amended, S::entered_in_error};
  std::span<const S> legal;
  if (record.status == S::draft) legal = of_draft;
  if (record.status == S::final || record.status == S::amended) legal = of_signed;
  kernel::refuse_step(record.status, to, legal);
}

void put_signature(Work& work, const Chart& chart, StoredRecord& record, std::string_view override_reason) {
  require_in_force(work, chart, record);
  RecordBody body = *record.said();
  std::erase_if(body.findings, [](const Finding& each) { return is_checked(each.kind); });
  bool is_blocked = false;
  for (Finding& each : substance_findings(work, chart, record)) {
    if (each.level == FindingLevel::block) {
      is_blocked = true;
      each.override_reason = override_reason;
    }
    body.findings.push_back(std::move(each));
  }
  if (is_blocked && text::code_points(override_reason) < reason_min) refuse_blocked(body.findings);
  for (Signature& each : record.signers)
    if (each.user_id == work.actor().user && !each.at) each.at = work.now();
  const bool whole =
      std::all_of(record.signers.begin(), record.signers.end(), [](const Signature& each) { return each.at; });
  say(record, std::move(body));
  if (!whole) return;
  record.status = RecordStatus::final;
  plan_release(work, record);
}

void check_substance_again(Work& work, const Chart& chart, StoredRecord& record, const RecordBody& before,
                           std::string_view override_reason) {
  RecordBody body = *record.said();
  const bool gives_reason = text::code_points(override_reason) >= reason_min;
  bool is_blocked = false;
  for (Finding& each : substance_findings(work, chart, record)) {
    const auto known = std::find_if(before.findings.begin(), before.findings.end(), [&](const Finding& old) {
      return old.kind == each.kind && old.record_id == each.record_id && old.rule == each.rule &&
             !old.override_reason.empty();
    });
    if (known != before.findings.end() && before.content.code == body.content.code) {
      each.override_reason = known->override_reason;
    } else if (each.level == FindingLevel::block) {
      is_blocked = true;
      if (gives_reason) each.override_reason = override_reason;  // what is too short to be one is none later either
    }
    body.findings.push_back(std::move(each));
  }
  if (is_blocked && !gives_reason && !only_ends_sooner(before.content, body.content)) refuse_blocked(body.findings);
  say(record, std::move(body));
}

Record make(Work& work, const Draft& draft) {
  const Chart chart = Chart::to_add_to(work, draft.patient_id);
  work.open_classes(clinical | restricted);
  Rows<StoredRecord> rows(work);
  StoredRecord record{.id = draft.id ? *draft.id : work.make_id<RecordId>(),
                      .patient_id = draft.patient_id,
                      .encounter_id = draft.encounter_id,
                      .kind = draft.kind,
                      .effective_at = draft.effective_at.value_or(work.now()),
                      .recorded_at = work.now(),
                      .author_id = work.actor().user,
                      .based_on = draft.based_on,
                      .signers = signers_of(draft.signers, work.actor().user)};
  FieldErrors errors;
  check_content(draft.kind, *draft.content, errors);
  check_labels(work, draft.labels, errors);
  errors.refuse();
  RecordBody body{.content = *draft.content, .labels = kernel::without_repeats(draft.labels)};
  const bool by_patient = chart.only_as_patient();
  if (body.content.vital) body.content.vital->self_reported = by_patient;
  complete_content(body.content, body.findings);
  say(record, std::move(body));
  work.about(record.id.uuid);
  if (draft.id) {
    if (const auto there = rows.find_unchecked(*draft.id, clinical | restricted)) {
      if (there->patient_id == record.patient_id && is_same(*there, record, draft, by_patient) && chart.shows(*there))
        return chart.shown(*there);
      throw Failure(codes::id_reused);
    }
  }
  check_references(work, chart, record, errors);
  check_codes(work, record.said()->content, errors);
  if (!by_patient) check_signers(work, chart, record, errors);
  errors.refuse();
  VersionNote note{.change = VersionChange::created};
  if (by_patient) {
    // Nobody signs what patients measure at home: it says itself whose it is.
    record.signers.clear();
    record.status = RecordStatus::final;
    record.released_to_patient_at = work.now();
  } else if (draft.sign) {
    if (!chart.allows(record, Permission::record_sign, Standing::signer) ||
        std::none_of(record.signers.begin(), record.signers.end(),
                     [&](const Signature& each) { return each.user_id == work.actor().user; }))
      throw Failure(codes::forbidden);
    put_signature(work, chart, record, draft.override_reason);
    note.change = VersionChange::signature;
  }
  rows.insert_for(chart.subject(), record);
  add_version(work, chart.subject(), record, note);
  return chart.shown(record);
}

Record store(Work& work, const Chart& chart, StoredRecord& record, const VersionNote& note) {
  Rows<StoredRecord>(work).update(record, record.revision);
  add_version(work, chart.subject(), record, note);
  return chart.shown(record);
}

void require_current(Work& work, const StoredRecord& record, std::optional<std::uint64_t> revision,
                     const RecordContent* ours) {
  kernel::require_named(revision);
  if (*revision == record.revision) return;
  Error error{.code = codes::revision};
  error.revision = record.revision;
  const auto base = ours != nullptr ? version_of(work, record.id, *revision) : std::nullopt;
  if (base && base->said() != nullptr)
    error.fields = both_changed(base->said()->body.content, record.said()->content, *ours);
  throw Failure(std::move(error));
}

}  // namespace medflow::inline v1::records
