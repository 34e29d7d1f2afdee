// Record numbers (PAT-2): how they are made, and what makes one given by hand acceptable.
#pragma once

#include <string>
#include <string_view>

#include "kernel/work.hpp"
#include "medflow/tenants.hpp"

namespace medflow::inline v1::patients {

/// The Luhn check digit of a string of digits (ISO/IEC 7812-1): '8' for "00000001".
char luhn_digit(std::string_view digits);

/// The next record number by the tenant's strategy: {PREFIX}-{seq:8}-{luhn}, {PREFIX}-{year}{seq:6}-{luhn} or
/// {PREFIX}{facility}-{seq:8}-{luhn}. With `manual` it is `given`. Throws Failure invalid, naming /mrn: one is missing, or given
/// where the tenant makes them, or its check digit is wrong.
std::string make_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given,
                     FacilityId facility, const Zone& zone);

/// What `make_mrn` is likely to answer, each call a further one; empty where it would throw.
std::string foreseen_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given,
                         FacilityId facility, const Zone& zone);

}  // namespace medflow::inline v1::patients
