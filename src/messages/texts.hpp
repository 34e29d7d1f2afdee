// What messages say. They hold no more than they must: a name, a link, how long it is good.
#pragma once

#include <optional>
#include <string_view>

#include "medflow/ports.hpp"
#include "messages/outbox.hpp"

namespace medflow::inline v1::messages {

/// What a text may speak of.
struct TextValues {
  std::string_view name{};   ///< of whom it is for
  std::string_view slug{};   ///< of the tenant
  std::string_view token{};  ///< of the link
  std::string_view link_base{};
  std::optional<LocalDateTime> when{};  ///< of the visit, as the clock shows it there
  std::string_view phone{};             ///< of the place
  std::string_view licence{};           ///< whose, which, and its last day; a line each
  std::string_view invoice{};           ///< its number and the day on which it was due
  std::string_view hospital{};          ///< whose invoice it is
};

/// Fills in subject and text.
void write_text(MessageKind kind, const TextValues& values, Message& message);

}  // namespace medflow::inline v1::messages
