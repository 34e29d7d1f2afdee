#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codes/file.hpp"
#include "codes/indexes.hpp"
#include "codes/versions.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"

namespace medflow::inline v1::code_systems {

using codes::ConceptRow;
using kernel::Outside;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::size_t versions_max = 100;
constexpr std::size_t codes_max = 1'000'000;  // of a version: SNOMED CT has 360,000 concepts
/// How many codes of abandoned versions a piece removes: an import that begins anew is over before they are many.
constexpr std::size_t removed_max = 500;

std::vector<CodeSystem> all_versions(Work& work) {
  std::vector<CodeSystem> versions;
  Rows<CodeSystem>(work).scan(
      {},
      [&](CodeSystem version) {
        versions.push_back(std::move(version));
        return true;
      },
      true);
  return versions;
}

void look_again(Work& work) {
  kernel::Store& store = work.store();
  work.after_commit([&store] { store.code_indexes().look_again(); });
}

/// Takes the version of this system that is in use out of it.
void take_out_of_use(Work& work, const std::string& system) {
  const CodeSystem* used = in_use(work, system);
  if (used == nullptr) return;
  CodeSystem before = *used;
  before.in_use = false;
  Rows<CodeSystem>(work).update(before, before.revision);
}

/// One piece on its way into its version.
class Loading {
 public:
  Loading(Work& work, const Import& request, const Piece& piece) : work_(work), request_(request), piece_(piece) {}

  Imported run() {
    result_.failed = piece_.report.failed;
    result_.rows = piece_.report.rows;
    find_version();
    work_.about(version_.id.uuid);
    work_.event().table = Rows<CodeSystem>::layout().table().id;
    work_.event().revision = version_.revision;
    sort_out();
    std::sort(result_.rows.begin(), result_.rows.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
    if (version_.state == State::ready) {
      look_at_whole();
    } else {
      load();
    }
    clear_up();
    work_.event().count = static_cast<std::uint32_t>(result_.created);
    result_.system = version_;
    return std::move(result_);
  }

 private:
  void find_version() {
    if (request_.id) {
      version_ = Rows<CodeSystem>(work_).get(*request_.id);
      if (version_.system != request_.system || version_.version != request_.version) throw Failure(codes::not_found);
      return;
    }
    const auto all = all_versions(work_);
    for (const CodeSystem& there : all) {
      if (there.state == State::abandoned || there.system != request_.system || there.version != request_.version)
        continue;
      if (there.state == State::ready) {
        version_ = there;
        return;
      }
      broken_off_ = there;
    }
    if (all.size() >= versions_max) throw Failure(too_many);
    new_ = true;
    version_ = {.id = work_.make_id<CodeSystemId>(),
                .system = request_.system,
                .version = request_.version,
                .name = request_.name.empty() ? request_.system : request_.name};
  }

  /// What is there of the piece's codes, and what is new.
  void sort_out() {
    std::vector<Uuid> ids;
    for (const Line& line : piece_.lines) ids.push_back(codes::id_of(version_.id, line.code));
    std::vector<ConceptRow> there;
    if (!new_) there = Rows<ConceptRow>(work_).get_many(ids);
    auto next = there.begin();  // in the order of the ids
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Line& line = piece_.lines[i];
      if (next == there.end() || next->id != ids[i]) {
        if (version_.state == State::ready) {
          fail(line, "code.differs", "the version is whole, and has no such code");
        } else {
          entering_.push_back({.id = ids[i],
                               .system_id = version_.id,
                               .code = line.code,
                               .display = line.display,
                               .selectable = line.selectable});
        }
        continue;
      }
      const ConceptRow& row = *next++;
      if (version_.state != State::ready) {
        fail(line, "code.twice", "the code is there already");
      } else if (row.display != line.display || row.selectable != line.selectable) {
        fail(line, "code.differs", "the version is whole, and says something else of this code");
      } else {
        ++result_.unchanged;
      }
    }
  }

  void fail(const Line& line, std::string_view code, std::string_view message) {
    ++result_.failed;
    result_.rows.push_back({.line = line.number,
                            .outcome = imports::RowOutcome::failed,
                            .column = "code",
                            .code = std::string(code),
                            .message = std::string(message)});
  }

  void load() {
    version_.codes += entering_.size();
    version_.failed += result_.failed;
    if (version_.codes > codes_max) throw Failure(codes::too_large, "at most 1,000,000 codes in a version");
    const bool ends = request_.total && version_.failed == 0;
    if (ends && version_.codes != *request_.total) throw Failure(incomplete);
    if (ends) {
      version_.state = State::ready;
      if (request_.activate) put_to_use();
    }
    Rows<CodeSystem> versions(work_);
    if (broken_off_) {
      broken_off_->state = State::abandoned;
      versions.update(*broken_off_, broken_off_->revision);
    }
    if (new_) {
      versions.insert(version_);
    } else {
      versions.update(version_, version_.revision);
    }
    Rows<ConceptRow> rows(work_);
    for (ConceptRow& row : entering_) rows.insert(row);
    result_.created = entering_.size();
  }

  /// The same file once more.
  void look_at_whole() {
    if (!request_.total || result_.failed > 0) return;
    if (version_.codes != *request_.total) throw Failure(incomplete);
    if (!request_.activate || version_.in_use) return;
    put_to_use();
    Rows<CodeSystem>(work_).update(version_, version_.revision);
  }

  void put_to_use() {
    take_out_of_use(work_, version_.system);
    version_.in_use = true;
    look_again(work_);
  }

  /// Removes some of what was broken off.
  void clear_up() {
    Rows<CodeSystem> versions(work_);
    std::optional<CodeSystem> gone;
    versions.scan(
        {},
        [&](CodeSystem version) {
          if (version.state == State::abandoned) gone = std::move(version);
          return !gone;
        },
        true);
    if (!gone) return;
    const storage::Cell equal[] = {storage::Cell::bytes(gone->id.uuid.view())};
    Rows<ConceptRow> rows(work_);
    std::vector<ConceptRow> some;
    rows.scan({.index = "codes_system", .equal = equal, .limit = removed_max}, [&](ConceptRow row) {
      some.push_back(std::move(row));
      return true;
    });
    work_.transaction().foresee([&](storage::Foresight& foresight) {
      for (const ConceptRow& row : some) Rows<ConceptRow>::foresee(foresight, row.id);
    });
    for (const ConceptRow& row : some) rows.remove(row.id, row.revision);
    if (some.size() < removed_max) versions.remove(gone->id, gone->revision);
  }

  Work& work_;
  const Import& request_;
  const Piece& piece_;
  CodeSystem version_{};
  bool new_ = false;
  std::optional<CodeSystem> broken_off_{};
  std::vector<ConceptRow> entering_{};
  Imported result_{};
};

}  // namespace

Piece prepare(Outside&, const Import& request) {
  return read_piece(request.content, request.format, request.first_line);
}

Imported handle(Work& work, const Import& request, const Piece& piece) { return Loading(work, request, piece).run(); }

CodeSystem handle(Work& work, const Activate& request) {
  Rows<CodeSystem> versions(work);
  CodeSystem version = versions.get(request.id);
  if (version.state != State::ready) throw Failure(loading);
  if (version.in_use) return version;
  take_out_of_use(work, version.system);
  version.in_use = true;
  versions.update(version, version.revision);
  look_again(work);
  return version;
}

}  // namespace medflow::inline v1::code_systems

MEDFLOW_HANDLE(medflow::code_systems::Import);
MEDFLOW_HANDLE(medflow::code_systems::Activate);
