// What is stored of encounters.
#pragma once

#include "encounters/encounters.fields.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::encounters {

inline constexpr Code signed_already{"encounter.signed", Errc::locked, "The encounter is signed."};
inline constexpr Code has_drafts{"encounter.drafts", Errc::conflict,
                                 "Records of the encounter are neither signed nor discarded."};
inline constexpr Code has_records{"encounter.records", Errc::conflict, "The encounter holds records that stand."};

}  // namespace medflow::inline v1::encounters

namespace medflow::inline v1::storage {

template <>
struct Stored<encounters::Encounter> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
