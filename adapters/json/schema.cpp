#include "adapters/json/schema.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/json/codec.hpp"
#include "adapters/json/scalars.hpp"

namespace medflow::json {

namespace {

bool is_named(const Type& type) {
  return type.kind == Kind::object || type.kind == Kind::enumeration || type.kind == Kind::money;
}

std::string_view name_of(const Type& type) { return type.kind == Kind::money ? money_type.name : type.name; }

std::string_view json_type(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::list:
      return "array";
    default:
      return "string";
  }
}

bool is_on_wire(const Field& field) {
  return field.type->kind != Kind::content && field.type->kind != Kind::stream && !field.is(secret);
}

/// In answers everything is there but what may have no value: see `encode`.
bool is_always_there(const Field& field) {
  switch (field.type->kind) {
    case Kind::optional:
    case Kind::change:
    case Kind::currency:
    case Kind::secret:
      return false;
    case Kind::uuid:
      return field.name == "id";  // who did it may be nobody; which object it is, never
    default:
      return true;
  }
}

}  // namespace

void SchemaWriter::field(const Field& field) {
  out_.open_object();
  if (!field.rules.meaning.empty()) out_.member("description", field.rules.meaning);
  members(*field.type, field.rules, false, false);
  out_.close();
}

void SchemaWriter::value(const Type& type, const Rules& rules) {
  out_.open_object();
  members(type, rules, false, false);
  out_.close();
}

void SchemaWriter::members(const Type& type, const Rules& rules, bool nullable, bool is_item, bool may_be_absent) {
  if (type.kind == Kind::optional || type.kind == Kind::change)
    return members(*type.element, rules, nullable || type.kind == Kind::change, is_item, true);
  if (is_named(type)) {
    const std::string target = std::string(root_).append(name_of(type));
    if (!nullable) {
      out_.member("$ref", target);
      return;
    }
    out_.key("anyOf").open_list().reference(target).open_object().member("type", "null").close().close();
    return;
  }
  if (nullable) {
    out_.key("type").texts({json_type(type), "null"});
  } else {
    out_.member("type", json_type(type));
  }
  switch (type.kind) {
    case Kind::integer: {
      const bool is_signed = type.min < 0;
      out_.member("format", type.max > std::numeric_limits<std::int32_t>::max() ? "int64" : "int32");
      if (rules.min != 0 || rules.max != 0 || !is_signed) out_.key("minimum").integer(rules.min);
      if (rules.max != 0) out_.key("maximum").integer(rules.max);
      return;
    }
    case Kind::text:
      return text_rules(rules, is_item ? rules.item_text_max : rules.max, is_item, !is_item && !may_be_absent);
    case Kind::secret:
      out_.member("format", "password").key("writeOnly").boolean(true);
      return text_rules(rules, rules.max, false, false);
    case Kind::uuid:
      out_.member("format", "uuid");
      return;
    case Kind::instant:
      out_.member("format", "date-time");
      return;
    case Kind::date:
      out_.member("format", "date");
      return;
    case Kind::time:
      out_.member("pattern", "^([01][0-9]|2[0-3]):[0-5][0-9]$");
      return;
    case Kind::local_date_time:
      out_.member("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:00)?$");
      return;
    case Kind::partial_date:
      out_.member("pattern", "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$");
      return;
    case Kind::currency:
      out_.member("pattern", "^[A-Z]{3}$");
      return;
    case Kind::list:
      if (rules.items_max != 0) out_.key("maxItems").integer(rules.items_max);
      out_.key("items").open_object();
      members(*type.element, rules, false, true);
      out_.close();
      return;
    default:
      return;
  }
}

void SchemaWriter::text_rules(const Rules& rules, std::int64_t max, bool needed, bool may_be_empty) {
  if (needed && rules.text != TextRule::line && rules.text != TextRule::name && rules.text != TextRule::note) {
    out_.key("minLength").integer(1);
  }
  if (max != 0) out_.key("maxLength").integer(max);
  // A text that is always there says by being empty that there is no address.
  if (rules.text == TextRule::email)
    may_be_empty ? out_.member("pattern", "^([^@]+@[^@]+)?$") : out_.member("format", "email");
  if (rules.text == TextRule::uri) out_.member("format", "uri");
  if (rules.text == TextRule::slug) out_.member("pattern", "^[a-z0-9-]*$");
  if (rules.text == TextRule::ascii) out_.member("pattern", "^[!-~]*$");
}

void SchemaWriter::default_value(const Field& field, const void* initial) {
  const Kind kind = field.type->kind;
  if (field.is(required) || (kind != Kind::boolean && kind != Kind::integer && kind != Kind::enumeration)) return;
  std::string text;
  encode(*field.type, field.at_const(initial), text);
  out_.key("default").json(text);
}

void SchemaWriter::definition(const Type& type, Side side, const std::set<std::string_view>& left_out) {
  out_.open_object();
  if (type.kind == Kind::enumeration) {
    out_.member("type", "string").key("enum").open_list();
    for (const std::string_view word : type.words) out_.text(word);
    out_.close().close();
    return;
  }
  const Type& object = type.kind == Kind::money ? money_type : type;
  const auto has = [&](const Field& field) { return is_on_wire(field) && !left_out.contains(field.name); };
  const auto needed = [&](const Field& field) {
    return has(field) &&
           (side == Side::request || type.kind == Kind::money ? field.is(required) : is_always_there(field));
  };
  // Money is the one object whose fields are not its own type's, so it has no initial state to show.
  const Value initial = side == Side::request && type.kind == Kind::object ? Value(type) : Value();
  bool any_needed = false;
  out_.member("type", "object").key("properties").open_object();
  for (const Field& field : object.fields) {
    if (!has(field)) continue;
    any_needed = any_needed || needed(field);
    out_.key(field.name).open_object();
    if (!field.rules.meaning.empty()) out_.member("description", field.rules.meaning);
    members(*field.type, field.rules, false, false);
    if (field.type->kind == Kind::text && field.is(required))
      out_.key("minLength").integer(std::max<std::int64_t>(1, field.rules.min));
    if (initial.data() != nullptr) default_value(field, initial.data());
    out_.close();
  }
  out_.close();
  if (any_needed) {
    out_.key("required").open_list();
    for (const Field& field : object.fields)
      if (needed(field)) out_.text(field.name);
    out_.close();
  }
  if (side == Side::request) out_.key("additionalProperties").boolean(false);
  out_.close();
}

void collect(const Type& type, std::set<std::pair<std::string_view, const Type*>>& found) {
  if (type.element != nullptr) collect(*type.element, found);
  if (!is_named(type) || !found.insert({name_of(type), &type}).second) return;
  if (type.kind != Kind::object) return;
  for (const Field& field : type.fields)
    if (is_on_wire(field)) collect(*field.type, found);
}

std::string schema_document(const Type& type, Side side) {
  std::set<std::pair<std::string_view, const Type*>> found;
  collect(type, found);
  Pretty out;
  SchemaWriter writer(out, "#/$defs/");
  out.open_object().member("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.member("$ref", std::string("#/$defs/").append(name_of(type)));
  out.key("$defs").open_object();
  for (const auto& [name, part] : found) {
    out.key(name);
    writer.definition(*part, side);
  }
  out.close().close();
  return out.take();
}

}  // namespace medflow::json
