// Code systems that a tenant has loaded (ICD-10-CM, LOINC, SNOMED CT, ATC, RxNorm …), their versions side by side, and their codes. A system that
// nobody loaded is opaque: any code of it is taken as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"
#include "medflow/page.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::code_systems {

enum class State : std::uint8_t {
  loading,    ///< its codes are coming in; nothing of it is seen
  ready,      ///< whole, and never changed any more
  abandoned,  ///< begun anew, or given up: what came in is being removed, and so is this
};

/// One version of a code system. Of each system one version at most is in use: it validates, and it is searched.
struct CodeSystem {
  CodeSystemId id{};
  std::uint64_t revision = 0;
  std::string system{};   ///< its URI, as HL7 has it: http://hl7.org/fhir/sid/icd-10-cm
  std::string version{};  ///< as its publisher calls it: 2026
  std::string name{};
  State state = State::loading;
  bool in_use = false;
  std::uint64_t codes = 0;   ///< how many have come in
  std::uint64_t failed = 0;  ///< lines that were left out while it was loaded
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// How a file of codes is laid out.
enum class Format : std::uint8_t {
  csv,      ///< columns `code` and `display`, and `selectable` (1 or 0) where some codes only head a group
  icd10cm,  ///< columns `code` (without its dot), `billable` and `long_description`, as CMS publishes them
};

/// What became of a piece.
struct Imported {
  CodeSystem system{};  ///< the version as it is now; name its id with the next piece
  std::uint64_t created = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t failed = 0;
  std::vector<imports::RowReport> rows{};  ///< the failed lines only
};

/// All versions of all systems, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<CodeSystem>;
  std::optional<std::string> system{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "code_systems.list",
                                       .method = Method::get,
                                       .path = "/code-systems",
                                       .permission = Permission::catalog_read,
                                       .summary = "List the code systems that are loaded",
                                       .object = "code_system"};
};

/// One version of a code system.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = CodeSystem;
  CodeSystemId id{};

  static constexpr Operation operation{.name = "code_systems.get",
                                       .method = Method::get,
                                       .path = "/code-systems/{id}",
                                       .permission = Permission::catalog_read,
                                       .summary = "Read a version of a code system",
                                       .object = "code_system"};
};

/// Loads codes from a piece of a file: a header and at most 500 rows, the first piece without `id`, the others with the one that it was answered. With
/// `total` the version is whole, and seen, if it has that many codes and no line failed; before, nothing of it is seen. A first piece begins the version
/// anew where it is not whole. A whole one never changes: the same codes once more are unchanged, others fail. At most 100 versions.
/// Fails, first match wins: forbidden; malformed (no such layout); too_large (more than 500 rows or 1 MiB); not_found (no such version, or it was begun
/// anew); conflict `code_system.too_many`; conflict `code_system.incomplete`.
struct Import {
  using Output = Imported;
  std::optional<CodeSystemId> id{};
  std::string system{};
  std::string version{};
  std::string name{};
  Format format = Format::csv;
  std::uint64_t first_line = 1;          ///< the line number of the header in the file, for the report; rows follow it
  std::optional<std::uint64_t> total{};  ///< with the last piece: how many codes the version has in all
  bool activate = true;                  ///< whether it is the version in use once it is whole
  Content content{};

  static constexpr Operation operation{.name = "code_systems.import",
                                       .method = Method::post,
                                       .path = "/imports/codes",
                                       .permission = Permission::code_system_manage,
                                       .effect = Effect::write,
                                       .summary = "Load a version of a code system",
                                       .object = "code_system"};
};

/// Makes a version the one in use: it validates what is written from now on. What is written stays as it is.
/// Fails, first match wins: forbidden; not_found; conflict `code_system.loading`.
struct Activate {
  using Output = CodeSystem;
  CodeSystemId id{};

  static constexpr Operation operation{.name = "code_systems.activate",
                                       .method = Method::post,
                                       .path = "/code-systems/{id}/activate",
                                       .permission = Permission::code_system_manage,
                                       .effect = Effect::write,
                                       .summary = "Use a version of a code system",
                                       .object = "code_system"};
};

}  // namespace medflow::inline v1::code_systems

namespace medflow::inline v1::codes {

/// A code of a loaded system.
struct Concept {
  std::string system{};
  std::string version{};
  std::string code{};
  std::string display{};
  bool selectable = true;  ///< whether it can stand in a record by itself; false for what only heads a group
};

struct Found {
  std::vector<Concept> codes{};  ///< the best first; at most `limit`
  bool more = false;             ///< whether there are others
};

/// The codes of a system's version in use for which every word of `q` is the beginning of the code, or of a word of the display (REC-6). First the
/// code itself, then codes that begin so, then by how many words are whole, shorter displays first.
/// Fails, first match wins: forbidden; invalid (`code_system.unknown`, `query.empty`).
struct Search {
  using Output = Found;
  std::string system{};
  std::string q{};
  std::uint32_t limit = 20;

  static constexpr Operation operation{.name = "codes.search",
                                       .method = Method::get,
                                       .path = "/codes",
                                       .permission = Permission::catalog_read,
                                       .summary = "Search the codes of a system",
                                       .object = "code"};
};

/// One code of a system, in its version in use or in `version`.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Concept;
  std::string code{};
  std::string system{};
  std::optional<std::string> version{};

  static constexpr Operation operation{.name = "codes.get",
                                       .method = Method::get,
                                       .path = "/codes/{code}",
                                       .permission = Permission::catalog_read,
                                       .summary = "Read a code",
                                       .object = "code"};
};

}  // namespace medflow::inline v1::codes
