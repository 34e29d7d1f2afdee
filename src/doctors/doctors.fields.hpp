// The fields of doctors and of their operations (entities.md, "Practitioner").
#pragma once

#include "medflow/doctors.hpp"
#include "medflow/fields.hpp"
#include "patients/patients.fields.hpp"

namespace medflow::inline v1::doctors::rule {

inline constexpr Rules id{.meaning = "The doctor's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules user_id{.meaning = "The account with which the doctor signs in."};
inline constexpr Rules name{.max = 200, .text = TextRule::name, .meaning = "The name, as it is shown."};
inline constexpr Rules specialties{
    .items_max = 20, .item_text_max = 60, .text = TextRule::ascii, .meaning = "The specialties, as codes."};
inline constexpr Rules registrations{.items_max = 20, .meaning = "Licences to practise; none where none is asked for."};
inline constexpr Rules npi{.min = 10,
                           .max = 10,
                           .text = TextRule::ascii,
                           .meaning = "The US National Provider Identifier: 10 digits, of which the last is a check."};
inline constexpr Rules languages{
    .items_max = 20, .item_text_max = 35, .text = TextRule::ascii, .meaning = "The languages spoken (BCP 47)."};
inline constexpr Rules facilities{.items_max = 100, .meaning = "The facilities where the doctor works."};
inline constexpr Rules bookable{.meaning = "Whether patients can be booked."};
inline constexpr Rules colour{
    .min = 7, .max = 7, .text = TextRule::ascii, .meaning = "The colour in calendars, as #rrggbb."};
inline constexpr Rules extensions{.items_max = 32, .meaning = "The host's own values, by url."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::doctors::rule

namespace medflow {

template <>
struct Described<doctors::Registration> {
  using T = doctors::Registration;
  static constexpr std::string_view name = "PractitionerRegistration";
  static constexpr Field fields[] = {
      field<&T::authority>(1, "authority", required, {.max = 200, .meaning = "Who issued it."}),
      field<&T::number>(2, "number", required, {.max = 64, .meaning = "Its number there."}),
      field<&T::valid_to>(3, "valid_to", none, {.meaning = "The last day on which it is valid."})};
};

template <>
struct Described<doctors::Doctor> {
  using T = doctors::Doctor;
  static constexpr std::string_view name = "Doctor";
  static constexpr std::string_view page_name = "DoctorPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, doctors::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::user_id>(3, "user_id", none, doctors::rule::user_id),
      field<&T::name>(4, "name", none, doctors::rule::name),
      field<&T::specialties>(5, "specialties", none, doctors::rule::specialties),
      field<&T::registrations>(6, "registrations", none, doctors::rule::registrations),
      field<&T::npi>(7, "npi", none, doctors::rule::npi),
      field<&T::languages>(8, "languages", none, doctors::rule::languages),
      field<&T::facilities>(9, "facilities", none, doctors::rule::facilities),
      field<&T::bookable>(10, "bookable", none, doctors::rule::bookable),
      field<&T::colour>(11, "colour", none, doctors::rule::colour),
      // What a host keeps in its own values, nobody here knows: it lies sealed.
      field<&T::extensions>(12, "extensions", identity, doctors::rule::extensions),
      field<&T::created_at>(13, "created_at", immutable, {.meaning = "When it was added."}),
      field<&T::created_by>(14, "created_by", immutable, {.meaning = "Who added it."}),
      field<&T::updated_at>(15, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(16, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<doctors::List> {
  using T = doctors::List;
  static constexpr std::string_view name = "DoctorsList";
  static constexpr Field fields[] = {
      field<&T::facility>(1, "facility", none, {.meaning = "Only those who work at this facility."}),
      field<&T::specialty>(2, "specialty", none,
                           {.max = 60, .text = TextRule::ascii, .meaning = "Only those who have this specialty."}),
      field<&T::bookable>(3, "bookable", none, {.meaning = "Only those who can be booked, or cannot."}),
      field<&T::limit>(4, "limit", none, doctors::rule::limit),
      field<&T::cursor>(5, "cursor", none, doctors::rule::cursor)};
};

template <>
struct Described<doctors::Get> {
  using T = doctors::Get;
  static constexpr std::string_view name = "DoctorsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, doctors::rule::id)};
};

template <>
struct Described<doctors::Create> {
  using T = doctors::Create;
  static constexpr std::string_view name = "DoctorsCreate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", none, doctors::rule::own_id),
                                     field<&T::user_id>(2, "user_id", none, doctors::rule::user_id),
                                     field<&T::name>(3, "name", required, doctors::rule::name),
                                     field<&T::specialties>(4, "specialties", none, doctors::rule::specialties),
                                     field<&T::registrations>(5, "registrations", none, doctors::rule::registrations),
                                     field<&T::npi>(6, "npi", none, doctors::rule::npi),
                                     field<&T::languages>(7, "languages", none, doctors::rule::languages),
                                     field<&T::facilities>(8, "facilities", none, doctors::rule::facilities),
                                     field<&T::bookable>(9, "bookable", none, doctors::rule::bookable),
                                     field<&T::colour>(10, "colour", none, doctors::rule::colour),
                                     field<&T::extensions>(11, "extensions", none, doctors::rule::extensions)};
};

template <>
struct Described<doctors::Update> {
  using T = doctors::Update;
  static constexpr std::string_view name = "DoctorsUpdate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, doctors::rule::id),
                                     field<&T::revision>(2, "revision", none, doctors::rule::revision),
                                     field<&T::user_id>(3, "user_id", none, doctors::rule::user_id),
                                     field<&T::name>(4, "name", required, doctors::rule::name),
                                     field<&T::specialties>(5, "specialties", none, doctors::rule::specialties),
                                     field<&T::registrations>(6, "registrations", none, doctors::rule::registrations),
                                     field<&T::npi>(7, "npi", none, doctors::rule::npi),
                                     field<&T::languages>(8, "languages", none, doctors::rule::languages),
                                     field<&T::facilities>(9, "facilities", none, doctors::rule::facilities),
                                     field<&T::bookable>(10, "bookable", none, doctors::rule::bookable),
                                     field<&T::colour>(11, "colour", none, doctors::rule::colour),
                                     field<&T::extensions>(12, "extensions", none, doctors::rule::extensions)};
};

}  // namespace medflow
