// What is said of a doctor has to be, beyond the rules of single fields.
#pragma once

#include <string_view>

#include "kernel/field_errors.hpp"
#include "medflow/doctors.hpp"

namespace medflow::inline v1::doctors {

/// Whether this is a US National Provider Identifier: 10 digits, the last a Luhn check over the others behind 80840 (CMS, "NPI check
/// digit").
bool is_npi(std::string_view text);

/// Adds what is wrong with it by itself: whether what it names is there is another question.
void check_content(const Doctor& doctor, kernel::FieldErrors& errors);

}  // namespace medflow::inline v1::doctors
