// Encounters as they are answered.
#pragma once

#include "encounters/entities.hpp"
#include "records/chart.hpp"

namespace medflow::inline v1::encounters {

/// Without what the caller may not see, however much was opened to work on it; with the patient's label.
Encounter shown(kernel::Work& work, const records::Chart& chart, Encounter encounter);

}  // namespace medflow::inline v1::encounters
