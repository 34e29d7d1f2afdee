// Numbers of invoices and credit notes: without gap, in the order of their issue.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/support/planted_engines.hpp"
#include "tests/support/scanned.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// An issue that went well: between which moments of the whole test it ran.
struct Issued {
  std::uint64_t began = 0;
  std::uint64_t ended = 0;
  std::uint64_t sequence = 0;
};

/// Leaves one number out of what is scanned, once it is told to.
class HidesNumber final : public WrappedDatabase {
 public:
  HidesNumber(std::unique_ptr<storage::Database> inner, std::shared_ptr<std::string> number)
      : WrappedDatabase(std::move(inner)), number_(std::move(number)) {}
  void read(storage::Body body) override {
    WrappedDatabase::read([&](storage::Transaction& inner) { run(inner, body); });
  }
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) { run(inner, body); });
  }

 private:
  class Hiding final : public WrappedTransaction {
   public:
    Hiding(storage::Transaction& inner, const std::string& number) : WrappedTransaction(inner), number_(number) {}
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      WrappedTransaction::scan(scan, [&](storage::RowView row) {
        const bool hidden = !number_.empty() && scan.table->name == "invoices" &&
                            std::any_of(row.begin(), row.end(), [&](const storage::Cell& cell) {
                              return cell.kind == storage::CellKind::text && cell.data == number_;
                            });
        return hidden || visit(row);
      });
    }

   private:
    const std::string& number_;
  };
  void run(storage::Transaction& inner, storage::Body body) {
    Hiding transaction(inner, *number_);
    body(transaction);
  }

  std::shared_ptr<std::string> number_;
};

invoices::Invoice issue_on(Till& till, Date when) {
  const auto draft = till.draft({medflow::testing::Till::line(till.visit)});
  return must(keyed(till.clerk(), invoices::Issue{.id = draft.id, .revision = draft.revision, .issue_date = when}));
}

}  // namespace

TEST_CASE(
    "BIL-5: threads issue at once, some calls fail on purpose, and the numbers are 1 to n in the order of issue") {
  constexpr std::size_t threads = 6;
  constexpr std::size_t each = 12;
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const TestEngine home(engine);  // threads open its files anew
    Till till{home};
    till.issued();
    const Session clerk = till.clerk();
    std::vector<std::vector<invoices::Invoice>> drafts(threads);
    for (auto& mine : drafts)
      for (std::size_t i = 0; i < each; ++i) mine.push_back(till.draft({medflow::testing::Till::line(till.visit)}));
    std::atomic<std::uint64_t> moment{0};
    std::mutex mutex;
    std::string wrong;  // codes that nobody expects
    std::vector<Issued> issued;
    const auto expect = [&](std::string_view code, const Result<invoices::Invoice>& result) {
      const std::string found = code_of(result);
      const std::lock_guard lock(mutex);
      if (found != code) wrong.append(found).append(" ");
      return found == code;
    };
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < threads; ++t)
      running.emplace_back([&, t] {
        for (std::size_t i = 0; i < each; ++i) {
          const invoices::Issue good{.id = drafts[t][i].id, .revision = drafts[t][i].revision};
          if ((t + i) % 5 == 0) {
            invoices::Issue stale = good;
            ++*stale.revision;
            expect("conflict.revision", keyed(clerk, stale));
          }
          if ((t + i) % 7 == 0) {
            invoices::Issue early = good;
            early.issue_date = day("2026-11-21");
            expect("invoice.date_order", keyed(clerk, early));
          }
          Issued one{.began = ++moment};
          // Every other thread bills in one step.
          const auto done = t % 2 == 0 ? keyed(clerk, good)
                                       : keyed(clerk, invoices::Bill{.patient_id = till.patient.id,
                                                                     .facility_id = till.hospital.home,
                                                                     .lines = {Till::line(till.visit)}});
          one.ended = ++moment;
          if (!expect("ok", done)) continue;
          one.sequence = done->sequence;
          const std::lock_guard lock(mutex);
          issued.push_back(one);
        }
      });
    for (std::thread& thread : running) thread.join();
    CHECK(wrong == "");
    CHECK(issued.size() == threads * each);
    std::sort(issued.begin(), issued.end(), [](const Issued& a, const Issued& b) { return a.sequence < b.sequence; });
    std::size_t misplaced = 0;
    std::size_t overtaken = 0;
    std::uint64_t latest_begin = 0;
    for (std::size_t i = 0; i < issued.size(); ++i) {
      misplaced += issued[i].sequence == i + 2 ? 0U : 1U;
      // Whoever had an answer before another one asked has the lower number.
      overtaken += issued[i].ended < latest_begin ? 1U : 0U;
      latest_begin = std::max(latest_begin, issued[i].began);
    }
    CHECK(misplaced == 0);
    CHECK(overtaken == 0);
    const auto report = must(till.admin().call(invoices::VerifySequence{}));
    CHECK(report.series == 1);
    CHECK(report.numbers == threads * each + 1);
    CHECK(report.gaps.empty());
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-5: a series for each fiscal year, and for a facility with a prefix of its own") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    till.hospital.configure(
        {.fiscal_year_start_month = 4U,
         .facility_prefixes = std::vector<settings::FacilityPrefix>{
             {.facility_id = till.hospital.away, .invoice_prefix = "AX", .credit_note_prefix = "AXC"}}});
    CHECK(issue_on(till, day("2026-03-31")).number == "INV-2025-000001");
    CHECK(issue_on(till, day("2026-04-01")).number == "INV-2026-000001");
    CHECK(issue_on(till, day("2026-03-31")).number == "INV-2025-000002");
    const auto draft = till.draft({medflow::testing::Till::line(till.visit)}, {.facility_id = till.hospital.away});
    CHECK(till.issue(draft).number == "AX-2026-000001");
    const auto note =
        must(keyed(till.clerk(), credit_notes::Issue{.invoice_id = draft.id, .reason = "charged by mistake"}));
    CHECK(note.number == "AXC-2026-000001");
    const auto last = till.issued();
    CHECK(last.number == "INV-2026-000002");
    must(till.clerk().call(invoices::Void{.id = last.id, .revision = last.revision, .reason = "charged by mistake"}));
    CHECK(till.again(last.id).number == "INV-2026-000002");
    CHECK(till.issued().number == "INV-2026-000003");
    const auto report = must(till.admin().call(invoices::VerifySequence{}));
    CHECK(report.series == 4);
    CHECK(report.numbers == 7);
    CHECK(report.gaps.empty());
    // What is of a fiscal year that is over is not voided.
    const auto late = till.issued();
    till.go_to("2027-04-01T08:00:00Z");
    CHECK(code_of(till.clerk().call(invoices::Void{
              .id = late.id, .revision = late.revision, .reason = "charged by mistake"})) == "invoice.period_closed");
    CHECK(till.issued().number == "INV-2027-000001");
  }
}

