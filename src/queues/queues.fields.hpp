// The fields of queues, their tokens and their operations (APT-17).
#pragma once

#include "appointments/appointments.fields.hpp"
#include "medflow/queues.hpp"

namespace medflow::inline v1::queues {

using TokenId = Id<struct TokenTag>;

/// A number as it is stored.
struct StoredToken {
  TokenId id{};
  std::uint64_t revision = 0;
  Uuid resource_id{};
  Date day{};
  std::uint32_t number = 0;
  AppointmentId appointment_id{};
  TokenState state = TokenState::waiting;
  appointments::Priority priority = appointments::Priority::routine;
  std::uint32_t calls = 0;
  std::optional<Instant> called_at{};
  Instant created_at{};
};

}  // namespace medflow::inline v1::queues

namespace medflow::inline v1::queues::rule {

inline constexpr Rules resource_id{.meaning = "The doctor, room or device."};
inline constexpr Rules day{.meaning = "The day there; today where it is not said."};
inline constexpr Rules number{.min = 1, .meaning = "The number."};

}  // namespace medflow::inline v1::queues::rule

namespace medflow {

template <>
struct Words<queues::TokenState> {
  static constexpr std::string_view name = "TokenState";
  static constexpr std::string_view words[] = {"waiting", "called", "skipped", "served", "reserved"};
};

template <>
struct Described<queues::StoredToken> {
  using T = queues::StoredToken;
  static constexpr std::string_view name = "StoredToken";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the token's id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::resource_id>(3, "resource_id", immutable, {.meaning = "whose queue it is"}),
      field<&T::day>(4, "day", immutable, {.meaning = "the day there"}),
      field<&T::number>(5, "number", immutable, {.meaning = "the number, from 1, without gaps"}),
      field<&T::appointment_id>(6, "appointment_id", immutable, {.meaning = "whose number it is"}),
      field<&T::state>(7, "state", none, {.meaning = "how far it has come"}),
      field<&T::priority>(8, "priority", none, {.meaning = "how urgent the visit is"}),
      field<&T::calls>(9, "calls", none, {.meaning = "how often it was called"}),
      field<&T::called_at>(10, "called_at", none, {.meaning = "when it was called last; null for never"}),
      field<&T::created_at>(11, "created_at", immutable, {.meaning = "when it was given"})};
};

template <>
struct Described<queues::Token> {
  using T = queues::Token;
  static constexpr std::string_view name = "QueueToken";
  static constexpr Field fields[] = {
      field<&T::appointment_id>(1, "appointment_id", none, {.meaning = "Whose number it is."}),
      field<&T::resource_id>(2, "resource_id", none, queues::rule::resource_id),
      field<&T::day>(3, "day", none, {.meaning = "The day there."}),
      field<&T::number>(4, "number", none, queues::rule::number),
      field<&T::state>(5, "state", none, {.meaning = "How far it has come."}),
      field<&T::calls>(6, "calls", none, {.meaning = "How often it was called."}),
      field<&T::called_at>(7, "called_at", none, {.meaning = "When it was called last."})};
};

template <>
struct Described<queues::Queue> {
  using T = queues::Queue;
  static constexpr std::string_view name = "Queue";
  static constexpr Field fields[] = {field<&T::tokens>(1, "tokens", none, {.meaning = "Its numbers, in order."})};
};

template <>
struct Described<queues::Display> {
  using T = queues::Display;
  static constexpr std::string_view name = "QueueDisplay";
  static constexpr Field fields[] = {
      field<&T::called>(1, "called", none, {.items_max = 5, .meaning = "Who is called, the last one first."}),
      field<&T::waiting>(2, "waiting", none, {.meaning = "Who waits, in the order in which they are called."})};
};

template <>
struct Described<queues::WalkIn> {
  using T = queues::WalkIn;
  static constexpr std::string_view name = "QueuesWalkIn";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, appointments::rule::patient_id),
                                     field<&T::service_id>(2, "service_id", required, appointments::rule::service_id),
                                     field<&T::resources>(3, "resources", none, appointments::rule::participants),
                                     field<&T::priority>(4, "priority", none, appointments::rule::priority),
                                     field<&T::reason>(5, "reason", phi, appointments::rule::reason)};
};

template <>
struct Described<queues::Get> {
  using T = queues::Get;
  static constexpr std::string_view name = "QueuesGet";
  static constexpr Field fields[] = {field<&T::resource_id>(1, "resource_id", required, queues::rule::resource_id),
                                     field<&T::day>(2, "day", none, queues::rule::day)};
};

template <>
struct Described<queues::CallNext> {
  using T = queues::CallNext;
  static constexpr std::string_view name = "QueuesCallNext";
  static constexpr Field fields[] = {field<&T::resource_id>(1, "resource_id", required, queues::rule::resource_id)};
};

template <>
struct Described<queues::Skip> {
  using T = queues::Skip;
  static constexpr std::string_view name = "QueuesSkip";
  static constexpr Field fields[] = {field<&T::resource_id>(1, "resource_id", required, queues::rule::resource_id),
                                     field<&T::number>(2, "number", required, queues::rule::number)};
};

template <>
struct Described<queues::Recall> {
  using T = queues::Recall;
  static constexpr std::string_view name = "QueuesRecall";
  static constexpr Field fields[] = {field<&T::resource_id>(1, "resource_id", required, queues::rule::resource_id),
                                     field<&T::number>(2, "number", required, queues::rule::number)};
};

template <>
struct Described<queues::GetDisplay> {
  using T = queues::GetDisplay;
  static constexpr std::string_view name = "QueuesDisplay";
  static constexpr Field fields[] = {field<&T::resource_id>(1, "resource_id", required, queues::rule::resource_id)};
};

}  // namespace medflow
