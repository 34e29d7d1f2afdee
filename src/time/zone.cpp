#include <date/tz.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "medflow/time.hpp"
#include "time/zoned.hpp"

#if !USE_OS_TZDB
#error "define USE_OS_TZDB=1 (the CMake target date::date-tz does): zones come from the system's tz database (R2)"
#endif

namespace medflow::inline v1 {
namespace {

/// Files beside the zones that are no IANA ids: other copies (one counts leap seconds) and this machine's own setting.
bool is_local_file(std::string_view id) {
  return id.starts_with("posix/") || id.starts_with("right/") || id == "posixrules" || id == "localtime" ||
         id == "Factory";
}

/// The system's zone of this id, null where it has none. Throws std::runtime_error where there is no tz database.
const date::time_zone* find_zone(std::string_view id) {
  if (is_local_file(id)) return nullptr;
  const auto& zones = date::get_tzdb().zones;
  const auto at =
      std::lower_bound(zones.begin(), zones.end(), id,
                       [](const date::time_zone& zone, std::string_view wanted) { return zone.name() < wanted; });
  return at != zones.end() && at->name() == id ? &*at : nullptr;
}

date::sys_seconds second_of(Instant at) {
  return date::floor<std::chrono::seconds>(date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{at.us}});
}

/// What a wall clock shows that is so far ahead of UTC.
LocalDateTime shown(date::sys_seconds utc, std::int64_t ahead_s) {
  const auto local = utc + std::chrono::seconds{ahead_s};
  const auto day = date::floor<date::days>(local);
  return {.date = Date::from_days(static_cast<std::int32_t>(day.time_since_epoch().count())),
          .time = {static_cast<std::uint16_t>(date::floor<std::chrono::minutes>(local - day).count())}};
}

Instant instant_of(date::sys_seconds at) { return Instant{at.time_since_epoch().count() * 1'000'000}; }

}  // namespace

bool Zone::valid(std::string_view id) {
  try {
    const auto* zone = find_zone(id);
    if (zone == nullptr) return false;
    zone->get_info(date::sys_seconds{});  // reads the file: the folder also holds tables
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

Date date_in(const Zone& zone, Instant at) { return local_in(zone, at).date; }

LocalDateTime local_in(const Zone& zone, Instant at) { return times::ZoneView(zone).local_in(at); }

WallMeaning meaning_of(const Zone& zone, LocalDateTime wall) { return times::ZoneView(zone).meaning_of(wall); }

std::string tz_version() {
  // Read here, because the library knows it only where the system has a file +VERSION, which Debian's has not.
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string line;
  constexpr std::string_view before = "# version ";
  if (!std::getline(file, line) || !line.starts_with(before)) return "unknown";
  return line.substr(before.size());
}

}  // namespace medflow::inline v1

namespace medflow::times {

ZoneView::ZoneView(const Zone& zone) : zone_(find_zone(zone.id)) {
  assert(zone_ != nullptr);
  if (zone_ == nullptr) throw std::runtime_error("a time zone left the tz database");
}

ZoneView::Offset ZoneView::offset_at(Instant at) const {
  const date::sys_info info = zone_->get_info(second_of(at));
  return {.from_s = info.begin.time_since_epoch().count(),
          .to_s = info.end.time_since_epoch().count(),
          .ahead_s = info.offset.count()};
}

LocalDateTime ZoneView::local_in(Instant at) const { return shown(second_of(at), offset_at(at).ahead_s); }

LocalDateTime WallClock::at(Instant instant) {
  const date::sys_seconds second = second_of(instant);
  const std::int64_t s = second.time_since_epoch().count();
  if (s < offset_.from_s || s >= offset_.to_s) offset_ = zone_.offset_at(instant);
  return shown(second, offset_.ahead_s);
}

WallMeaning ZoneView::meaning_of(LocalDateTime wall) const {
  const date::local_seconds local{date::days{wall.date.days()} + std::chrono::minutes{wall.time.minutes}};
  const date::local_info info = zone_->get_info(local);
  if (info.result == date::local_info::nonexistent)
    return {.times = WallTimes::never, .first = instant_of(info.first.end), .last = instant_of(info.first.end)};
  const auto in_first = date::sys_seconds{local.time_since_epoch()} - info.first.offset;
  if (info.result == date::local_info::unique)
    return {.times = WallTimes::once, .first = instant_of(in_first), .last = instant_of(in_first)};
  const auto in_second = date::sys_seconds{local.time_since_epoch()} - info.second.offset;
  return {.times = WallTimes::twice, .first = instant_of(in_first), .last = instant_of(in_second)};
}

}  // namespace medflow::times
