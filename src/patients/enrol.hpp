// Registering one patient, for everybody who does it: the front desk and the import.
#pragma once

#include "kernel/work.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::patients {

struct Enrolled {
  Patient patient{};
  bool created = false;  ///< false where the same patient was there already
};

/// Checks and stores a new patient, or finds the one that the same request made before. Fails as `Register` does.
Enrolled enrol(kernel::Work& work, const Register& request);

}  // namespace medflow::inline v1::patients
