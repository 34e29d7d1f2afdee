// Documents that are made from the code and committed: a test holds each against what the code makes now.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace medflow::testing {

/// Compares a file of the checkout with what it should hold; with MEDFLOW_WRITE_DOCS=1 in the environment writes it instead.
inline void check_committed(std::string_view path, const std::string& expected) {
  const std::string file = std::string(MEDFLOW_SOURCE_DIR) + "/" + std::string(path);
  if (const char* write = std::getenv("MEDFLOW_WRITE_DOCS"); write != nullptr && std::string_view(write) == "1") {
    std::ofstream(file, std::ios::binary) << expected;
    return;
  }
  std::ostringstream there;
  there << std::ifstream(file, std::ios::binary).rdbuf();
  const bool same = there.str() == expected;
  CHECK_MESSAGE(same, path,
                " differs from what the code makes: run the tests once with MEDFLOW_WRITE_DOCS=1 and commit it");
}

}  // namespace medflow::testing
