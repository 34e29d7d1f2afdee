#include "jobs/rows.hpp"

#include <cstring>

#include "crypto/hash.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view due_columns[] = {"run_at"};
constexpr std::string_view end_columns[] = {"ended_at"};
constexpr EntityIndex indexes[] = {{.name = "jobs_due", .columns = due_columns},
                                   {.name = "jobs_end", .columns = end_columns}};

}  // namespace

const Entity Stored<jobs::StoredJob>::entity{.id = 32,
                                             .name = "jobs",
                                             .meaning = "work that is done later or in pieces, and how far it has come",
                                             .type = &type_of<jobs::StoredJob>,
                                             .indexes = indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::jobs {

JobId singleton_id(const JobKind& kind) {
  const crypto::Digest digest = crypto::sha256({"medflow job ", kind.name()});
  JobId id;
  std::memcpy(id.uuid.bytes.data(), digest.data(), id.uuid.bytes.size());
  id.uuid.bytes[6] = static_cast<std::uint8_t>(0x80U | (id.uuid.bytes[6] & 0x0FU));
  id.uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.uuid.bytes[8] & 0x3FU));
  return id;
}

bool is_singleton(const JobId& id) { return (id.uuid.bytes[6] & 0xF0U) == 0x80U; }

Job view_of(const StoredJob& job) {
  return {.id = job.id,
          .state = job.state,
          .done = job.done,
          .total = is_singleton(job.id) ? std::nullopt : job.total,  // theirs says where they are
          .error_code = job.state == JobState::failed ? job.last_error_code : std::string(),
          .created_at = job.created_at};
}

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<StoredJob>().table()};
  return all;
}

}  // namespace medflow::inline v1::jobs
