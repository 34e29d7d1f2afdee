#include "appointments/states.hpp"

#include <algorithm>

#include "kernel/steps.hpp"

namespace medflow::inline v1::appointments {
namespace {

using S = AppointmentStatus;

constexpr S of_requested[] = {S::booked, S::cancelled, S::entered_in_error};
constexpr S of_held[] = {S::requested, S::booked, S::cancelled, S::entered_in_error};
constexpr S of_booked[] = {S::booked, S::arrived, S::cancelled, S::no_show, S::entered_in_error};
constexpr S of_arrived[] = {S::booked, S::in_progress, S::cancelled, S::entered_in_error};
constexpr S of_in_progress[] = {S::arrived, S::completed, S::entered_in_error};
constexpr S of_completed[] = {S::entered_in_error};
constexpr S of_cancelled[] = {S::booked, S::entered_in_error};
constexpr S of_no_show[] = {S::arrived, S::entered_in_error};

std::string_view word(S status) { return Words<S>::words[static_cast<std::size_t>(status)]; }

}  // namespace

std::span<const S> followers(S from) {
  switch (from) {
    case S::requested:
      return of_requested;
    case S::held:
      return of_held;
    case S::booked:
      return of_booked;
    case S::arrived:
      return of_arrived;
    case S::in_progress:
      return of_in_progress;
    case S::completed:
      return of_completed;
    case S::cancelled:
      return of_cancelled;
    case S::no_show:
      return of_no_show;
    case S::entered_in_error:
      return {};
  }
  return {};
}

bool may_follow(S from, S to) {
  const auto legal = followers(from);
  return std::find(legal.begin(), legal.end(), to) != legal.end();
}

void require_step(const Appointment& appointment, std::initializer_list<S> from, S to) {
  const bool known = std::find(from.begin(), from.end(), appointment.status) != from.end();
  if (known && may_follow(appointment.status, to)) return;
  kernel::refuse_step(appointment.status, word(to), followers(appointment.status));
}

}  // namespace medflow::inline v1::appointments
