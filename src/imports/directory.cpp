#include "doctors/entities.hpp"
#include "facilities/entities.hpp"
#include "imports/imports.fields.hpp"
#include "imports/synthea.hpp"
#include "imports/table.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::imports {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;

namespace {

enum FacilityColumn : std::size_t { facility_id, facility_name, address, city, state, zip, facility_columns };
constexpr std::string_view facility_names[facility_columns] = {"Id", "NAME", "ADDRESS", "CITY", "STATE", "ZIP"};

enum DoctorColumn : std::size_t { doctor_id, organization, doctor_name, speciality, doctor_columns };
constexpr std::string_view doctor_names[doctor_columns] = {"Id", "ORGANIZATION", "NAME", "SPECIALITY"};

std::string name_in_cell(const std::string& cell) {
  if (cell.empty()) throw Failure(codes::invalid, "NAME", "required", "there is no name");
  return cell;
}

}  // namespace

Table prepare(Outside&, const Facilities& request) {
  return read_table(request.content, request.first_line, facility_names);
}

Report handle(Work& work, const Facilities& request, const Table& table) {
  const Zone zone = request.zone ? *request.zone : work.store().zone();
  Rows<facilities::Facility> rows(work);
  return enter_lines(
      work, table, Rows<facilities::Facility>::layout().table().id, "facilities.import", [&](const Line& line) {
        const auto id = id_in_cell<FacilityId>(line.cells[facility_id], "Id");
        if (rows.find(id)) return false;
        facilities::Facility facility{.id = id, .name = name_in_cell(line.cells[facility_name]), .zone = zone};
        facility.address = patients::Address{.lines = {line.cells[address]},
                                             .city = line.cells[city],
                                             .region = line.cells[state],
                                             .postal = line.cells[zip]};
        require_valid(type_of<facilities::Facility>, &facility,
                      {{"/name", "NAME"},
                       {"/address/lines/0", "ADDRESS"},
                       {"/address/city", "CITY"},
                       {"/address/region", "STATE"},
                       {"/address/postal", "ZIP"}});
        rows.insert(facility);
        return true;
      });
}

Table prepare(Outside&, const Doctors& request) {
  return read_table(request.content, request.first_line, doctor_names);
}

Report handle(Work& work, const Doctors&, const Table& table) {
  Rows<doctors::Doctor> rows(work);
  return enter_lines(work, table, Rows<doctors::Doctor>::layout().table().id, "doctors.import", [&](const Line& line) {
    const auto id = id_in_cell<PractitionerId>(line.cells[doctor_id], "Id");
    const auto place = id_in_cell<FacilityId>(line.cells[organization], "ORGANIZATION");
    if (rows.find(id)) return false;
    if (tenants::facility_of(work, place) == nullptr)
      throw Failure(codes::invalid, "ORGANIZATION", "facility.unknown", "there is no such facility");
    doctors::Doctor doctor{.id = id, .name = name_in_cell(line.cells[doctor_name]), .facilities = {place}};
    const std::string specialty = code_in_cell(line.cells[speciality]);
    if (!specialty.empty()) doctor.specialties = {specialty};
    require_valid(type_of<doctors::Doctor>, &doctor, {{"/name", "NAME"}, {"/specialties/0", "SPECIALITY"}});
    rows.insert(doctor);
    return true;
  });
}

}  // namespace medflow::inline v1::imports

MEDFLOW_HANDLE(medflow::imports::Facilities);
MEDFLOW_HANDLE(medflow::imports::Doctors);
