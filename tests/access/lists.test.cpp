// Who is limited to some facilities sees nothing of the others in any list, search or export (TEN-9). Each operation that answers with
// many rows is named here; which of them are limited by facility, the matrix says.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <set>

#include "tests/access/world.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// All that a list shows, page by page: how many rows, and of which facilities.
struct Shown {
  std::size_t rows = 0;
  std::set<FacilityId> facilities{};
};

template <class Op, class FacilitiesOf>
Shown walk(const Session& session, Op op, FacilitiesOf facilities_of) {
  Shown shown;
  op.limit = 2;
  for (int page = 0; page < 100; ++page) {
    const auto found = must(session.call(op));
    for (const auto& row : found.data) {
      ++shown.rows;
      for (const FacilityId& facility : facilities_of(row)) shown.facilities.insert(facility);
    }
    if (!found.page.next) return shown;
    op.cursor = *found.page.next;
  }
  throw std::runtime_error("a list without an end");
}

std::vector<FacilityId> of_patient(const patients::Patient& patient) { return patient.facilities; }

/// What rows there are of either facility, and how they are asked for.
struct Limited {
  std::function<void(World&, FacilityId)> add{};
  /// All ways to ask for them: whole lists, filters and searches.
  std::vector<std::function<Shown(const Session&)>> ask{};
};

void add_patients(World& world, FacilityId facility) {
  for (int i = 0; i < 5; ++i) world.new_patient(facility);
}

/// Each in a calendar of its own, of a patient of that place.
void add_visits(World& world, FacilityId facility) {
  const Relation relation = facility == world.hospital.home ? Relation::own_facility : Relation::other_facility;
  for (int i = 0; i < 5; ++i) must(world.desk_at(facility).call(world.booking(relation)));
}

std::vector<FacilityId> of_visit(const appointments::Appointment& visit) { return {visit.facility_id}; }

/// All for one service.
void add_waiting(World& world, FacilityId facility) {
  const ServiceId service = world.new_service().id;
  for (int i = 0; i < 5; ++i)
    must(world.desk_at(facility).call(waitlists::Join{.patient_id = world.new_patient(facility).id,
                                                      .service_id = service,
                                                      .facility_id = facility,
                                                      .earliest = Date{.year = 2026, .month = 1, .day = 1},
                                                      .latest = Date{.year = 2030, .month = 1, .day = 1}}));
}

std::vector<FacilityId> of_entry(const waitlists::Entry& entry) { return {entry.facility_id.value_or(FacilityId{})}; }

/// Documents that were added, each of another patient.
struct AddedDocument {
  DocumentId id{};
  PatientId patient{};
  FacilityId facility{};
};
std::vector<AddedDocument>& added_documents() {
  static std::vector<AddedDocument> all;
  return all;
}

void add_documents(World& world, FacilityId facility) {
  const Relation relation = facility == world.hospital.home ? Relation::own_facility : Relation::other_facility;
  for (int i = 0; i < 5; ++i)
    for (const auto category : {documents::Category::administrative, documents::Category::billing}) {
      AddedDocument added{.facility = facility};
      added.id = world.document(world.as(Role::doctor), relation, category, &added.patient);
      added_documents().push_back(added);
    }
}

/// One after the other: what is out of reach is not there.
template <class AskRows>
Shown walk_documents(AskRows rows_of) {
  Shown shown;
  for (const AddedDocument& one : added_documents()) {
    const std::size_t rows = rows_of(one);
    shown.rows += rows;
    if (rows > 0) shown.facilities.insert(one.facility);
  }
  return shown;
}

/// What is in charts, each of another patient: every operation on them names a patient, or a record.
struct AddedRecord {
  RecordId id{};
  PatientId patient{};
  FacilityId facility{};
};
std::vector<AddedRecord>& added_records() {
  static std::vector<AddedRecord> all;
  return all;
}

void add_records(World& world, FacilityId facility) {
  const Relation relation = facility == world.hospital.home ? Relation::own_facility : Relation::other_facility;
  for (int i = 0; i < 5; ++i)
    for (const std::string_view kind : {"lab_result", "dispense"}) {  // one of which each role sees that sees any
      const auto made = world.record(world.as(Role::doctor), relation, kind);
      added_records().push_back({.id = made.id, .patient = made.patient_id, .facility = facility});
    }
}

