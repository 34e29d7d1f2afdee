// What is said of a calendar has to be, beyond the rules of single fields.
#pragma once

#include <string>

#include "kernel/work.hpp"
#include "medflow/schedules.hpp"
#include "schedules/overlap.hpp"

namespace medflow::inline v1::schedules {

/// A pointer to a window within a request.
std::string pointer_to(const WindowRef& ref);

/// Throws Failure invalid with all that is wrong with a calendar, or `window.overlap` with all pairs of windows that overlap. Who may
/// change this calendar alone may only name facilities of their own.
void require_content(kernel::Work& work, const Schedule& schedule);

}  // namespace medflow::inline v1::schedules
