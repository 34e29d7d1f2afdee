// Other people's rules: libical's own test data, with the number of events that it expects of each.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "medflow/error.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/time/transitions.hpp"
#include "time/recurrence.hpp"

using namespace medflow;
using testing::wall;

namespace {

/// The properties of a VEVENT with their parameters: "DTSTART" → ";TZID=…:19970902T090000".
using Event = std::map<std::string, std::string>;

std::vector<Event> events_in(const std::string& name) {
  std::ifstream file(testing::shared_data("ical/" + name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with(' ') && !lines.empty())
      lines.back() += line.substr(1);
    else
      lines.push_back(line);
  }
  std::vector<Event> events;
  for (const std::string& line : lines) {
    if (line == "BEGIN:VEVENT") events.emplace_back();
    const std::size_t end = line.find_first_of(";:");
    if (end != std::string::npos && !events.empty()) events.back()[line.substr(0, end)] = line.substr(end);
  }
  return events;
}

std::string value_of(const Event& event, const std::string& name) {
  const auto found = event.find(name);
  if (found == event.end()) return {};
  const std::size_t from = found->second.rfind(':') + 1;
  return found->second.substr(found->second.find_first_not_of(' ', from));
}

Zone zone_of(const Event& event) {
  const std::string& start = event.at("DTSTART");
  return {start.starts_with(";TZID=") ? start.substr(6, start.find(':') - 6) : "UTC"};
}

LocalDateTime local(const std::string& text) {
  return wall(text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 5) + ":" + text.substr(11, 2));
}

std::string code_of(const Failure& failure) { return failure.error.fields.at(0).code; }

/// How many there are of a rule without our limits; one without an end is followed up to 2037, as the data's numbers have it.
int number_of(const times::RecurrenceRule& rule, LocalDateTime start, const Zone& zone, const std::string& taken_out) {
  times::RuleDates dates(rule, start.date);
  int left = 0;
  std::uint32_t counted = 0;
  while (!rule.count || counted < *rule.count) {
    const auto day = dates.next();
    if (!day || day->year > 2037) break;
    const LocalDateTime one{.date = *day, .time = start.time};
    if (rule.until && meaning_of(zone, one).first > *rule.until) break;
    ++counted;
    left += !taken_out.empty() && local(taken_out) == one ? 0 : 1;
  }
  return left;
}

}  // namespace

TEST_CASE("APT-11: the rules of recur.txt that are in the subset make as many instances as it expects") {
  const auto events = events_in("recur.txt");
  if (events.empty()) return;
  int checked = 0;
  int unsupported = 0;
  int whole = 0;
  std::map<std::string, int> refusals;
  for (const Event& event : events) {
    const std::string text = value_of(event, "RRULE");
    CAPTURE(text);
    const int expected = std::stoi(value_of(event, "X-EXPECT-NUMEVENTS"));
    const LocalDateTime start = local(value_of(event, "DTSTART"));
    const Zone zone = zone_of(event);
    try {
      const times::RecurrenceRule rule = times::read_rule(text);
      if (event.contains("EXRULE")) throw Failure(codes::invalid, "/rrule", "recurrence.unsupported", "");
      const std::string out = value_of(event, "EXDATE");
      CHECK(number_of(rule, start, zone, out) == expected);
      ++checked;
      std::vector<LocalDateTime> taken_out;
      if (!out.empty()) taken_out.push_back(local(out));
      const auto series = times::expand(times::parse_rule(text), start, zone, taken_out);
      CHECK(series.instances.size() == static_cast<std::size_t>(expected));
      ++whole;
    } catch (const Failure& failure) {
      const std::string code = code_of(failure);
      if (code == "recurrence.unsupported")
        ++unsupported;
      else
        ++refusals[code];
    }
  }
  MESSAGE(checked << " rules with the expected number, " << whole << " of them as a series too; " << unsupported
                  << " outside of the subset; refused as a series for their start: " << refusals["recurrence.start"]);
  CHECK(events.size() == 38);
  CHECK(checked == 23);
  CHECK(checked + unsupported == 38);
  CHECK(refusals.size() == 1);
  CHECK(whole + refusals["recurrence.start"] == checked);
}

TEST_CASE("APT-11: recur-errors.ics names a zone that does not exist, and its rules are read or refused") {
  const auto events = events_in("recur-errors.ics");
  if (events.empty()) return;
  int read = 0;
  int unsupported = 0;
  for (const Event& event : events) {
    CHECK_FALSE(Zone::valid(zone_of(event).id));
    try {
      const auto rule = times::parse_rule(value_of(event, "RRULE"));
      const auto series = times::expand(rule, local(value_of(event, "DTSTART")), Zone{"America/New_York"});
      CHECK(series.instances.size() == rule.count);
      ++read;
    } catch (const Failure& failure) {
      CHECK(code_of(failure) == "recurrence.unsupported");
      ++unsupported;
    }
  }
  CHECK(read == 2);
  CHECK(unsupported == 2);
}

TEST_CASE("APT-11: no file of the calendar data brings the reader of rules down") {
  for (const char* name : {"0.ics", "1.ics", "2.ics", "3.ics", "2445.ics", "calendar.ics", "crash.ics", "issue250.ics",
                           "issue252.ics", "overlaps.ics", "restriction.ics", "classify.ics"})
    for (const Event& event : events_in(name)) {
      try {
        const auto rule = times::parse_rule(value_of(event, "RRULE"));
        times::expand(rule, wall("2026-01-13T09:00"), Zone{"UTC"});
      } catch (const Failure& failure) {
        CHECK(code_of(failure).starts_with("recurrence."));
      }
    }
}
