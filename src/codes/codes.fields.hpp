// The fields of code systems, of their codes, and of their operations.
#pragma once

#include "medflow/code_systems.hpp"
#include "patients/patients.fields.hpp"

namespace medflow::inline v1::code_systems::rule {

inline constexpr Rules id{.meaning = "The version's id."};
inline constexpr Rules system{.max = 255,
                              .text = TextRule::uri,
                              .meaning = "The system's URI: http://hl7.org/fhir/sid/icd-10-cm, http://loinc.org."};
inline constexpr Rules version{
    .max = 60, .text = TextRule::ascii, .meaning = "The version, as its publisher calls it."};
inline constexpr Rules name{.max = 200, .meaning = "What people call the system."};
inline constexpr Rules code{.max = 100, .meaning = "The code."};

}  // namespace medflow::inline v1::code_systems::rule

namespace medflow {

template <>
struct Words<code_systems::State> {
  static constexpr std::string_view name = "CodeSystemState";
  static constexpr std::string_view words[] = {"loading", "ready", "abandoned"};
};

template <>
struct Words<code_systems::Format> {
  static constexpr std::string_view name = "CodeFormat";
  static constexpr std::string_view words[] = {"csv", "icd10cm"};
};

template <>
struct Described<code_systems::CodeSystem> {
  using T = code_systems::CodeSystem;
  static constexpr std::string_view name = "CodeSystem";
  static constexpr std::string_view page_name = "CodeSystemPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, code_systems::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::system>(3, "system", immutable, code_systems::rule::system),
      field<&T::version>(4, "version", immutable, code_systems::rule::version),
      field<&T::name>(5, "name", immutable, code_systems::rule::name),
      field<&T::state>(6, "state", none, {.meaning = "Whether all its codes are there; it is seen then."}),
      field<&T::in_use>(7, "in_use", none, {.meaning = "Whether it is the version that validates and is searched."}),
      field<&T::codes>(8, "codes", none, {.meaning = "How many codes have come in."}),
      field<&T::failed>(9, "failed", none, {.meaning = "How many lines were left out while it was loaded."}),
      field<&T::created_at>(10, "created_at", immutable, {.meaning = "When it was begun."}),
      field<&T::created_by>(11, "created_by", immutable, {.meaning = "Who began it."}),
      field<&T::updated_at>(12, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(13, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<code_systems::Imported> {
  using T = code_systems::Imported;
  static constexpr std::string_view name = "CodesImported";
  static constexpr Field fields[] = {
      field<&T::system>(1, "system", none, {.meaning = "The version as it is now; name its id with the next piece."}),
      field<&T::created>(2, "created", none, {.meaning = "How many codes are new."}),
      field<&T::unchanged>(3, "unchanged", none, {.meaning = "How many were there, the same."}),
      field<&T::failed>(4, "failed", none, {.meaning = "How many lines were left out."}),
      field<&T::rows>(5, "rows", none, {.meaning = "The lines that were left out."})};
};

template <>
struct Described<code_systems::List> {
  using T = code_systems::List;
  static constexpr std::string_view name = "CodeSystemsList";
  static constexpr Field fields[] = {
      field<&T::system>(1, "system", none,
                        {.max = 255, .text = TextRule::uri, .meaning = "Only versions of this system."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<code_systems::Get> {
  using T = code_systems::Get;
  static constexpr std::string_view name = "CodeSystemsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, code_systems::rule::id)};
};

template <>
struct Described<code_systems::Import> {
  using T = code_systems::Import;
  static constexpr std::string_view name = "CodeSystemsImport";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "The version's id, with every piece but the first."}),
      field<&T::system>(2, "system", required, code_systems::rule::system),
      field<&T::version>(3, "version", required, code_systems::rule::version),
      field<&T::name>(4, "name", none, code_systems::rule::name),
      field<&T::format>(5, "format", none, {.meaning = "The layout of the file."}),
      field<&T::first_line>(6, "first_line", none,
                            {.min = 1, .meaning = "The line number of the header, for the report."}),
      field<&T::total>(7, "total", none,
                       {.min = 1, .meaning = "With the last piece: how many codes the version has in all."}),
      field<&T::activate>(8, "activate", none, {.meaning = "Whether it is the version in use once it is whole."}),
      field<&T::content>(9, "content", required,
                         {.meaning = "The piece of the file: its header and at most 500 rows."})};
};

template <>
struct Described<code_systems::Activate> {
  using T = code_systems::Activate;
  static constexpr std::string_view name = "CodeSystemsActivate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, code_systems::rule::id)};
};

template <>
struct Described<codes::Concept> {
  using T = codes::Concept;
  static constexpr std::string_view name = "Concept";
  static constexpr Field fields[] = {
      field<&T::system>(1, "system", none, code_systems::rule::system),
      field<&T::version>(2, "version", none, code_systems::rule::version),
      field<&T::code>(3, "code", none, code_systems::rule::code),
      field<&T::display>(4, "display", none, {.max = 2000, .meaning = "What it means, in words."}),
      field<&T::selectable>(5, "selectable", none, {.meaning = "False for what only heads a group of codes."})};
};

template <>
struct Described<codes::Found> {
  using T = codes::Found;
  static constexpr std::string_view name = "ConceptsFound";
  static constexpr Field fields[] = {field<&T::codes>(1, "codes", none, {.meaning = "The best first."}),
                                     field<&T::more>(2, "more", none, {.meaning = "Whether there are others."})};
};

template <>
struct Described<codes::Search> {
  using T = codes::Search;
  static constexpr std::string_view name = "CodesSearch";
  static constexpr Field fields[] = {
      field<&T::system>(1, "system", required, code_systems::rule::system),
      field<&T::q>(2, "q", required, {.max = 200, .meaning = "The beginnings of words, or of the code."}),
      field<&T::limit>(3, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."})};
};

template <>
struct Described<codes::Get> {
  using T = codes::Get;
  static constexpr std::string_view name = "CodesGet";
  static constexpr Field fields[] = {
      field<&T::code>(1, "code", required, code_systems::rule::code),
      field<&T::system>(2, "system", required, code_systems::rule::system),
      field<&T::version>(3, "version", none,
                         {.max = 60, .text = TextRule::ascii, .meaning = "The version; the one in use where absent."})};
};

}  // namespace medflow
