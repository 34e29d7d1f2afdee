#include <doctest/doctest.h>

#include "printing/hash.hpp"
#include "tests/printing/prints.hpp"
#include "text/display.hpp"

using namespace medflow;
using namespace medflow::testing;
using printing::as_text;

namespace {

/// Names in many scripts, each with an amount beside it.
Paper names_of(const std::vector<std::string>& names) {
  Paper::Block block{.columns = {"Name", "Amount"}, .is_number = {false, true}};
  for (const std::string& name : names) block.rows.push_back({.cells = {name, "12.50"}});
  return {.language = "en", .title = "Names", .blocks = {block}};
}

}  // namespace

TEST_CASE("BIL-16: columns end where they end, in whatever script a name is") {
  const std::vector<std::string> names{"Ada Okafor", "王小明",         "محمد بن عبد الله", "דוד",
                                       "हिन्दी",      "e\u0301e\u0301", "김철수",           "👩"};
  const auto lines = lines_of(as_text(names_of(names)));
  REQUIRE(lines.size() == 5 + names.size());
  const std::size_t width = text::display_width(lines[3]);
  CHECK(width == 24);
  for (std::size_t i = 5; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    CHECK(text::display_width(lines[i]) == width);
  }
  CHECK(text::display_width("王小明") == 6);
  CHECK(text::display_width("e\u0301") == 1);
  CHECK(text::display_width("\u2068a\u2069") == 1);
}

TEST_CASE("BIL-16: a value that runs from right to left is isolated, and cannot turn round what stands beside it") {
  CHECK(as_text(names_of({"محمد"})).find("\u2068محمد\u2069") != std::string::npos);
  CHECK(as_text(names_of({"Ada"})).find("\u2068") == std::string::npos);
  const std::string text = as_text(names_of({"\u202Eevil", "محمد\u2069\u2067more"}));
  CHECK(text.find("\u202E") == std::string::npos);
  CHECK(text.find("\u2067") == std::string::npos);
  CHECK(text.find("\u2068محمدmore\u2069") != std::string::npos);
}

TEST_CASE("BIL-16: long texts are broken between words, numbers never, and no line is wider than the page") {
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word ";
  const auto lines = lines_of(as_text(names_of({words, std::string(200, 'x'), std::string(120, 'y') + " z"})));
  std::size_t said = 0;
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(text::display_width(line) <= 96);
    CHECK((line.empty() || line.back() != ' '));
    for (std::size_t at = line.find("word"); at != std::string::npos; at = line.find("word", at + 1)) ++said;
  }
  CHECK(said == 60);
  CHECK(text::wrapped("aa bb cc", 5) == std::vector<std::string>{"aa bb", "cc"});
  CHECK(text::wrapped("aaaaaaa", 3) == std::vector<std::string>{"aaa", "aaa", "a"});
  CHECK(text::wrapped("", 3) == std::vector<std::string>{""});
  CHECK(text::wrapped("a\nb", 3) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("BIL-6, BIL-16: the hash is that of the invoice as it was issued, whatever became of it") {
  invoices::Invoice invoice{.number = "INV-2026-000001",
                            .status = invoices::InvoiceStatus::issued,
                            .currency = *Currency::parse("GBP"),
                            .issue_date = day("2026-11-22"),
                            .due_date = day("2026-12-22"),
                            .total = 100};
  const printing::Around around{.issuer = "Saint Mary", .language = "en", .patient = "Ada", .zone = {"UTC"}};
  const std::string hash = printing::hash_of_print(invoice, around);
  invoice.paid = 40;
  invoice.settlement = invoices::Settlement::partially_paid;
  invoice.status = invoices::InvoiceStatus::voided;
  invoice.ended_at = at("2026-11-23T09:00:00Z");
  invoice.end_reason = "wrong patient";
  CHECK(printing::hash_of_print(invoice, around) == hash);
  invoice.total = 101;
  CHECK(printing::hash_of_print(invoice, around) != hash);
}
