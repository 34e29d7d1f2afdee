// Whether one OpenAPI document breaks the clients of another (API-7, API-11): what they sent is still taken, and what they relied on is
// still answered. Of JSON Schema only what our documents use is looked at.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/json.hpp>

namespace medflow::testing {

namespace bj = boost::json;

class ApiChanges {
 public:
  /// Each change that breaks a client, in one line.
  static std::vector<std::string> breaking(const bj::value& before, const bj::value& after) {
    ApiChanges changes(before, after);
    changes.compare_paths();
    return std::move(changes.found_);
  }

 private:
  ApiChanges(const bj::value& before, const bj::value& after) : before_(before), after_(after) {}

  static std::string text(const bj::value& value) { return std::string(value.as_string()); }
  static const bj::value* member(const bj::value& object, std::string_view name) {
    return object.is_object() ? object.as_object().if_contains(name) : nullptr;
  }
  static const bj::value& resolved(const bj::value& document, const bj::value& value) {
    const bj::value* reference = member(value, "$ref");
    return reference == nullptr ? value : document.at_pointer(text(*reference).substr(1));
  }
  static std::set<std::string> words(const bj::value& object, std::string_view name) {
    std::set<std::string> all;
    const bj::value* list = member(object, name);
    if (list == nullptr) return all;
    if (list->is_string()) return {text(*list)};
    for (const bj::value& word : list->as_array()) all.insert(text(word));
    return all;
  }

  void say(const std::string& what) { found_.push_back(what); }

  void compare_paths() {
    for (const auto& path : before_.at("paths").as_object()) {
      const bj::value* now = member(after_.at("paths"), path.key());
      if (now == nullptr) {
        say(std::string(path.key()) + ": the path is gone");
        continue;
      }
      for (const auto& method : path.value().as_object()) {
        const std::string place = std::string(method.key()) + " " + std::string(path.key());
        const bj::value* operation = member(*now, method.key());
        if (operation == nullptr) {
          say(place + ": the method is gone");
        } else {
          compare_operation(method.value(), *operation, place);
        }
      }
    }
  }

  void compare_operation(const bj::value& old, const bj::value& now, const std::string& place) {
    compare_parameters(old, now, place);
    compare_requests(old, now, place);
    for (const auto& response : old.at("responses").as_object()) {
      if (response.key().front() != '2') continue;
      const bj::value* still = member(now.at("responses"), response.key());
      if (still == nullptr) {
        say(place + ": no longer answers " + std::string(response.key()));
      } else {
        each_content(resolved(before_, response.value()), resolved(after_, *still), place + " answer", false);
      }
    }
  }

  const bj::value* parameter(const bj::value& document, const bj::value& operation, const bj::value& like) const {
    const bj::value* list = member(operation, "parameters");
    if (list == nullptr) return nullptr;
    for (const bj::value& one : list->as_array()) {
      const bj::value& whole = resolved(document, one);
      if (whole.at("name") == like.at("name") && whole.at("in") == like.at("in")) return &whole;
    }
    return nullptr;
  }

  static bool needed(const bj::value& value) {
    const bj::value* flag = member(value, "required");
    return flag != nullptr && flag->is_bool() && flag->as_bool();
  }

  void compare_parameters(const bj::value& old, const bj::value& now, const std::string& place) {
    if (const bj::value* list = member(old, "parameters"))
      for (const bj::value& one : list->as_array()) {
        const bj::value& whole = resolved(before_, one);
        const std::string inner = place + " parameter " + text(whole.at("name"));
        const bj::value* still = parameter(after_, now, whole);
        if (still == nullptr) {
          say(inner + ": is gone");
        } else {
          compare_schema(whole.at("schema"), still->at("schema"), inner, true);
        }
      }
    if (const bj::value* list = member(now, "parameters"))
      for (const bj::value& one : list->as_array()) {
        const bj::value& whole = resolved(after_, one);
        const bj::value* before = parameter(before_, old, whole);
        if (needed(whole) && (before == nullptr || !needed(*before)))
          say(place + " parameter " + text(whole.at("name")) + ": is needed now");
      }
  }

