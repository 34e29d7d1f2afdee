// Which invoices, payments and what follows from them a session reaches: here and nowhere else.
#pragma once

#include <optional>
#include <span>

#include "kernel/work.hpp"
#include "medflow/invoices.hpp"

namespace medflow::inline v1::invoices {

/// What it depends on.
struct Matter {
  std::optional<PatientId> patient_id{};
  FacilityId facility_id{};
  UserId created_by{};
  std::span<const PractitionerId> practitioner_ids{};
  bool draft = false;
};

/// Whether one of the ways in which the session holds `permission` reaches it.
bool reaches(const kernel::Work& work, const Matter& matter, Permission permission);

/// Whether it does as its patient only.
bool only_as_patient(const kernel::Work& work, const Matter& matter, Permission permission);

Matter matter_of(const Invoice& invoice);

}  // namespace medflow::inline v1::invoices
