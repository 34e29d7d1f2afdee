// What billing costs in process, audited and on a file engine as a hospital has it (performance.md 8, BIL-9): invoices of five lines, drafted and
// issued with 64 in flight, beside the raw inserts of the peers' tables in the same minutes; and the books over many journal entries.
//   bench_billing [--engine sqlite|sqlcipher|both] [--invoices N] [--rounds N] [--entries N]
// Without entries (0) the books are left out; they are filled through payments and invoices, a year long.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/sqlite/options.hpp"
#include "tests/bench/billing/raw.hpp"
#include "tests/bench/in_process/arguments.hpp"
#include "tests/bench/in_process/measure.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::bench {
namespace {

using testing::must;

constexpr std::size_t in_flight = 64;
constexpr int cache_kib = 64 * 1024;
constexpr int lines_of_invoice = 5;
constexpr std::string_view issuer = "https://bench.example";

struct Arguments {
  std::string engine = "both";
  std::size_t invoices = 8'192;
  std::size_t rounds = 3;
  std::size_t entries = 1'000'000;
};

/// Keeps a number of pieces of work in flight: each is begun with a number and the call that says it is done.
class InFlight {
 public:
  using Begin = std::function<void(std::size_t number, std::function<void(std::string)> done)>;

  static Cost run(std::size_t count, std::size_t width, const Begin& begin) {
    InFlight flight(count, begin);
    const Stopwatch watch;
    for (std::size_t i = 0; i < std::min(width, count); ++i) flight.begin_next();
    std::unique_lock lock(flight.mutex_);
    flight.finished_.wait(lock, [&] { return flight.left_ == 0; });
    const Cost cost = watch.per_operation(count);
    if (!flight.failed_.empty()) throw std::runtime_error("a call failed: " + flight.failed_);
    return cost;
  }

 private:
  InFlight(std::size_t count, const Begin& begin) : begin_(begin), count_(count), left_(count) {}

  void begin_next() {
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ == count_) return;
      number = next_++;
    }
    begin_(number, [this](std::string failed) {
      begin_next();
      const std::lock_guard lock(mutex_);
      if (!failed.empty()) failed_ = std::move(failed);
      if (--left_ == 0) finished_.notify_one();
    });
  }

  const Begin& begin_;
  std::mutex mutex_{};
  std::condition_variable finished_{};
  std::size_t count_;
  std::size_t left_;
  std::size_t next_ = 0;
  std::string failed_{};
};

template <class T>
std::string failure_of(const Result<T>& result) {
  return result.ok() ? std::string() : testing::code_of(result);
}

