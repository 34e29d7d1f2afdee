#include "doctors/doctors.hpp"

#include <algorithm>

#include "doctors/content.hpp"
#include "doctors/entities.hpp"
#include "kernel/codes.hpp"
#include "kernel/facts.hpp"
#include "kernel/handler.hpp"
#include "kernel/lists.hpp"
#include "kernel/paging.hpp"
#include "services/services.hpp"
#include "storage/block_codec.hpp"
#include "tenants/facts.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::doctors {

using kernel::Rows;
using kernel::Work;

namespace {

/// A hospital has some hundred doctors, so a filter looks at them in the order of the list, and at so many for one page at most; an index
/// of its own would have to be kept in step and verified to save a few milliseconds.
constexpr std::size_t looked_at_max = 2'000;

/// Copies everything that a caller says of a doctor, without what is there twice.
template <class Request>
void copy_content(const Request& request, Doctor& doctor) {
  doctor.user_id = request.user_id;
  doctor.name = request.name;
  doctor.specialties = kernel::without_repeats(request.specialties);
  doctor.registrations = request.registrations;
  doctor.npi = request.npi;
  doctor.languages = kernel::without_repeats(request.languages);
  doctor.facilities = kernel::without_repeats(request.facilities);
  doctor.bookable = request.bookable;
  doctor.colour = request.colour;
  doctor.extensions = request.extensions;
}

bool same_value(const Field& field, const Doctor& one, const Doctor& other) {
  std::string a;
  std::string b;
  storage::encode_value(*field.type, field.at_const(&one), a);
  storage::encode_value(*field.type, field.at_const(&other), b);
  return a == b;
}

bool is_stamp(std::string_view name) {
  return name == "revision" || name.starts_with("created_") || name.starts_with("updated_");
}

/// The first field in which they differ, beside what the house itself writes; null where there is none.
template <class Passes>
const Field* difference(const Doctor& one, const Doctor& other, Passes&& passes) {
  for (const Field& field : type_of<Doctor>.fields)
    if (!is_stamp(field.name) && !passes(field.name) && !same_value(field, one, other)) return &field;
  return nullptr;
}

bool manages_all(const Work& work) {
  return work.actor().kind == audit::ActorKind::system || work.access().holds(work.permission(), Scope::all);
}

bool is_own(const Work& work, const PractitionerId& id) { return work.actor().practitioner_id == id; }

/// What may be changed of one's own profile.
bool is_own_affair(std::string_view name) { return name == "specialties" || name == "languages" || name == "colour"; }

void require_content(Work& work, const Doctor& doctor) {
  kernel::FieldErrors errors;
  check_content(doctor, errors);
  for (std::size_t i = 0; i < doctor.facilities.size(); ++i)
    if (tenants::facility_of(work, doctor.facilities[i]) == nullptr)
      errors.add(kernel::item_pointer("/facilities", i), "facility.unknown", "There is no such facility.");
  if (doctor.user_id && !users::is_user(work, *doctor.user_id))
    errors.add("/user_id", "user.unknown", "There is no such account.");
  errors.refuse();
}

}  // namespace

const Doctor* doctor_of(Work& work, const PractitionerId& id) {
  auto& kept = work.store().facts().doctors;
  if (const Doctor* found = kept.find(id)) return found;
  auto doctor = Rows<Doctor>(work).find_unchecked(id, identity);
  return doctor ? kept.keep(id, std::move(*doctor)) : nullptr;
}

Page<Doctor> handle(Work& work, const List& request) {
  const std::string query = (request.facility ? request.facility->text() : std::string()) + "\n" +
                            request.specialty.value_or("") + "\n" +
                            (request.bookable ? (*request.bookable ? "+" : "-") : "");
  const auto contains = [](const auto& list, const auto& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  return kernel::page_by_id<Doctor>(work, request.limit, request.cursor, query,
                                    [&](const Doctor& doctor) {
                                      return (!request.facility || contains(doctor.facilities, *request.facility)) &&
                                             (!request.specialty || contains(doctor.specialties, *request.specialty)) &&
                                             (!request.bookable || doctor.bookable == *request.bookable);
                                    },
                                    {.looked_at_max = looked_at_max});
}

Doctor handle(Work& work, const Get& request) { return Rows<Doctor>(work).get(request.id); }

Doctor handle(Work& work, const Create& request) {
  if (!manages_all(work)) throw Failure(codes::forbidden);
  Rows<Doctor> rows(work);
  Doctor doctor{.id = request.id ? *request.id : work.make_id<PractitionerId>()};
  copy_content(request, doctor);
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      if (difference(*there, doctor, [](std::string_view) { return false; }) == nullptr) return *there;
      throw Failure(codes::id_reused);
    }
    // Calendars are named by this id alone, of whatever they are.
    if (resources::resource_of(work, {request.id->uuid}) != nullptr) throw Failure(codes::id_reused);
  }
  require_content(work, doctor);
  rows.insert(doctor);
  if (doctor.user_id) users::set_practitioner(work, *doctor.user_id, doctor.id);
  return doctor;
}

Doctor handle(Work& work, const Update& request) {
  Rows<Doctor> rows(work);
  const Doctor before = rows.get(request.id);
  if (!manages_all(work) && !is_own(work, request.id))
    throw Failure(work.access().holds(Permission::practitioner_read) ? codes::forbidden : codes::not_found);
  Doctor doctor = before;
  copy_content(request, doctor);
  require_content(work, doctor);
  if (!manages_all(work)) {
    if (const Field* field = difference(before, doctor, is_own_affair))
      throw Failure(kernel::field_forbidden, "/" + std::string(field->name), "field.forbidden",
                    "this account may not change this field");
  }
  rows.update(doctor, request.revision);
  if (before.user_id != doctor.user_id) {
    if (before.user_id) users::set_practitioner(work, *before.user_id, std::nullopt);
    if (doctor.user_id) users::set_practitioner(work, *doctor.user_id, doctor.id);
  }
  return doctor;
}

}  // namespace medflow::inline v1::doctors

MEDFLOW_HANDLE(medflow::doctors::List);
MEDFLOW_HANDLE(medflow::doctors::Get);
MEDFLOW_HANDLE(medflow::doctors::Create);
MEDFLOW_HANDLE(medflow::doctors::Update);
