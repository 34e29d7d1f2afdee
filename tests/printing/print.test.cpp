#include <doctest/doctest.h>

#include <atomic>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "printing/paper.hpp"
#include "tests/printing/prints.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string sha256(std::string_view text) { return crypto::hex(crypto::sha256(text)); }

/// An invoice, a credit note, a receipt and a statement of one patient.
struct Papers {
  explicit Papers(Till& till) : invoice(bill(till)) {
    payment = till.pay(9'000, {{.invoice_id = invoice.id, .amount = 3'000}});
    note = must(keyed(till.clerk(), credit_notes::Issue{.invoice_id = invoice.id,
                                                        .lines = {{.line = 3, .net = 100}},
                                                        .reason = "One dressing too many"}));
  }

  std::vector<std::string> all(const Session& session, PrintFormat format) const {
    return {printed(session, invoices::Print{.id = invoice.id}, format),
            printed(session, credit_notes::Print{.id = note.id}, format),
            printed(session, payments::Print{.id = payment.id}, format),
            printed(session, reports::PrintStatement{.patient_id = invoice.patient_id}, format)};
  }

  invoices::Invoice invoice;
  payments::Payment payment{};
  credit_notes::CreditNote note{};
};

Session clerk_of(const Platform& platform) {
  const auto tokens = must(platform.visit("saint-mary")
                               .call(auth::Login{.email = Hospital::email_of(Role::billing_clerk),
                                                 .password = Hospital::secret(Hospital::password)}));
  return must(platform.authenticate(tokens.access_token));
}

struct LazyPrinter final : PdfPrinter {
  std::string print(const Paper& paper) override {
    ++asked;
    if (fails) throw std::runtime_error("out of " + paper.title);
    return "%PDF of " + paper.title;
  }
  std::atomic<int> asked{0};
  std::atomic<bool> fails{false};
};

}  // namespace

TEST_CASE("BIL-16: invoice, credit note, receipt and statement come out the same each time and on every engine") {
  std::vector<std::string> first;
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Papers papers(till);
    auto once = papers.all(till.clerk(), PrintFormat::text);
    const auto html = papers.all(till.clerk(), PrintFormat::html);
    once.insert(once.end(), html.begin(), html.end());
    till.hospital.clock->advance_s(3'600);
    CHECK(papers.all(till.clerk(), PrintFormat::html) == html);
    CHECK(printed(till.clerk(), invoices::Print{.id = papers.invoice.id}) == once[0]);
    if (first.empty()) first = once;
    for (std::size_t i = 0; i < once.size(); ++i) CHECK(once[i] == first[i]);
  }
  CHECK(holds(first[0], "Invoice INV-2026-000001\n"));
  CHECK(holds(first[0], "Ada Okafor (MF"));
  CHECK(holds(first[0], "To be paid by:  2026-12-22\n"));
  CHECK(holds(first[0], "Sickness fund   40.00\n"));
  CHECK(holds(first[1], "Corrects invoice:  INV-2026-000001\n"));
  CHECK(holds(first[1], "Dressing             1.00\n"));
  CHECK(holds(first[2], "Amount:    90.00 GBP\n"));
  CHECK(holds(first[2], "To the deposit    60.00\n"));
  CHECK(holds(first[3], "Account in GBP\n"));
}

TEST_CASE("BIL-2, BIL-16: what is printed adds up to the printed total, however it is taxed and rounded") {
  for (const TaxMode mode : {TaxMode::exclusive, TaxMode::inclusive}) {
    for (const std::uint32_t step : {0U, 5U}) {
      CAPTURE(static_cast<int>(mode));
      CAPTURE(step);
      Till till{TestEngine("memory")};
      till.hospital.configure({.cash_rounding = step, .tax_mode = mode});
      const auto invoice = bill(till);
      std::int64_t nets = 0;
      std::int64_t taxes = 0;
      std::int64_t rounding = 0;
      std::int64_t total = 0;
      std::int64_t shares = 0;
      std::string part = "lines";
      for (const std::string& line : lines_of(printed(till.clerk(), invoices::Print{.id = invoice.id}))) {
        const auto cells = cells_of(line);
        if (line == "Tax" || line == "Total" || line == "Who pays") part = line;
        if (cells.empty() || line.front() == '-') continue;
        if (part == "lines" && cells.size() == 8 && cells[0] != "No.") nets += amount(cells[6]);
        if (part == "Tax" && cells.size() == 4 && cells[0] != "Tax code") taxes += amount(cells[3]);
        if (part == "Total" && cells[0] == "Rounding") rounding = amount(cells[1]);
        if (part == "Total" && cells[0] == "Total GBP") total = amount(cells[1]);
        if (part == "Who pays" && cells.size() == 2 && cells[0] != "Payer") shares += amount(cells[1]);
      }
      CHECK(nets == invoice.net);
      CHECK(nets + taxes + rounding == total);
      CHECK(total == invoice.total);
      CHECK(shares == total);
      CHECK((step == 0 || total % step == 0));
    }
  }
}

