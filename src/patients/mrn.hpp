// Record numbers (PAT-2): how they are made, and what makes one given by hand acceptable.
#pragma once

#include <string>
#include <string_view>

#include "kernel/work.hpp"
#include "medflow/tenants.hpp"

namespace medflow::inline v1::patients {

/// The Luhn check digit of a string of digits (ISO/IEC 7812-1): '8' for "00000001".
char luhn_digit(std::string_view digits);

struct MadeMrn {
  std::string text{};
  std::string counter{};  ///< where it comes from; empty where it was given
  bool counted = false;   ///< no other number that is counted can be alike, as long as counters only go up
  bool unused = false;    ///< that nobody has it is known without looking
};

/// The next record number by the tenant's strategy: {PREFIX}-{seq:8}-{luhn}, {PREFIX}-{year}{seq:6}-{luhn} or
/// {PREFIX}{facility}-{seq:8}-{luhn}. With `manual` it is `given`. Throws Failure invalid, naming /mrn: one is missing, or given
/// where the tenant makes them, or its check digit is wrong.
MadeMrn make_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given, FacilityId facility,
                 const Zone& zone);

/// Whether somebody has a number that was made turned out: the next ones are looked up or not by that.
void looked_up(kernel::Work& work, const MadeMrn& made, bool taken);

/// What `make_mrn` is likely to answer, each call a further one; empty where it would throw, or where that will not have to be looked up.
std::string foreseen_mrn(kernel::Work& work, const settings::Settings& settings, std::string_view given,
                         FacilityId facility, const Zone& zone);

}  // namespace medflow::inline v1::patients
