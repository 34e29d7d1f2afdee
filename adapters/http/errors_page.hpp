// The page that a problem's `type` leads to: /api/docs/errors#<code>.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "medflow/error.hpp"

namespace medflow::http {

/// One error as it is explained: the library's codes and HTTP's own.
struct ErrorRow {
  Code code{};
  int status = 500;
  std::string_view cause{};
  std::string_view fix{};
};

/// All that an answer's `code` may be, by name.
std::span<const ErrorRow> error_catalogue();

/// HTML without scripts, styles or links: it needs nothing that the policy of every answer forbids.
const std::string& errors_page();

}  // namespace medflow::http
