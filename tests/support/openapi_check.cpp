#include "tests/support/openapi_check.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include <boost/json.hpp>

#include "adapters/http/errors_page.hpp"
#include "adapters/json/openapi.hpp"
#include "medflow/codes.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::testing {
namespace {

namespace bj = boost::json;

constexpr std::string_view base_path = "/api/v1";

const bj::value& document() {
  static const bj::value parsed = bj::parse(json::openapi_document());
  return parsed;
}

std::string_view view(const bj::string& text) { return {text.data(), text.size()}; }

const bj::object& resolved(const bj::object& object) {
  const bj::value* reference = object.if_contains("$ref");
  return reference == nullptr ? object : document().at_pointer(view(reference->as_string()).substr(1)).as_object();
}

std::int64_t code_points(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

/// The part of JSON Schema 2020-12 that our document uses.
class Validator {
 public:
  explicit Validator(std::vector<std::string>& complaints) : complaints_(complaints) {}

  void check(const bj::object& schema_or_reference, const bj::value& value, const std::string& place) {
    const bj::object& schema = resolved(schema_or_reference);
    for (const auto& keyword : schema) check_keyword(schema, keyword.key(), keyword.value(), value, place);
  }

 private:
  void say(const std::string& place, const std::string& what) {
    complaints_.push_back((place.empty() ? "/" : place) + ": " + what);
  }

  void check_keyword(const bj::object& schema, std::string_view name, const bj::value& rule, const bj::value& value,
                     const std::string& place) {
    static const std::set<std::string_view> annotations{"description", "default", "writeOnly", "title",
                                                        "additionalProperties"};
    if (annotations.contains(name)) return;
    if (name == "type") return check_type(rule, value, place);
    if (name == "enum") {
      const bj::array& words = rule.as_array();
      if (std::find(words.begin(), words.end(), value) == words.end()) say(place, "not one of the words");
    } else if (name == "anyOf") {
      check_any(rule.as_array(), value, place);
    } else if (name == "properties") {
      if (value.is_object()) check_members(rule.as_object(), value.as_object(), place);
    } else if (name == "required") {
      for (const bj::value& member : rule.as_array())
        if (value.is_object() && !value.as_object().contains(member.as_string()))
          say(place, "lacks " + std::string(view(member.as_string())));
    } else if (name == "items") {
      if (value.is_array())
        for (std::size_t i = 0; i < value.as_array().size(); ++i)
          check(rule.as_object(), value.as_array()[i], place + "/" + std::to_string(i));
    } else if (name == "maxItems") {
      if (value.is_array() && value.as_array().size() > rule.to_number<std::size_t>()) say(place, "too many items");
    } else if (name == "minimum" || name == "maximum") {
      check_bound(name == "minimum", rule, value, place);
    } else if (!check_text(name, rule, value, place)) {
      say(place, "a keyword that is not understood here: " + std::string(name) + " of " + bj::serialize(schema));
    }
  }

  static bool is_of_type(std::string_view type, const bj::value& value) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  void check_type(const bj::value& rule, const bj::value& value, const std::string& place) {
    bool fits = false;
    if (rule.is_string()) {
      fits = is_of_type(view(rule.as_string()), value);
    } else {
      for (const bj::value& type : rule.as_array()) fits = fits || is_of_type(view(type.as_string()), value);
    }
    if (!fits) say(place, "not of type " + bj::serialize(rule));
  }

  void check_any(const bj::array& schemas, const bj::value& value, const std::string& place) {
    for (const bj::value& schema : schemas) {
      std::vector<std::string> none;
      Validator(none).check(schema.as_object(), value, place);
      if (none.empty()) return;
    }
    say(place, "fits none of its schemas");
  }

  void check_members(const bj::object& members, const bj::object& value, const std::string& place) {
    for (const auto& member : value) {
      const std::string inner = place + "/" + std::string(member.key());
      if (const bj::value* schema = members.if_contains(member.key())) {
        check(schema->as_object(), member.value(), inner);
      } else {
        say(inner, "is not in the document");
      }
    }
  }

  void check_bound(bool lower, const bj::value& rule, const bj::value& value, const std::string& place) {
    const auto bound = rule.to_number<std::int64_t>();
    if (value.is_uint64() ? !lower : value.is_int64() && (lower ? value.as_int64() < bound : value.as_int64() > bound))
      say(place, "out of bounds");
  }

  bool check_text(std::string_view name, const bj::value& rule, const bj::value& value, const std::string& place) {
    static const std::set<std::string_view> known{"minLength", "maxLength", "pattern", "format"};
    if (!known.contains(name)) return false;
    if (!value.is_string()) return true;
    const std::string_view text = view(value.as_string());
    if (name == "minLength" && code_points(text) < rule.to_number<std::int64_t>()) say(place, "too short");
    if (name == "maxLength" && code_points(text) > rule.to_number<std::int64_t>()) say(place, "too long");
    if (name == "pattern" &&
        !std::regex_search(text.begin(), text.end(), std::regex(std::string(view(rule.as_string())))))
      say(place, "does not match " + bj::serialize(rule));
    if (name == "format" && !has_format(view(rule.as_string()), text)) say(place, "is no " + bj::serialize(rule));
    return true;
  }

  static bool has_format(std::string_view format, std::string_view text) {
    if (format == "uuid") return Uuid::parse(text).has_value();
    if (format == "date-time") return Instant::parse(text).has_value() && text.ends_with('Z');
    if (format == "date") return Date::parse(text).has_value();
    if (format == "email") return text.find('@') != std::string_view::npos;
    return format == "uri" || format == "password";
  }

  std::vector<std::string>& complaints_;
};

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    parts.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(parts.back().size());
  }
  return parts;
}

