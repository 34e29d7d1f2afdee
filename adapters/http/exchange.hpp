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
  std::string tags_wanted{};         ///< If-Match of a read
  std::string tags_unwanted{};       ///< If-None-Match
  std::string place{};               ///< the request's path, where the answer names it (Location, Link)
  std::optional<RateKey> renewed{};  ///< of a renewal: the session by its old token
  std::string lines{};               ///< header lines that its answer has besides its own
  std::string query{};               ///< its query, where the answer is a page that has neighbours
  std::function<void(Answer)> done{};
  std::optional<Result<Reply>> result{};
};

/// The answer to an operation that has ended.
Response render(Exchange& exchange);

}  // namespace medflow::http
