// Booking: what is asked for, what is known of it, and what is in its way. Everything that claims time goes through here.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "appointments/calendar.hpp"
#include "appointments/claims.hpp"
#include "appointments/entities.hpp"
#include "kernel/work.hpp"
#include "schedules/rules.hpp"

namespace medflow::inline v1::appointments {

/// What somebody asks for.
struct Wish {
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<Participant> resources{};
  std::optional<Instant> start{};
  std::optional<LocalDateTime> wall_start{};
  bool overbook = false;
  bool override = false;
  bool reasoned = true;   ///< whether a reason for either has to be given
  bool elsewhere = true;  ///< whether other times are looked for where there is no room
  std::string_view override_reason{};
  const Appointment* kept = nullptr;  ///< this visit is looked at again as it was made: as long, and as many at once
};

/// What somebody wants of a service: a new visit; to move one that there is, also where new ones are not booked any more; or to keep it, also
/// where new ones would need more.
enum class Wanted : std::uint8_t { anew, moved, kept };

/// How the members of a request are called that name who takes part: the first `own` one alone, the others in a list.
struct Named {
  std::string list = "/resources";
  std::string own{};
};

/// The calendars of those who take part, as they are around a time, and the rules in force.
struct Calendars {
  schedules::RulesInForce rules{};
  Terms terms{};
  std::vector<Calendar> calendars{};  ///< the first is that in whose hours it is offered
  FacilityId home{};                  ///< where that one is, if no opening says
  Zone zone{};                        ///< in which its wall times are said

  Question question(Instant now, std::uint32_t beyond, const std::vector<Taken>* patient) const;
};

/// Throws Failure `invalid` where a service, doctor, room or device is not there, one that is needed is missing, or one is named twice.
Calendars calendars_of(kernel::Work& work, const ServiceId& service, const std::vector<Participant>& resources,
                       Wanted wanted = Wanted::anew, const Named& named = {});
/// The rules in force for a visit that there is, whatever has become of its service since.
schedules::RulesInForce rules_for(kernel::Work& work, const ServiceId& service,
                                  const std::vector<Participant>& resources);
/// In which the wall times of a calendar are said: by its schedule, by the facility of its hours, by `home`, or the tenant's.
Zone zone_of_calendar(kernel::Work& work, const schedules::Schedule* schedule, const std::optional<FacilityId>& home);
/// Reads what is open, away and taken in `range`, but for what `except` takes. Whether a visit fits in is known where `range` has all of it
/// with its buffers.
void fill(kernel::Work& work, Calendars& calendars, const Span& range, const AppointmentId* except = nullptr);

/// The patient of a booking, as far as booking has to know.
struct Person {
  kernel::Work::Subject subject{};
  std::optional<PatientLabel> label{};  ///< as far as the caller may see it
  bool deceased = false;
  bool active = true;
};
/// Nothing where the caller may not know of such a patient. Who `reaches_visit`, and works on a visit that there is, may.
std::optional<Person> person_of(kernel::Work& work, PatientId id, bool reaches_visit = false);
/// The labels of the patients of a page, as far as the caller may see them; the page's event names them.
void label(kernel::Work& work, std::vector<Appointment>& page);

/// A wish, held against everything that is known.
struct Plan {
  Calendars known{};
  std::vector<Taken> patient{};
  bool patient_expired = true;  ///< as `Calendar::expired`
  Person person{};
  Span visit{};
  FacilityId facility{};
  Zone zone{};
  std::uint32_t capacity = 1;
  bool overbooked = false;          ///< it fits only beyond the capacity
  std::vector<Finding> findings{};  ///< what is in the way and was not overridden
  std::vector<Instant> alternatives{};

  bool bookable() const { return findings.empty(); }
};

/// `permission` is what the caller needs at the place where it would be, unless the visit is kept: whether it is theirs was asked by then. Throws
/// Failure `forbidden` where it is not held there, and `invalid`.
/// With `except`, what that appointment takes is free. `like` is a plan of the same transaction for the same patient, service and
/// resources: what does not depend on the time is taken from it.
Plan plan(kernel::Work& work, const Wish& wish, Permission permission, const AppointmentId* except = nullptr,
          const Plan* like = nullptr);
/// What it knows by then of the calendars that its visit is entered into.
KnownCalendars known_of(const Plan& plan);
/// Throws the Failure of what is in the way, with all of it and up to three alternatives.
void require_bookable(const Plan& plan);

/// Fills in what an appointment takes from its plan.
void apply(const Plan& plan, const Wish& wish, Appointment& appointment);

/// What a new appointment by this plan begins as, and whether it takes its time then.
AppointmentStatus first_status(const Plan& plan);
bool first_takes_time(const Plan& plan);

/// Stores a new appointment and enters it into the calendars.
void store_new(kernel::Work& work, const Plan& plan, Appointment& appointment, bool takes_time);

}  // namespace medflow::inline v1::appointments
