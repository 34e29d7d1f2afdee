// The waitlist: who would come earlier, and what is offered to them when a slot is free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/appointments.hpp"

namespace medflow::inline v1::waitlists {

/// waiting ⇄ offered → booked; of its own accord or the patient's → declined, expired, cancelled.
enum class WaitState : std::uint8_t { waiting, offered, booked, declined, expired, cancelled };
enum class OfferAnswer : std::uint8_t { pending, accepted, declined, expired };

/// When the patient would come: on these weekdays; the visit begins at one of these times of the day there.
struct Preference {
  std::vector<Weekday> weekdays{};  ///< none: any
  TimeOfDay start{};
  TimeOfDay end{};  ///< from then on not; not later than the start: until the end of the day

  friend bool operator==(const Preference&, const Preference&) = default;
};

/// A slot that was kept for the patient: an appointment that is held.
struct Offer {
  AppointmentId appointment_id{};
  Instant start{};
  Instant sent_at{};
  Instant expires_at{};
  OfferAnswer answer = OfferAnswer::pending;
  bool unsent =
      false;  ///< it ended and no message had told of it: it is none of the three that end an entry

  friend bool operator==(const Offer&, const Offer&) = default;
};

struct Entry {
  WaitlistEntryId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  ServiceId service_id{};
  /// Doctors, any of whom will do; of a service without doctors its rooms or devices. None: any who can be booked there.
  std::vector<Uuid> resources_any{};
  std::optional<FacilityId> facility_id{};  ///< none: anywhere
  std::vector<Preference> preferences{};    ///< none: any time
  Date earliest{};
  Date latest{};
  appointments::Priority priority = appointments::Priority::routine;
  Instant joined_at{};
  WaitState state = WaitState::waiting;
  std::vector<Offer> offers{};                          ///< the last 20
  std::optional<appointments::PatientLabel> patient{};  ///< in answers
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
  // What it is served by.
  std::uint64_t rank = 0;           ///< its place in the order of serving: by priority, then by when it was made
  std::optional<Instant> due_at{};  ///< of one that waits: when its last day is over
};

/// Puts a patient on the waitlist of a service: of each once at a time, and of 10 at most. What is free is held for them by itself, for 15 minutes,
/// if a message can reach them (they have an email address), and not between 21:00 and 08:00 by the clocks of the place: then it waits for the
/// morning, but for what begins before 09:00 and is offered to an urgent or emergency entry. Others wait until staff book for them.
/// Fails, first match wins: forbidden; invalid (an unknown service, patient, doctor or facility, `waitlist.off` of a service without waitlist,
/// `date.order`, `date.past`, `patient.deceased`); conflict `waitlist.exists` (they wait for this service already; `ids` names the entry to who
/// may see it), `waitlist.too_many`.
struct Join {
  using Output = Entry;
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<Uuid> resources_any{};
  std::optional<FacilityId> facility_id{};
  std::vector<Preference> preferences{};
  Date earliest{};
  Date latest{};
  appointments::Priority priority = appointments::Priority::routine;

  static constexpr Operation operation{.name = "waitlists.join",
                                       .method = Method::post,
                                       .path = "/waitlist",
                                       .permission = Permission::waitlist_manage,
                                       .effect = Effect::write,
                                       .summary = "Put a patient on the waitlist",
                                       .object = "waitlist_entry",
                                       .status = 201};
};

/// Entries in the order in which they are served: by priority, then by when they came. Of one patient, or of one service; patients see their own.
/// Fails: forbidden; invalid (`query.too_broad` without either).
struct List {
  using Output = Page<Entry>;
  std::optional<PatientId> patient{};
  std::optional<ServiceId> service{};
  std::optional<WaitState> state{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "waitlists.list",
                                       .method = Method::get,
                                       .path = "/waitlist",
                                       .permission = Permission::waitlist_manage,
                                       .summary = "List who waits",
                                       .object = "waitlist_entry"};
};

/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Entry;
  WaitlistEntryId id{};

  static constexpr Operation operation{.name = "waitlists.get",
                                       .method = Method::get,
                                       .path = "/waitlist/{id}",
                                       .permission = Permission::waitlist_manage,
                                       .summary = "Read an entry of the waitlist",
                                       .object = "waitlist_entry"};
};

/// Takes the offer that there is: the visit is booked, or requested where the service needs approval. Where somebody is away by now the offer stays
/// as it is, until it is declined or expires, and the patient waits on.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal` (nothing is offered); gone `hold.expired`; conflict `slot.closed`,
/// `licence.expired`.
struct Accept {
  using Output = appointments::Appointment;
  WaitlistEntryId id{};

  static constexpr Operation operation{.name = "waitlists.accept",
                                       .method = Method::post,
                                       .path = "/waitlist/{id}/accept",
                                       .permission = Permission::waitlist_manage,
                                       .effect = Effect::write,
                                       .summary = "Accept an offer of the waitlist",
                                       .object = "waitlist_entry"};
};

/// Declines it: the slot is offered to whoever is next, and this patient waits on. After three offers that were not taken
/// the entry ends; those of which no message had told do not count.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Decline {
  using Output = Entry;
  WaitlistEntryId id{};

  static constexpr Operation operation{.name = "waitlists.decline",
                                       .method = Method::post,
                                       .path = "/waitlist/{id}/decline",
                                       .permission = Permission::waitlist_manage,
                                       .effect = Effect::write,
                                       .summary = "Decline an offer of the waitlist",
                                       .object = "waitlist_entry"};
};

/// Takes the patient off the waitlist; what is offered is free again.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Leave {
  using Output = Entry;
  WaitlistEntryId id{};

  static constexpr Operation operation{.name = "waitlists.leave",
                                       .method = Method::del,
                                       .path = "/waitlist/{id}",
                                       .permission = Permission::waitlist_manage,
                                       .effect = Effect::write,
                                       .summary = "Take a patient off the waitlist",
                                       .object = "waitlist_entry"};
};

}  // namespace medflow::inline v1::waitlists
