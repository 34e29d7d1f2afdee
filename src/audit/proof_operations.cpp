// What others may hold against the log: its head, its checkpoints, and proofs that need nothing else of it.
#include <algorithm>
#include <cstring>

#include "audit/audit.fields.hpp"
#include "audit/proof.hpp"
#include "audit/tables.hpp"
#include "crypto/codec.hpp"
#include "kernel/handler.hpp"
#include "kernel/work.hpp"

namespace medflow::inline v1::audit {

using kernel::Work;
using storage::Cell;

namespace {

std::vector<std::string> texts_of(std::span<const Digest> hashes) {
  std::vector<std::string> texts;
  for (const Digest& hash : hashes) texts.push_back(crypto::base64(hash));
  return texts;
}

Checkpoint shown(Work& work, const StoredCheckpoint& stored) {
  const auto& own = work.store().checkpoints();
  const auto state = open_checkpoint(stored.note, own.origin(), own.key());
  if (!state || state->size != stored.size) throw Failure(medflow::codes::integrity, "a stored checkpoint is damaged");
  Checkpoint out{.size = stored.size, .root = crypto::base64(state->root), .note = stored.note};
  const Cell cells[] = {Cell::of(static_cast<std::int64_t>(stored.size))};
  const storage::Key keys[] = {cells};
  Event last;
  work.transaction().get(events_table, keys, [&](std::size_t, storage::RowView row) {
    if (decode(row[1].data, last)) out.at = last.at;
  });
  return out;
}

[[noreturn]] void out_of_range(std::string_view field, std::uint64_t max) {
  throw Failure(medflow::codes::invalid, "/" + std::string(field), "number.out_of_range",
                "From 1 to " + std::to_string(max) + ".");
}

/// The events that are there, this call's own not included.
std::uint64_t log_size(Work& work) { return work.store().log().last_seq(); }

std::uint64_t size_in_log(Work& work, std::string_view field, std::uint64_t size) {
  const std::uint64_t max = log_size(work);
  if (size == 0 || size > max) out_of_range(field, max);
  return size;
}

std::string position_of(std::uint64_t number) {
  std::string position(sizeof number, '\0');
  std::memcpy(position.data(), &number, sizeof number);
  return position;
}

/// The next checkpoint of the table from `number` on, in one direction.
std::optional<StoredCheckpoint> next_of(Work& work, std::optional<std::uint64_t> after, bool backwards) {
  std::optional<StoredCheckpoint> found;
  const Cell position[] = {Cell::of(static_cast<std::int64_t>(after.value_or(0)))};
  storage::Scan scan{.table = &checkpoints_table, .backwards = backwards, .limit = 1};
  if (after) scan.after = position;
  work.transaction().scan(scan, [&](storage::RowView row) {
    found = checkpoint_of(row);
    return false;
  });
  return found;
}

}  // namespace

LogHead handle(Work& work, const GetHead&) {
  const auto& own = work.store().checkpoints();
  const LogState log = work.store().log().running();
  LogHead head{.origin = own.origin(),
               .verifier_key = verifier_key(own.origin(), own.key()),
               .size = log.size,
               .root = crypto::base64(log.root)};
  if (const auto newest = newest_checkpoint(work.transaction())) head.checkpoint = shown(work, *newest);
  return head;
}

Page<Checkpoint> handle(Work& work, const ListCheckpoints& request) {
  constexpr char to_older = 'n';
  constexpr char to_newer = 'p';
  const std::string position = request.cursor.empty() ? std::string() : work.open_cursor("", request.cursor);
  if (!position.empty() && position.size() != 1 + sizeof(std::uint64_t)) throw Failure(medflow::codes::cursor_invalid);
  const bool newer = !position.empty() && position.front() == to_newer;
  std::optional<std::uint64_t> after;
  if (!position.empty()) std::memcpy(&after.emplace(), position.data() + 1, sizeof(std::uint64_t));

  Page<Checkpoint> page{.page = {.limit = request.limit}};
  std::vector<std::uint64_t> numbers;
  bool more = false;
  while (const auto stored = next_of(work, after, !newer)) {
    more = page.data.size() == request.limit;
    if (more) break;
    page.data.push_back(shown(work, *stored));
    numbers.push_back(stored->number);
    after = stored->number;
  }
  if (newer) {
    std::reverse(page.data.begin(), page.data.end());
    std::reverse(numbers.begin(), numbers.end());
  }
  if (!numbers.empty()) {
    if (newer || more) page.page.next = work.seal_cursor("", to_older + position_of(numbers.back()));
    if (newer ? more : !position.empty())
      page.page.prev = work.seal_cursor("", to_newer + position_of(numbers.front()));
  }
  work.event().count = static_cast<std::uint32_t>(page.data.size());
  return page;
}

InclusionProof handle(Work& work, const ProveInclusion& request) {
  const std::uint64_t stored = log_size(work);
  if (request.seq == 0 || request.seq > stored) out_of_range("seq", stored);
  InclusionProof proof{.seq = request.seq};
  const auto newest = newest_checkpoint(work.transaction());
  const bool covered = newest && newest->size >= request.seq;
  proof.size = request.size ? size_in_log(work, "size", *request.size) : covered ? newest->size : stored;
  if (request.seq > proof.size) out_of_range("seq", proof.size);
  if (newest && newest->size == proof.size) proof.note = shown(work, *newest).note;
  StoredTree tree(work.transaction(), proof.size, stored);
  proof.leaf = crypto::base64(tree.leaf(request.seq - 1));
  proof.hashes = texts_of(tree.inclusion(request.seq - 1));
  proof.root = crypto::base64(tree.root());
  return proof;
}

ConsistencyProof handle(Work& work, const ProveConsistency& request) {
  const std::uint64_t stored = log_size(work);
  ConsistencyProof proof{.earlier_size = size_in_log(work, "earlier_size", request.earlier_size),
                         .size = request.size ? size_in_log(work, "size", *request.size) : stored};
  if (proof.earlier_size > proof.size) out_of_range("earlier_size", proof.size);
  StoredTree tree(work.transaction(), proof.size, stored);
  proof.hashes = texts_of(tree.consistency(proof.earlier_size));
  proof.root = crypto::base64(tree.root());
  proof.earlier_root = crypto::base64(StoredTree(work.transaction(), proof.earlier_size, stored).root());
  return proof;
}

}  // namespace medflow::inline v1::audit

MEDFLOW_HANDLE(medflow::audit::GetHead);
MEDFLOW_HANDLE(medflow::audit::ListCheckpoints);
MEDFLOW_HANDLE(medflow::audit::ProveInclusion);
MEDFLOW_HANDLE(medflow::audit::ProveConsistency);
