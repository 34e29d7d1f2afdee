// Good and hostile files by family, with what has to become of each.
#pragma once

#include <string>
#include <vector>

namespace medflow::testing::files {

struct Case {
  std::string what{};
  std::string file_name{};
  std::string media_type{};
  std::string bytes{};
  std::string code{};  ///< why it is refused; empty: it is taken
  bool macros_allowed = false;
};

struct FamilyCases {
  std::string family{};
  std::vector<Case> cases{};
};

/// All families there are.
std::vector<FamilyCases> families();

}  // namespace medflow::testing::files