TEST_CASE(
    "BIL-6, BIL-16: a reprint after payment, credit and a restart is the same, and its SHA-256 is the stored hash") {
  for (const std::string_view engine : durable_engine_names) {
    CAPTURE(engine);
    const EngineHome home(engine);
    std::optional<Till> till(std::in_place, home.engine());
    const auto invoice = bill(*till, "Dressing 王 محمد");
    const std::string text = printed(till->clerk(), invoices::Print{.id = invoice.id});
    const std::string html = printed(till->clerk(), invoices::Print{.id = invoice.id}, PrintFormat::html);
    CHECK(sha256(text) == invoice.doc_hash);
    till->pay(2'000, {{.invoice_id = invoice.id, .amount = 2'000}});
    const auto note =
        must(keyed(till->clerk(), credit_notes::Issue{.invoice_id = invoice.id, .reason = "All of it was wrong"}));
    const std::string credited = printed(till->clerk(), credit_notes::Print{.id = note.id});
    CHECK(sha256(credited) == note.doc_hash);
    CHECK(till->again(invoice.id).doc_hash == invoice.doc_hash);
    CHECK(printed(till->clerk(), invoices::Print{.id = invoice.id}) == text);
    // Whoever is on it may be called otherwise by now.
    const auto patient = must(till->desk().call(patients::Get{.id = till->patient.id}));
    must(till->desk().call(
        patients::Patch{.id = patient.id,
                        .revision = patient.revision,
                        .names = std::vector<patients::PersonName>{{.family = "Newname", .given = {"Nora"}}}}));
    must(till->admin().call(
        payers::Update{.id = till->payer.id, .revision = till->payer.revision, .name = "Renamed fund"}));
    const auto facility = must(till->admin().call(facilities::Get{.id = till->hospital.home}));
    must(till->admin().call(facilities::Update{
        .id = facility.id, .revision = facility.revision, .name = "Renamed wing", .zone = facility.zone}));
    CHECK(printed(till->clerk(), invoices::Print{.id = invoice.id}) == text);
    till->hospital.clock->advance_s(40 * 86'400);
    const auto clock = till->hospital.clock;
    till.reset();

    const Platform platform = must(Platform::open(test_options(home.engine(), clock)));
    const Session clerk = clerk_of(platform);
    CHECK(printed(clerk, invoices::Print{.id = invoice.id}) == text);
    CHECK(printed(clerk, invoices::Print{.id = invoice.id}, PrintFormat::html) == html);
    CHECK(printed(clerk, credit_notes::Print{.id = note.id}) == credited);
  }
}

TEST_CASE("BIL-16: a draft and a voided invoice say so first of all; voiding leaves the hash as it was") {
  Till till{TestEngine("memory")};
  const auto draft = till.draft({Till::line(till.visit)});
  const auto on_paper = [&] { return printed(till.clerk(), invoices::Print{.id = draft.id}); };
  CHECK(holds(on_paper(), "DRAFT of an invoice\n"));
  CHECK_FALSE(holds(on_paper(), "Number:"));
  CHECK(must(till.clerk().call(invoices::Print{.id = draft.id})).file_name == "DRAFT.html");
  const auto issued = till.issue(draft);
  const std::string before = on_paper();
  CHECK_FALSE(holds(before, "DRAFT"));
  CHECK_FALSE(holds(before, "VOID"));
  const auto ended = must(till.clerk().call(
      invoices::Void{.id = issued.id, .revision = issued.revision, .reason = "Made out to the wrong one"}));
  CHECK(ended.doc_hash == sha256(before));
  CHECK(holds(on_paper(), "Invoice INV-2026-000001 - VOID\n"));
  CHECK(holds(on_paper(),
              "VOID: this invoice was voided on 2026-11-22. Nothing is to be paid.\n"
              "Reason: Made out to the wrong one\n"));
  CHECK_FALSE(holds(on_paper(), "Please pay"));
}

