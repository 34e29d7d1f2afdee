// The fields of imports beside patients.
#pragma once

#include "medflow/imports.hpp"
#include "patients/patients.fields.hpp"

namespace medflow::inline v1::imports::rule {

inline constexpr Rules format{.meaning = "The layout of the file."};
inline constexpr Rules first_line{.min = 1, .meaning = "The line number of the header, for the report."};
inline constexpr Rules content{.meaning = "The piece of the file: its header and at most 500 rows."};

}  // namespace medflow::inline v1::imports::rule

namespace medflow {

template <>
struct Described<imports::Facilities> {
  using T = imports::Facilities;
  static constexpr std::string_view name = "ImportsFacilities";
  static constexpr Field fields[] = {
      field<&T::format>(1, "format", none, imports::rule::format),
      field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
      field<&T::zone>(3, "zone", none, {.meaning = "The time zone of the new facilities; the tenant's where absent."}),
      field<&T::content>(4, "content", required, imports::rule::content)};
};

template <>
struct Described<imports::Doctors> {
  using T = imports::Doctors;
  static constexpr std::string_view name = "ImportsDoctors";
  static constexpr Field fields[] = {field<&T::format>(1, "format", none, imports::rule::format),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(4, "content", required, imports::rule::content)};
};

template <>
struct Described<imports::Appointments> {
  using T = imports::Appointments;
  static constexpr std::string_view name = "ImportsAppointments";
  static constexpr Field fields[] = {field<&T::format>(1, "format", none, imports::rule::format),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(4, "content", required | phi, imports::rule::content)};
};

template <>
struct Described<imports::Encounters> {
  using T = imports::Encounters;
  static constexpr std::string_view name = "ImportsEncounters";
  static constexpr Field fields[] = {field<&T::format>(1, "format", none, imports::rule::format),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(3, "content", required | phi, imports::rule::content)};
};

template <>
struct Words<imports::ClinicalTable> {
  static constexpr std::string_view name = "ClinicalTable";
  static constexpr std::string_view words[] = {"conditions",   "allergies",  "medications",
                                               "observations", "procedures", "immunizations"};
};

template <>
struct Described<imports::Records> {
  using T = imports::Records;
  static constexpr std::string_view name = "ImportsRecords";
  static constexpr Field fields[] = {field<&T::table>(1, "table", required, {.meaning = "Which table it is."}),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(3, "content", required | phi, imports::rule::content)};
};

template <>
struct Described<imports::Payers> {
  using T = imports::Payers;
  static constexpr std::string_view name = "ImportsPayers";
  static constexpr Field fields[] = {field<&T::format>(1, "format", none, imports::rule::format),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(3, "content", required, imports::rule::content)};
};

template <>
struct Described<imports::Coverages> {
  using T = imports::Coverages;
  static constexpr std::string_view name = "ImportsCoverages";
  static constexpr Field fields[] = {field<&T::format>(1, "format", none, imports::rule::format),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(3, "content", required | phi, imports::rule::content)};
};

template <>
struct Words<imports::MoneyTable> {
  static constexpr std::string_view name = "MoneyTable";
  static constexpr std::string_view words[] = {"encounters", "medications"};
};

template <>
struct Described<imports::Charges> {
  using T = imports::Charges;
  static constexpr std::string_view name = "ImportsCharges";
  static constexpr Field fields[] = {field<&T::table>(1, "table", required, {.meaning = "Which table it is."}),
                                     field<&T::first_line>(2, "first_line", none, imports::rule::first_line),
                                     field<&T::content>(3, "content", required | phi, imports::rule::content)};
};

}  // namespace medflow
