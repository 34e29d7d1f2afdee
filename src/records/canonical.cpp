#include "records/canonical.hpp"

#include <algorithm>

#include "medflow/id.hpp"
#include "medflow/money.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1::records {
namespace {

void append_text(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view escaped = "\b\t\n\f\r";
  constexpr std::string_view letters = "btnfr";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (const auto at = escaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += letters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 0xF];
    } else {
      out += c;
    }
  }
  out += '"';
}

bool is_absent(const Type& type, const void* at) {
  switch (type.kind) {
    case Kind::optional:
      return !type.has(at);
    case Kind::uuid:
      return static_cast<const Uuid*>(at)->is_nil();
    default:
      return false;
  }
}

std::string text_of(const Type& type, const void* at) {
  std::string text;
  append_canonical_value(type, at, text);
  return text;
}

class Comparison {
 public:
  explicit Comparison(std::vector<Step>& steps) : steps_(steps) {}

  void object(const Type& type, const void* before, const void* after, const std::string& path) {
    for (const Field& field : type.fields)
      member(*field.type, field.at_const(before), field.at_const(after), path + '/' + std::string(field.name));
  }

 private:
  void member(const Type& type, const void* before, const void* after, const std::string& path) {
    const bool was = !is_absent(type, before);
    const bool is = !is_absent(type, after);
    if (!was && !is) return;
    if (!was) return step(Step::Op::add, path, text_of(type, after));
    if (!is) return step(Step::Op::remove, path, {});
    value(type, before, after, path);
  }

  void value(const Type& type, const void* before, const void* after, const std::string& path) {
    if (type.kind == Kind::optional)
      return value(*type.element, type.get(const_cast<void*>(before)), type.get(const_cast<void*>(after)), path);
    if (type.kind == Kind::object) return object(type, before, after, path);
    if (type.kind == Kind::list && type.size(before) == type.size(after)) {
      for (std::size_t i = 0, n = type.size(before); i < n; ++i)
        value(*type.element, type.item(const_cast<void*>(before), i), type.item(const_cast<void*>(after), i),
              path + '/' + std::to_string(i));
      return;
    }
    std::string then = text_of(type, after);
    if (text_of(type, before) != then) step(Step::Op::replace, path, std::move(then));
  }

  void step(Step::Op op, const std::string& path, std::string value) {
    steps_.push_back({.op = op, .path = path, .value = std::move(value)});
  }

  std::vector<Step>& steps_;
};

}  // namespace

void append_canonical_value(const Type& type, const void* at, std::string& out) {
  switch (type.kind) {
    case Kind::boolean:
      out += type.get_integer(at) != 0 ? "true" : "false";
      return;
    case Kind::integer:
      out += std::to_string(type.get_integer(at));
      return;
    case Kind::text:
      return append_text(*static_cast<const std::string*>(at), out);
    case Kind::enumeration:
      return append_text(type.words[static_cast<std::size_t>(type.get_integer(at))], out);
    case Kind::uuid:
      return append_text(static_cast<const Uuid*>(at)->text(), out);
    case Kind::instant:
      return append_text(static_cast<const Instant*>(at)->text(), out);
    case Kind::date:
      return append_text(static_cast<const Date*>(at)->text(), out);
    case Kind::partial_date:
      return append_text(static_cast<const PartialDate*>(at)->text(), out);
    case Kind::time:
      return append_text(static_cast<const TimeOfDay*>(at)->text(), out);
    case Kind::local_date_time:
      return append_text(static_cast<const LocalDateTime*>(at)->text(), out);
    case Kind::zone:
      return append_text(static_cast<const Zone*>(at)->id, out);
    case Kind::currency:
      return append_text(static_cast<const Currency*>(at)->code(), out);
    case Kind::object:
      return append_canonical(type, at, out);
    case Kind::optional:
      return append_canonical_value(*type.element, type.get(const_cast<void*>(at)), out);
    case Kind::list:
      out += '[';
      for (std::size_t i = 0, n = type.size(at); i < n; ++i) {
        if (i != 0) out += ',';
        append_canonical_value(*type.element, type.item(const_cast<void*>(at), i), out);
      }
      out += ']';
      return;
    case Kind::secret:
    case Kind::money:
    case Kind::change:
    case Kind::content:
    case Kind::stream:
      break;  // no record holds them
  }
  out += "null";
}

void append_canonical(const Type& type, const void* object, std::string& out) {
  std::vector<const Field*> fields;
  for (const Field& field : type.fields)
    if (!is_absent(*field.type, field.at_const(object))) fields.push_back(&field);
  // Names are ASCII, so their bytes are in the order of UTF-16 code units.
  std::sort(fields.begin(), fields.end(), [](const Field* a, const Field* b) { return a->name < b->name; });
  out += '{';
  for (const Field* field : fields) {
    if (field != fields.front()) out += ',';
    append_text(field->name, out);
    out += ':';
    append_canonical_value(*field->type, field->at_const(object), out);
  }
  out += '}';
}

std::vector<Step> difference(const Type& type, const void* before, const void* after) {
  std::vector<Step> steps;
  Comparison(steps).object(type, before, after, "");
  return steps;
}

std::string json_patch(const std::vector<Step>& steps, std::string_view prefix) {
  constexpr std::string_view words[] = {"add", "remove", "replace"};
  std::string out = "[";
  for (const Step& step : steps) {
    if (out.size() > 1) out += ',';
    out.append("{\"op\":\"").append(words[static_cast<std::size_t>(step.op)]).append("\",\"path\":");
    append_text(std::string(prefix) + step.path, out);
    if (step.op != Step::Op::remove) out.append(",\"value\":").append(step.value);
    out += '}';
  }
  return out + "]";
}

}  // namespace medflow::inline v1::records
