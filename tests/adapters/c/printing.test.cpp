// Papers through the C ABI.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "adapters/pdf/printer.hpp"
#include "tests/adapters/c/clinic.hpp"
#include "tests/support/pdf_text.hpp"

using namespace medflow::testing;

namespace {

Answer keyed(medflow_handle session, const char* operation, const std::string& request, const char* key) {
  return with_out([&](char** out) { return medflow_call_keyed(session, operation, request.c_str(), key, out); });
}

/// An invoice of Anna's, issued.
struct Billed {
  explicit Billed(const Clinic& clinic) : clerk(clinic.member("billing_clerk", "bert@example.org")) {
    const auto patient = must(call(clinic.desk, "patients.register", anna)).member("id");
    const auto draft = must(call(
        clerk, "invoices.create",
        R"({"patient_id":")" + patient + R"(","lines":[{"description":"Consultation 王","price_micro":50000000}]})"));
    invoice = must(keyed(clerk, "invoices.issue", R"({"id":")" + draft.member("id") + R"(","revision":1})", "issue-1"));
  }
  std::string print(const char* format) const {
    return R"({"id":")" + invoice.member("id") + R"(","format":")" + format + "\"}";
  }

  medflow_handle clerk;
  Answer invoice{};
};

}  // namespace

TEST_CASE(
    "CAB-2, BIL-16: an invoice is printed as the server prints it, in PDF where the library was built with Pango") {
  const Clinic clinic;
  const Billed billed(clinic);
  const std::string number = billed.invoice.member("number");
  REQUIRE(number.starts_with("INV-"));
  CHECK(must(call(billed.clerk, "invoices.print", billed.print("html"))).text.starts_with("<!doctype html>"));
  CHECK(must(call(billed.clerk, "invoices.print", billed.print("text"))).text.find("Invoice " + number + "\n") !=
        std::string::npos);

  const Answer pdf = call(billed.clerk, "invoices.print", billed.print("pdf"));
  medflow_handle stream = 0;
  const Answer head = with_out([&](char** out) {
    return medflow_stream(billed.clerk, "invoices.print", billed.print("pdf").c_str(), &stream, out);
  });
  if (medflow::pdf::printer() == nullptr) {
    CHECK(pdf.status == MEDFLOW_UNSUPPORTED_MEDIA);
    CHECK(pdf.code() == "print.no_pdf");
    CHECK(pdf.member("title") == "This program has no printer of PDF.");
    CHECK(head.code() == "print.no_pdf");
    MESSAGE("built without Pango");
    return;
  }
  REQUIRE(pdf.code() == "ok");
  CHECK(pdf.text.starts_with("%PDF-"));
  CHECK(pdf.text.find('\0') != std::string::npos);  // nothing is cut off there
  if (const auto text = text_in_pdf(pdf.text)) {
    CHECK(text->find(number) != std::string::npos);
    CHECK(text->find("Anna Okafor") != std::string::npos);
    CHECK(text->find("Consultation 王") != std::string::npos);
  } else {
    MESSAGE("skipped: there is no pdftotext");
  }

  CHECK(head.member("media_type") == "application/pdf");
  CHECK(head.member("file_name") == number + ".pdf");
  std::string pieces;
  std::array<char, 1000> piece{};
  for (std::size_t count = 1; count != 0;) {
    must(with_out([&](char** out) { return medflow_stream_read(stream, piece.data(), piece.size(), &count, out); }));
    pieces.append(piece.data(), count);
  }
  CHECK(pieces == pdf.text);
  CHECK(medflow_release(stream) == MEDFLOW_OK);
}
