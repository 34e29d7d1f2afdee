// The catalogue of errors holds every code that the sources make.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "adapters/c/codes.hpp"
#include "adapters/http/errors_page.hpp"
#include "medflow/codes.hpp"
#include "tests/support/committed.hpp"

using namespace medflow;

namespace {

/// A code as a source defines it: its name, kind and text.
using Defined = std::array<std::string, 3>;

std::set<Defined> codes_in(const std::string& folder) {
  static const std::regex made(
      R"re((?:\bCode\s+\w+|\bProblem\s+\w+\{\s*\d+\s*,\s*)\{\s*"([^"]+)"\s*,\s*Errc::(\w+)\s*,\s*"([^"]*)")re");
  std::set<Defined> found;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(MEDFLOW_SOURCE_DIR) + "/" + folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".hpp") continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), made), end; at != end; ++at)
      found.insert({(*at)[1].str(), (*at)[2].str(), (*at)[3].str()});
  }
  return found;
}

Defined as_defined(const Code& code) {
  return {std::string(code.name), std::string(describe(code.kind).name), std::string(code.text)};
}

std::set<Defined> catalogue() {
  std::set<Defined> rows;
  for (const http::ErrorRow& row : http::error_catalogue()) rows.insert(as_defined(row.code));
  for (const CodeRow& row : c::codes::all) rows.insert(as_defined(row.code));
  return rows;
}

std::string cell(std::string_view text) { return std::string(text) + " | "; }

std::string line(const Code& code, int status, std::string_view cause, std::string_view fix) {
  const ErrcRow& kind = describe(code.kind);
  return "| `" + std::string(code.name) + "` | " + cell(kind.name) + (status == 0 ? "–" : std::to_string(status)) +
         " | " + std::to_string(static_cast<int>(code.kind)) + " | " + std::to_string(kind.exit_code) + " | " +
         cell(code.retryable ? "yes" : "no") + cell(code.text) + cell(cause) + std::string(fix) + " |\n";
}

/// Whether a text of the sources of tests says this code: alone, behind the field it is about, or behind other words.
bool says(std::string_view sources, std::string_view code) {
  for (std::size_t at = sources.find(code); at != std::string_view::npos; at = sources.find(code, at + 1)) {
    if (at == 0 || at + code.size() >= sources.size()) continue;
    const char before = sources[at - 1];
    const char after = sources[at + code.size()];
    const bool begins = before == '"' || before == ':';
    if (after == '"' ? begins || before == ' ' : begins && (after == ' ' || after == ';')) return true;
  }
  return false;
}

/// All tests, but for those that only hold the catalogue against documents.
std::string test_sources() {
  std::string all;
  const std::filesystem::path root = std::filesystem::path(MEDFLOW_SOURCE_DIR) / "tests";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension().string();
    const bool source = extension == ".cpp" || extension == ".hpp" || extension == ".py";
    if (!source || entry.path().parent_path() == root / "docs") continue;
    std::ifstream in(entry.path());
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

}  // namespace

TEST_CASE("R9: every code that the sources define is in the catalogue, with its kind and its text") {
  const std::set<Defined> told = catalogue();
  std::size_t found = 0;
  for (const char* folder : {"include", "src", "adapters/http", "adapters/c"})
    for (const Defined& code : codes_in(folder)) {
      ++found;
      CHECK_MESSAGE(told.contains(code), code[0], " (", code[1], ", \"", code[2], "\") in ", folder,
                    ": src/kernel/codes.cpp has no such row");
    }
  CHECK(found > 60);
}

TEST_CASE("R9: every code has a cause and a way on, in the order of the names, told once") {
  std::string_view last;
  for (const http::ErrorRow& row : http::error_catalogue()) {
    CAPTURE(row.code.name);
    CHECK(row.code.name > last);
    CHECK_FALSE(row.cause.empty());
    CHECK_FALSE(row.fix.empty());
    CHECK(row.status >= 400);
    last = row.code.name;
  }
  last = {};
  for (const FieldCodeRow& row : field_codes()) {
    CAPTURE(row.name);
    CHECK(row.name > last);
    CHECK_FALSE(row.cause.empty());
    CHECK_FALSE(row.fix.empty());
    last = row.name;
  }
}

TEST_CASE("R9: every code is expected by some test, but for those that are known to have none") {
  // No code is added here: a new one comes with a test.
  static constexpr std::string_view untested[] = {
      "age.with_birth",    "conflict.buffer",  "conflict.closed",      "conflict.horizon",
      "conflict.lead",     "conflict.leave",   "conflict.licence",     "conflict.patient",
      "conflict.policy",   "date.implausible", "field.read_only",      "format.ascii",
      "format.public_key", "handle.none_left", "invoice.number_taken", "member.contradiction",
      "patient.deceased",  "record.too_large", "recovery.exists",      "recovery.unconfirmed",
      "resource.twice",    "slug.reserved",    "substance.duplicate",  "tenant.slug_taken",
      "time.one_of",       "timeout"};
  const std::string sources = test_sources();
  std::set<std::string_view> codes;
  for (const http::ErrorRow& row : http::error_catalogue()) codes.insert(row.code.name);
  for (const CodeRow& row : c::codes::all) codes.insert(row.code.name);
  for (const FieldCodeRow& row : field_codes()) codes.insert(row.name);
  for (const std::string_view code : codes) {
    const bool is_exempt = std::find(std::begin(untested), std::end(untested), code) != std::end(untested);
    if (is_exempt)
      CHECK_MESSAGE(!says(sources, code), code, " has a test by now: take it off the list");
    else
      CHECK_MESSAGE(says(sources, code), code, " is expected by no test");
  }
  for (const std::string_view code : untested) CHECK_MESSAGE(codes.contains(code), "there is no such code: ", code);
}

TEST_CASE("R9: docs/errors.md tells every code") {
  std::string text = R"(# Errors

This page is made from the catalogue in the code; a test holds it against that. Over HTTP an error is
`application/problem+json` (RFC 9457) with the members `code`, `kind`, `retryable` and `errors` beside RFC 9457's own; a running server
shows this list at `/api/docs/errors`. The C value is what `medflow_call` returns, the exit code that of the program.

| code | kind | HTTP | C | exit | again? | meaning | cause | what to do |
|---|---|---|---|---|---|---|---|---|
)";
  for (const http::ErrorRow& row : http::error_catalogue()) text += line(row.code, row.status, row.cause, row.fix);
  text +=
      "\nOf the C library alone:\n\n| code | kind | HTTP | C | exit | again? | meaning | cause | what to do "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  for (const CodeRow& row : c::codes::all) text += line(row.code, 0, row.cause, row.fix);
  text +=
      "\n## Fields\n\nWith `invalid`, each of `errors` names a member by an RFC 6901 pointer and has one of these "
      "codes.\n\n| code | cause | what to do |\n|---|---|---|\n";
  for (const FieldCodeRow& row : field_codes())
    text += "| `" + std::string(row.name) + "` | " + cell(row.cause) + std::string(row.fix) + " |\n";
  testing::check_committed("docs/errors.md", text);
}
