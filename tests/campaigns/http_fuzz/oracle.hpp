// What every answer must be, whatever was asked.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "adapters/http/problems.hpp"

namespace medflow::fuzz {

/// One answer, as it came out of the router or over a socket.
struct Answered {
  int status = 0;
  std::string content_type{};
  std::string request_id{};
  std::string body{};
};

class Oracle {
 public:
  Oracle() {
    for (const ErrcRow& kind : error_kinds()) statuses_.insert(kind.http_status);
    for (const http::Problem& problem : http::all_problems()) statuses_.insert(problem.status);
    statuses_.erase(500);
  }

  /// What is wrong with it; empty where nothing is.
  std::string complaint(const Answered& answer) const {
    if (answer.status == 204) return answer.body.empty() ? "" : "204 with content";
    const bool is_problem = answer.content_type == http::problem_type;
    if (answer.status / 100 == 2 || answer.status == 304) return is_problem ? "a problem that is a success" : "";
    if (!statuses_.contains(answer.status))
      return "status " + std::to_string(answer.status) + " is in no table, or is 500";
    if (!is_problem) return "no problem document but [" + answer.content_type + "]";
    return complaint_of_problem(answer);
  }

 private:
  static std::string text(const boost::json::object& from, std::string_view member) {
    const auto* value = from.if_contains(member);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
  }

  static std::string complaint_of_problem(const Answered& answer) {
    boost::json::error_code error;
    const auto parsed = boost::json::parse(answer.body, error);
    if (error || !parsed.is_object()) return "a problem that is no JSON object";
    const auto& problem = parsed.as_object();
    const auto* status = problem.if_contains("status");
    if (status == nullptr || !status->is_int64() || status->as_int64() != answer.status)
      return "the problem has another status";
    const std::string code = text(problem, "code");
    if (code.empty() || code == "internal") return "the code is [" + code + "]";
    if (text(problem, "type") != "/api/docs/errors#" + code) return "the type is [" + text(problem, "type") + "]";
    if (text(problem, "instance") != "/requests/" + answer.request_id) return "the instance is not the request's";
    if (text(problem, "title").empty()) return "there is no title";
    for (const http::Problem& one : http::all_problems())
      if (one.code.name == code && one.code.kind != Errc::unavailable && one.status != answer.status)
        return "code " + code + " with status " + std::to_string(answer.status);
    const auto* errors = problem.if_contains("errors");
    return errors == nullptr ? "" : complaint_of_fields(*errors);
  }

  static std::string complaint_of_fields(const boost::json::value& errors) {
    if (!errors.is_array() || errors.as_array().size() > 100) return "errors is no list, or too long a one";
    for (const auto& one : errors.as_array())
      if (!one.is_object() || text(one.as_object(), "code").empty()) return "a field's error has no code";
    return "";
  }

  std::set<int> statuses_{};
};

}  // namespace medflow::fuzz
