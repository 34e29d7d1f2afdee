// One worked example of the whole interface: calls in an order in which each finds what it needs. The Postman collection is made of
// them, and a test makes all of them over HTTP.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "medflow/operation.hpp"

namespace medflow::json {

/// One call. Texts hold variables in double braces, as Postman has them: "{{patient_id}}".
///
/// Variables that are there from the start: `tenant`, `password`, `<caller>_email` of the staff, and `run`, a few letters or digits that
/// differ from run to run; and `now`, an instant that is present or about to come, anew for each call. After a success, `id` and `revision` of the answer become `<object>_id` and `<object>_revision`, with the
/// operation's object; `keeps` names others.
struct Example {
  std::string_view operation{};
  std::string_view caller{};  ///< whose token is sent: that of the variable `<caller>_token`; empty: nobody's
  std::string_view body{};
  std::string_view query{};
  std::string_view keeps{};                            ///< "variable=/pointer", separated by spaces
  std::string_view content_type = "application/json";  ///< of `body`
  bool waits = false;                                  ///< until what was `now` before has passed
  std::uint16_t or_status = 0;                         ///< the other right answer, where a job may have been first
};

/// Those of operations that this build has.
std::span<const Example> examples();

/// Who the callers are. The operator is nobody of a hospital: without a token of theirs, such calls are answered 401.
inline constexpr std::string_view example_staff[] = {"admin", "reception", "doctor", "auditor"};
inline constexpr std::string_view example_operator = "operator";

/// The path of a call below the base path, its parameters being variables: "/patients/{{patient_id}}/restore".
std::string example_path(const OperationRow& row);

}  // namespace medflow::json
