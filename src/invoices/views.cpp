#include "invoices/views.hpp"

#include <algorithm>

#include "appointments/views.hpp"
#include "kernel/steps.hpp"
#include "ledger/posting.hpp"
#include "patients/entities.hpp"
#include "patients/registry.hpp"

namespace medflow::inline v1::invoices {

using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::size_t draft_digits = 8;

void label(Work& work, std::vector<Invoice>& page) {
  std::vector<PatientId> ids;
  for (const Invoice& invoice : page) ids.push_back(invoice.patient_id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (const PatientId& id : ids) work.concerns(id);
  const std::uint32_t classes = appointments::label_classes(work);
  if (classes == 0) return;
  const auto patients = Rows<patients::Patient>(work).get_many_unchecked(ids, classes);
  for (Invoice& invoice : page) {
    const auto found =
        std::lower_bound(patients.begin(), patients.end(), invoice.patient_id,
                         [](const patients::Patient& patient, const PatientId& wanted) { return patient.id < wanted; });
    if (found != patients.end() && found->id == invoice.patient_id)
      invoice.patient = appointments::label_of(work, *found);
  }
}

}  // namespace

bool sees_billing(const Work& work) {
  return work.actor().kind == audit::ActorKind::system || (work.access().classes() & billing) != 0;
}

void show(Work& work, std::vector<Invoice>& page) {
  for (Invoice& invoice : page) {
    ledger::show_standing(work, invoice);
    if (!invoice.number) {
      const std::string id = invoice.id.text();
      invoice.number = "DRAFT-" + id.substr(id.size() - draft_digits);
    }
    if (sees_billing(work)) continue;
    invoice.doc_hash.clear();
    invoice.lines.clear();
    invoice.discount.reset();
    invoice.end_reason.clear();
    invoice.extensions.clear();
  }
  label(work, page);
  if (work.actor().kind == audit::ActorKind::system) return;
  for (Invoice& invoice : page)
    if (!invoice.patient) invoice.issued_to.clear();  // who may not read the patient
}

bool may_name(Work& work, const PatientId& patient) {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const auto known = patients::known(work, patient, appointments::label_classes(work));
  return known && appointments::label_of(work, known->patient);
}

Invoice shown(Work& work, Invoice invoice) {
  std::vector<Invoice> one;
  one.push_back(std::move(invoice));
  show(work, one);
  return std::move(one.front());
}

Invoice to_change(Work& work, const InvoiceId& id) {
  work.open_classes(identity | billing);
  Rows<Invoice> rows(work);
  if (auto invoice = rows.find(id)) {
    work.about(id.uuid);
    work.event().table = Rows<Invoice>::layout().table().id;
    work.event().revision = invoice->revision;
    work.concerns(invoice->patient_id);
    return std::move(*invoice);
  }
  const auto unreached = rows.find_unchecked(id, 0);
  if (unreached && reaches(work, matter_of(*unreached), Permission::invoice_read)) throw Failure(codes::forbidden);
  return rows.get(id);
}

void illegal_step(InvoiceStatus from, std::string_view to) {
  static constexpr InvoiceStatus of_draft[] = {InvoiceStatus::issued, InvoiceStatus::discarded};
  static constexpr InvoiceStatus of_issued[] = {InvoiceStatus::voided};
  if (from == InvoiceStatus::draft) kernel::refuse_step(from, to, of_draft);
  if (from == InvoiceStatus::issued) kernel::refuse_step(from, to, of_issued);
  kernel::refuse_step(from, to, {});
}

}  // namespace medflow::inline v1::invoices