TEST_CASE("BIL-5: the day is that of the tenant's zone") {
  Till till{TestEngine("memory")};
  till.go_to("2027-06-30T23:30:00Z");  // half past midnight in London
  CHECK(till.issued().issue_date == day("2027-07-01"));
}

TEST_CASE("BIL-5, TEN-7: no two series share a prefix") {
  Till till{TestEngine("memory")};
  const auto refused = [&](settings::Update update) {
    update.revision = must(till.admin().call(settings::Get{})).revision;
    return fields_of(till.admin().call(std::move(update)));
  };
  const auto own = [&](std::string invoice, std::string note, std::optional<FacilityId> where = {}) {
    return settings::FacilityPrefix{.facility_id = where.value_or(till.hospital.home),
                                    .invoice_prefix = std::move(invoice),
                                    .credit_note_prefix = std::move(note)};
  };
  using Own = std::vector<settings::FacilityPrefix>;
  CHECK(refused({.invoice_prefix = std::string("CN")}) == "/credit_note_prefix:prefix.taken");
  CHECK(refused({.facility_prefixes = Own{own("INV", "H")}}) == "/facility_prefixes/0/invoice_prefix:prefix.taken");
  CHECK(refused({.facility_prefixes = Own{own("H", "H")}}) == "/facility_prefixes/0/credit_note_prefix:prefix.taken");
  CHECK(refused({.facility_prefixes = Own{own("H", "HC"), own("J", "JC")}}) ==
        "/facility_prefixes/1/facility_id:facility.repeated");
  CHECK(refused({.facility_prefixes = Own{own("H", "HC", FacilityId{Uuid{{1}}})}}) ==
        "/facility_prefixes/0/facility_id:facility.unknown");
  CHECK(refused({.facility_prefixes = Own{own("H", "HC")}}).empty());
}

TEST_CASE("BIL-5: a number that is gone is reported") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const auto hidden = std::make_shared<std::string>();
    const auto make = [hidden](std::unique_ptr<storage::Database> inner) -> std::unique_ptr<storage::Database> {
      return std::make_unique<HidesNumber>(std::move(inner), hidden);
    };
    TestEngine inner(engine);
    Till till{std::make_shared<PlantedEngine<decltype(make)>>(inner, make)};
    for (int i = 0; i < 4; ++i) till.issued();
    const auto gaps = [&] {
      std::string text;
      for (const auto& gap : must(till.admin().call(invoices::VerifySequence{})).gaps)
        text += gap.series + " " + std::to_string(gap.number) + " " + gap.problem + ";";
      return text;
    };
    CHECK(gaps().empty());
    *hidden = "INV-2026-000002";
    CHECK(gaps() == "INV-2026 2 missing;");
    *hidden = "INV-2026-000004";
    CHECK(gaps() == "INV-2026 4 missing;");
    hidden->clear();
    CHECK(gaps().empty());
  }
}

TEST_CASE(
    "BIL-5: what is issued while the numbers are verified waits for nothing, and is no part of it, on every engine") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<InterruptedEngine>(inner);
    Till till{engine};
    till.issued();
    const Session admin = till.admin();
    engine->notes.set("invoices", [&] { till.issued(); });
    const auto report = must(admin.call(invoices::VerifySequence{}));
    CHECK(engine->notes.is_done());
    CHECK(report.numbers == 1);
    CHECK(report.gaps.empty());
    CHECK(must(admin.call(invoices::VerifySequence{})).numbers == 2);
  }
}
