// What is free that would suit somebody who waits.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "appointments/booking.hpp"
#include "waitlists/entities.hpp"

namespace medflow::inline v1::waitlists {

/// A start, and with whom.
struct Suitable {
  Instant start{};
  std::vector<appointments::Participant> resources{};
};

/// The kinds that a visit needs: first that in whose hours it lies, and of which an entry names any.
std::vector<ResourceKind> kinds_of(const services::Service& service);

/// One step's look at the calendars: what it has read of them serves for everybody whom it looks at.
class Search {
 public:
  explicit Search(kernel::Work& work) : work_(work) {}

  /// The first start that suits the entry; none where there is none, or its service is not offered to those who wait.
  std::optional<Suitable> first(const Entry& entry);

  /// Something was taken: what was read of calendars is not true any more.
  void forget() { read_.clear(); }
  /// Whether it has read as much as one step should.
  bool spent() const { return reads_ >= reads_max; }

 private:
  static constexpr std::size_t reads_max = 100;

  using Team = std::vector<appointments::Participant>;
  std::vector<Team> teams(const Entry& entry);
  std::vector<Uuid> all_of(ResourceKind kind, const std::vector<FacilityId>& places);
  std::vector<FacilityId> places_of(ResourceKind kind, const Uuid& id);
  const appointments::Calendars* calendars(const ServiceId& service, const Team& team, std::int64_t part);
  std::optional<Instant> first_with(const Entry& entry, const Team& team, const appointments::Span& time,
                                    const std::vector<appointments::Taken>& patient);

  kernel::Work& work_;
  std::map<std::string, std::optional<appointments::Calendars>> read_{};
  std::size_t reads_ = 0;
};

}  // namespace medflow::inline v1::waitlists
