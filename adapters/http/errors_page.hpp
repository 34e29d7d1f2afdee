// The page that a problem's `type` leads to: /api/docs/errors#<code>.
#pragma once

#include <string>

namespace medflow::http {

/// HTML without scripts, styles or links: it needs nothing that the policy of every answer forbids.
const std::string& errors_page();

}  // namespace medflow::http
