// Calendar feeds, read back by libical.
#include "time/icalendar.hpp"

#include <doctest/doctest.h>
#include <libical/ical.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/dice.hpp"
#include "tests/time/transitions.hpp"

using namespace medflow;
using testing::at;
using testing::Dice;
using times::calendar_text;
using times::CalendarEvent;
using times::EventStatus;

namespace {

using Component = std::unique_ptr<icalcomponent, decltype(&::icalcomponent_free)>;

CalendarEvent appointment() {
  return {.uid = "0192f3a4-1111-7222-8333-444455556666@medflow",
          .sequence = 2,
          .stamp = at("2026-10-01T08:00:00.999999Z"),
          .start = at("2026-10-06T18:00:00Z"),
          .end = at("2026-10-06T18:30:00Z"),
          .status = EventStatus::confirmed,
          .summary = "Appointment",
          .location = "Main Street 1, London; 2nd floor",
          .last_modified = at("2026-10-01T08:00:00Z")};
}

Component parsed(const std::string& text) {
  ::icalerror_clear_errno();
  Component calendar(::icalparser_parse_string(text.c_str()), &::icalcomponent_free);
  REQUIRE(calendar != nullptr);
  CHECK(::icalcomponent_isa(calendar.get()) == ICAL_VCALENDAR_COMPONENT);
  CHECK(::icalcomponent_count_errors(calendar.get()) == 0);
  CHECK(icalerrno == ICAL_NO_ERROR);
  return calendar;
}

icalcomponent* first_event(const Component& calendar) {
  icalcomponent* event = ::icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
  REQUIRE(event != nullptr);
  return event;
}

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

/// Every line ends in CRLF, has at most 75 octets and does not begin or end within a character.
bool folded_well(const std::string& text) {
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = text.find("\r\n", from);
    if (end == std::string::npos || end - from > 75) return false;
    const std::string line = text.substr(from, end - from);
    if (line.find_first_of("\r\n") != std::string::npos) return false;
    const std::size_t first = line.starts_with(' ') ? 1 : 0;
    if (line.size() > first && (static_cast<unsigned char>(line[first]) & 0xC0U) == 0x80U) return false;
    from = end + 2;
  }
  return true;
}

}  // namespace

TEST_CASE("APT-19: a feed is the text of RFC 5545") {
  const std::vector events{appointment()};
  CHECK(calendar_text(events) ==
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//MedFlow//MedFlow//EN\r\nBEGIN:VEVENT\r\n"
        "UID:0192f3a4-1111-7222-8333-444455556666@medflow\r\nDTSTAMP:20261001T080000Z\r\n"
        "DTSTART:20261006T180000Z\r\nDTEND:20261006T183000Z\r\nSEQUENCE:2\r\nLAST-MODIFIED:20261001T080000Z\r\n"
        "STATUS:CONFIRMED\r\nSUMMARY:Appointment\r\nLOCATION:Main Street 1\\, London\\; 2nd floor\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n");
  CHECK(times::utc_form(Instant{-1}) == "19691231T235959Z");
}

