#include "adapters/json/binding.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "adapters/json/scalars.hpp"

namespace medflow::json {

namespace {

Fault set_boolean(const Type& type, void* at, std::string_view text) {
  if (text != "true" && text != "false") return mismatch(type);
  type.set_integer(at, text == "true" ? 1 : 0);
  return {};
}

Fault set_number(const Type& type, void* at, std::string_view text) {
  std::int64_t value = 0;
  const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (why == std::errc::result_out_of_range && end == text.data() + text.size())
    return {.code = "number.out_of_range",
            .message = "From " + std::to_string(type.min) + " to " + std::to_string(type.max) + "."};
  if (why != std::errc{} || end != text.data() + text.size()) return mismatch(type);
  return set_integer(type, at, value);
}

Fault set_scalar(const Type& type, void* at, std::string_view text) {
  if (type.kind == Kind::boolean) return set_boolean(type, at, text);
  if (type.kind == Kind::integer) return set_number(type, at, text);
  return is_text(type) ? set_text(type, at, text) : mismatch(type);
}

bool is_scalar(const Type& type) { return type.kind == Kind::boolean || type.kind == Kind::integer || is_text(type); }

Fault set_items(const Type& type, void* at, std::string_view text) {
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (type.size(at) >= items_max)
      return {.code = "list.too_long", .message = "At most " + std::to_string(items_max) + " items."};
    Fault fault = set_scalar(unwrapped(*type.element), type.append(at), text.substr(0, comma));
    if (fault.any() || comma == text.size()) return fault;
    text.remove_prefix(comma + 1);
  }
}

/// Errors of a JSON text within a field, with the field in front of their pointers.
bool set_json(const Type& type, void* at, std::string_view text, std::string_view field, Error& error) {
  Error inner;
  if (decode(text, type, at, inner)) return true;
  error.code = inner.code;
  if (error.detail.empty()) error.detail = std::move(inner.detail);
  for (FieldError& fault : inner.fields) {
    if (error.fields.size() >= field_errors_max) break;
    fault.pointer.insert(0, field);
    error.fields.push_back(std::move(fault));
  }
  return false;
}

}  // namespace

const Field* find_field(const Type& type, std::string_view name) {
  for (const Field& field : type.fields)
    if (field.name == name) return &field;
  return nullptr;
}

bool set_from_text(const Field& field, void* object, std::string_view text, Error& error) {
  const std::string pointer = "/" + std::string(field.name);
  const Type* type = field.type;
  void* at = field.at(object);
  while (type->kind == Kind::optional || type->kind == Kind::change) {
    // A flag may be repeated: what is held already is added to.
    at = type->has(at) ? type->get(at) : type->emplace(at);
    type = type->element;
  }
  const Type& value = *type;
  Fault fault;
  if (is_scalar(value)) {
    fault = set_scalar(value, at, text);
  } else if (value.kind == Kind::list && is_scalar(unwrapped(*value.element)) && !text.starts_with('[')) {
    fault = set_items(value, at, text);
  } else if (value.kind == Kind::list && text.starts_with('{')) {
    return set_json(value, at, "[" + std::string(text) + "]", pointer, error);
  } else if (value.kind == Kind::list || value.kind == Kind::object || value.kind == Kind::money) {
    return set_json(value, at, text, pointer, error);
  } else {
    fault = mismatch(value);
  }
  if (!fault.any()) return true;
  error.code = codes::invalid;
  if (error.fields.size() < field_errors_max)
    error.fields.push_back({.pointer = pointer, .code = std::string(fault.code), .message = std::move(fault.message)});
  return false;
}

}  // namespace medflow::json
