// The way in: a request's path, query, header and body become one value of the operation's request type.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/message.hpp"
#include "adapters/http/routes.hpp"
#include "medflow/session.hpp"

namespace medflow::http {

/// A request as an operation takes it.
struct Intake {
  Value value{};
  CallContext context{};
  std::string tenant{};   ///< as body or query name it, where no session is needed; else empty
  bool if_match = false;  ///< the expected revision came by header: a mismatch is 412 (R8)
};

/// Whose request it is, as far as its header tells.
CallContext context_of(const Request& request, const RequestId& id);

/// Fills `intake`, or answers why not: 400 for what cannot be read, 415 for content of another type, else 422 with all fields
/// that are wrong. What is said twice and differently, by path or header and by body or query, is an error, never a choice.
std::optional<Response> take_in(const Match& match, std::string_view query, Request& request, const RequestId& id,
                                Intake& intake);

}  // namespace medflow::http
