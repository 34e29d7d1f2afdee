#include "imports/encounters.hpp"

#include <map>

#include "appointments/claims.hpp"
#include "appointments/entities.hpp"
#include "appointments/numbers.hpp"
#include "doctors/doctors.hpp"
#include "imports/imports.fields.hpp"
#include "imports/synthea.hpp"
#include "imports/table.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "patients/registry.hpp"
#include "services/entities.hpp"
#include "tenants/facts.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::imports {

using appointments::Appointment;
using kernel::Outside;
using kernel::Rows;
using kernel::Work;

namespace {

enum Column : std::size_t { id, start, stop, patient, organization, provider, kind, description, columns };
constexpr std::string_view names[columns] = {"Id",           "START",    "STOP",           "PATIENT",
                                             "ORGANIZATION", "PROVIDER", "ENCOUNTERCLASS", "DESCRIPTION"};

/// One service for each class of encounter.
class EncounterServices {
 public:
  explicit EncounterServices(Work& work) : work_(work) {}

  ServiceId of(const std::string& encounter_class) {
    const std::string code = "encounter-" + code_in_cell(encounter_class);
    if (const auto known = known_.find(code); known != known_.end()) return known->second;
    Rows<services::Service> rows(work_);
    std::optional<ServiceId> found;
    const storage::Cell equal[] = {storage::Cell::text(code)};
    rows.scan({.index = "services_code", .equal = equal, .limit = 1}, [&](const services::Service& service) {
      found = service.id;
      return false;
    });
    if (!found) {
      services::Service made{.id = work_.make_id<ServiceId>(), .code = code, .name = "Encounter: " + encounter_class};
      require_valid(type_of<services::Service>, &made, {{"/code", "ENCOUNTERCLASS"}, {"/name", "ENCOUNTERCLASS"}});
      rows.insert(made);
      found = made.id;
    }
    return known_[code] = *found;
  }

 private:
  Work& work_;
  std::map<std::string, ServiceId> known_{};
};

/// A visit as the row tells of it; nothing is stored yet.
Appointment visit_of(const EncounterRow& row) {
  Appointment visit{.id = AppointmentId{row.id},
                    .patient_id = row.patient,
                    .resources = {{.kind = ResourceKind::practitioner, .id = row.doctor.uuid}},
                    .facility_id = row.facility->id,
                    .start = row.start,
                    .end = row.end,
                    .zone = row.facility->zone,
                    .status = appointments::AppointmentStatus::completed,
                    .reason = std::string(row.description)};
  visit.wall_start = local_in(visit.zone, visit.start);
  visit.confirmed_at = visit.started_at = visit.arrived_at = visit.start;
  visit.ended_at = visit.end;
  return visit;
}

}  // namespace

std::span<const std::string_view> encounter_columns() { return names; }

EncounterRow encounter_row(Work& work, const Line& line) {
  EncounterRow row{.id = id_in_cell<AppointmentId>(line.cells[id], "Id").uuid,
                   .start = instant_in_cell(line.cells[start], "START"),
                   .end = instant_in_cell(line.cells[stop], "STOP"),
                   .patient = id_in_cell<PatientId>(line.cells[patient], "PATIENT"),
                   .doctor = id_in_cell<PractitionerId>(line.cells[provider], "PROVIDER"),
                   .kind = line.cells[kind],
                   .description = line.cells[description]};
  const auto place = id_in_cell<FacilityId>(line.cells[organization], "ORGANIZATION");
  if (row.end < row.start) throw Failure(codes::invalid, "STOP", "time.order", "before its beginning");
  if (work.now() < row.end) throw Failure(codes::invalid, "STOP", "date.future", "it is not over");
  if (text::code_points(row.description) > 500)
    throw Failure(codes::invalid, "DESCRIPTION", "text.too_long", "at most 500 characters");
  row.facility = tenants::facility_of(work, place);
  if (row.facility == nullptr)
    throw Failure(codes::invalid, "ORGANIZATION", "facility.unknown", "there is no such facility");
  if (doctors::doctor_of(work, row.doctor) == nullptr)
    throw Failure(codes::invalid, "PROVIDER", "resource.unknown", "there is no such doctor");
  return row;
}

Table prepare(Outside&, const Appointments& request) { return read_table(request.content, request.first_line, names); }

Report handle(Work& work, const Appointments&, const Table& table) {
  Rows<Appointment> rows(work);
  EncounterServices services(work);
  return enter_lines(work, table, Rows<Appointment>::layout().table().id, "appointments.import", [&](const Line& line) {
    const EncounterRow row = encounter_row(work, line);
    Appointment visit = visit_of(row);
    if (rows.find_unchecked(visit.id, 0)) return false;
    const auto whose = patients::known(work, visit.patient_id, 0);
    if (!whose || whose->patient.deleted_at)
      throw Failure(codes::invalid, "PATIENT", "patient.unknown", "there is no such patient");
    visit.service_id = services.of(std::string(row.kind));
    visit.number = appointments::next_number(work);
    work.about(visit.id.uuid);
    work.concerns(visit.patient_id);
    rows.insert_for(whose->subject, visit);
    appointments::enter(work, visit, false);
    return true;
  });
}

}  // namespace medflow::inline v1::imports

MEDFLOW_HANDLE(medflow::imports::Appointments);
