// The audit log as a test reads it: exported by an auditor's session, each event decoded.
#pragma once

#include <string>
#include <vector>

#include "audit/event.hpp"
#include "crypto/codec.hpp"
#include "tests/support/platform.hpp"

namespace medflow::testing {

/// An event with the bytes that its texts borrow.
struct ReadEvent {
  std::string bytes{};
  audit::Event event{};

  /// "auth.login denied auth.failed"
  std::string text() const {
    static constexpr std::string_view outcomes[] = {"ok", "denied", "error"};
    std::string line = std::string(event.action) + " " + std::string(outcomes[static_cast<std::size_t>(event.outcome)]);
    if (!event.error.empty()) line += " " + std::string(event.error);
    return line;
  }
};

/// The events from `from_seq` on, up to now.
inline std::vector<ReadEvent> events(const Session& auditor, std::uint64_t from_seq = 1) {
  const Stream stream = must(auditor.call(audit::Export{.from_seq = from_seq}));
  const std::string lines = must(Content{.pull = stream.pull}.read_all(std::size_t{64} << 20));
  static constexpr std::string_view key = "\"event\":\"";
  std::vector<ReadEvent> read;
  for (std::size_t at = lines.find(key); at != std::string::npos; at = lines.find(key, at)) {
    at += key.size();
    const std::size_t end = lines.find('"', at);
    read.push_back({.bytes = crypto::from_base64(std::string_view(lines).substr(at, end - at)).value()});
    at = end;
  }
  // An event borrows from its bytes, so it is read where they stay.
  for (ReadEvent& event : read)
    if (!audit::decode(event.bytes, event.event)) throw std::runtime_error("an event cannot be read");
  return read;
}

/// The last event of this action, none where there is none.
inline const ReadEvent* last_of(const std::vector<ReadEvent>& all, std::string_view action) {
  for (auto event = all.rbegin(); event != all.rend(); ++event)
    if (event->event.action == action) return &*event;
  return nullptr;
}

}  // namespace medflow::testing
