// The corpus of JSONTestSuite: what must be read (y_), what must be refused (n_), and what may be either (i_).
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "adapters/json/codec.hpp"
#include "medflow/error.hpp"
#include "tests/support/shared_data.hpp"

namespace {

struct Nothing {
  bool unused = false;
};

}  // namespace

namespace medflow {
template <>
struct Described<Nothing> {
  static constexpr std::string_view name = "Nothing";
  static constexpr Field fields[] = {field<&Nothing::unused>(1, "unused")};
};
}  // namespace medflow

namespace {

/// True where the text is JSON, whatever it says.
bool is_json(const std::string& text) {
  Nothing nothing;
  medflow::Error error;
  if (medflow::json::decode(text, medflow::type_of<Nothing>, &nothing, error)) return true;
  return error.code == medflow::codes::invalid;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("every JSON text is read and every other refused") {
  const std::filesystem::path folder = medflow::testing::shared_data("json/JSONTestSuite");
  if (folder.empty()) return;
  std::size_t read = 0;
  std::size_t refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !name.ends_with(".json")) continue;
    CAPTURE(name);
    const bool json = is_json(content_of(entry.path()));
    if (name.starts_with("y_")) {
      CHECK(json);
      ++read;
    } else if (name.starts_with("n_")) {
      CHECK_FALSE(json);
      ++refused;
    }
  }
  CHECK(read > 90);
  CHECK(refused > 180);
}
