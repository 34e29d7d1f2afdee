// What is stored of doctors.
#pragma once

#include "doctors/doctors.fields.hpp"
#include "kernel/rows.hpp"
#include "medflow/doctors.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::doctors {

inline constexpr Code user_taken{"doctor.user_taken", Errc::conflict, "Another doctor has this account."};

}  // namespace medflow::inline v1::doctors

namespace medflow::kernel {

/// Everybody who reads doctors reaches all of them, with the host's own values.
template <>
struct Reach<doctors::Doctor> {
  static bool reaches(const Work&, const doctors::Doctor&) { return true; }
  static bool hidden(const doctors::Doctor&) { return false; }
  static std::uint32_t classes(const Work&, const doctors::Doctor&) { return identity; }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<doctors::Doctor> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