TEST_CASE("BIL-5, BIL-16: the days on a paper are those of the hospital's books, wherever the facility is") {
  Till till{TestEngine("memory")};
  till.go_to("2026-11-22T13:00:00Z");  // in Auckland it is the next day
  const auto far = must(till.admin().call(facilities::Create{.name = "Overseas", .zone = {"Pacific/Auckland"}}));
  const auto invoice = till.issue(till.draft({Till::line(till.visit)}, {.facility_id = far.id}));
  CHECK(invoice.issue_date == day("2026-11-22"));
  auto paying = till.paying(1'000);
  paying.facility_id = far.id;
  paying.keep_as_deposit = true;
  const auto payment = must(keyed(till.clerk(), std::move(paying)));
  const std::string receipt = printed(till.clerk(), payments::Print{.id = payment.id});
  CHECK(holds(receipt, "2026-11-22"));
  CHECK_FALSE(holds(receipt, "2026-11-23"));
  must(till.clerk().call(
      invoices::Void{.id = invoice.id, .revision = invoice.revision, .reason = "Made out to the wrong one"}));
  CHECK(holds(printed(till.clerk(), invoices::Print{.id = invoice.id}), "this invoice was voided on 2026-11-22."));
}

TEST_CASE("BIL-16: a receipt that is printed again tells what of it was paid back, and nothing of what is left") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto invoice = till.issued();
    const auto payment = till.pay(9'000, {{.invoice_id = invoice.id, .amount = 5'000}});
    const auto on_paper = [&] { return printed(till.clerk(), payments::Print{.id = payment.id}); };
    const std::string before = on_paper();
    const auto asked = must(
        keyed(till.clerk(),
              refunds::Request{.payment_id = payment.id, .amount = 3'000, .reason = "It was more than was asked for"}));
    const auto agreed = must(till.admin().call(refunds::Approve{.id = asked.id, .revision = asked.revision}));
    CHECK(on_paper() == before);  // nothing has gone out
    must(keyed(till.clerk(), refunds::Complete{.id = agreed.id, .revision = agreed.revision}));
    const std::string after = on_paper();
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : lines_of(after))
      if (const auto cells = cells_of(line); cells.size() == 2 && line.front() != '-') rows.push_back(cells);
    using Row = std::vector<std::string>;
    REQUIRE(rows.size() >= 4);
    rows.erase(rows.begin(), rows.end() - 4);
    CHECK(rows == std::vector<Row>{{*invoice.number, "50.00"},
                                   {"To the deposit", "40.00"},
                                   {"Total GBP", "90.00"},
                                   {"Of it paid back since", "30.00"}});
    CHECK_FALSE(holds(before, "paid back"));
    CHECK_FALSE(holds(after, "Not used"));
  }
}

