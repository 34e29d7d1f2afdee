// The rules of fields (R4, R13, entities.md), checked for every request whichever way it came.
#pragma once

#include <vector>

#include "medflow/error.hpp"
#include "medflow/fields.hpp"
#include "medflow/session.hpp"

namespace medflow::kernel {

/// Checks an object of type `type` (kind object) against the rules of its fields and turns its texts into NFC in place.
/// Appends one error per broken rule, in the order of the fields, until there are `field_errors_max`; a field is named
/// with the first rule that it breaks. Texts that are empty and need not be there break no rule. A valid ASCII text is
/// read once, and nothing is allocated for it.
///
/// Codes: required, text.invalid_utf8, text.control_character, text.too_short, text.too_long, format.ascii,
/// format.slug, format.email, format.uri, format.uuid, number.out_of_range, list.too_long, enum.unknown, date.invalid,
/// instant.out_of_range, zone.unknown, currency.unknown.
void validate(const Type& type, void* object, std::vector<FieldError>& errors);

/// Throws Failure "invalid" with all errors where there are any.
void require_valid(const Type& type, void* object);

}  // namespace medflow::kernel
