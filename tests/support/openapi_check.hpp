// Answers held against our own OpenAPI document (API-7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace medflow::testing {

/// What was asked and answered. Only what the document speaks of.
struct SeenExchange {
  std::string_view method{};
  std::string_view target{};  ///< with its query, as it was sent
  int status = 0;
  std::string_view content_type{};  ///< empty where the answer has no content
  bool has_request_id = false;
  std::string_view body{};
};

/// The document's id of what a request leads to: an operation's name, or that of its search form. Empty where the path or the method is
/// not known.
std::string documented_id(std::string_view method, std::string_view target);

/// What is wrong with the answer, each in one line; empty where nothing is. Members that the document does not name are wrong, and so is a
/// schema keyword that is not understood here.
std::vector<std::string> complaints_about(const SeenExchange& seen);

}  // namespace medflow::testing
