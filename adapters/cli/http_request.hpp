// The call of an operation as a request over HTTP: what stands in the path, the query, a header and the body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/json/openapi.hpp"
#include "medflow/operation.hpp"

namespace medflow::cli {

/// All but the credentials, and the content of an operation that takes one. No URL holds anything that is PHI (R12, R15).
struct HttpRequest {
  std::string_view method{};  ///< "GET"
  std::string target{};       ///< below the base path
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<std::string> body{};  ///< JSON
};

/// A member of a request as text: a scalar by itself, anything else as JSON.
struct FieldText {
  const Field* field = nullptr;
  std::string text{};
};

/// The members in this place that differ from a request that says nothing.
std::vector<FieldText> texts_of(const OperationRow& row, Value& request, json::Place place);

/// `request` is of the row's request type.
HttpRequest http_request(const OperationRow& row, Value& request);

}  // namespace medflow::cli
