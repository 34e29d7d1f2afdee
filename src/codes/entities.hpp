// What is stored of code systems and of their codes. Codes are nobody's data: all of it is plain.
#pragma once

#include "codes/codes.fields.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::code_systems {

inline constexpr Code incomplete{"code_system.incomplete", Errc::conflict,
                                 "The version has not as many codes as the file."};
inline constexpr Code loading{"code_system.loading", Errc::conflict, "The version is not whole yet."};
inline constexpr Code too_many{"code_system.too_many", Errc::conflict, "The tenant has 100 versions of code systems."};

}  // namespace medflow::inline v1::code_systems

namespace medflow::inline v1::codes {

/// A code of one version. Its id follows from the version and the code, so that it is found by one key.
struct ConceptRow {
  Uuid id{};
  std::uint64_t revision = 0;
  CodeSystemId system_id{};
  std::string code{};
  std::string display{};
  bool selectable = true;
};

}  // namespace medflow::inline v1::codes

namespace medflow {

template <>
struct Described<codes::ConceptRow> {
  using T = codes::ConceptRow;
  static constexpr std::string_view name = "ConceptRow";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the row's id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "always 1: a code of a version never changes"}),
      field<&T::system_id>(3, "system_id", immutable, {.meaning = "the version of its code system"}),
      field<&T::code>(4, "code", immutable, {.meaning = "the code"}),
      field<&T::display>(5, "display", immutable, {.meaning = "the code in words"}),
      field<&T::selectable>(6, "selectable", immutable, {.meaning = "whether it may be given, or is a heading only"})};
};

}  // namespace medflow

namespace medflow::inline v1::storage {

template <>
struct Stored<code_systems::CodeSystem> {
  static const Entity entity;
};
template <>
struct Stored<codes::ConceptRow> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage

namespace medflow::kernel {

template <>
struct Reach<code_systems::CodeSystem> {
  static bool reaches(const Work&, const code_systems::CodeSystem&) { return true; }
  static bool hidden(const code_systems::CodeSystem& version) {
    return version.state == code_systems::State::abandoned;
  }
  static std::uint32_t classes(const Work& work, const code_systems::CodeSystem&) { return work.classes(); }
};

}  // namespace medflow::kernel
