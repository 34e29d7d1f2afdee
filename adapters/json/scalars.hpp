// Values that are one text, on the wire and on a command line.
#pragma once

#include <string>
#include <string_view>

#include "medflow/fields.hpp"

namespace medflow::json {

/// Why a value was not taken; without a code it was.
struct Fault {
  std::string_view code{};
  std::string message{};

  bool any() const { return !code.empty(); }
};

/// The type that an optional or a change holds, and other types as they are.
const Type& unwrapped(const Type& type);

/// Whether values of this type are texts in JSON.
bool is_text(const Type& type);

/// Sets a value of a type for which `is_text` holds.
Fault set_text(const Type& type, void* at, std::string_view text);

/// "type.mismatch", with what was expected.
Fault mismatch(const Type& type);

/// Sets an integer; refuses what the member cannot hold.
Fault set_integer(const Type& type, void* at, std::int64_t value);

/// Money as the members of its JSON object.
extern const Type money_type;

}  // namespace medflow::json
