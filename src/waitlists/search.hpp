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

/// What a look at the calendars for an entry has come to.
struct Found {
  std::optional<Suitable> slot{};
  bool unfinished = false;  ///< the step has read enough: the next one goes on
};

/// One step's look at the calendars: what it has read of them serves for everybody whom it looks at.
class Search {
 public:
  explicit Search(kernel::Work& work) : work_(work) {}

  /// The first start that suits the entry and may be offered now; none where there is none, or its service is not offered to those who wait.
  /// `looks` counts what was looked at for it: from 0 on, and from where an unfinished look has come to.
  Found first(const Entry& entry, std::uint64_t& looks);

  /// Something was taken: what was read of calendars is not true any more.
  void forget() { read_.clear(); }
  /// Whether it has looked at as much as one step should.
  bool spent() const { return reads_ >= reads_max || looks_ >= looks_max; }
  /// When something that suits and waits for the morning may be offered.
  std::optional<Instant> put_off() const { return put_off_; }

 private:
  static constexpr std::size_t reads_max = 100;
  static constexpr std::size_t looks_max = 500;

  using Team = std::vector<appointments::Participant>;
  /// Somebody in whose hours a visit may lie.
  struct Main {
    appointments::Participant who{};
    Instant until{};  ///< nothing is booked that begins later
  };
  /// One of them, in one part of the time.
  struct Glance {
    const Entry* entry = nullptr;
    const std::vector<ResourceKind>* kinds = nullptr;
    const Main* main = nullptr;
    std::int64_t part = 0;
    appointments::Span time{};
    const std::vector<appointments::Taken>* patient = nullptr;
  };
  struct Seen {
    std::optional<Suitable> slot{};
    std::optional<Instant> waits{};  ///< a start that suits, and is not offered before the morning
  };

  std::vector<Main> mains(const Entry& entry, ResourceKind kind);
  const std::vector<Uuid>& all_of(ResourceKind kind, const std::optional<FacilityId>& place);
  const appointments::Calendars* calendars(const ServiceId& service, const Team& team, std::int64_t part);
  Seen look_at(const Glance& glance);
  std::optional<Team> team_at(const Glance& glance, const appointments::Calendars& known,
                              const appointments::Free& free);

  kernel::Work& work_;
  std::map<std::string, std::optional<appointments::Calendars>> read_{};
  std::map<std::string, std::vector<Uuid>> known_{};  ///< by kind and place
  std::size_t reads_ = 0;
  std::size_t looks_ = 0;
  std::optional<Instant> put_off_{};
};

}  // namespace medflow::inline v1::waitlists
