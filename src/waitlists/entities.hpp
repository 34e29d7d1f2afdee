// What is stored of the waitlist, and which of its entries a session reaches.
#pragma once

#include "kernel/rows.hpp"
#include "storage/entity.hpp"
#include "waitlists/waitlists.fields.hpp"

namespace medflow::inline v1::waitlists {

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