TEST_CASE("APT-19: another reader finds in a feed what was written, without an error") {
  std::vector<CalendarEvent> events;
  for (const EventStatus status : {EventStatus::confirmed, EventStatus::tentative, EventStatus::cancelled}) {
    events.push_back(appointment());
    events.back().uid += std::to_string(events.size());
    events.back().status = status;
  }
  events[1].location.clear();
  const Component calendar = parsed(calendar_text(events));
  CHECK(::icalcomponent_get_method(calendar.get()) == ICAL_METHOD_NONE);  // or its media type would have to name it too
  constexpr icalproperty_status expected[] = {ICAL_STATUS_CONFIRMED, ICAL_STATUS_TENTATIVE, ICAL_STATUS_CANCELLED};
  std::size_t n = 0;
  for (icalcomponent* event = first_event(calendar); event != nullptr;
       event = ::icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT), ++n) {
    CHECK(text_of(::icalcomponent_get_uid(event)) == events[n].uid);
    CHECK(::icalcomponent_get_sequence(event) == 2);
    CHECK(::icalcomponent_get_status(event) == expected[n]);
    CHECK(text_of(::icalcomponent_get_location(event)) == events[n].location);
    CHECK(text_of(::icaltime_as_ical_string(::icalcomponent_get_dtstart(event))) == "20261006T180000Z");
    CHECK(text_of(::icaltime_as_ical_string(::icalcomponent_get_dtend(event))) == "20261006T183000Z");
    CHECK(text_of(::icaltime_as_ical_string(::icalcomponent_get_dtstamp(event))) == "20261001T080000Z");
    const icalproperty* changed = ::icalcomponent_get_first_property(event, ICAL_LASTMODIFIED_PROPERTY);
    REQUIRE(changed != nullptr);
    CHECK(text_of(::icaltime_as_ical_string(::icalproperty_get_lastmodified(changed))) == "20261001T080000Z");
  }
  CHECK(n == 3);
}

TEST_CASE("APT-19: a feed without appointments is a calendar all the same") {
  const Component calendar = parsed(calendar_text({}));
  CHECK(::icalcomponent_count_components(calendar.get(), ICAL_VEVENT_COMPONENT) == 0);
  CHECK(::icalcomponent_count_components(calendar.get(), ICAL_ANY_COMPONENT) == 1);
}

TEST_CASE("APT-19: names in any script survive folding, wherever it cuts") {
  CalendarEvent event = appointment();
  for (const char* name : {"Klinikum Großhadern, München", "Поликлиника №5; корпус 2", "مستشفى الملك فيصل",
                           "בית חולים הדסה", "東京大学医学部附属病院", "서울대학교병원", "โรงพยาบาลศิริราช",
                           "Ωνάσειο \\ Καρδιοχειρουργικό", "🏥👩🏽‍⚕️"})
    for (std::size_t shift = 0; shift < 8; ++shift) {
      event.summary = std::string(shift, 'x');
      for (int i = 0; i < 9; ++i) event.summary += name;
      event.location = name;
      const std::string text = calendar_text(std::vector{event});
      REQUIRE(folded_well(text));
      const Component calendar = parsed(text);
      CHECK(text_of(::icalcomponent_get_summary(first_event(calendar))) == event.summary);
      CHECK(text_of(::icalcomponent_get_location(first_event(calendar))) == name);
    }
}

TEST_CASE("APT-19: no text can end its line or begin another property") {
  CalendarEvent event = appointment();
  event.summary = "a\r\nATTENDEE:mailto:x@example.org\nb\rc\x01\x7F\td";
  const std::string text = calendar_text(std::vector{event});
  CHECK(text.find("SUMMARY:a\\nATTENDEE:mailto:x@example.org\\nb\\nc\td\r\n") != std::string::npos);
  Dice dice(19);
  constexpr const char* pieces[] = {"\r", "\n", "\\", ";",  ",", ":",  "\"",          " ",
                                    "n",  "N",  "é",  "漢", "🏥", "\t", "BEGIN:VEVENT"};
  for (int i = 0; i < 2'000; ++i) {
    event.summary = "s";
    for (std::size_t count = dice.below(120); count > 0; --count) event.summary += dice.of(pieces);
    event.summary += "s";
    const std::string feed = calendar_text(std::vector{event});
    REQUIRE(folded_well(feed));
    const Component calendar = parsed(feed);
    std::string expected;
    for (std::size_t c = 0; c < event.summary.size(); ++c) {
      if (event.summary[c] == '\r' && event.summary[c + 1] == '\n') continue;
      expected += event.summary[c] == '\r' ? '\n' : event.summary[c];
    }
    REQUIRE(::icalcomponent_count_components(calendar.get(), ICAL_ANY_COMPONENT) == 1);
    REQUIRE(text_of(::icalcomponent_get_summary(first_event(calendar))) == expected);
  }
}
