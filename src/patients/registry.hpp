// Writing patients: a row, its exact-match tokens, its place in the facility index and in the name index, kept together here and
// nowhere else.
#pragma once

#include <string_view>

#include "kernel/work.hpp"
#include "patients/entities.hpp"

namespace medflow::inline v1::patients {

/// How much a caller insists.
struct Insistence {
  bool force = false;
  std::string_view reason{};
};

/// Stores a new patient whose content is checked; gives it a record number where `patient.mrn` is empty or by hand. `zone` is that of
/// the patient's first facility. Throws Failure `patient.duplicate` (with the holders that the caller may read) and `mrn.taken`.
void create(kernel::Work& work, Patient& patient, const Zone& zone, const Insistence& insistence);

/// What `create` is going to read for this registration.
void foresee_create(kernel::Work& work, storage::Foresight& foresight, const Register& request);

/// Stores the changed state of a patient. Throws Failure `patient.duplicate`, `conflict.revision`, `precondition.required`.
void change(kernel::Work& work, const Patient& before, Patient& after, std::optional<std::uint64_t> revision,
            const Insistence& insistence);

/// A patient as other modules need it: with the key slot that seals what is kept of it. Whether the caller reaches it is not asked.
struct KnownPatient {
  Patient patient{};
  kernel::Work::Subject subject{};
};
std::optional<KnownPatient> known(kernel::Work& work, const PatientId& id, std::uint32_t classes);

/// The ids of patients that have this token, in order. For members of a batch, as everything above.
std::vector<PatientId> holders(kernel::Work& work, TokenKind kind, std::string_view normalised);

/// The patients that changed after the token table's mark, in order, as the transaction sees it: their tokens may still be in
/// memory only.
std::vector<PatientId> changed_since_mark(kernel::Work& work);

/// How many rows of `patient_tokens` and of `patient_facilities` a patient should have, and whether they are there. What a `recent`
/// patient may have is counted as far as it is there.
struct IndexRows {
  std::size_t tokens = 0;
  std::size_t facilities = 0;
  bool all_there = true;
};
IndexRows index_rows(kernel::Work& work, const Patient& patient, bool recent);

/// Whether a row of one of those two tables is one that this patient should have.
bool is_index_row(kernel::Work& work, const Patient& patient, const storage::Table& table, storage::RowView row);

/// The zone that decides what "today" means at a facility; UTC where there is no such facility.
Zone zone_of(kernel::Work& work, FacilityId facility);

}  // namespace medflow::inline v1::patients