TEST_CASE("BIL-16: what somebody wrote stays text in HTML") {
  Till till{TestEngine("memory")};
  till.payer = must(till.admin().call(payers::Create{.code = "X", .name = "<b>Fund</b> & \"sons\""}));
  const auto invoice = bill(till, "<script>alert(\"x\")</script> & 'more'</td>");
  const std::string html = printed(till.clerk(), invoices::Print{.id = invoice.id}, PrintFormat::html);
  CHECK(holds(html, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; 'more'&lt;/td&gt;"));
  CHECK(holds(html, "&lt;b&gt;Fund&lt;/b&gt; &amp; &quot;sons&quot;"));
  CHECK_FALSE(holds(html, "<script"));
  CHECK_FALSE(holds(html, "<b>"));
  CHECK(html.rfind("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">", 0) == 0);
  for (const std::string_view outside : {"http:", "https:", "src=", "url(", "<link", "@import"}) {
    CAPTURE(outside);
    CHECK_FALSE(holds(html, outside));
  }
}

TEST_CASE("BIL-16: the page of HTML runs nothing, says at its foot what it is, and breaks no day") {
  Paper paper{.language = "en", .title = "Invoice", .footer = "فاتورة 7</style><script>\"\\}"};
  paper.blocks.push_back({.columns = {"Date", "Words", "Amount"},
                          .is_number = {false, false, true},
                          .rows = {{.cells = {"2026-11-22", "two words", "1.00"}}}});
  const std::string html = printing::as_html(paper);
  CHECK(holds(html, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "));
  CHECK_FALSE(holds(html, "<script"));
  CHECK(html.find("</style>") == html.rfind("</style>"));
  CHECK(holds(html,
              "@bottom-left{content:\"فاتورة 7\\00003c \\00002f style\\00003e \\00003c script\\00003e \\000022 "
              "\\00005c \\00007d \";"));
  CHECK(holds(
      html, "<td class=\"w\"><bdi>2026-11-22</bdi></td><td><bdi>two words</bdi></td><td class=\"n\"><bdi>1.00</bdi>"));
}

TEST_CASE("BIL-16: a file is named by its number alone, and has the type of what is in it") {
  Till till{TestEngine("memory")};
  till.hospital.configure({.invoice_prefix = std::string("A/\"B")});
  const Papers papers(till);
  const auto stream = [&](PrintFormat format) {
    return must(till.clerk().call(invoices::Print{.id = papers.invoice.id, .format = format}));
  };
  CHECK(stream(PrintFormat::html).file_name == "A--B-2026-000001.html");
  CHECK(stream(PrintFormat::html).media_type == "text/html; charset=utf-8");
  CHECK(stream(PrintFormat::text).file_name == "A--B-2026-000001.txt");
  CHECK(stream(PrintFormat::text).media_type == "text/plain; charset=utf-8");
  CHECK(must(till.clerk().call(payments::Print{.id = papers.payment.id})).file_name == papers.payment.number + ".html");
  const auto csv = must(till.clerk().call(reports::PrintStatement{.patient_id = till.patient.id, .csv = true}));
  CHECK(csv.file_name == "statement.csv");
  CHECK(csv.media_type == "text/csv; charset=utf-8");
  CHECK(holds(read_all(csv), "A/"));
}

TEST_CASE("BIL-16: PDF comes from the host's printer, outside the call; none, and one that fails, are told apart") {
  const EngineHome home("sqlite");
  std::optional<Till> till(std::in_place, home.engine());
  const auto invoice = bill(*till);
  CHECK(code_of(till->clerk().call(invoices::Print{.id = invoice.id, .format = PrintFormat::pdf})) == "print.no_pdf");
  CHECK(code_of(till->clerk().call(
            reports::PrintStatement{.patient_id = invoice.patient_id, .format = PrintFormat::pdf})) == "print.no_pdf");
  CHECK(code_of(till->clerk().call(invoices::Print{.id = {till->patient.id.uuid}, .format = PrintFormat::pdf})) ==
        "not_found");
  const auto clock = till->hospital.clock;
  till.reset();

  const auto printer = std::make_shared<LazyPrinter>();
  auto options = test_options(home.engine(), clock);
  options.pdf_printer = printer;
  const Platform platform = must(Platform::open(std::move(options)));
  const Session clerk = clerk_of(platform);
  const Stream stream = must(clerk.call(invoices::Print{.id = invoice.id, .format = PrintFormat::pdf}));
  CHECK(stream.media_type == "application/pdf");
  CHECK(stream.file_name == "INV-2026-000001.pdf");
  CHECK(printer->asked == 0);
  CHECK(read_all(stream) == "%PDF of Invoice INV-2026-000001");
  CHECK(printer->asked == 1);
  printer->fails = true;
  const Stream broken = must(clerk.call(invoices::Print{.id = invoice.id, .format = PrintFormat::pdf}));
  std::array<std::byte, 16> room{};
  const auto pulled = broken.pull(room);
  CHECK(code_of(pulled) == "print.failed");
  CHECK(pulled.error().detail.empty());
}

TEST_CASE("BIL-16: who does not reach the invoice prints neither it nor its credit note") {
  Till till{TestEngine("memory")};
  const auto draft = till.draft({Till::line(till.visit)}, {.facility_id = till.hospital.away});
  const auto issued = till.issue(draft);
  const auto note =
      must(keyed(till.clerk(), credit_notes::Issue{.invoice_id = issued.id, .reason = "It was never given"}));
  const Session desk = till.desk();  // of the other facility
  CHECK(code_of(desk.call(invoices::Print{.id = issued.id})) == "not_found");
  CHECK(code_of(desk.call(credit_notes::Print{.id = note.id})) == "not_found");
  CHECK(code_of(till.clerk().call(credit_notes::Print{.id = note.id})) == "ok");
}