/// A hospital with a thousand patients, where one clerk does the work.
class Bench {
 public:
  explicit Bench(const std::string& engine)
      : hospital_(testing::make_platform(storage::make_sqlite_engine(
            {.folder = folder_ / "data", .encrypted = engine == "sqlcipher", .cache_kib = cache_kib}))),
        patients_(hospital_.add_patients(1'000)) {
    hospital_.configure({.trusted_issuers = std::vector<std::string>{std::string(issuer)}});
    sign_in();
  }

  /// Sessions end with time.
  void sign_in() {
    clerk_ = member(Role::billing_clerk);
    admin_ = member(Role::tenant_admin);
  }
  const Session& clerk() const { return *clerk_; }
  const Session& admin() const { return *admin_; }
  testing::Hospital& hospital() { return hospital_; }
  const std::string& folder() const { return folder_.path(); }

  template <class R>
  R of_five_lines(std::size_t number) const {
    hospital_.clock->advance_us(tick_us);
    R request{.patient_id = patients_[number % patients_.size()].id, .facility_id = hospital_.home};
    for (int i = 0; i < lines_of_invoice; ++i)
      request.lines.push_back({.description = "Office visit, established patient", .price_micro = 125'000'000});
    return request;
  }
  CallContext key() {
    hospital_.clock->advance_us(tick_us);
    return {.idempotency_key = "bench-" + std::to_string(++keys_)};
  }

  Cost draft_only(std::size_t count, std::vector<invoices::Invoice>& drafts) {
    drafts.resize(count);
    return InFlight::run(count, in_flight, [&](std::size_t number, std::function<void(std::string)> done) {
      clerk_->submit(of_five_lines<invoices::Create>(number),
                     [&drafts, number, done = std::move(done)](Result<invoices::Invoice> result) {
                       std::string failed = failure_of(result);
                       if (failed.empty()) drafts[number] = std::move(result).value();
                       done(std::move(failed));
                     });
    });
  }
  Cost issue_only(const std::vector<invoices::Invoice>& drafts) {
    return InFlight::run(drafts.size(), in_flight, [&](std::size_t number, std::function<void(std::string)> done) {
      issue(drafts[number], std::move(done));
    });
  }
  Cost draft_and_issue(std::size_t count, std::size_t width = in_flight) {
    return InFlight::run(count, width, [&](std::size_t number, std::function<void(std::string)> done) {
      clerk_->submit(of_five_lines<invoices::Create>(number),
                     [this, done = std::move(done)](Result<invoices::Invoice> result) {
                       if (!result.ok()) return done(failure_of(result));
                       issue(*result, done);
                     });
    });
  }
  Cost bill(std::size_t count) {
    return InFlight::run(count, in_flight, [&](std::size_t number, std::function<void(std::string)> done) {
      clerk_->submit(
          of_five_lines<invoices::Bill>(number),
          [done = std::move(done)](const Result<invoices::Invoice>& result) { done(failure_of(result)); }, key());
    });
  }
  /// Deposits, by four methods: one entry of two sides each.
  void deposit(std::size_t count) {
    InFlight::run(count, 4 * in_flight, [&](std::size_t number, std::function<void(std::string)> done) {
      payments::RecordPayment request{.patient_id = patients_[number % patients_.size()].id,
                                      .facility_id = hospital_.home,
                                      .method = static_cast<payments::PaymentMethod>(number % 4),
                                      .amount = static_cast<std::int64_t>(100 + number % 9'900),
                                      .keep_as_deposit = true};
      clerk_->submit(
          std::move(request),
          [done = std::move(done)](const Result<payments::Payment>& result) { done(failure_of(result)); }, key());
    });
  }

 private:
  Session member(Role role) {
    return must(hospital_.platform.session(hospital_.slug(), {.issuer = std::string(issuer),
                                                              .subject = std::to_string(static_cast<int>(role)),
                                                              .display_name = "Somebody",
                                                              .roles = {role},
                                                              .facilities = {hospital_.home}}));
  }
  void issue(const invoices::Invoice& draft, std::function<void(std::string)> done) {
    clerk_->submit(
        invoices::Issue{.id = draft.id, .revision = draft.revision},
        [done = std::move(done)](const Result<invoices::Invoice>& result) { done(failure_of(result)); }, key());
  }

  testing::TemporaryFolder folder_{};
  testing::Hospital hospital_;
  std::vector<patients::Patient> patients_;
  std::optional<Session> clerk_{};
  std::optional<Session> admin_{};
  std::atomic<std::uint64_t> keys_{0};
};

void row(const char* what, const Cost& cost) {
  std::printf("| %s | %.0f | %.1f | %.1f |\n", what, cost.per_second(), cost.wall_us, cost.cpu_us);
}
void ratio(const char* what, const Cost& ours, const Cost& raw) {
  std::printf("  %-50s %.2f by time, %.2f by CPU (goal: 0.35)\n", what, raw.wall_us / ours.wall_us,
              raw.cpu_us / ours.cpu_us);
}

void measure_invoices(Bench& bench, const std::string& engine, const Arguments& arguments) {
  using enum storage::sqlite::LibraryKind;
  RawInvoices raw(engine == "sqlcipher" ? sqlcipher : sqlite, bench.folder() + "/raw", cache_kib);
  bench.draft_and_issue(std::min<std::size_t>(arguments.invoices, 1'024));  // warms it
  std::vector<Cost> drafts, issues, both, bills, raws;
  for (std::size_t round = 0; round < arguments.rounds; ++round) {  // in turn: a change of the machine's mood hits all
    std::vector<invoices::Invoice> made;
    drafts.push_back(bench.draft_only(arguments.invoices, made));
    issues.push_back(bench.issue_only(made));
    both.push_back(bench.draft_and_issue(arguments.invoices));
    bills.push_back(bench.bill(arguments.invoices));
    raws.push_back(raw.create(arguments.invoices, in_flight));
  }
  std::printf("\n%s, invoices of five lines, 64 in flight; %zu a run, the median of %zu runs in turn\n\n",
              engine.c_str(), arguments.invoices, arguments.rounds);
  std::printf("| measure | per second | wall us | CPU us |\n| --- | --- | --- | --- |\n");
  row("draft", median(drafts));
  row("issue", median(issues));
  row("draft and issue, as one", median(both));
  row("bill: drafted and issued in one step", median(bills));
  row("raw: invoice, 5 lines and audit, 64 a commit", median(raws));
  std::printf("\n");
  ratio("issuing against raw", median(issues), median(raws));
  ratio("drafting against raw", median(drafts), median(raws));
  ratio("drafting and issuing against raw", median(both), median(raws));
  ratio("billing in one step against raw", median(bills), median(raws));
}

void measure_books(Bench& bench, const Arguments& arguments) {
  constexpr std::size_t days = 365, invoices_one_in = 10;
  const std::size_t of_day = std::max<std::size_t>(arguments.entries / days, invoices_one_in);
  const Stopwatch filling;
  for (std::size_t made = 0; made < arguments.entries; made += of_day) {
    const std::size_t count = std::min(of_day, arguments.entries - made);
    bench.draft_and_issue(count / invoices_one_in, 4 * in_flight);
    bench.deposit(count - count / invoices_one_in);
    bench.hospital().clock->advance_s(86'400);
    bench.sign_in();
  }
  std::printf("\nthe books: filled in %.0f s\n\n", filling.wall_seconds());
  std::printf("| measure | median ms | p95 ms | goal ms |\n| --- | --- | --- | --- |\n");
  print("trial balance of all days",
        timed(11,
              [&] {
                if (!must(bench.admin().call(ledger::TrialBalance{})).balanced) throw std::runtime_error("unbalanced");
              }),
        500);
  ledger::VerifyReport report;
  print("ledger.verify", timed(1, [&] { report = must(bench.admin().call(ledger::Verify{})); }), 10'000);
  std::printf("\n%llu entries, %llu postings, %llu balances\n", static_cast<unsigned long long>(report.entries),
              static_cast<unsigned long long>(report.postings), static_cast<unsigned long long>(report.balances));
  if (!report.sound) throw std::runtime_error("the ledger is not sound");
}

int run(const Arguments& arguments) {
  for (const std::string engine : {"sqlite", "sqlcipher"}) {
    if (arguments.engine != "both" && arguments.engine != engine) continue;
    Bench bench(engine);
    measure_invoices(bench, engine, arguments);
    if (arguments.entries > 0) measure_books(bench, arguments);
  }
  return 0;
}

}  // namespace
}  // namespace medflow::bench

int main(int count, char** values) {
  medflow::bench::Arguments arguments;
  return medflow::bench::Takes()
      .text("--engine", arguments.engine)
      .number("--invoices", arguments.invoices)
      .number("--rounds", arguments.rounds)
      .number("--entries", arguments.entries)
      .main(count, values, "bench_billing [--engine sqlite|sqlcipher|both] [--invoices N] [--rounds N] [--entries N]",
            [&] { return medflow::bench::run(arguments); });
}