  void compare_requests(const bj::value& old, const bj::value& now, const std::string& place) {
    const bj::value* before = member(old, "requestBody");
    const bj::value* after = member(now, "requestBody");
    if (after != nullptr && needed(*after) && (before == nullptr || !needed(*before)))
      say(place + ": a body is needed now");
    if (before == nullptr) return;
    if (after == nullptr) return say(place + ": takes no body any more");
    each_content(*before, *after, place + " body", true);
  }

  void each_content(const bj::value& old, const bj::value& now, const std::string& place, bool is_request) {
    const bj::value* before = member(old, "content");
    if (before == nullptr) return;
    for (const auto& type : before->as_object()) {
      const bj::value* content = member(now, "content");
      const bj::value* still = content == nullptr ? nullptr : member(*content, type.key());
      if (still == nullptr) {
        if (!is_request && type.key() == "*/*" && content != nullptr) continue;  // answers of any type are of some now
        say(place + ": no " + std::string(type.key()) + " any more");
      } else {
        compare_schema(type.value().at("schema"), still->at("schema"), place, is_request);
      }
    }
  }

  void compare_schema(const bj::value& old_or_reference, const bj::value& now_or_reference, const std::string& place,
                      bool is_request) {
    const bj::value& old = resolved(before_, old_or_reference);
    const bj::value& now = resolved(after_, now_or_reference);
    if (!seen_.insert({&old, &now, is_request}).second) return;
    if (words(old, "type") != words(now, "type")) return say(place + ": is of another type");
    compare_words(old, now, place, is_request);
    compare_members(old, now, place, is_request);
    compare_bounds(old, now, place, is_request);
    if (const bj::value* items = member(old, "items"); items != nullptr && member(now, "items") != nullptr)
      compare_schema(*items, now.at("items"), place + "/*", is_request);
    if (const bj::value* any = member(old, "anyOf")) {
      const bj::value* still = member(now, "anyOf");
      if (still == nullptr || still->as_array().size() < any->as_array().size())
        return say(place + ": fewer alternatives");
      for (std::size_t i = 0; i < any->as_array().size(); ++i)
        compare_schema(any->as_array()[i], still->as_array()[i], place, is_request);
    }
  }

  /// A request may not lose a word. An answer may win one: clients are told to expect that.
  void compare_words(const bj::value& old, const bj::value& now, const std::string& place, bool is_request) {
    if (!is_request) return;
    const auto still = words(now, "enum");
    for (const std::string& word : words(old, "enum"))
      if (!still.contains(word)) say(place + ": the word " + word + " is gone");
  }

  void compare_members(const bj::value& old, const bj::value& now, const std::string& place, bool is_request) {
    const auto needed_before = words(old, "required");
    const auto needed_now = words(now, "required");
    if (const bj::value* members = member(old, "properties"))
      for (const auto& one : members->as_object()) {
        const std::string name(one.key());
        const std::string inner = place + "/" + name;
        const bj::value* properties = member(now, "properties");
        const bj::value* still = properties == nullptr ? nullptr : member(*properties, name);
        if (still == nullptr) {
          say(inner + ": is gone");
          continue;
        }
        if (!is_request && needed_before.contains(name) && !needed_now.contains(name))
          say(inner + ": is not always there any more");
        compare_schema(one.value(), *still, inner, is_request);
      }
    if (!is_request) return;
    for (const std::string& name : needed_now)
      if (!needed_before.contains(name)) say(place + "/" + name + ": is needed now");
  }

  void compare_bounds(const bj::value& old, const bj::value& now, const std::string& place, bool is_request) {
    if (!is_request) return;
    const auto bound = [](const bj::value& schema, std::string_view name) -> std::optional<std::int64_t> {
      const bj::value* value = member(schema, name);
      if (value == nullptr) return std::nullopt;
      return value->to_number<std::int64_t>();
    };
    for (const char* name : {"maxLength", "maxItems", "maximum"}) {
      const auto was = bound(old, name);
      const auto is = bound(now, name);
      if (is && (!was || *is < *was)) say(place + ": a smaller " + name);
    }
    for (const char* name : {"minLength", "minimum"}) {
      const auto was = bound(old, name);
      const auto is = bound(now, name);
      if (is && (!was || *is > *was)) say(place + ": a greater " + name);
    }
  }

  const bj::value& before_;
  const bj::value& after_;
  std::vector<std::string> found_{};
  std::set<std::tuple<const bj::value*, const bj::value*, bool>> seen_{};
};

}  // namespace medflow::testing
