// Public data that is too large for this repository.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace medflow::testing {

/// The path of this file or folder below what `MEDFLOW_SHARED_DATA` names: in the environment, else where the build looked. Empty where it is
/// not there, which is told; with MEDFLOW_REQUIRE_SHARED_DATA=1 that is an error. The test `shared_data` (tests/shared_data.sh) finds the calls
/// of this by their text, so the path, or how it begins, is written out.
inline std::string shared_data(const std::string& path) {
  std::string root;
  if (const char* named = std::getenv("MEDFLOW_SHARED_DATA")) root = named;
#ifdef MEDFLOW_SHARED_DATA
  if (root.empty()) root = MEDFLOW_SHARED_DATA;
#endif
  std::string full = root + "/" + path;
  if (!root.empty() && std::filesystem::exists(full)) return full;
  const char* required = std::getenv("MEDFLOW_REQUIRE_SHARED_DATA");
  if (required != nullptr && std::string_view(required) == "1") throw std::runtime_error("no shared data " + path);
  std::cout << "skipped: no shared data " << path << '\n';
  return {};
}

}  // namespace medflow::testing
