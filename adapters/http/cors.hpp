// Which pages of other origins may read answers (the Fetch standard's CORS protocol): those of an exact list, which is empty to
// begin with. There is no `*`, no pattern and no `null`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/message.hpp"

namespace medflow::http {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  /// The header lines that an answer to this request has besides its own; none where it has no origin or not an allowed one.
  /// `credentials`: the page may send cookies along.
  std::string lines(const Request& request, bool credentials) const;

  /// The method that a preflight request asks leave for (Fetch, 3.2.2); empty where the request is none.
  static std::string_view preflight_method(const Request& request);

  /// The further header lines of the answer to a preflight. `methods` as in `Allow`.
  static std::string preflight_lines(std::string_view methods);

 private:
  std::vector<std::string> origins_;
};

}  // namespace medflow::http
