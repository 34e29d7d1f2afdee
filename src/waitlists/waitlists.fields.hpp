// The fields of the waitlist and of its operations (entities.md, "WaitlistEntry").
#pragma once

#include "appointments/appointments.fields.hpp"
#include "facilities/facilities.fields.hpp"
#include "medflow/waitlists.hpp"

namespace medflow::inline v1::waitlists::rule {

inline constexpr Rules id{.meaning = "The entry's id."};
inline constexpr Rules patient_id{.meaning = "Who waits."};
inline constexpr Rules service_id{.meaning = "What for."};
inline constexpr Rules resources_any{.items_max = 20, .meaning = "Doctors, any of whom will do; none: any."};
inline constexpr Rules facility_id{.meaning = "Where; none: anywhere."};
inline constexpr Rules preferences{.items_max = 20, .meaning = "When the patient would come; none: at any time."};
inline constexpr Rules earliest{.meaning = "The first day on which the patient would come."};
inline constexpr Rules latest{.meaning = "The last such day; then the entry expires."};

}  // namespace medflow::inline v1::waitlists::rule

namespace medflow {

template <>
struct Words<waitlists::WaitState> {
  static constexpr std::string_view name = "WaitState";
  static constexpr std::string_view words[] = {"waiting", "offered", "booked", "declined", "expired", "cancelled"};
};

template <>
struct Words<waitlists::OfferAnswer> {
  static constexpr std::string_view name = "OfferAnswer";
  static constexpr std::string_view words[] = {"pending", "accepted", "declined", "expired"};
};

template <>
struct Described<waitlists::Preference> {
  using T = waitlists::Preference;
  static constexpr std::string_view name = "WaitlistPreference";
  static constexpr Field fields[] = {
      field<&T::weekdays>(1, "weekdays", none, {.items_max = 7, .meaning = "On these days of the week; none: any."}),
      field<&T::start>(2, "start", none, {.meaning = "From this time of the day on."}),
      field<&T::end>(3, "end", none, {.meaning = "Before this one; not later than `start`: until the day ends."})};
};

template <>
struct Described<waitlists::Offer> {
  using T = waitlists::Offer;
  static constexpr std::string_view name = "WaitlistOffer";
  static constexpr Field fields[] = {
      field<&T::appointment_id>(1, "appointment_id", none, {.meaning = "The appointment that is kept."}),
      field<&T::start>(2, "start", none, {.meaning = "When it begins."}),
      field<&T::sent_at>(3, "sent_at", none, {.meaning = "When it was offered."}),
      field<&T::expires_at>(4, "expires_at", none, {.meaning = "Until when it is kept."}),
      field<&T::answer>(5, "answer", none, {.meaning = "What became of it."}),
      field<&T::unsent>(6, "unsent", none, {.meaning = "It ended, and nobody was told of it: it does not count."})};
};

template <>
struct Described<waitlists::Entry> {
  using T = waitlists::Entry;
  static constexpr std::string_view name = "WaitlistEntry";
  static constexpr std::string_view page_name = "WaitlistEntryPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, waitlists::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::patient_id>(3, "patient_id", immutable, waitlists::rule::patient_id),
      field<&T::service_id>(4, "service_id", immutable, waitlists::rule::service_id),
      field<&T::resources_any>(5, "resources_any", none, waitlists::rule::resources_any),
      field<&T::facility_id>(6, "facility_id", none, waitlists::rule::facility_id),
      field<&T::preferences>(7, "preferences", none, waitlists::rule::preferences),
      field<&T::earliest>(8, "earliest", none, waitlists::rule::earliest),
      field<&T::latest>(9, "latest", none, waitlists::rule::latest),
      field<&T::priority>(10, "priority", none, appointments::rule::priority),
      field<&T::joined_at>(11, "joined_at", immutable, {.meaning = "Since when the patient waits."}),
      field<&T::state>(12, "state", none, {.meaning = "How far it has come."}),
      field<&T::offers>(13, "offers", none, {.items_max = 20, .meaning = "What was offered, the last 20."}),
      field<&T::rank>(14, "rank", none, {.meaning = "Its place in the order in which they are served."}),
      field<&T::due_at>(15, "due_at", none, {.meaning = "When its last day is over."}),
      field<&T::created_at>(16, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(17, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(18, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(19, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::patient>(20, "patient", phi | derived, {.meaning = "Who the patient is."})};
};

template <>
struct Described<waitlists::Join> {
  using T = waitlists::Join;
  static constexpr std::string_view name = "WaitlistsJoin";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, waitlists::rule::patient_id),
                                     field<&T::service_id>(2, "service_id", required, waitlists::rule::service_id),
                                     field<&T::resources_any>(3, "resources_any", none, waitlists::rule::resources_any),
                                     field<&T::facility_id>(4, "facility_id", none, waitlists::rule::facility_id),
                                     field<&T::preferences>(5, "preferences", none, waitlists::rule::preferences),
                                     field<&T::earliest>(6, "earliest", required, waitlists::rule::earliest),
                                     field<&T::latest>(7, "latest", required, waitlists::rule::latest),
                                     field<&T::priority>(8, "priority", none, appointments::rule::priority)};
};

template <>
struct Described<waitlists::List> {
  using T = waitlists::List;
  static constexpr std::string_view name = "WaitlistsList";
  static constexpr Field fields[] = {field<&T::patient>(1, "patient", none, {.meaning = "Those of this patient."}),
                                     field<&T::service>(2, "service", none, {.meaning = "Those for this service."}),
                                     field<&T::state>(3, "state", none, {.meaning = "Only those in this state."}),
                                     field<&T::limit>(4, "limit", none, appointments::rule::limit),
                                     field<&T::cursor>(5, "cursor", none, appointments::rule::cursor)};
};

template <>
struct Described<waitlists::Get> {
  using T = waitlists::Get;
  static constexpr std::string_view name = "WaitlistsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, waitlists::rule::id)};
};

template <>
struct Described<waitlists::Accept> {
  using T = waitlists::Accept;
  static constexpr std::string_view name = "WaitlistsAccept";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, waitlists::rule::id)};
};

template <>
struct Described<waitlists::Decline> {
  using T = waitlists::Decline;
  static constexpr std::string_view name = "WaitlistsDecline";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, waitlists::rule::id)};
};

template <>
struct Described<waitlists::Leave> {
  using T = waitlists::Leave;
  static constexpr std::string_view name = "WaitlistsLeave";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, waitlists::rule::id)};
};

}  // namespace medflow
