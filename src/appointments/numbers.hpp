// The numbers of appointments.
#pragma once

#include <string>

#include "kernel/work.hpp"

namespace medflow::inline v1::appointments {

/// "APT-" and at least 8 digits. Those of calls that fail are lost.
inline std::string next_number(kernel::Work& work) {
  std::string digits = std::to_string(work.next_number("appointments"));
  if (digits.size() < 8) digits.insert(0, 8 - digits.size(), '0');
  return "APT-" + digits;
}

}  // namespace medflow::inline v1::appointments
