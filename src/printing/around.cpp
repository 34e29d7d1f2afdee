#include "printing/around.hpp"

#include <algorithm>

#include "appointments/views.hpp"
#include "invoices/entities.hpp"
#include "patients/registry.hpp"
#include "payers/entities.hpp"
#include "printing/hash.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::printing {
namespace {

using kernel::Rows;
using kernel::Work;

constexpr std::string_view labels_in = "en";

std::string said(const std::string& name, const std::string& mrn) {
  if (mrn.empty()) return name;
  return name.empty() ? mrn : name + " (" + mrn + ")";
}

std::string patient_of(Work& work, const PatientId& id, Sight sight) {
  const auto classes = sight == Sight::whole ? std::uint32_t{identity} : appointments::label_classes(work);
  const auto known = patients::known(work, id, classes);
  if (!known) return {};
  if (sight == Sight::whole) return said(appointments::shown_name(known->patient), known->patient.mrn);
  const auto label = appointments::label_of(work, known->patient);
  return label ? said(label->name, label->mrn) : std::string();
}

}  // namespace

Around around_of(Work& work, const FacilityId& facility, const std::optional<PatientId>& patient,
                 std::span<const invoices::PayerShare> shares, Sight sight) {
  Around around{.issuer = work.store().name(), .language = std::string(labels_in), .zone = work.store().zone()};
  if (const facilities::Facility* place = tenants::facility_of(work, facility); place && place->name != around.issuer)
    around.issuer.append(around.issuer.empty() ? "" : ", ").append(place->name);
  if (patient) around.patient = patient_of(work, *patient, sight);
  for (const invoices::PayerShare& share : shares)
    if (const auto payer = Rows<payers::Payer>(work).find(share.payer_id))
      around.payers.emplace_back(payer->id, payer->name);
  return around;
}

std::vector<std::string> descriptions(const invoices::Invoice& invoice) {
  std::vector<std::string> all;
  for (const invoices::Line& line : invoice.lines) all.push_back(line.description);
  return all;
}

namespace {

template <class T>
void keep(Work& work, T& issued) {
  Around now = around_of(work, issued.facility_id, issued.patient_id, issued.shares, Sight::whole);
  issued.issuer = std::move(now.issuer);
  issued.issued_to = std::move(now.patient);
  for (invoices::PayerShare& share : issued.shares)
    for (const auto& [payer, name] : now.payers)
      if (payer == share.payer_id) share.name = name;
}

template <class T>
Around kept(Work& work, const T& issued) {
  Around around{.issuer = issued.issuer,
                .language = std::string(labels_in),
                .patient = issued.issued_to,
                .zone = work.store().zone()};
  for (const invoices::PayerShare& share : issued.shares) around.payers.emplace_back(share.payer_id, share.name);
  return around;
}

}  // namespace

void keep_names(Work& work, invoices::Invoice& invoice) { keep(work, invoice); }
void keep_names(Work& work, credit_notes::CreditNote& note) { keep(work, note); }

Around around_kept(Work& work, const invoices::Invoice& invoice) { return kept(work, invoice); }

Around around_kept(Work& work, const credit_notes::CreditNote& note, const invoices::Invoice& invoice) {
  Around around = kept(work, note);
  around.lines = descriptions(invoice);
  return around;
}

}  // namespace medflow::inline v1::printing
