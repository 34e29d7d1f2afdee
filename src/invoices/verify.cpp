// Whether the numbers of invoices and credit notes are whole, as they are on one snapshot: what is issued meanwhile waits for nothing.
#include <algorithm>
#include <map>

#include "invoices/entities.hpp"
#include "invoices/unchecked.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"

namespace medflow::inline v1::invoices {

using kernel::Outside;
using kernel::Work;

namespace {

constexpr std::size_t gaps_max = 1'000;

struct Numbered {
  std::uint64_t sequence = 0;
  Date day{};

  friend auto operator<=>(const Numbered&, const Numbered&) = default;
};

class Check {
 public:
  explicit Check(SequenceReport& report) : report_(report) {}

  /// `known` is what is written down of the series; nothing where that is gone.
  void look(const std::string& series, std::vector<Numbered>& numbers, const Series& known) {
    std::sort(numbers.begin(), numbers.end());
    report_.numbers += numbers.size();
    std::uint64_t expected = 1;
    const Numbered* before = nullptr;
    for (const Numbered& each : numbers) {
      for (; expected < each.sequence && !full(); ++expected) add(series, expected, "missing");
      if (before != nullptr && before->sequence == each.sequence) add(series, each.sequence, "duplicate");
      if (before != nullptr && known.in_date_order && each.day < before->day) add(series, each.sequence, "order");
      expected = each.sequence + 1;
      before = &each;
    }
    for (; expected <= known.last && !full(); ++expected) add(series, expected, "missing");
  }

 private:
  bool full() const { return report_.gaps.size() >= gaps_max; }
  void add(const std::string& series, std::uint64_t number, std::string_view problem) {
    if (!full()) report_.gaps.push_back({.series = series, .number = number, .problem = std::string(problem)});
  }

  SequenceReport& report_;
};

SequenceReport report_of(Work& work) {
  std::map<std::string, std::vector<Numbered>> found;
  scan_unchecked<Invoice>(work, {.index = "invoices_series"}, [&](const Invoice& invoice) {
    if (invoice.number)
      found[invoice.series].push_back({.sequence = invoice.sequence, .day = invoice.issue_date.value_or(Date{})});
    return true;
  });
  scan_unchecked<credit_notes::CreditNote>(
      work, {.index = "credit_notes_series"}, [&](const credit_notes::CreditNote& note) {
        found[note.series].push_back({.sequence = note.sequence, .day = note.issue_date});
        return true;
      });
  std::map<std::string, Series> known;
  scan_unchecked<Series>(work, {}, [&](const Series& series) {
    known[series.name] = series;
    found.try_emplace(series.name);
    return true;
  });
  SequenceReport report{.series = found.size()};
  Check check(report);
  for (auto& [series, numbers] : found) check.look(series, numbers, known[series]);
  return report;
}

}  // namespace

SequenceReport prepare(Outside& outside, const VerifySequence&) {
  SequenceReport report;
  outside.read([&](Work& work) { report = report_of(work); });
  return report;
}

constexpr kernel::Slow slow(const VerifySequence*) { return kernel::Slow::long_work; }

SequenceReport handle(Work& work, const VerifySequence&, const SequenceReport& report) {
  work.event().count = static_cast<std::uint32_t>(report.numbers);
  return report;
}

}  // namespace medflow::inline v1::invoices

MEDFLOW_HANDLE(medflow::invoices::VerifySequence);
