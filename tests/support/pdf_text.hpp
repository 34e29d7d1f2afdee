// What another program reads in our PDF.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace medflow::testing {

/// By Poppler's pdftotext, with the lines as they stand; nothing where it is not there.
inline std::optional<std::string> text_in_pdf(const std::string& pdf) {
  if (std::system("command -v pdftotext >/dev/null 2>&1") != 0) return std::nullopt;
  const TemporaryFolder folder;
  const std::string name = folder / "paper";
  std::ofstream(name + ".pdf", std::ios::binary) << pdf;
  if (std::system(("pdftotext -layout " + name + ".pdf " + name + ".txt").c_str()) != 0) return "unreadable";
  std::ifstream in(name + ".txt", std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace medflow::testing
