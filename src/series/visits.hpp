// The visits of a series, and what is told of them.
#pragma once

#include <string>
#include <vector>

#include "appointments/booking.hpp"
#include "series/entities.hpp"

namespace medflow::inline v1::series {

/// A series and all of its visits by their index, whoever reaches them. Nothing that is sealed is opened of these.
struct Whole {
  Series series{};
  std::vector<appointments::Appointment> visits{};
};

/// The series, if the caller may do this, or may see it at all: that is, one of its visits. Throws Failure `not_found`, and `forbidden` where the
/// caller may only see it. The event is about it and names its patient.
Whole reachable(kernel::Work& work, const SeriesId& id);

/// It with those of its visits that the caller may see.
SeriesReport report_of(kernel::Work& work, const SeriesId& id);

/// The kinds of what was found, each once.
std::vector<appointments::ConflictKind> kinds_of(const std::vector<appointments::Finding>& findings);

/// Collects what is in the way of visits, for one refusal with all of it.
class Conflicts {
 public:
  explicit Conflicts(std::string pointer) : pointer_(std::move(pointer)) {}
  void add(std::uint32_t index, const std::vector<appointments::Finding>& findings);
  bool any() const { return any_; }
  /// Throws Failure `series.conflicts`.
  [[noreturn]] void refuse();

 private:
  std::string pointer_;
  bool any_ = false;
  std::vector<FieldError> fields_{};
};

}  // namespace medflow::inline v1::series