/// Fixed segments that match, or none where the path does not.
int likeness(std::string_view pattern, std::string_view path) {
  const auto want = segments(pattern);
  const auto have = segments(path);
  if (want.size() != have.size()) return -1;
  int fixed = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (want[i].starts_with('{')) continue;
    if (want[i] != have[i]) return -1;
    ++fixed;
  }
  return fixed;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// The document's description of what was asked for.
const bj::object* described(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (!path.starts_with(base_path) || path.size() == base_path.size() || path[base_path.size()] != '/') return nullptr;
  const std::string verb = method == "HEAD" ? "get" : lower(method);
  int best = -1;
  const bj::object* found = nullptr;
  for (const auto& one : document().at("paths").as_object()) {
    const int like = likeness(one.key(), path.substr(base_path.size()));
    if (like <= best) continue;
    best = like;
    const bj::value* operation = one.value().as_object().if_contains(verb);
    found = operation == nullptr ? nullptr : &operation->as_object();
  }
  return found;
}

std::string_view media_type(std::string_view content_type) { return content_type.substr(0, content_type.find(';')); }

void check_content(const bj::object& response, const SeenExchange& seen, std::vector<std::string>& complaints) {
  const bj::value* content = response.if_contains("content");
  if (content == nullptr) {
    if (!seen.body.empty() || !seen.content_type.empty())
      complaints.emplace_back("there is content, and none is documented");
    return;
  }
  if (content->as_object().contains("*/*")) return;
  const bj::value* kind = content->as_object().if_contains(media_type(seen.content_type));
  if (kind == nullptr) {
    complaints.push_back("content of another type: " + std::string(seen.content_type));
    return;
  }
  const bool is_json = media_type(seen.content_type).ends_with("json");
  if (!is_json && !seen.content_type.starts_with("text/")) return;
  if (!seen.content_type.ends_with("; charset=utf-8")) complaints.emplace_back("the content type names no charset");
  if (seen.method == "HEAD" || !is_json) return;
  boost::system::error_code why;
  const bj::value body = bj::parse({seen.body.data(), seen.body.size()}, why);
  if (why) {
    complaints.emplace_back("not JSON");
  } else {
    Validator(complaints).check(kind->at("schema").as_object(), body, "");
  }
}

/// The codes of a problem are in the catalogue.
void check_codes(const SeenExchange& seen, std::vector<std::string>& complaints) {
  boost::system::error_code why;
  const bj::value body = bj::parse({seen.body.data(), seen.body.size()}, why);
  if (seen.status < 400 || seen.method == "HEAD" || why || !body.is_object() || !body.as_object().contains("code"))
    return;
  const std::string code(body.at("code").as_string());
  const auto& rows = http::error_catalogue();
  if (std::none_of(rows.begin(), rows.end(), [&](const http::ErrorRow& row) { return row.code.name == code; }))
    complaints.push_back("a code that is not in the catalogue: " + code);
  for (const bj::value& error : body.at("errors").as_array()) {
    const std::string name(error.at("code").as_string());
    const auto& fields = field_codes();
    if (std::none_of(fields.begin(), fields.end(), [&](const FieldCodeRow& row) { return row.name == name; }))
      complaints.push_back("a field's code that is not in the catalogue: " + name);
  }
}

/// What has no operation, or broke off before one was known, is a problem all the same.
void check_problem(const SeenExchange& seen, std::vector<std::string>& complaints) {
  if (seen.status < 400) return;
  check_content(resolved(document().at("components").at("responses").at("internal").as_object()), seen, complaints);
}

}  // namespace

std::string documented_id(std::string_view method, std::string_view target) {
  const bj::object* operation = described(method, target);
  return operation == nullptr ? std::string() : std::string(view(operation->at("operationId").as_string()));
}

std::vector<std::string> complaints_about(const SeenExchange& seen) {
  static const std::set<int> at_any_time{408, 413, 414, 429, 431, 500, 503};
  std::vector<std::string> complaints;
  check_codes(seen, complaints);
  if (!seen.has_request_id) complaints.emplace_back("there is no X-Request-Id");
  const bj::object* operation = described(seen.method, seen.target);
  if (operation == nullptr) {
    check_problem(seen, complaints);
    return complaints;
  }
  const bj::value* response = operation->at("responses").as_object().if_contains(std::to_string(seen.status));
  if (response != nullptr) {
    check_content(resolved(response->as_object()), seen, complaints);
  } else if (at_any_time.contains(seen.status)) {
    check_problem(seen, complaints);
  } else {
    complaints.push_back("a status that is not documented: " + std::to_string(seen.status));
  }
  return complaints;
}

}  // namespace medflow::testing
