// What is stored of the waitlist, and which of its entries a session reaches.
#pragma once

#include "kernel/rows.hpp"
#include "storage/entity.hpp"
#include "waitlists/waitlists.fields.hpp"

namespace medflow::inline v1::waitlists {

inline constexpr Code entry_exists{"waitlist.exists", Errc::conflict, "The patient waits for this service already."};
inline constexpr Code entry_too_many{"waitlist.too_many", Errc::conflict,
                                     "The patient waits for as many services as anybody may."};

/// For so many services a patient waits at once.
inline constexpr std::size_t open_entries_max = 10;

/// Whether one of the ways in which a session holds `permission` reaches this entry: staff of its facility (of any, where it names none), a
/// doctor whom it names, the patient.
bool reaches(const kernel::Work& work, const Entry& entry, Permission permission);

}  // namespace medflow::inline v1::waitlists

namespace medflow::kernel {

template <>
struct Reach<waitlists::Entry> {
  static bool reaches(const Work& work, const waitlists::Entry& entry) {
    return waitlists::reaches(work, entry, work.permission());
  }
  static bool hidden(const waitlists::Entry&) { return false; }
  static std::uint32_t classes(const Work&, const waitlists::Entry&) { return 0; }  // nothing of it is sealed
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<waitlists::Entry> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
