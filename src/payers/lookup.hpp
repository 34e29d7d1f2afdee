// What other modules ask about payers and coverages. Nothing here asks whether the caller may read it.
#pragma once

#include <optional>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/payers.hpp"

namespace medflow::inline v1::payers {

std::optional<Payer> payer_of(kernel::Work& work, const PayerId& id);

/// All coverages of a patient, ended ones too, by id. The classes that `work` opens now are open: who opens more before a coverage is written anew
/// loses what is sealed in it.
std::vector<coverages::Coverage> coverages_of(kernel::Work& work, const PatientId& patient);

}  // namespace medflow::inline v1::payers
