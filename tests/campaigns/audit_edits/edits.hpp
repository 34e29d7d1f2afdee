// What somebody with the files in hand may do to a log.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "tests/campaigns/audit_edits/stored_log.hpp"

namespace medflow::campaign {

inline constexpr std::string_view edit_kinds[] = {"flip", "drop", "swap", "duplicate", "truncate", "re-sign", "splice"};

/// Copies `log` to `name` and edits the copy in this way; what was done, in words. `other` is another log, for what is brought in.
std::string edit_copy(Bench& bench, const StoredLog& log, const StoredLog& other, const std::string& name,
                      std::size_t kind, std::mt19937_64& random);

}  // namespace medflow::campaign
