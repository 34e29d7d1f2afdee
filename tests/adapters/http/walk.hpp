// The worked example of the interface, called over HTTP.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "adapters/json/examples.hpp"
#include "adapters/json/openapi.hpp"
#include "tests/adapters/http/hospital.hpp"

namespace things {

/// The text with each {{variable}} in its place.
inline std::string filled(std::string_view text, const std::map<std::string, std::string>& variables) {
  std::string out;
  while (true) {
    const std::size_t open = text.find("{{");
    out.append(text.substr(0, open));
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find("}}", open);
    const auto found = variables.find(std::string(text.substr(open + 2, close - open - 2)));
    out += found == variables.end() ? std::string("(no such variable)") : found->second;
    text.remove_prefix(close + 2);
  }
}

class Walk {
 public:
  explicit Walk(HttpHospital& hospital, std::string_view run = "1") : hospital_(hospital) {
    using testing::Hospital;
    variables_ = {{"tenant", hospital.inside.slug()}, {"password", std::string(Hospital::password)},
                  {"run", std::string(run)},          {"now", hospital.inside.clock->now().text()},
                  {"noon_zone", "Europe/London"},     {"operator_token", std::string(WithOperator::token)}};
    const std::pair<const char*, Role> staff[] = {{"admin", Role::tenant_admin},
                                                  {"reception", Role::receptionist},
                                                  {"doctor", Role::doctor},
                                                  {"auditor", Role::auditor}};
    for (const auto& [name, role] : staff) {
      hospital.inside.member(role);
      variables_[std::string(name) + "_email"] = Hospital::email_of(role);
    }
  }

  std::string& variable(const std::string& name) { return variables_[name]; }

  std::string filled(std::string_view text) const { return things::filled(text, variables_); }

  static std::string method_of(const OperationRow& row) {
    std::string method(json::method_name(row.operation->method));
    for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
    return method;
  }

  std::string target_of(const json::Example& example) const {
    std::string target = "/api/v1" + json::example_path(*find_operation(example.operation));
    if (!example.query.empty()) target.append("?").append(example.query);
    return filled(target);
  }

  std::string token_of(const json::Example& example) const {
    return example.caller.empty() ? std::string() : filled("{{" + std::string(example.caller) + "_token}}");
  }

  /// The header with a key that nobody has used, for what needs one; else nothing.
  static std::string key_header(const OperationRow& row) {
    return row.operation->key_required ? "Idempotency-Key: " + fresh_key() + "\r\n" : std::string();
  }
  static std::string fresh_key() {
    static std::atomic<std::uint64_t> keys{0};
    return "walk-" + std::to_string(++keys);
  }

  /// Makes the call with another body, where there is one; what it answers is not kept.
  Received call(const json::Example& example, std::string_view body) const {
    const OperationRow& row = *find_operation(example.operation);
    return hospital_.ask(method_of(row), target_of(example), token_of(example), body, key_header(row),
                         example.content_type);
  }

  /// Makes the call and keeps what later ones need.
  Received make(const json::Example& example) {
    variables_["now"] = hospital_.inside.clock->now().text();
    // What is offered to those who wait comes by itself.
    // A tick does a few jobs of a tenant, and more may be waiting than the one that offers.
    constexpr int ticks_max = 1'000;
    Received received;
    const bool is_offered = example.operation.starts_with("waitlists.") && example.waits;
    for (int i = 0; i < ticks_max; ++i) {
      if (is_offered) static_cast<void>(hospital_.inside.platform.tick(hospital_.inside.clock->now()));
      received = call(example, filled(example.body));
      if (!is_offered || received.status != 409) break;
    }
    keep(example, received);
    return received;
  }

  /// Keeps of a success what later calls need.
  void keep(const json::Example& example, const Received& received) {
    const OperationRow& row = *find_operation(example.operation);
    if (received.status >= 300 || received.status == 204 || row.shape == Shape::stream) return;
    const auto body = boost::json::parse(received.body);
    const std::string object(row.operation->object);
    if (row.shape == Shape::value)
      for (const char* member : {"id", "revision"}) keep_one(object + "_" + member, body, std::string("/") + member);
    for (std::string_view rest = example.keeps; !rest.empty();) {
      const std::string_view part = rest.substr(0, rest.find(' '));
      const std::size_t equals = part.find('=');
      keep_one(std::string(part.substr(0, equals)), body, std::string(part.substr(equals + 1)));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
  }

 private:
  void keep_one(const std::string& variable, const boost::json::value& body, const std::string& pointer) {
    boost::system::error_code why;
    const boost::json::value* value = body.find_pointer(pointer, why);
    if (value == nullptr) return;
    variables_[variable] = value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
  }

  HttpHospital& hospital_;
  std::map<std::string, std::string> variables_{};
};

}  // namespace things
