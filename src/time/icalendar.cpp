#include "time/icalendar.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

namespace medflow::times {
namespace {

constexpr std::size_t line_octets_max = 75;  // without its end
constexpr std::array<std::string_view, 3> statuses{"TENTATIVE", "CONFIRMED", "CANCELLED"};

/// A value of type TEXT (RFC 5545 section 3.3.11).
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || (c == '\r' && text.substr(i + 1, 1) != "\n"))
      out += "\\n";
    else if (c == '\\' || c == ';' || c == ',')
      (out += '\\') += c;
    else if (c == '\t' || (byte >= 0x20 && byte != 0x7F))
      out += c;
  }
  return out;
}

class Writer {
 public:
  /// One content line, folded: what follows a fold begins with a space, which counts.
  void line(std::string_view name, std::string_view value) {
    std::string whole(name);
    (whole += ':') += value;
    std::string_view left = whole;
    std::size_t room = line_octets_max;
    while (left.size() > room) {
      std::size_t cut = room;
      while (cut > room - 4 && (static_cast<unsigned char>(left[cut]) & 0xC0U) == 0x80U) --cut;
      (out_ += left.substr(0, cut)) += "\r\n ";
      left.remove_prefix(cut);
      room = line_octets_max - 1;
    }
    (out_ += left) += "\r\n";
  }

  void event(const CalendarEvent& event) {
    assert(event.start < event.end && !event.uid.empty());
    line("BEGIN", "VEVENT");
    line("UID", escaped(event.uid));
    line("DTSTAMP", utc_form(event.stamp));
    line("DTSTART", utc_form(event.start));
    line("DTEND", utc_form(event.end));
    line("SEQUENCE", std::to_string(event.sequence));
    line("LAST-MODIFIED", utc_form(event.last_modified));
    line("STATUS", statuses[static_cast<std::size_t>(event.status)]);
    line("SUMMARY", escaped(event.summary));
    if (!event.location.empty()) line("LOCATION", escaped(event.location));
    line("END", "VEVENT");
  }

  /// A calendar has to have something in it (section 3.6): where there is no event, the zone that all its times are in.
  void utc() {
    line("BEGIN", "VTIMEZONE");
    line("TZID", "UTC");
    line("BEGIN", "STANDARD");
    line("DTSTART", "19700101T000000");
    line("TZOFFSETFROM", "+0000");
    line("TZOFFSETTO", "+0000");
    line("END", "STANDARD");
    line("END", "VTIMEZONE");
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_{};
};

}  // namespace

std::string utc_form(Instant at) {
  constexpr std::int64_t second_us = 1'000'000;
  const std::int64_t part_us = (at.us % second_us + second_us) % second_us;
  std::string text = Instant{at.us - part_us}.text();
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string calendar_text(std::span<const CalendarEvent> events) {
  Writer writer;
  writer.line("BEGIN", "VCALENDAR");
  writer.line("VERSION", "2.0");
  writer.line("PRODID", "-//MedFlow//MedFlow//EN");
  for (const CalendarEvent& event : events) writer.event(event);
  if (events.empty()) writer.utc();
  writer.line("END", "VCALENDAR");
  return writer.take();
}

}  // namespace medflow::times
