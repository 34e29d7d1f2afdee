#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::filesystem::path root = MEDFLOW_SOURCE_DIR;

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct Snippet {
  std::string language{};
  std::string source{};  ///< the file that is compiled or run by a test
  std::vector<std::string> lines{};
};

/// Every fenced block of a page, with the file that the comment before it names.
std::vector<Snippet> snippets_of(const std::string& page) {
  std::vector<Snippet> snippets;
  std::istringstream in(page);
  std::string source;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (inside) {
      if (line == "```")
        inside = false;
      else
        snippets.back().lines.push_back(line);
    } else if (line.starts_with("```")) {
      snippets.push_back({.language = line.substr(3), .source = source});
      source.clear();
      inside = true;
    } else if (line.starts_with("<!-- from ") || line.starts_with("<!-- run by ")) {
      const std::size_t begin = line.find_first_not_of(' ', line[5] == 'f' ? 9 : 11);
      source = line.substr(begin, line.find(" -->") - begin);
    }
  }
  return snippets;
}

std::string trimmed(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(' ');
  return begin == std::string::npos ? std::string() : line.substr(begin);
}

}  // namespace

TEST_CASE("DCS-1: every snippet of every page stands in a file that a test compiles or runs") {
  std::vector<std::filesystem::path> pages = {root / "README.md", root / "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  for (const auto& page : pages) {
    CAPTURE(page.filename().string());
    for (const Snippet& snippet : snippets_of(text_of(page))) {
      if (snippet.language.empty()) continue;  // shown output, not a snippet
      CAPTURE(snippet.language);
      REQUIRE_MESSAGE(!snippet.source.empty(),
                      "no comment says where the snippet comes from: ", snippet.lines.empty() ? "" : snippet.lines[0]);
      REQUIRE(!snippet.lines.empty());
      const std::string source = text_of(root / snippet.source);
      REQUIRE_MESSAGE(!source.empty(), snippet.source);
      std::size_t from = 0;
      for (const std::string& line : snippet.lines) {
        const std::size_t at = source.find(trimmed(line), from);
        REQUIRE_MESSAGE(at != std::string::npos, snippet.source, " does not hold, in this order: ", line);
        from = at;
      }
    }
  }
}
