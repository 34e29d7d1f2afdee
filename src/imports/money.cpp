// Synthea's money: payers, who they pay for, and what was charged. Its amounts are dollars with two decimals; they are read as cents, digit by digit.
#include <cstring>
#include <limits>
#include <map>

#include "appointments/entities.hpp"
#include "crypto/hash.hpp"
#include "doctors/doctors.hpp"
#include "encounters/entities.hpp"
#include "imports/imports.fields.hpp"
#include "imports/synthea.hpp"
#include "imports/table.hpp"
#include "invoices/entities.hpp"
#include "invoices/invoicing.hpp"
#include "kernel/aside.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "patients/registry.hpp"
#include "payers/entities.hpp"
#include "payments/recording.hpp"
#include "tenants/facts.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::imports {

using appointments::Appointment;
using coverages::Coverage;
using coverages::Relationship;
using encounters::Encounter;
using invoices::Invoice;
using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using payers::Payer;

namespace {

/// The payer that stands for having none; it is kept, inactive, so that rows that name it are known from rows that name nobody.
constexpr std::string_view no_insurance = "NO_INSURANCE";
constexpr std::string_view series_prefix = "IMP";
constexpr std::size_t description_max = 300;

enum PayerColumn : std::size_t { payer_id, payer_name, payer_address, city, state, zip, payer_columns };
constexpr std::string_view payer_names[payer_columns] = {"Id", "NAME", "ADDRESS", "CITY", "STATE_HEADQUARTERED", "ZIP"};

enum CoverageColumn : std::size_t {
  covered_patient,
  member,
  start_year,
  end_year,
  covered_by,
  secondary,
  ownership,
  coverage_columns
};
constexpr std::string_view coverage_names[coverage_columns] = {"PATIENT", "MEMBERID",        "START_YEAR", "END_YEAR",
                                                               "PAYER",   "SECONDARY_PAYER", "OWNERSHIP"};

enum EncounterColumn : std::size_t {
  encounter_id,
  encounter_start,
  encounter_patient,
  organization,
  provider,
  encounter_payer,
  encounter_description,
  claim_cost,
  encounter_covered,
  encounter_columns_count
};
constexpr std::string_view encounter_names[encounter_columns_count] = {
    "Id", "START", "PATIENT", "ORGANIZATION", "PROVIDER", "PAYER", "DESCRIPTION", "TOTAL_CLAIM_COST", "PAYER_COVERAGE"};

enum MedicationColumn : std::size_t {
  medication_start,
  medication_patient,
  medication_payer,
  medication_encounter,
  medication_code,
  medication_description,
  medication_covered,
  dispenses,
  total_cost,
  medication_columns_count
};
constexpr std::string_view medication_names[medication_columns_count] = {
    "START", "PATIENT", "PAYER", "ENCOUNTER", "CODE", "DESCRIPTION", "PAYER_COVERAGE", "DISPENSES", "TOTALCOST"};

[[noreturn]] void refuse(std::string_view column, std::string_view code, std::string_view message) {
  throw Failure(codes::invalid, std::string(column), std::string(code), std::string(message));
}

Currency dollars() { return *Currency::parse("USD"); }

/// "1306.55" as 130655; also "12", "12.5" and "12.500".
std::int64_t cents_in_cell(std::string_view cell, std::string_view column) {
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 1'000'000;
  std::int64_t cents = 0;
  std::size_t decimals = 0, digits = 0;
  bool point = false;
  for (const char c : cell) {
    if (c == '.' && !point && digits > 0) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') refuse(column, "type.mismatch", "not an amount");
    ++digits;
    if (point && ++decimals > 2) {
      if (c != '0') refuse(column, "type.mismatch", "parts of a cent");
      continue;
    }
    cents = cents * 10 + (c - '0');
    if (cents > limit) refuse(column, "number.out_of_range", "too large an amount");
  }
  if (digits == 0 || (point && decimals == 0)) refuse(column, "type.mismatch", "not an amount");
  for (std::size_t i = decimals; i < 2; ++i) cents *= 10;
  return cents;
}

std::int64_t count_in_cell(std::string_view cell, std::string_view column) {
  std::int64_t count = 0;
  for (const char c : cell) {
    if (c < '0' || c > '9' || count > 99'999) refuse(column, "type.mismatch", "not a count");
    count = count * 10 + (c - '0');
  }
  if (cell.empty()) refuse(column, "type.mismatch", "not a count");
  return count;
}

/// The same for the same parts. Version 8 of RFC 9562: made as its maker likes.
Uuid id_of(std::string_view kind, std::string_view text) {
  const crypto::Digest digest = crypto::sha256({"synthea/", kind, "/", text});
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

/// Of a line without an id of its own: its number and what it says, cells told apart by their lengths. Lines that say the same are two.
Uuid id_of(std::string_view kind, const Line& line) {
  std::string text = std::to_string(line.number);
  for (const std::string& cell : line.cells) text += '\n' + std::to_string(cell.size()) + ':' + cell;
  return id_of(kind, text);
}

/// Patients and payers of a piece, each looked up once.
class Known {
 public:
  explicit Known(Work& work) : work_(work) {}

  const Work::Subject& patient(const PatientId& id) {
    auto known = patients_.find(id);
    if (known == patients_.end()) {
      const auto found = patients::known(work_, id, 0);
      const bool there = found && !found->patient.deleted_at;
      known = patients_.emplace(id, there ? std::optional(found->subject) : std::nullopt).first;
    }
    if (!known->second) refuse("PATIENT", "patient.unknown", "there is no such patient");
    return *known->second;
  }

  const Payer& payer(const PayerId& id, std::string_view column) {
    auto known = payers_.find(id);
    if (known == payers_.end()) known = payers_.emplace(id, Rows<Payer>(work_).find(id)).first;
    if (!known->second) refuse(column, "payer.unknown", "there is no such payer");
    return *known->second;
  }

 private:
  Work& work_;
  std::map<PatientId, std::optional<Work::Subject>> patients_{};
  std::map<PayerId, std::optional<Payer>> payers_{};
};

bool code_is_used(Work& work, const std::string& code) {
  bool used = false;
  const storage::Cell equal[] = {storage::Cell::text(code)};
  Rows<Payer>(work).scan({.index = "payers_code", .equal = equal, .limit = 1}, [&](const Payer&) {
    used = true;
    return false;
  });
  return used;
}

/// Whose the policy is, as the patient is related to them: of a guardian's the patient is the child.
Relationship relationship_in_cell(std::string_view cell) {
  if (cell == "Self") return Relationship::self;
  if (cell == "Guardian") return Relationship::child;
  if (cell == "Spouse") return Relationship::spouse;
  refuse("OWNERSHIP", "enum.unknown", "no owner of Synthea's");
}

/// What a row charges.
struct Charge {
  InvoiceId id{};
  PatientId patient_id{};
  PayerId payer_id{};
  FacilityId facility_id{};
  Zone zone{};  ///< of the facility
  std::optional<PractitionerId> practitioner_id{};
  std::optional<AppointmentId> appointment_id{};
  Instant start{};
  std::string description{};
  std::int64_t count = 1;  ///< of what was charged
  std::int64_t total = 0;  ///< in cents
  std::int64_t covered = 0;
};

void place(Work& work, Charge& charge, const FacilityId& where, std::string_view column) {
  const facilities::Facility* facility = tenants::facility_of(work, where);
  if (facility == nullptr) refuse(column, "facility.unknown", "there is no such facility");
  charge.facility_id = facility->id;
  charge.zone = facility->zone;
}

Charge encounter_charge(Work& work, const Line& line) {
  const auto& cells = line.cells;
  Charge charge{.id = id_in_cell<InvoiceId>(cells[encounter_id], "Id"),
                .patient_id = id_in_cell<PatientId>(cells[encounter_patient], "PATIENT"),
                .payer_id = id_in_cell<PayerId>(cells[encounter_payer], "PAYER"),
                .practitioner_id = id_in_cell<PractitionerId>(cells[provider], "PROVIDER"),
                .start = instant_in_cell(cells[encounter_start], "START"),
                .description = cells[encounter_description],
                .total = cents_in_cell(cells[claim_cost], "TOTAL_CLAIM_COST"),
                .covered = cents_in_cell(cells[encounter_covered], "PAYER_COVERAGE")};
  place(work, charge, id_in_cell<FacilityId>(cells[organization], "ORGANIZATION"), "ORGANIZATION");
  if (doctors::doctor_of(work, *charge.practitioner_id) == nullptr)
    refuse("PROVIDER", "resource.unknown", "there is no such doctor");
  const AppointmentId visit{charge.id.uuid};
  if (const auto found = Rows<Appointment>(work).find_unchecked(visit, 0);
      found && found->patient_id == charge.patient_id)
    charge.appointment_id = visit;
  return charge;
}

/// A row of medications.csv says where it was only by its encounter: that is there as an encounter, as a visit or as what it was charged.
FacilityId place_of(Work& work, const Uuid& encounter, const PatientId& patient) {
  const auto of_patient = [&](const auto& found) { return found && found->patient_id == patient; };
  if (const auto found = Rows<Encounter>(work).find_unchecked(EncounterId{encounter}, 0); of_patient(found))
    return found->facility_id;
  if (const auto found = Rows<Appointment>(work).find_unchecked(AppointmentId{encounter}, 0); of_patient(found))
    return found->facility_id;
  if (const auto found = Rows<Invoice>(work).find_unchecked(InvoiceId{encounter}, 0); of_patient(found))
    return found->facility_id;
  refuse("ENCOUNTER", "encounter.unknown", "there is no such encounter of the patient");
}

Charge medication_charge(Work& work, const Line& line) {
  const auto& cells = line.cells;
  Charge charge{.id = InvoiceId{id_of("medications/charge", line)},
                .patient_id = id_in_cell<PatientId>(cells[medication_patient], "PATIENT"),
                .payer_id = id_in_cell<PayerId>(cells[medication_payer], "PAYER"),
                .start = instant_in_cell(cells[medication_start], "START"),
                .description = cells[medication_description],
                .count = count_in_cell(cells[dispenses], "DISPENSES"),
                .total = cents_in_cell(cells[total_cost], "TOTALCOST"),
                .covered = cents_in_cell(cells[medication_covered], "PAYER_COVERAGE")};
  const auto encounter = id_in_cell<EncounterId>(cells[medication_encounter], "ENCOUNTER");
  place(work, charge, place_of(work, encounter.uuid, charge.patient_id), "ENCOUNTER");
  return charge;
}

/// Issued on the tenant's day (BIL-5); the service was on that of its place.
Invoice invoice_of(const Charge& charge, Date day) {
  Invoice invoice{.id = charge.id,
                  .patient_id = charge.patient_id,
                  .facility_id = charge.facility_id,
                  .appointment_id = charge.appointment_id,
                  .currency = dollars()};
  invoice.issue_date = invoice.due_date = day;
  // So many at an equal price, where that comes to the total.
  const bool divides = charge.count > 1 && charge.total % charge.count == 0;
  const std::int64_t count = divides ? charge.count : 1;
  constexpr std::int64_t micro_of_cent = 10'000, quantity_of_one = 10'000;
  invoice.lines = {{.description = charge.description,
                    .quantity = count * quantity_of_one,
                    .price_micro = charge.total / count * micro_of_cent,
                    .service_date = date_in(charge.zone, charge.start),
                    .practitioner_id = charge.practitioner_id,
                    .appointment_id = charge.appointment_id,
                    .gross = charge.total,
                    .net = charge.total}};
  if (charge.practitioner_id) invoice.practitioner_ids = {*charge.practitioner_id};
  invoice.net = invoice.total = charge.total;
  // Also of 0: the row says what the payer pays, so the patient's coverages do not.
  invoice.shares = {{.payer_id = charge.payer_id, .amount = charge.covered}};
  invoice.patient_share = charge.total - charge.covered;
  return invoice;
}

/// What the payer paid of it, on the same day.
void pay(Work& work, const Charge& charge, const Invoice& invoice, Date day) {
  payments::Payment payment{.id = PaymentId{id_of("payment", invoice.id.text())},
                            .payer_id = charge.payer_id,
                            .facility_id = charge.facility_id,
                            .method = payments::PaymentMethod::payer,
                            .state = payments::PaymentState::succeeded,
                            .amount = charge.covered,
                            .currency = invoice.currency,
                            .allocations = {{.invoice_id = invoice.id, .amount = charge.covered}},
                            .received_at = charge.start};
  const kernel::Aside aside(work);
  payments::store(work, payment, day);
}

}  // namespace

Table prepare(Outside&, const Payers& request) { return read_table(request.content, request.first_line, payer_names); }

Report handle(Work& work, const Payers&, const Table& table) {
  Rows<Payer> rows(work);
  return enter_lines(work, table, Rows<Payer>::layout().table().id, "payers.import", [&](const Line& line) {
    const auto& cells = line.cells;
    const auto id = id_in_cell<PayerId>(cells[payer_id], "Id");
    if (rows.find(id)) return false;
    if (cells[payer_name].empty()) refuse("NAME", "required", "there is no name");
    Payer payer{.id = id, .code = code_in_cell(cells[payer_name]).substr(0, 40), .name = cells[payer_name]};
    if (payer.code.empty()) payer.code = id.text().substr(0, 8);
    if (code_is_used(work, payer.code)) throw Failure(payers::code_taken);
    payer.address = cells[payer_address];
    std::string town = cells[city];
    for (const std::size_t part : {state, zip})
      if (!cells[part].empty()) town += (town.empty() ? "" : " ") + cells[part];
    if (!town.empty()) payer.address += (payer.address.empty() ? "" : "\n") + town;
    require_valid(type_of<Payer>, &payer, {{"/name", "NAME"}, {"/address", "ADDRESS"}});
    payer.active = payer.name != no_insurance;
    rows.insert(payer);
    return true;
  });
}

Table prepare(Outside&, const Coverages& request) {
  return read_table(request.content, request.first_line, coverage_names);
}

/// A row is a coverage for about a year, or two where there is a second payer. Of none it is none: the row is named in the report, and nothing failed.
Report handle(Work& work, const Coverages&, const Table& table) {
  Rows<Coverage> rows(work);
  Known known(work);
  const Zone zone = work.store().zone();
  std::vector<RowReport> without;
  Report report =
      enter_lines(work, table, Rows<Coverage>::layout().table().id, "coverages.import", [&](const Line& line) {
        const auto& cells = line.cells;
        const auto patient = id_in_cell<PatientId>(cells[covered_patient], "PATIENT");
        const Work::Subject subject = known.patient(patient);
        const auto payer = id_in_cell<PayerId>(cells[covered_by], "PAYER");
        if (!known.payer(payer, "PAYER").active) {
          without.push_back({.line = line.number,
                             .outcome = RowOutcome::unchanged,
                             .column = "PAYER",
                             .code = "coverage.none",
                             .message = "a time without insurance is no coverage"});
          return false;
        }
        const Instant from = instant_in_cell(cells[start_year], "START_YEAR");
        const Instant to = instant_in_cell(cells[end_year], "END_YEAR");
        if (to <= from) refuse("END_YEAR", "time.order", "not after its beginning");
        Coverage first{.id = CoverageId{id_of("payer_transitions/1", line)},
                       .patient_id = patient,
                       .payer_id = payer,
                       .member_id = cells[member],
                       .relationship = relationship_in_cell(cells[ownership]),
                       .valid_from = date_in(zone, from),
                       .currency = dollars()};
        // The day on which it ends is the first of the next.
        const Date last = Date::from_days(date_in(zone, to).days() - 1);
        first.valid_to = std::max(first.valid_from, last);
        require_valid(type_of<Coverage>, &first, {{"/member_id", "MEMBERID"}});
        std::optional<Coverage> second;
        if (!cells[secondary].empty()) {
          const auto other = id_in_cell<PayerId>(cells[secondary], "SECONDARY_PAYER");
          if (known.payer(other, "SECONDARY_PAYER").active) {
            second = first;
            second->id = CoverageId{id_of("payer_transitions/2", line)};
            second->payer_id = other;
            second->rank = 2;
          }
        }
        if (rows.find_unchecked(first.id, 0)) return false;
        work.about(first.id.uuid);
        work.concerns(patient);
        rows.insert_for(subject, first);
        if (second) rows.insert_for(subject, *second);
        return true;
      });
  report.rows.insert(report.rows.end(), without.begin(), without.end());
  sort_by_line(report);
  return report;
}

Table prepare(Outside&, const Charges& request) {
  if (request.table == MoneyTable::medications)
    return read_table(request.content, request.first_line, medication_names);
  return read_table(request.content, request.first_line, encounter_names);
}

Report handle(Work& work, const Charges& request, const Table& table) {
  Rows<Invoice> rows(work);
  Known known(work);
  const auto read = request.table == MoneyTable::medications ? medication_charge : encounter_charge;
  const Zone zone = work.store().zone();
  return enter_lines(work, table, Rows<Invoice>::layout().table().id, "invoices.import", [&](const Line& line) {
    const Charge charge = read(work, line);
    if (rows.find_unchecked(charge.id, 0)) return false;
    known.patient(charge.patient_id);
    const Payer& payer = known.payer(charge.payer_id, "PAYER");
    if (charge.covered > charge.total) refuse("PAYER_COVERAGE", "shares.exceed", "more than the total");
    if (charge.covered > 0 && !payer.active) refuse("PAYER_COVERAGE", "payer.unknown", "nobody pays this");
    if (work.now() < charge.start) refuse("START", "date.future", "it has not come yet");
    if (charge.description.empty()) refuse("DESCRIPTION", "required", "there is no description");
    if (text::code_points(charge.description) > description_max)
      refuse("DESCRIPTION", "text.too_long", "at most 300 characters");
    const Date day = date_in(zone, charge.start);
    Invoice invoice = invoice_of(charge, day);
    work.concerns(invoice.patient_id);
    invoices::issue(work, invoice,
                    {.issue_date = day, .due_date = day, .prefix = series_prefix, .in_date_order = false}, true);
    if (charge.covered > 0) pay(work, charge, invoice, day);
    return true;
  });
}

}  // namespace medflow::inline v1::imports

MEDFLOW_HANDLE(medflow::imports::Payers);
MEDFLOW_HANDLE(medflow::imports::Coverages);
MEDFLOW_HANDLE(medflow::imports::Charges);
