// Binding requests to what is not one JSON text: path and query parameters, headers, command line flags.
#pragma once

#include <string_view>

#include "adapters/json/codec.hpp"
#include "medflow/error.hpp"
#include "medflow/fields.hpp"

namespace medflow::json {

/// The field of this name, none where there is none.
const Field* find_field(const Type& type, std::string_view name);

/// Sets one field of `object` from the text of a parameter or flag. Scalars as their JSON form without quotes; lists of
/// scalars by commas, and each further call adds; an object as JSON; a list of objects as a JSON list, or one object a
/// call. False where the text does not fit; `error` is then `invalid` and names the field, as `decode` does.
bool set_from_text(const Field& field, void* object, std::string_view text, Error& error);

}  // namespace medflow::json
