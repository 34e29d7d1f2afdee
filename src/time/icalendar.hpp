// Calendar feeds: the text of RFC 5545 (APT-19).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "medflow/time.hpp"

namespace medflow::times {

enum class EventStatus : std::uint8_t { tentative, confirmed, cancelled };

/// What a feed tells of one appointment. Texts are UTF-8.
struct CalendarEvent {
  std::string uid{};  ///< stays the same for as long as the event lives
  std::uint32_t sequence = 0;
  Instant stamp{};
  Instant start{};
  Instant end{};  ///< after the start
  EventStatus status = EventStatus::confirmed;
  std::string summary{};
  std::string location{};  ///< not written where it is empty
  Instant last_modified{};
};

/// "20261006T180000Z" (RFC 5545 section 3.3.5 FORM #2), to the second below.
std::string utc_form(Instant at);

/// A whole VCALENDAR, without a METHOD (RFC 5545 section 3.7.2): lines end in CRLF and are folded at 75 octets, never within a character. Control characters other
/// than tabs and line breaks are left out of texts.
std::string calendar_text(std::span<const CalendarEvent> events);

}  // namespace medflow::times
