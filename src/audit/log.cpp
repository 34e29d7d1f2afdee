#include "audit/log.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <span>

#include "audit/proof.hpp"
#include "audit/tables.hpp"
#include "medflow/error.hpp"

namespace medflow::inline v1::audit {
namespace {

using storage::Cell;

constexpr std::size_t head_id = 0, head_revision = 1, head_size = 2, head_root = 3, head_seal = 4;
/// What others have appended is read event by event up to here, and from the tree's stored hashes beyond.
constexpr std::uint64_t followed_max = 1'024;

[[noreturn]] void damaged(const char* what) { throw Failure{codes::integrity, what}; }

Cell number(std::uint64_t value) { return Cell::of(static_cast<std::int64_t>(value)); }

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Bytes>
bool copy_exactly(const Cell& cell, Bytes& to) {
  if (cell.data.size() != to.size()) return false;
  std::memcpy(to.data(), cell.data.data(), to.size());
  return true;
}

Head head_of(storage::RowView row) {
  Head head;
  bool sound = row[head_size].integer > 0 && static_cast<std::uint64_t>(row[head_size].integer) <= log_size_max &&
               row[head_revision].integer > 0 && copy_exactly(row[head_root], head.root);
  head.size = static_cast<std::uint64_t>(row[head_size].integer);
  head.revision = static_cast<storage::Revision>(row[head_revision].integer);
  if (!row[head_seal].is_null()) sound = copy_exactly(row[head_seal], head.seal.emplace()) && sound;
  if (!sound) damaged("the head of the audit log is no head");
  return head;
}

/// The leaves from the event `next` to the end. An event beyond the size, or one that is missing, is damage.
template <class Take>
void read_leaves(storage::Transaction& tx, std::uint64_t next, std::uint64_t size, const Take& take) {
  tx.scan({.table = &events_table, .from = number(next)}, [&](storage::RowView row) {
    if (next > size || row[0].integer != static_cast<std::int64_t>(next))
      damaged("the audit log does not end where its head says");
    take(leaf_hash(row[1].data));
    ++next;
    return true;
  });
  if (next != size + 1) damaged("the last events of the audit log are missing");
}

/// The leaves after the last filled tile.
std::vector<Digest> read_tail(storage::Transaction& tx, std::uint64_t size) {
  std::vector<Digest> leaves;
  leaves.reserve(tile_width);
  read_leaves(tx, size - size % tile_width + 1, size, [&](const Digest& leaf) { leaves.push_back(leaf); });
  return leaves;
}

/// The entries of a level above the leaves that are not yet a full tile.
std::vector<Digest> read_entries(storage::Transaction& tx, std::size_t level, std::uint64_t entries) {
  std::vector<Digest> hashes;
  if (entries == 0) return hashes;  // without asking the engine: most logs have one or two levels
  hashes.reserve(tile_width);
  std::uint64_t next = entries - entries % tile_width;
  const std::array equal{number(level)};
  tx.scan({.table = &tiles_table, .equal = equal, .from = number(next)}, [&](storage::RowView row) {
    Digest hash;
    if (next >= entries || row[1].integer != static_cast<std::int64_t>(next) || !copy_exactly(row[2], hash))
      damaged("the audit log's tree does not end where its head says");
    hashes.push_back(hash);
    ++next;
    return true;
  });
  if (next != entries) damaged("the last hashes of the audit log's tree are missing");
  return hashes;
}

}  // namespace

std::optional<Head> read_head(storage::Transaction& tx) {
  std::optional<Head> head;
  const std::array key{Cell::of(head_id)};
  const std::array keys{storage::Key(key)};
  tx.get(head_table, keys, [&](std::size_t, storage::RowView row) { head = head_of(row); });
  return head;
}

void foresee_head(storage::Foresight& foresight) {
  const std::array key{Cell::of(head_id)};
  const std::array keys{storage::Key(key)};
  foresight.get(head_table, keys);
}

bool seal_matches(const Head& head, const HeadSealer& sealer) {
  if (!sealer) return true;
  return head.seal && sealer(head.size, head.root, crypto::row_seal_version(*head.seal)) == *head.seal;
}

void Log::open(storage::Transaction& tx) {
  const auto head = read_head(tx);
  const auto size = head ? head->size : 0;
  Tree::Frontier frontier;
  frontier[0] = read_tail(tx, size);
  for (std::size_t level = 1; level < tree_levels; ++level)
    frontier[level] = read_entries(tx, level, size >> (8 * level));
  Tree tree(size, std::move(frontier));
  const auto root = tree.root();
  if (head && (root != head->root || !seal_matches(*head, sealer_)))
    damaged("the root of the audit log is not that of its head");

  tree_ = std::move(tree);
  revision_ = head ? head->revision : 0;
  finished_.reset();
  const std::lock_guard lock(mutex_);
  durable_ = {.size = size, .root = root};
}

bool Log::knows(const std::optional<Head>& head) const {
  const LogState known = durable();
  if (!head) return known.size == 0;
  return head->revision == revision_ && head->size == known.size && head->root == known.root;
}

void Log::follow(storage::Transaction& tx, const std::optional<Head>& head) {
  const LogState known = durable();
  assert(!finished_ && tree_.size() == known.size);
  if (!head || head->size < known.size) damaged("the audit log is shorter than it was");
  if (head->size - known.size > followed_max) {
    StoredTree stored(tx, head->size, head->size);
    if (known.size != 0 &&
        !consistency_holds(known.size, known.root, head->size, head->root, stored.consistency(known.size)))
      damaged("the audit log does not continue what it was");
    return open(tx);
  }
  Tree tree = tree_;
  read_leaves(tx, known.size + 1, head->size, [&](const Digest& leaf) { tree.append(leaf); });
  if (tree.root() != head->root || !seal_matches(*head, sealer_))
    damaged("the audit log does not continue what it was");
  tree.settle();
  tree_ = std::move(tree);
  revision_ = head->revision;
  const std::lock_guard lock(mutex_);
  durable_ = {.size = head->size, .root = head->root};
}

bool Log::is_stored(storage::Transaction& tx) const {
  if (tree_.size() == durable().size) return true;  // nothing was appended
  bool stored = false;
  const std::array key{number(tree_.size())};
  const std::array keys{storage::Key(key)};
  tx.get(events_table, keys,
         [&](std::size_t, storage::RowView row) { stored = leaf_hash(row[1].data) == tree_.newest(0); });
  return stored;
}

std::uint64_t Log::append(storage::Transaction& tx, Event& event) {
  assert(!finished_);
  const auto before = mark();
  event.seq = before + 1;
  encode(event, buffer_);
  const std::array row{number(event.seq), Cell::bytes(buffer_)};
  tx.insert(events_table, row);
  tree_.append(leaf_hash(buffer_));
  try {
    store_hashes(tx);
  } catch (...) {
    undo(before);
    throw;
  }
  return event.seq;
}

void Log::store_hashes(storage::Transaction& tx) {
  const auto levels = tree_.levels_grown();
  if (levels == 0) return;
  const std::array tile{Cell::of(0), number(tree_.size() / tile_width - 1),
                        Cell::bytes(tile_bytes(tree_.filled_tile()))};
  tx.insert(tiles_table, tile);
  for (std::size_t level = 1; level <= levels; ++level) {
    const auto& hash = tree_.newest(level);
    const std::array entry{number(level), number((tree_.size() >> (8 * level)) - 1), Cell::bytes(view(hash))};
    tx.insert(tiles_table, entry);
  }
}

void Log::finish(storage::Transaction& tx) {
  // Only the leader writes what is durable, so it may read it without the lock.
  if (tree_.size() == durable_.size) return;
  const LogState state{.size = tree_.size(), .root = tree_.root()};
  std::optional<crypto::RowSeal> seal;
  if (sealer_) seal = sealer_(state.size, state.root, std::nullopt);
  const std::array row{Cell::of(head_id), number(revision_ + 1), number(state.size), Cell::bytes(view(state.root)),
                       seal ? Cell::bytes(view(*seal)) : Cell::null()};
  if (revision_ == 0) {
    tx.insert(head_table, row);
  } else {
    tx.update(head_table, row, revision_);
  }
  finished_ = state;
}

void Log::committed() {
  if (!finished_) {
    assert(tree_.size() == durable_.size);
    return;
  }
  ++revision_;
  tree_.settle();
  const std::lock_guard lock(mutex_);
  durable_ = *finished_;
  finished_.reset();
}

void Log::rolled_back() {
  tree_.reset(durable_.size);
  finished_.reset();
}

LogState Log::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

}  // namespace medflow::inline v1::audit
