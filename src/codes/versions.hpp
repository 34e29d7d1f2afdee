// Versions of code systems and their codes, as the module itself reads them.
#pragma once

#include <optional>
#include <string_view>

#include "codes/entities.hpp"
#include "codes/index.hpp"

namespace medflow::inline v1::codes {

/// Where a code of this version is.
Uuid id_of(const CodeSystemId& version, std::string_view code);

/// The code, if the version has it.
std::optional<ConceptRow> concept_of(kernel::Work& work, const CodeSystemId& version, std::string_view code);

/// An index of all codes of a version.
Index index_of(kernel::Work& work, const code_systems::CodeSystem& version);

}  // namespace medflow::inline v1::codes

namespace medflow::inline v1::code_systems {

/// The version of a system that is in use, null where there is none. For members of a batch only.
const CodeSystem* in_use(kernel::Work& work, std::string_view system);

}  // namespace medflow::inline v1::code_systems
