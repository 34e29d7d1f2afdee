// The queue of the day: walk-ins, and the numbers by which those who have arrived are called (APT-17).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/appointments.hpp"

namespace medflow::inline v1::queues {

/// Somebody in the queue of a doctor, room or device on one civil day.
enum class TokenState : std::uint8_t {
  waiting,
  called,
  skipped,   ///< was called, and did not come
  served,    ///< the visit has begun
  reserved,  ///< kept for somebody who is not there: the check-in was taken back, or they have left
};

/// A number in a queue. Numbers begin at 1 each day and have no gaps; one that was skipped keeps its number and can be recalled.
struct Token {
  AppointmentId appointment_id{};
  Uuid resource_id{};
  Date day{};
  std::uint32_t number = 0;
  TokenState state = TokenState::waiting;
  std::uint32_t calls = 0;
  std::optional<Instant> called_at{};
};

struct Queue {
  std::vector<Token> tokens{};  ///< by number
};

/// What a display in the waiting room shows: numbers alone.
struct Display {
  std::vector<std::uint32_t> called{};   ///< the last one first, at most five
  std::vector<std::uint32_t> waiting{};  ///< in order
};

/// Takes in somebody who came without an appointment, now: the visit begins as arrived, with a number. What is booked is not moved; it takes part in
/// the queue only. Patients do not take themselves in.
/// Fails, first match wins: forbidden; invalid as `appointments.book`; conflict `slot.policy` (a patient who has died or is not active),
/// `licence.expired`.
struct WalkIn {
  using Output = appointments::Appointment;
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<appointments::Participant> resources{};
  appointments::Priority priority = appointments::Priority::routine;
  std::string reason{};

  static constexpr Operation operation{.name = "queues.walk_in",
                                       .method = Method::post,
                                       .path = "/queues/walk-in",
                                       .permission = Permission::appointment_book,
                                       .effect = Effect::write,
                                       .summary = "Take in a patient without an appointment",
                                       .object = "appointment",
                                       .status = 201};
};

/// The queue of a doctor, room or device on a day there, today where none is said. Who is limited to some facilities knows, here and in all that
/// follows, the numbers of visits at those alone.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Queue;
  Uuid resource_id{};
  std::optional<Date> day{};

  static constexpr Operation operation{.name = "queues.get",
                                       .method = Method::get,
                                       .path = "/queues/{resource_id}",
                                       .permission = Permission::queue_call,
                                       .summary = "Read the queue of a day",
                                       .object = "queue"};
};

/// Calls the next who waits today: by priority, then by number.
/// Fails, first match wins: forbidden; not_found; conflict `queue.empty`.
struct CallNext {
  using Output = Token;
  Uuid resource_id{};

  static constexpr Operation operation{.name = "queues.call_next",
                                       .method = Method::post,
                                       .path = "/queues/{resource_id}/call",
                                       .permission = Permission::queue_call,
                                       .effect = Effect::write,
                                       .summary = "Call the next patient",
                                       .object = "queue"};
};

/// Who was called and did not come is skipped, and keeps the number.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Skip {
  using Output = Token;
  Uuid resource_id{};
  std::uint32_t number = 0;

  static constexpr Operation operation{.name = "queues.skip",
                                       .method = Method::post,
                                       .path = "/queues/{resource_id}/skip",
                                       .permission = Permission::queue_call,
                                       .effect = Effect::write,
                                       .summary = "Skip a number",
                                       .object = "queue"};
};

/// Calls a number again, that was called or skipped.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Recall {
  using Output = Token;
  Uuid resource_id{};
  std::uint32_t number = 0;

  static constexpr Operation operation{.name = "queues.recall",
                                       .method = Method::post,
                                       .path = "/queues/{resource_id}/recall",
                                       .permission = Permission::queue_call,
                                       .effect = Effect::write,
                                       .summary = "Call a number again",
                                       .object = "queue"};
};

/// Numbers alone, for a display: nothing about anybody.
/// Fails, first match wins: forbidden; not_found.
struct GetDisplay {
  using Output = Display;
  Uuid resource_id{};

  static constexpr Operation operation{.name = "queues.display",
                                       .method = Method::get,
                                       .path = "/queues/{resource_id}/display",
                                       .permission = Permission::queue_call,
                                       .summary = "Read the numbers for a display",
                                       .object = "queue"};
};

}  // namespace medflow::inline v1::queues
