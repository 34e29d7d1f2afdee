// Patients who bear a mark, which each change replaces: a change that is lost, or made twice, shows.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "tests/campaigns/served.hpp"

namespace medflow::campaign {

/// Of a patient that nobody has changed.
inline constexpr std::string_view first_mark = "new";
inline constexpr std::string_view mark_url = "urn:test:mark";

inline std::string letters(std::mt19937_64& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('a' + random() % 26);
  return text;
}

/// The body of a registration.
inline std::string newcomer(const std::string& family, const std::string& identifier) {
  return json::serialize(object_of(
      {{"names", list_of(object_of({{"family", family}, {"given", list_of("Maria")}}))},
       {"sex_admin", "female"},
       {"identifiers", list_of(object_of({{"system", "urn:test:national"}, {"value", identifier}, {"type", "NI"}}))}}));
}

/// The body of a change.
inline std::string marked(const std::string& mark) {
  return json::serialize(object_of({{"extensions", list_of(object_of({{"url", mark_url}, {"value", mark}}))}}));
}

/// Revision and mark of a patient as a server shows it; nothing where the answer shows none.
struct Seen {
  std::uint64_t revision = 0;
  std::string mark{};
};
inline std::optional<Seen> seen_in(const Answer& answer) {
  const auto* object = answer.body.if_object();
  if (answer.status != 200 || object == nullptr || !object->contains("revision")) return std::nullopt;
  Seen seen{.revision = object->at("revision").to_number<std::uint64_t>(), .mark = std::string(first_mark)};
  if (const auto* list = object->if_contains("extensions"); list != nullptr && !list->as_array().empty())
    seen.mark = list->at(0).at("value").as_string();
  return seen;
}

}  // namespace medflow::campaign
