#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codes/indexes.hpp"
#include "codes/versions.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"

namespace medflow::inline v1::codes {

using code_systems::CodeSystem;
using kernel::Outside;
using kernel::Rows;
using kernel::Work;

namespace {

/// What `prepare` finds; null where no version was in use then.
using Ready = std::shared_ptr<const Index>;

Concept shown(const CodeSystem& version, ConceptRow row) {
  return {.system = version.system,
          .version = version.version,
          .code = std::move(row.code),
          .display = std::move(row.display),
          .selectable = row.selectable};
}

/// The version of a system that is in use on a snapshot.
std::optional<CodeSystem> version_on(Work& work, const std::string& system) {
  std::optional<CodeSystem> found;
  Rows<CodeSystem>(work).scan({}, [&](CodeSystem version) {
    if (version.in_use && version.system == system) found = std::move(version);
    return !found;
  });
  return found;
}

}  // namespace

bool prepares_quickly(const kernel::Store& store, const Search& request) {
  return !store.shared() && store.code_indexes().knows(request.system);
}

/// Other people's work goes on while an index is made.
Ready prepare(Outside& outside, const Search& request) {
  kernel::Store* store = outside.store();
  if (store == nullptr) return nullptr;
  store->catch_up();
  if (auto current = store->code_indexes().current(request.system)) return current;
  Ready ready;
  outside.read([&](Work& work) {
    const auto version = version_on(work, request.system);
    if (version) ready = store->code_indexes().of(version->id, [&] { return index_of(work, *version); });
  });
  return ready;
}

Found handle(Work& work, const Search& request, const Ready& prepared) {
  const CodeSystem* version = code_systems::in_use(work, request.system);
  if (version == nullptr)
    throw Failure(invalid, "/system", "code_system.unknown", "no version of this code system is in use");
  const auto query = query_words(request.q);
  if (query.empty()) throw Failure(invalid, "/q", "query.empty", "give the beginning of a word, or of a code");
  // Another version may have been put to use in between.
  const Ready index = prepared && prepared->version() == version->id
                          ? prepared
                          : work.store().code_indexes().of(version->id, [&] { return index_of(work, *version); });
  const Hits hits = index->search(query, request.limit);
  std::vector<Uuid> ids;
  for (const std::string_view code : hits.codes) ids.push_back(id_of(version->id, code));
  Found found{.more = hits.more};
  for (ConceptRow& row : Rows<ConceptRow>(work).get_many(ids)) found.codes.push_back(shown(*version, std::move(row)));
  work.event().table = Rows<ConceptRow>::layout().table().id;
  work.event().count = static_cast<std::uint32_t>(found.codes.size());
  return found;
}

Concept handle(Work& work, const Get& request) {
  std::optional<CodeSystem> version;
  if (!request.version) {
    if (const CodeSystem* used = code_systems::in_use(work, request.system)) version = *used;
  } else {
    Rows<CodeSystem>(work).scan({}, [&](CodeSystem there) {
      if (there.state == code_systems::State::ready && there.system == request.system &&
          there.version == *request.version)
        version = std::move(there);
      return !version;
    });
  }
  if (!version) throw Failure(not_found);
  auto row = concept_of(work, version->id, request.code);
  if (!row) throw Failure(not_found);
  work.about(row->id);
  work.event().table = Rows<ConceptRow>::layout().table().id;
  work.event().revision = row->revision;
  work.event().count = 1;
  return shown(*version, std::move(*row));
}

}  // namespace medflow::inline v1::codes

MEDFLOW_HANDLE(medflow::codes::Search);
MEDFLOW_HANDLE(medflow::codes::Get);
