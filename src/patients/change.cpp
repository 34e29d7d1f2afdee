#include <algorithm>
#include <array>

#include "appointments/guards.hpp"
#include "invoices/guards.hpp"
#include "kernel/codes.hpp"
#include "kernel/expected.hpp"
#include "kernel/handler.hpp"
#include "patients/content.hpp"
#include "patients/registry.hpp"
#include "storage/block_codec.hpp"
#include "tenants/facts.hpp"
#include "waitlists/offering.hpp"

namespace medflow::inline v1::patients {

using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::int64_t restore_days = 30;
constexpr std::array<std::string_view, 4> reason_codes = {"unspecified", "duplicate", "entered_in_error",
                                                          "patient_request"};

/// The patient, if the caller may do this to it. Who may see it but not do this is told so.
Patient reachable(Work& work, const PatientId& id, bool with_hidden = false) {
  Rows<Patient> rows(work);
  if (auto patient = rows.find(id, with_hidden)) {
    work.about(id.uuid);
    work.event().table = Rows<Patient>::layout().table().id;
    return std::move(*patient);
  }
  const auto unreached = rows.find_unchecked(id, 0);
  if (unreached && !unreached->deleted_at && reaches(work, *unreached, Permission::patient_read))
    throw Failure(codes::forbidden);
  return rows.get(id, with_hidden);
}

void require_coded(std::string_view code) {
  if (!code.empty() && std::find(reason_codes.begin(), reason_codes.end(), code) == reason_codes.end())
    throw Failure(codes::invalid, "/reason_code", "enum.unknown", "no such reason code");
}

/// Who still has visits is not deleted (PAT-13).
void require_nothing_ahead(Work& work, PatientId patient) {
  Error error{.code = has_appointments};
  for (const AppointmentId& id : appointments::still_to_come(work, patient)) error.ids.push_back(id.text());
  if (!error.ids.empty()) throw Failure(std::move(error));
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Fields of classes that the caller cannot see stay as they are, and a grant on some fields reaches no others.
void require_fields(Work& work, const Patient& before, const Patient& after) {
  const auto ways = work.access().ways(work.permission());
  const bool contact_only = !ways.empty() && std::all_of(ways.begin(), ways.end(), [](const kernel::Granted& way) {
    return way.condition == "contact and preferences";
  });
  for (const Field& field : type_of<Patient>.fields) {
    if (is_one_of(field.name, {"revision", "updated_at", "updated_by"})) continue;
    std::string old_value;
    std::string new_value;
    storage::encode_value(*field.type, field.at_const(&before), old_value);
    storage::encode_value(*field.type, field.at_const(&after), new_value);
    if (old_value == new_value) continue;
    const bool closed = field.is(block_flags) && !field.is(classes(work, before));
    const bool preference = field.is(contact) || is_one_of(field.name, {"language", "zone", "interpreter"});
    if (closed || (contact_only && !preference))
      throw Failure(kernel::field_forbidden, "/" + std::string(field.name), "field.forbidden",
                    "this account may not change this field");
  }
}

Patient store_change(Work& work, const Patient& before, Patient after, std::optional<std::uint64_t> revision,
                     bool force, std::string_view reason) {
  kernel::require_named(revision);
  auto unknown = unmask(after.identifiers, before.identifiers);
  if (!after.phones.empty()) normalise_phones(after, before.phones, tenants::settings_in_force(work).country);
  require_fields(work, before, after);
  const FacilityId home = after.facilities.empty() ? FacilityId{} : after.facilities.front();
  require_content(after, date_in(zone_of(work, home), work.now()), std::move(unknown));
  change(work, before, after, revision, {.force = force, .reason = reason});
  const auto died = [](const Patient& patient) { return patient.deceased && patient.deceased->deceased; };
  if (died(after) && !died(before)) {
    waitlists::leave_all(work, after.id);
    appointments::cancel_still_to_come(work, after.id, "deceased");
  }
  if (before.emails.empty() && !after.emails.empty()) waitlists::slot_freed(work);  // messages reach them from now on
  hide_closed(work, after);
  return after;
}

template <class T>
void apply(T& member, const Change<T>& change) {
  if (change.sets()) member = change.value();
  if (change.removes()) member = T{};
}

template <class T>
void apply(std::optional<T>& member, const Change<T>& change) {
  if (change.sets()) member = change.value();
  if (change.removes()) member.reset();
}

void apply(std::optional<Birth>& birth, const Change<BirthPatch>& change) {
  if (change.removes()) birth.reset();
  if (!change.sets()) return;
  const BirthPatch& patch = change.value();
  if (patch.date.removes() || (!birth && !patch.date.sets()))
    throw Failure(codes::invalid, "/birth/date", "required", "a birth needs a date");
  if (!birth) birth.emplace();
  apply(birth->date, patch.date);
  apply(birth->estimated, patch.estimated);
}

void apply(std::optional<Deceased>& deceased, const Change<DeceasedPatch>& change) {
  if (change.removes()) deceased.reset();
  if (!change.sets()) return;
  if (!deceased) deceased.emplace();
  apply(deceased->deceased, change.value().deceased);
  apply(deceased->at, change.value().at);
  apply(deceased->cause, change.value().cause);
}

}  // namespace

void foresee(Work&, storage::Foresight& foresight, const Update& request) {
  Rows<Patient>::foresee(foresight, request.id);
}
void foresee(Work&, storage::Foresight& foresight, const Patch& request) {
  Rows<Patient>::foresee(foresight, request.id);
}
void foresee(Work&, storage::Foresight& foresight, const Delete& request) {
  Rows<Patient>::foresee(foresight, request.id);
}
void foresee(Work&, storage::Foresight& foresight, const Restore& request) {
  Rows<Patient>::foresee(foresight, request.id);
}

Patient handle(Work& work, const Update& request) {
  const Patient before = reachable(work, request.id);
  Patient after = before;
  copy_content(request, after);
  if ((classes(work, before) & clinical) == 0 && !request.deceased) after.deceased = before.deceased;
  after.status = request.status;
  return store_change(work, before, std::move(after), request.revision, request.force, request.reason);
}

Patient handle(Work& work, const Patch& request) {
  const Patient before = reachable(work, request.id);
  Patient after = before;
  apply(after.names, request.names);
  apply(after.unidentified, request.unidentified);
  apply(after.birth, request.birth);
  if (request.sex_admin.removes())
    throw Failure(codes::invalid, "/sex_admin", "required", "the sex may be unknown, but not absent");
  apply(after.sex_admin, request.sex_admin);
  apply(after.gender_identity, request.gender_identity);
  apply(after.identifiers, request.identifiers);
  apply(after.phones, request.phones);
  apply(after.emails, request.emails);
  apply(after.addresses, request.addresses);
  apply(after.language, request.language);
  apply(after.zone, request.zone);
  apply(after.interpreter, request.interpreter);
  apply(after.deceased, request.deceased);
  apply(after.flags, request.flags);
  apply(after.extensions, request.extensions);
  apply(after.status, request.status);
  return store_change(work, before, std::move(after), request.revision, request.force, request.reason);
}

Done handle(Work& work, const Delete& request) {
  require_coded(request.reason_code);
  const Patient before = reachable(work, request.id);
  require_nothing_ahead(work, before.id);
  invoices::require_nothing_open(work, before.id);
  Patient after = before;
  after.deleted_at = work.now();
  after.deleted_by = work.actor().user;
  after.deleted_reason = request.reason.empty() ? request.reason_code : request.reason;
  change(work, before, after, request.revision.value_or(before.revision), {});
  waitlists::leave_all(work, before.id);
  return {};
}

Patient handle(Work& work, const Restore& request) {
  require_coded(request.reason_code);
  const Patient before = reachable(work, request.id, true);
  if (!before.deleted_at) throw Failure(codes::illegal_transition, "the patient is not deleted");
  if (work.now() > before.deleted_at->plus_s(restore_days * 24 * 60 * 60)) throw Failure(restore_expired);
  Patient after = before;
  after.deleted_at.reset();
  after.deleted_by.reset();
  after.deleted_reason.clear();
  // The reason that a restoration needs anyway is also the one that a second holder of an identifier needs.
  change(work, before, after, before.revision, {.force = true, .reason = work.reason()});
  hide_closed(work, after);
  return after;
}

}  // namespace medflow::inline v1::patients

MEDFLOW_HANDLE(medflow::patients::Update);
MEDFLOW_HANDLE(medflow::patients::Patch);
MEDFLOW_HANDLE(medflow::patients::Delete);
MEDFLOW_HANDLE(medflow::patients::Restore);
