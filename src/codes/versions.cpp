#include "codes/versions.hpp"

#include <algorithm>
#include <cstring>

#include "codes/codes.hpp"
#include "codes/following.hpp"
#include "codes/indexes.hpp"
#include "crypto/hash.hpp"
#include "kernel/facts.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"

namespace medflow::inline v1::code_systems {

using kernel::Rows;
using kernel::Work;

const CodeSystem* in_use(Work& work, std::string_view system) {
  auto& kept = work.store().facts().code_systems;
  if (!kept) {
    kept.emplace();
    Rows<CodeSystem>(work).scan({}, [&](CodeSystem version) {
      if (version.in_use) kept->push_back(std::move(version));
      return true;
    });
  }
  const auto found =
      std::find_if(kept->begin(), kept->end(), [&](const CodeSystem& version) { return version.system == system; });
  return found == kept->end() ? nullptr : &*found;
}

void follow_rows(kernel::Store& store, storage::Transaction&, std::span<const kernel::RowChange> changes) {
  if (!kernel::ids_of(changes, storage::layout_of<CodeSystem>()).empty()) store.code_indexes().look_again();
}

Page<CodeSystem> handle(Work& work, const List& request) {
  return kernel::page_by_id<CodeSystem>(
      work, request.limit, request.cursor, request.system.value_or(""),
      [&](const CodeSystem& version) { return !request.system || version.system == *request.system; });
}

CodeSystem handle(Work& work, const Get& request) { return Rows<CodeSystem>(work).get(request.id); }

}  // namespace medflow::inline v1::code_systems

namespace medflow::inline v1::codes {

using code_systems::CodeSystem;
using kernel::Rows;
using kernel::Work;

Uuid id_of(const CodeSystemId& version, std::string_view code) {
  const crypto::Digest digest = crypto::sha256({version.uuid.view(), code});
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  // Version 8 of RFC 9562: made as its maker likes.
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

std::optional<ConceptRow> concept_of(Work& work, const CodeSystemId& version, std::string_view code) {
  auto row = Rows<ConceptRow>(work).find(id_of(version, code));
  if (row && (row->system_id != version || row->code != code)) row.reset();
  return row;
}

Index index_of(Work& work, const CodeSystem& version) {
  Index::Builder builder(version.id, version.system);
  const storage::Cell equal[] = {storage::Cell::bytes(version.id.uuid.view())};
  Rows<ConceptRow>(work).scan({.index = "codes_system", .equal = equal}, [&](const ConceptRow& row) {
    builder.add(row.code, row.display);
    return true;
  });
  return std::move(builder).build();
}

Standing standing_of(Work& work, std::string_view system, std::string_view code) {
  const CodeSystem* version = code_systems::in_use(work, system);
  if (version == nullptr) return Standing::unknown_system;
  return concept_of(work, version->id, code) ? Standing::known : Standing::unknown_code;
}

}  // namespace medflow::inline v1::codes

MEDFLOW_HANDLE(medflow::code_systems::List);
MEDFLOW_HANDLE(medflow::code_systems::Get);
