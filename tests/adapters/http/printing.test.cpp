// Papers over HTTP: to be kept as files, in the type that they are, and of no use to who would run something in them.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "adapters/json/utf8.hpp"
#include "adapters/pdf/printer.hpp"
#include "tests/adapters/http/hospital.hpp"
#include "tests/support/pdf_text.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;
using things::RawClient;
using things::Received;

namespace {

/// A hospital with a printer of PDF, or without one, in which an invoice is issued, paid and credited; served over HTTP.
struct Printery {
  explicit Printery(std::shared_ptr<PdfPrinter> printer = pdf::printer(), std::optional<http::RateOptions> rates = {})
      : inside(make(std::move(printer))), router(inside.platform, {.rates = rates}), running(router) {
    const Session clerk = inside.as(Role::billing_clerk);
    patient = must(inside.as(Role::receptionist)
                       .call(patients::Register{.names = {{.family = "عبد الله", .given = {"محمد"}}}}))
                  .id;
    const auto draft = must(clerk.call(invoices::Create{
        .patient_id = patient, .lines = {{.description = "<script>alert(1)</script> 王", .price_micro = 50'000'000}}}));
    invoice = must(keyed(clerk, invoices::Issue{.id = draft.id, .revision = draft.revision}));
    payment = must(keyed(clerk, payments::RecordPayment{.patient_id = patient, .amount = 3'000}));
    note = must(keyed(clerk, credit_notes::Issue{.invoice_id = invoice.id, .reason = "It was never given"}));
    token = inside.member(Role::billing_clerk).tokens.access_token;
  }

  Received ask(std::string_view method, const std::string& path, bool signed_in = true) const {
    RawClient client(running.port());
    std::string head = std::string(method) + " /api/v1" + path + " HTTP/1.1\r\nHost: clinic.test\r\n";
    if (signed_in) head += "Authorization: Bearer " + token + "\r\n";
    if (method == "POST") head += "Content-Length: 0\r\nIdempotency-Key: key\r\n";
    client.send(head + "\r\n");
    return witness(method, "/api/v1" + path, client.read(method == "HEAD"));
  }
  Received get(const std::string& path) const { return ask("GET", path); }
  std::string invoice_path(std::string_view format = {}) const {
    return "/invoices/" + invoice.id.text() + "/print" + (format.empty() ? "" : "?format=") + std::string(format);
  }

  Hospital inside;
  http::Router router;
  things::RunningServer running;
  PatientId patient{};
  invoices::Invoice invoice{};
  payments::Payment payment{};
  credit_notes::CreditNote note{};
  std::string token{};

 private:
  static Hospital make(std::shared_ptr<PdfPrinter> printer) {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(TestEngine("memory"), clock);
    options.pdf_printer = std::move(printer);
    return Hospital(std::move(options), std::move(clock));
  }
};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string file_name_of(const Received& answer) {
  const std::string line = answer.header("Content-Disposition");
  const std::string before = "attachment; filename=\"";
  if (!line.starts_with(before) || !line.ends_with('"')) return "no file: " + line;
  return line.substr(before.size(), line.size() - before.size() - 1);
}

/// What is in no cache, is not guessed to be something else, and runs nothing even where a browser is made to show it.
void check_harmless(const Received& answer) {
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(answer.header("X-Content-Type-Options") == "nosniff");
  const std::string policy = answer.header("Content-Security-Policy");
  CHECK(holds(policy, "default-src 'none'"));
  CHECK(holds(policy, "sandbox"));
  CHECK_FALSE(holds(policy, "script-src"));
  CHECK_FALSE(holds(policy, "unsafe"));
}

}  // namespace

TEST_CASE("BIL-16, API-1: an invoice over HTTP is a file in UTF-8 named by its number, as HTML where nothing is said") {
  const Printery printery;
  const std::string number = *printery.invoice.number;
  const Received html = printery.get(printery.invoice_path());
  REQUIRE(html.status == 200);
  CHECK(html.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(file_name_of(html) == number + ".html");
  check_harmless(html);
  CHECK(json::valid_utf8(html.body));
  CHECK(holds(html.body, "<meta charset=\"utf-8\">"));
  CHECK(holds(html.body, "محمد عبد الله"));
  CHECK(holds(html.body, "&lt;script&gt;alert(1)&lt;/script&gt; 王"));
  CHECK_FALSE(holds(html.body, "<script"));
  CHECK(html.header("ETag").empty());  // no revision: what is around a draft changes without it
  CHECK(printery.get(printery.invoice_path("html")).body == html.body);

  const Received text = printery.get(printery.invoice_path("text"));
  CHECK(text.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(file_name_of(text) == number + ".txt");
  CHECK(holds(text.body, "Invoice " + number + "\n"));
  CHECK(holds(text.body, "محمد عبد الله"));
  check_harmless(text);

  const Received head = printery.ask("HEAD", printery.invoice_path());
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(file_name_of(head) == number + ".html");
}

TEST_CASE("BIL-16: PDF over HTTP holds the number; where nothing prints it, the answer is 415") {
  const Printery without(nullptr);
  for (const std::string& path :
       {without.invoice_path("pdf"), "/payments/" + without.payment.id.text() + "/print?format=pdf"}) {
    CAPTURE(path);
    const Received refused = without.get(path);
    CHECK(refused.status == 415);
    CHECK(refused.header("Content-Type") == "application/problem+json; charset=utf-8");
    CHECK(things::text_of(refused, "code") == "print.no_pdf");
    CHECK(refused.header("Content-Disposition").empty());
  }
  if (pdf::printer() == nullptr) {
    MESSAGE("skipped: built without Pango");
    return;
  }
  const Printery printery;
  const Received pdf = printery.get(printery.invoice_path("pdf"));
  REQUIRE(pdf.status == 200);
  CHECK(pdf.header("Content-Type") == "application/pdf");
  CHECK(file_name_of(pdf) == *printery.invoice.number + ".pdf");
  CHECK(pdf.body.starts_with("%PDF-"));
  check_harmless(pdf);
  if (const auto text = text_in_pdf(pdf.body)) {
    CHECK(holds(*text, *printery.invoice.number));
    CHECK(holds(*text, "<script>alert(1)</script> 王"));
  } else {
    MESSAGE("skipped: there is no pdftotext");
  }
}

TEST_CASE("BIL-16: receipt, credit note and statement are files too, the statement also as CSV") {
  const Printery printery;
  const std::string statement = "/patients/" + printery.patient.text() + "/statement/print";
  struct Expected {
    std::string path;
    std::string file;
    std::string type;
    std::string part;
  };
  const Expected all[] = {
      {"/payments/" + printery.payment.id.text() + "/print", printery.payment.number + ".html", "text/html",
       "<h1><bdi>Receipt "},
      {"/credit_notes/" + printery.note.id.text() + "/print?format=text", printery.note.number + ".txt", "text/plain",
       "It was never given"},
      {statement, "statement.html", "text/html", "Statement of account"},
      {statement + "?csv=true", "statement.csv", "text/csv", *printery.invoice.number},
  };
  for (const Expected& one : all) {
    CAPTURE(one.path);
    const Received answer = printery.get(one.path);
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type") == one.type + "; charset=utf-8");
    CHECK(file_name_of(answer) == one.file);
    CHECK(holds(answer.body, one.part));
    check_harmless(answer);
  }
}

TEST_CASE("BIL-16: a print that is asked for wrongly says so") {
  const Printery printery;
  CHECK(printery.get(printery.invoice_path("docx")).status == 422);
  CHECK(printery.ask("GET", printery.invoice_path(), false).status == 401);
  CHECK(printery.ask("POST", printery.invoice_path()).status == 405);
  const Received nowhere = printery.get("/invoices/" + printery.payment.id.text() + "/print?format=pdf");
  CHECK(nowhere.status == 404);
  CHECK(things::text_of(nowhere, "code") == "not_found");
}

TEST_CASE("BIL-16, API-8: a cashier prints as many receipts as there are payments: papers are not counted as exports") {
  const Printery printery(nullptr, http::RateOptions{});
  for (int i = 0; i < 20; ++i)
    REQUIRE(printery.get("/payments/" + printery.payment.id.text() + "/print").status == 200);
}
