// The fields of the operations on jobs.
#pragma once

#include "medflow/fields.hpp"
#include "medflow/jobs.hpp"

namespace medflow::inline v1::jobs::rule {

inline constexpr Rules id{.meaning = "The job's id."};

}  // namespace medflow::inline v1::jobs::rule

namespace medflow {

template <>
struct Described<jobs::Get> {
  using T = jobs::Get;
  static constexpr std::string_view name = "JobsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, jobs::rule::id)};
};

template <>
struct Described<jobs::Cancel> {
  using T = jobs::Cancel;
  static constexpr std::string_view name = "JobsCancel";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, jobs::rule::id)};
};

}  // namespace medflow