void add_encounters(World& world, FacilityId facility) {
  const Relation relation = facility == world.hospital.home ? Relation::own_facility : Relation::other_facility;
  for (int i = 0; i < 5; ++i)
    added_records().push_back(
        {.patient = world.encounter(world.as(Role::doctor), relation).patient_id, .facility = facility});
}

/// One after the other: how many rows `rows_of` shows of each.
template <class RowsOf>
auto walk_records(RowsOf rows_of) {
  return [rows_of](const Session& session) {
    Shown shown;
    for (const AddedRecord& one : added_records()) {
      const std::size_t rows = rows_of(session, one);
      shown.rows += rows;
      if (rows > 0) shown.facilities.insert(one.facility);
    }
    return shown;
  };
}

template <class Answer>
std::size_t rows_in(const Answer& answer) {
  if (!answer.ok()) return 0;
  if constexpr (requires { answer->data; })
    return answer->data.size();
  else
    return 1;
}

/// What was billed, each to another patient: an invoice with a credit note, a coverage, and a payment of which something is asked back.
struct AddedBill {
  InvoiceId invoice{};
  CreditNoteId credit_note{};
  PaymentId payment{};
  PatientId patient{};
  FacilityId facility{};
};
std::vector<AddedBill>& added_bills() {
  static std::vector<AddedBill> all;
  return all;
}

void add_bills(World& world, FacilityId facility) {
  const Relation relation = facility == world.hospital.home ? Relation::own_facility : Relation::other_facility;
  const Session nobody = world.hospital.visitor();
  for (int i = 0; i < 5; ++i) {
    const auto note = world.credit_note(nobody, relation);
    const auto refund = world.refund(nobody, relation);
    added_bills().push_back({.invoice = note.invoice_id,
                             .credit_note = note.id,
                             .payment = refund.payment_id,
                             .patient = world.coverage(relation).patient_id,
                             .facility = facility});
  }
}

void add_shifts(World& world, FacilityId facility) {
  for (int i = 0; i < 5; ++i)
    world.cash_shift(facility == world.hospital.home ? Relation::own_facility : Relation::other_facility);
}

template <class Row>
std::vector<FacilityId> at_facility(const Row& row) {
  return {row.facility_id};
}

/// One after the other: how many rows `rows_of` shows of each.
template <class RowsOf>
auto walk_bills(RowsOf rows_of) {
  return [rows_of](const Session& session) {
    Shown shown;
    for (const AddedBill& one : added_bills()) {
      const std::size_t rows = rows_of(session, one);
      shown.rows += rows;
      if (rows > 0) shown.facilities.insert(one.facility);
    }
    return shown;
  };
}

/// A waitlist is that of a service: all of them, one after the other.
Shown walk_waitlists(const Session& session) {
  Shown shown;
  for (const auto& service : must(session.call(services::List{.limit = page_limit_max})).data) {
    const Shown one = walk(session, waitlists::List{.service = service.id}, of_entry);
    shown.rows += one.rows;
    shown.facilities.insert(one.facilities.begin(), one.facilities.end());
  }
  return shown;
}

