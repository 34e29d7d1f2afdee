#include "payments/dunning.hpp"

#include <optional>
#include <string>

#include "invoices/entities.hpp"
#include "invoices/unchecked.hpp"
#include "ledger/posting.hpp"
#include "messages/outbox.hpp"
#include "patients/registry.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::payments {

using invoices::Invoice;
using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t at_once_max = 100;  ///< in one step
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t good_for_days = 7;  ///< what could not be sent by then is not sent any more
constexpr std::int32_t late_max = 60;      ///< days: what was missed for longer is let be; messages are kept for longer

constexpr Operation dunning_operation{.name = "invoices.remind_overdue",
                                      .permission = Permission::job_manage,
                                      .effect = Effect::write,
                                      .summary = "Tell patients of overdue invoices",
                                      .object = "invoice"};
constexpr OperationRow dunning_row{.operation = &dunning_operation};

/// The last of the steps that has come by this day.
std::optional<std::int32_t> step_of(Work& work, Date due, Date today) {
  const std::int32_t overdue = today.days() - due.days();
  std::optional<std::int32_t> last;
  for (const std::uint32_t each : tenants::settings_in_force(work).dunning_days) {
    const auto days = static_cast<std::int32_t>(each);
    if (days <= overdue && (!last || *last < days)) last = days;
  }
  return last && overdue - *last <= late_max ? last : std::nullopt;
}

bool can_be_told(Work& work, const PatientId& id) {
  const auto known = patients::known(work, id, contact);
  if (!known || known->patient.deleted_at || known->patient.emails.empty()) return false;
  return !known->patient.deceased || !known->patient.deceased->deceased;
}

void look_at(Work& work, const Invoice& invoice, Date today) {
  if (invoice.status != invoices::InvoiceStatus::issued || !invoice.due_date) return;
  const auto step = step_of(work, *invoice.due_date, today);
  if (!step) return;
  const messages::StoredMessage message{.kind = messages::MessageKind::dunning,
                                        .expires_at = work.now().plus_s(good_for_days * day_s),
                                        .patient_id = invoice.patient_id,
                                        .about = Instant{invoice.due_date->days() * day_s * 1'000'000},
                                        .invoice_id = invoice.id};
  const std::string key = invoice.id.text() + '\n' + std::to_string(*step);
  if (messages::is_queued_once(work, message, key)) return;
  if (ledger::standing_of(work, invoice.id).patient_balance <= 0 || !can_be_told(work, invoice.patient_id)) return;
  if (ledger::has_enough_for_overdue(work, invoice.patient_id, invoice.currency)) return;
  messages::queue_once(work, message, work.now(), key);
}

Next step(Work& work, Progress& progress) {
  if (tenants::settings_in_force(work).dunning_days.empty()) return Next::done();
  std::vector<Invoice> some;
  storage::Scan scan{.limit = at_once_max};
  const Cell after[] = {Cell::bytes(progress.position.view())};
  if (!progress.position.is_nil()) scan.after = after;
  invoices::scan_unchecked<Invoice>(work, scan, [&](Invoice invoice) {
    some.push_back(std::move(invoice));
    return true;
  });
  const Date today = ledger::business_day(work);
  for (const Invoice& invoice : some) look_at(work, invoice, today);
  progress.done += some.size();
  if (some.size() < at_once_max) return Next::done();
  progress.position = some.back().id.uuid;
  return Next::again();
}

}  // namespace

const JobKind dunning_sweep{.row = &dunning_row, .step = step, .recurs = jobs::Recurs::by_cron, .cron = "0 9 * * *"};

}  // namespace medflow::inline v1::payments
