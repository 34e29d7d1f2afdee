// Described objects as canonical JSON (RFC 8785), and what differs between two of them as a JSON Patch (RFC 6902).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "medflow/fields.hpp"

namespace medflow::inline v1::records {

/// Appends the object with its members in the order of their names. What is not there (an optional, a nil id) is left out, as in answers.
/// Numbers are integers of at most 2^53, so they are written as they are.
void append_canonical(const Type& type, const void* object, std::string& out);

/// The same of any value.
void append_canonical_value(const Type& type, const void* value, std::string& out);

/// One step from an object to another.
struct Step {
  enum class Op : std::uint8_t { add, remove, replace };
  Op op = Op::replace;
  std::string path{};   ///< RFC 6901
  std::string value{};  ///< canonical; of add and replace
};

/// The steps from `before` to `after`, both of `type`. Lists of equal length are compared item by item, others are replaced.
std::vector<Step> difference(const Type& type, const void* before, const void* after);

/// They as a JSON Patch, their paths below `prefix`.
std::string json_patch(const std::vector<Step>& steps, std::string_view prefix);

}  // namespace medflow::inline v1::records