/// The lists that some role sees by facility (F, or C while care relations are not enforced).
const std::map<std::string_view, Limited>& limited() {
  static const std::map<std::string_view, Limited> all = {
      {"patients.list",
       {add_patients,
        {[](const Session& s) { return walk(s, patients::List{}, of_patient); },
         [](const Session& s) { return walk(s, patients::List{.name = "field"}, of_patient); }}}},
      {"patients.search",
       {add_patients,
        {[](const Session& s) { return walk(s, patients::Search{}, of_patient); },
         [](const Session& s) { return walk(s, patients::Search{.name = "fi"}, of_patient); }}}},
      {"waitlists.list", {add_waiting, {walk_waitlists}}},
      {"invoices.list",
       {add_bills,
        {[](const Session& s) { return walk(s, invoices::List{}, at_facility<invoices::Invoice>); },
         [](const Session& s) {
           return walk(s, invoices::List{.status = invoices::InvoiceStatus::issued}, at_facility<invoices::Invoice>);
         },
         walk_bills([](const Session& s, const AddedBill& one) {
           return rows_in(s.call(invoices::List{.facility_id = one.facility}));
         })}}},
      {"payments.list",
       {add_bills,
        {[](const Session& s) { return walk(s, payments::List{}, at_facility<payments::Payment>); },
         [](const Session& s) {
           return walk(s, payments::List{.state = payments::PaymentState::succeeded}, at_facility<payments::Payment>);
         }}}},
      {"refunds.list",
       {add_bills,
        {[](const Session& s) { return walk(s, refunds::List{}, at_facility<refunds::Refund>); },
         walk_bills([](const Session& s, const AddedBill& one) {
           return rows_in(s.call(refunds::List{.payment_id = one.payment}));
         })}}},
      {"cash_shifts.list", {add_shifts, {[](const Session& s) {
                              return walk(s, cash_shifts::List{}, at_facility<cash_shifts::CashShift>);
                            }}}},
      {"coverages.list", {add_bills, {walk_bills([](const Session& s, const AddedBill& one) {
                            return rows_in(s.call(coverages::List{.patient_id = one.patient}));
                          })}}},
      {"credit_notes.list", {add_bills, {walk_bills([](const Session& s, const AddedBill& one) {
                               return rows_in(s.call(credit_notes::List{.invoice_id = one.invoice}));
                             })}}},
      {"credit_notes.print", {add_bills, {walk_bills([](const Session& s, const AddedBill& one) {
                                return rows_in(s.call(credit_notes::Print{.id = one.credit_note}));
                              })}}},
      {"invoices.print", {add_bills, {walk_bills([](const Session& s, const AddedBill& one) {
                            return rows_in(s.call(invoices::Print{.id = one.invoice}));
                          })}}},
      {"payments.print", {add_bills, {walk_bills([](const Session& s, const AddedBill& one) {
                            return rows_in(s.call(payments::Print{.id = one.payment}));
                          })}}},
      {"reports.print_statement", {add_bills, {walk_bills([](const Session& s, const AddedBill& one) {
                                     return rows_in(s.call(reports::PrintStatement{.patient_id = one.patient}));
                                   })}}},
      {"encounters.list", {add_encounters, {walk_records([](const Session& s, const AddedRecord& one) {
                             return rows_in(s.call(encounters::List{.patient_id = one.patient}));
                           })}}},
      {"records.list", {add_records, {walk_records([](const Session& s, const AddedRecord& one) {
                          return rows_in(s.call(records::List{.patient_id = one.patient}));
                        })}}},
      {"records.list_versions", {add_records, {walk_records([](const Session& s, const AddedRecord& one) {
                                   return rows_in(s.call(records::ListVersions{.id = one.id}));
                                 })}}},
      {"records.diff", {add_records, {walk_records([](const Session& s, const AddedRecord& one) {
                          return rows_in(s.call(records::Diff{.id = one.id, .from = 1, .to = 1}));
                        })}}},
      {"patients.export", {add_records, {walk_records([](const Session& s, const AddedRecord& one) {
                             return rows_in(
                                 s.call(patients::Export{.id = one.patient, .reason = "the patient asked for it"}));
                           })}}},
      {"documents.list", {add_documents, {[](const Session& s) {
                            return walk_documents([&](const AddedDocument& one) {
                              const auto page = s.call(documents::List{.patient_id = one.patient});
                              return page.ok() ? page->data.size() : 0;
                            });
                          }}}},
      {"documents.list_versions", {add_documents, {[](const Session& s) {
                                     return walk_documents([&](const AddedDocument& one) {
                                       const auto page = s.call(documents::ListVersions{.id = one.id});
                                       return page.ok() ? page->data.size() : 0;
                                     });
                                   }}}},
      {"documents.download", {add_documents, {[](const Session& s) {
                                return walk_documents([&](const AddedDocument& one) {
                                  return s.call(documents::Download{.id = one.id}).ok() ? std::size_t{1} : 0;
                                });
                              }}}},
      {"appointments.list",
       {add_visits,
        {[](const Session& s) { return walk(s, appointments::List{}, of_visit); },
         [](const Session& s) {
           return walk(s, appointments::List{.status = appointments::AppointmentStatus::booked, .from = Instant{0}},
                       of_visit);
         }}}}};
  return all;
}

