#include <doctest/doctest.h>

#include <thread>

#include "adapters/pdf/printer.hpp"
#include "printing/paper.hpp"
#include "tests/printing/prints.hpp"
#include "tests/support/pdf_text.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

std::size_t pages_in(std::string_view pdf) {
  constexpr std::string_view page = "/Type /Page";
  std::size_t pages = 0;
  for (std::size_t at = pdf.find(page); at != std::string_view::npos; at = pdf.find(page, at + 1))
    pages += pdf.substr(at + page.size(), 1) != "s" ? 1U : 0U;
  return pages;
}

invoices::Invoice invoice_over(std::size_t lines) {
  const Currency currency = *Currency::parse("GBP");
  invoices::Invoice invoice{.number = "INV-2026-000001",
                            .status = invoices::InvoiceStatus::issued,
                            .currency = currency,
                            .issue_date = day("2026-11-22"),
                            .due_date = day("2026-12-22")};
  for (std::size_t i = 0; i < lines; ++i) {
    invoice.lines.push_back({.description = "Item number " + std::to_string(i + 1),
                             .price_micro = 1'000'000,
                             .service_date = day("2026-11-22"),
                             .gross = 100,
                             .net = 100});
    invoice.net += 100;
  }
  invoice.total = invoice.patient_share = invoice.net;
  return invoice;
}

Paper paper_over(std::size_t lines, std::string patient = "Ada Okafor (MF1)") {
  return printing::paper_of(invoice_over(lines),
                            {.issuer = "Saint Mary", .language = "en", .patient = std::move(patient)});
}

}  // namespace

TEST_CASE("BIL-16: PDF is the same bytes for the same paper, on every thread and after other papers") {
  const auto printer = pdf::printer();
  if (printer == nullptr) {
    MESSAGE("skipped: built without Pango");
    return;
  }
  const std::string pdf = printer->print(paper_over(3));
  CHECK(pdf.rfind("%PDF-1.", 0) == 0);
  CHECK(pdf.find("%%EOF") != std::string::npos);
  CHECK(pdf.find("/CreationDate (20000101000000") != std::string::npos);  // never that of the printing
  printer->print(paper_over(40, "محمد 王小明"));
  CHECK(printer->print(paper_over(3)) == pdf);
  CHECK(pdf::printer()->print(paper_over(3)) == pdf);
  CHECK(printer->print(paper_over(4)) != pdf);
  std::string others[3];
  {
    std::vector<std::jthread> threads;
    for (std::string& other : others) threads.emplace_back([&] { other = printer->print(paper_over(3)); });
  }
  for (const std::string& other : others) CHECK(other == pdf);
}

TEST_CASE("BIL-16: a long invoice goes over pages, each with the table's header and its number, and loses no line") {
  const auto printer = pdf::printer();
  if (printer == nullptr) {
    MESSAGE("skipped: built without Pango");
    return;
  }
  CHECK(pages_in(printer->print(paper_over(1))) == 1);
  const std::string pdf = printer->print(paper_over(120));
  const std::size_t pages = pages_in(pdf);
  CHECK(pages >= 3);
  CHECK(pages <= 5);
  const auto text = text_in_pdf(pdf);
  if (!text) {
    MESSAGE("skipped: there is no pdftotext");
    return;
  }
  std::size_t headers = 0;
  for (std::size_t at = text->find("Description"); at != std::string::npos; at = text->find("Description", at + 1))
    ++headers;
  CHECK(headers >= pages - 1);
  CHECK(headers <= pages);
  for (std::size_t i = 1; i <= 120; ++i) {
    CAPTURE(i);
    CHECK(text->find("Item number " + std::to_string(i) + " ") != std::string::npos);
  }
  std::string close = *text;  // Poppler makes nothing of narrow gaps
  std::erase(close, ' ');
  for (std::size_t i = 1; i <= pages; ++i) {
    CAPTURE(i);
    CHECK(close.find(std::to_string(i) + "/" + std::to_string(pages) + "\n") != std::string::npos);
  }
  CHECK(text->find("Total GBP") != std::string::npos);
  CHECK(text->find("120.00") != std::string::npos);
}

TEST_CASE("BIL-16: names of every script are in the PDF, and what is too long for a page goes on") {
  const auto printer = pdf::printer();
  if (printer == nullptr) {
    MESSAGE("skipped: built without Pango");
    return;
  }
  const std::string pdf = printer->print(paper_over(1, "王小明, Дмитрий"));
  if (const auto text = text_in_pdf(pdf)) {
    CHECK(text->find("王小明") != std::string::npos);
    CHECK(text->find("Дмитрий") != std::string::npos);
  } else {
    MESSAGE("skipped: there is no pdftotext");
  }
  std::string words;
  for (int i = 1; i <= 4'000; ++i) words += "w" + std::to_string(i) + " ";
  Paper paper{.language = "ar", .issuer = "x", .title = std::string(300, 'T'), .footer = std::string(900, 'f')};
  paper.blocks.push_back({.heading = "H",
                          .facts = {{"name", words}},
                          .columns = {"a", "b"},
                          .is_number = {false, true},
                          .rows = {{.cells = {words, "1"}}, {.cells = {"", "1"}, .strong = true}},
                          .text = words});
  paper.blocks.push_back({.heading = "alone"});
  const std::string long_one = printer->print(paper);
  CHECK(pages_in(long_one) > 5);
  CHECK(printer->print(Paper{}).rfind("%PDF", 0) == 0);
  CHECK(printer->print(Paper{.title = "broken \xFF\xC0 text"}).rfind("%PDF", 0) == 0);
  if (const auto text = text_in_pdf(long_one))
    for (const int i : {1, 1'000, 2'500, 4'000}) {
      CAPTURE(i);
      std::size_t said = 0;
      const std::string word = "w" + std::to_string(i);
      for (std::size_t at = text->find(word); at != std::string::npos; at = text->find(word, at + 1)) ++said;
      CHECK(said >= 3);
    }
}
