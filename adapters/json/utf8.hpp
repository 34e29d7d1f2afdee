// Whether bytes are UTF-8.
#pragma once

#include <string_view>

namespace medflow::json {

/// Strict UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
bool valid_utf8(std::string_view bytes);

}  // namespace medflow::json
