// The fields of facilities and of their operations (entities.md, "Facility").
#pragma once

#include "medflow/facilities.hpp"
#include "medflow/fields.hpp"
#include "patients/patients.fields.hpp"

namespace medflow::inline v1::facilities::rule {

inline constexpr Rules id{.meaning = "The facility's id."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules name{.max = 200, .meaning = "The facility's name."};
inline constexpr Rules zone{.meaning = "The time zone that decides what \"today\" means there."};
inline constexpr Rules parent_id{.meaning = "The facility that it lies in; five levels at most."};
inline constexpr Rules address{.meaning = "Where it is."};
inline constexpr Rules phone{.max = 40, .meaning = "Its telephone number (E.164)."};
inline constexpr Rules open_hours{.items_max = 50, .meaning = "When it is open; none where it is not said."};
inline constexpr Rules holidays{.items_max = 400, .meaning = "Days on which it is closed, each once."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::facilities::rule

namespace medflow {

template <>
struct Words<Weekday> {
  static constexpr std::string_view name = "Weekday";
  static constexpr std::string_view words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
};

template <>
struct Described<facilities::OpenHours> {
  using T = facilities::OpenHours;
  static constexpr std::string_view name = "OpenHours";
  static constexpr Field fields[] = {
      field<&T::weekday>(1, "weekday", required, {.meaning = "The day on which it opens."}),
      field<&T::start>(2, "start", required, {.meaning = "When it opens."}),
      field<&T::end>(3, "end", required,
                     {.meaning = "When it closes: on the next day where that is not after its start."})};
};

template <>
struct Described<facilities::Holiday> {
  using T = facilities::Holiday;
  static constexpr std::string_view name = "Holiday";
  static constexpr Field fields[] = {field<&T::date>(1, "date", required, {.meaning = "The day."}),
                                     field<&T::label>(2, "label", none, {.max = 100, .meaning = "What it is called."})};
};

template <>
struct Described<facilities::Facility> {
  using T = facilities::Facility;
  static constexpr std::string_view name = "Facility";
  static constexpr std::string_view page_name = "FacilityPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, facilities::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::name>(3, "name", none, facilities::rule::name),
      field<&T::zone>(4, "zone", none, facilities::rule::zone),
      field<&T::created_at>(5, "created_at", immutable, {.meaning = "When it was added."}),
      field<&T::created_by>(6, "created_by", immutable, {.meaning = "Who added it."}),
      field<&T::updated_at>(7, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(8, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::parent_id>(9, "parent_id", none, facilities::rule::parent_id),
      field<&T::address>(10, "address", none, facilities::rule::address),
      field<&T::phone>(11, "phone", none, facilities::rule::phone),
      field<&T::open_hours>(12, "open_hours", none, facilities::rule::open_hours),
      field<&T::holidays>(13, "holidays", none, facilities::rule::holidays)};
};

template <>
struct Described<facilities::List> {
  using T = facilities::List;
  static constexpr std::string_view name = "FacilitiesList";
  static constexpr Field fields[] = {field<&T::limit>(1, "limit", none, facilities::rule::limit),
                                     field<&T::cursor>(2, "cursor", none, facilities::rule::cursor)};
};

template <>
struct Described<facilities::Get> {
  using T = facilities::Get;
  static constexpr std::string_view name = "FacilitiesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, facilities::rule::id)};
};

template <>
struct Described<facilities::Create> {
  using T = facilities::Create;
  static constexpr std::string_view name = "FacilitiesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::name>(2, "name", required, facilities::rule::name),
      field<&T::zone>(3, "zone", required, facilities::rule::zone),
      field<&T::parent_id>(4, "parent_id", none, facilities::rule::parent_id),
      field<&T::address>(5, "address", none, facilities::rule::address),
      field<&T::phone>(6, "phone", none, facilities::rule::phone),
      field<&T::open_hours>(7, "open_hours", none, facilities::rule::open_hours),
      field<&T::holidays>(8, "holidays", none, facilities::rule::holidays)};
};

template <>
struct Described<facilities::Update> {
  using T = facilities::Update;
  static constexpr std::string_view name = "FacilitiesUpdate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, facilities::rule::id),
                                     field<&T::revision>(2, "revision", none, facilities::rule::revision),
                                     field<&T::name>(3, "name", required, facilities::rule::name),
                                     field<&T::zone>(4, "zone", required, facilities::rule::zone),
                                     field<&T::parent_id>(5, "parent_id", none, facilities::rule::parent_id),
                                     field<&T::address>(6, "address", none, facilities::rule::address),
                                     field<&T::phone>(7, "phone", none, facilities::rule::phone),
                                     field<&T::open_hours>(8, "open_hours", none, facilities::rule::open_hours),
                                     field<&T::holidays>(9, "holidays", none, facilities::rule::holidays)};
};

}  // namespace medflow
