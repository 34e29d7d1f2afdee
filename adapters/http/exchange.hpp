// One request between its intake and its answer.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/routes.hpp"

namespace medflow::http {

/// What is kept of a request while its operation runs, and how that ended.
struct Exchange {
  const Route* route = nullptr;
  std::shared_ptr<const void> routes{};  ///< keeps `route` alive
  RequestId id{};
  bool if_match = false;
  std::string place{};  ///< the request's path, where the answer names it (Location, Link)
  std::string query{};  ///< its query, where the answer is a page that has neighbours
  std::function<void(Answer)> done{};
  std::optional<Result<Reply>> result{};
};

/// The answer to an operation that has ended.
Response render(Exchange& exchange);

}  // namespace medflow::http
