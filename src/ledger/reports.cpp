#include <algorithm>
#include <cstring>
#include <memory>

#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "ledger/balances.hpp"
#include "ledger/csv.hpp"
#include "ledger/entities.hpp"

namespace medflow::inline v1::reports {

using kernel::Work;

namespace {

Stream csv_stream(std::string file_name, std::string csv) {
  auto text = std::make_shared<const std::string>(std::move(csv));
  return {.media_type = "text/csv; charset=utf-8",
          .file_name = std::move(file_name),
          .pull = [text, sent = std::size_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
            const std::size_t size = std::min(out.size(), text->size() - sent);
            std::memcpy(out.data(), text->data() + sent, size);
            sent += size;
            return size;
          },
          .size_bytes = text->size()};
}

std::string revenue_as_csv(Work& work, const Export& request) {
  kernel::FieldErrors errors;
  if (!request.from) errors.add("/from", "required", "This is needed.");
  if (!request.to) errors.add("/to", "required", "This is needed.");
  errors.refuse();
  return revenue_csv(revenue_of(work, {.by = request.by, .from = *request.from, .to = *request.to}));
}

}  // namespace

Stream handle(Work& work, const Export& request) {
  switch (request.report) {
    case ReportKind::trial_balance:
      return csv_stream("trial_balance.csv",
                        balances_csv(ledger::balances_of(work, {.from = request.from, .to = request.to})));
    case ReportKind::aging:
      return csv_stream("aging.csv", aging_csv(aging_of(work, {.as_of = request.to})));
    case ReportKind::revenue:
      break;
  }
  return csv_stream("revenue.csv", revenue_as_csv(work, request));
}

}  // namespace medflow::inline v1::reports

MEDFLOW_HANDLE(medflow::reports::Export);
