// The types that operations take and give: what the codecs are tried with.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::fuzz {

/// Whether any field, however deep, is as `is` says.
template <class Is>
bool any_field(const Type& type, const Is& is) {
  if (type.element != nullptr) return is(*type.element, 0) || any_field(*type.element, is);
  return std::any_of(type.fields.begin(), type.fields.end(),
                     [&](const Field& field) { return is(*field.type, field.flags) || any_field(*field.type, is); });
}

/// Whether objects of this type can be stored: no changes, contents and streams in them.
inline bool is_storable(const Type& type) {
  return type.kind == Kind::object && !any_field(type, [](const Type& of, std::uint32_t) {
           return of.kind == Kind::change || of.kind == Kind::content || of.kind == Kind::stream;
         });
}

/// Whether JSON tells everything that is stored: no fields that no answer has, and none that are computed for it.
inline bool is_all_told(const Type& type) {
  return is_storable(type) &&
         !any_field(type, [](const Type&, std::uint32_t flags) { return (flags & (secret | derived)) != 0; });
}

/// Requests and answers of all operations, each type once, in the order of the list.
inline const std::vector<const Type*>& operation_types() {
  static const std::vector<const Type*> types = [] {
    std::vector<const Type*> found;
    for (const OperationRow& row : operations())
      for (const Type* type : {row.request, row.output})
        if (type->kind == Kind::object && std::find(found.begin(), found.end(), type) == found.end())
          found.push_back(type);
    return found;
  }();
  return types;
}

}  // namespace medflow::fuzz
