// JSON Schema (2020-12) of types, as OpenAPI 3.1 takes it too.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/json/pretty.hpp"
#include "medflow/fields.hpp"

namespace medflow::json {

/// Whether a type is sent by a client or answered: it decides which members must be there.
enum class Side : bool { request, answer };

/// Writes schemas that name each other below one root, such as "#/components/schemas/".
class SchemaWriter {
 public:
  SchemaWriter(Pretty& out, std::string_view root) : out_(out), root_(root) {}

  /// The schema of one field's value, with its rules and meaning.
  void field(const Field& field);
  /// The schema of a value: of objects and enumerations a reference.
  void value(const Type& type, const Rules& rules = {});
  /// The schema of an object or enumeration itself. Of an object the fields in `left_out` are not part.
  void definition(const Type& type, Side side, const std::set<std::string_view>& left_out = {});

 private:
  void members(const Type& type, const Rules& rules, bool nullable, bool is_item, bool may_be_absent = false);
  void text_rules(const Rules& rules, std::int64_t max, bool needed, bool may_be_empty);
  void default_value(const Field& field, const void* initial);

  Pretty& out_;
  std::string_view root_;
};

/// Adds `type` and all objects and enumerations that it is made of, by their names.
void collect(const Type& type, std::set<std::pair<std::string_view, const Type*>>& found);

/// A JSON Schema document of one type, complete in itself.
std::string schema_document(const Type& type, Side side);

}  // namespace medflow::json
