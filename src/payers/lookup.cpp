#include "payers/lookup.hpp"

#include <utility>

#include "payers/entities.hpp"

namespace medflow::inline v1::payers {

using coverages::Coverage;
using kernel::Rows;
using kernel::Work;

std::optional<Payer> payer_of(Work& work, const PayerId& id) { return Rows<Payer>(work).find_unchecked(id, 0); }

std::vector<Coverage> coverages_of(Work& work, const PatientId& patient) {
  std::vector<Coverage> found;
  const storage::Cell equal[] = {storage::Cell::bytes(patient.uuid.view())};
  Rows<Coverage>(work).scan({.index = "coverages_patient", .equal = equal}, [&](Coverage coverage) {
    found.push_back(std::move(coverage));
    return true;
  });
  return found;
}

}  // namespace medflow::inline v1::payers