/// The lists that nobody sees by facility: the matrix shows all of them, one's own, or nothing.
const std::set<std::string_view>& unlimited() {
  static const std::set<std::string_view> all = {"documents.list_quarantine",
                                                 "tenants.list",
                                                 "users.list",
                                                 "sessions.list",
                                                 "roles.list",
                                                 "role_proposals.list",
                                                 "code_systems.list",
                                                 "facilities.list",
                                                 "doctors.list",
                                                 "services.list",
                                                 "tax_codes.list",
                                                 "prices.list",
                                                 "fee_rules.list",
                                                 "payers.list",
                                                 "write_offs.list",
                                                 "ledger.list_entries",
                                                 "reports.export",
                                                 "resources.list",
                                                 "leaves.list",
                                                 "settings.history",
                                                 "audit.export",
                                                 "audit.checkpoints",
                                                 "calendars.list_feeds",
                                                 "calendars.read_feed"};
  return all;
}

const matrix::Roles& spec() {
  static const matrix::Roles read(MEDFLOW_SOURCE_DIR "/tests/access/roles.csv");
  return read;
}

/// The roles that hold a permission for their own facilities only.
std::vector<Role> held_by_facility(const Operation& operation) {
  std::vector<Role> roles;
  const auto row = spec().rows().find(std::string(permission_name(operation.permission)));
  if (row == spec().rows().end()) return roles;
  for (std::size_t i = 0; i < spec().roles().size(); ++i) {
    const std::string& cell = row->second.cells.at(spec().roles()[i]);
    if (cell.starts_with('F') || cell.starts_with('C')) roles.push_back(static_cast<Role>(i));
  }
  return roles;
}

bool answers_many(const OperationRow& row) { return row.shape == Shape::page || row.shape == Shape::stream; }

}  // namespace

TEST_CASE("TEN-9: every operation that lists or exports is either limited by facility, or nobody sees it so") {
  std::set<std::string_view> there;
  for (const OperationRow& row : operations()) {
    if (!answers_many(row)) continue;
    const std::string_view name = row.operation->name;
    there.insert(name);
    CAPTURE(name);
    CHECK_MESSAGE(limited().contains(name) == !held_by_facility(*row.operation).empty(),
                  "a list that a role sees by facility has to be asked here");
    CHECK(limited().contains(name) != unlimited().contains(name));
  }
  for (const auto& each : limited()) CHECK_MESSAGE(there.contains(each.first), each.first);
  for (const std::string_view name : unlimited()) CHECK_MESSAGE(there.contains(name), name);
}

TEST_CASE("TEN-9: whoever is limited to one facility sees no row of another in any list or search") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    World world(engine);
    const FacilityId home = world.hospital.home;
    const FacilityId away = world.hospital.away;
    for (const auto& each : limited()) {
      const std::string_view name = each.first;
      const auto& how = each.second;
      CAPTURE(name);
      how.add(world, home);
      how.add(world, away);
      for (const Role role : held_by_facility(*find_operation(name)->operation)) {
        CAPTURE(World::word(role));
        const Session session = world.as(role);  // works at home alone
        for (const auto& ask : how.ask) {
          const Shown shown = ask(session);
          CHECK(shown.facilities == std::set<FacilityId>{home});
          CHECK(shown.rows >= 5);
        }
      }
    }
  }
}

TEST_CASE("TEN-9: whoever is limited to one facility sees no queue and no series of another") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    World world(engine);
    const auto ask = [&](std::string_view name, const Session& session, Relation relation) {
      if (name == "series.get") return code_of(session.call(series::Get{.id = world.series(relation)}));
      const Uuid queue = world.queued(relation).resource;
      if (name == "queues.get") return code_of(session.call(queues::Get{.resource_id = queue}));
      return code_of(session.call(queues::GetDisplay{.resource_id = queue}));
    };
    for (const std::string_view name : {"queues.get", "queues.display", "series.get"}) {
      CAPTURE(name);
      const auto roles = held_by_facility(*find_operation(name)->operation);
      CHECK(!roles.empty());
      for (const Role role : roles) {
        CAPTURE(World::word(role));
        const Session session = world.as(role);  // works at home alone
        CHECK(ask(name, session, Relation::own_facility) == "ok");
        CHECK(ask(name, session, Relation::other_facility) == "not_found");
      }
    }
  }
}
