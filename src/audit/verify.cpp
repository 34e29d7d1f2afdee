#include "audit/verify.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "audit/checkpoints.hpp"
#include "audit/tables.hpp"
#include "medflow/error.hpp"

namespace medflow::inline v1::audit {
namespace {

using storage::Cell;

constexpr std::size_t page_tiles = 32;  // 8,192 events: some ten milliseconds

Cell number(std::uint64_t value) { return Cell::of(static_cast<std::int64_t>(value)); }

/// The leaves of one tile's worth of events, as the events themselves give them.
struct Leaves {
  std::array<Digest, tile_width> hashes{};
  std::array<bool, tile_width> present{};
  std::array<bool, tile_width> reported{};
};

class Verifier {
 public:
  Verifier(Snapshots snapshots, FunctionRef<void(const Event&, std::string_view)> on_event,
           const VerifyOptions& options)
      : snapshots_(snapshots), on_event_(on_event), options_(options) {}

  LogReport run() {
    std::optional<Head> head;
    page([&] {
      head = find_head();
      report_.size = head ? head->size : last_seq();
      if (!head && report_.size != 0) find("tree", 0);
      find_outside_events();
      find_outside_hashes();
      if (options_.key) read_checkpoints();
    });
    if (options_.key) take_checkpoints();
    std::uint64_t tile = 0;
    while (tile * tile_width < report_.size) {
      page([&] {
        for (std::size_t i = 0; i < page_tiles && tile * tile_width < report_.size; ++i) tile = check_tile(tile);
      });
    }
    if (rooted_) report_.root = tree_.root();
    if (head) check_head(*head);
    return std::move(report_);
  }

 private:
  template <class Read>
  void page(const Read& read) {
    snapshots_([&](storage::Transaction& tx) {
      tx_ = &tx;
      read();
    });
    tx_ = nullptr;
  }

  void find(std::string_view kind, std::uint64_t seq) {
    ++report_.findings_total;
    if (report_.findings.size() < findings_max)
      report_.findings.push_back({.kind = std::string(kind), .seq = seq, .object = "audit"});
  }

  std::optional<Head> find_head() {
    try {
      return read_head(*tx_);
    } catch (const Failure&) {
      find("tree", 0);
      return std::nullopt;
    }
  }

  /// Where a log without a head ends.
  std::uint64_t last_seq() {
    std::uint64_t last = 0;
    tx_->scan(
        {.table = &events_table, .from = Cell::of(1), .to = number(log_size_max + 1), .backwards = true, .limit = 1},
        [&](storage::RowView row) {
          last = static_cast<std::uint64_t>(row[0].integer);
          return false;
        });
    return last;
  }

  void find_outside_events() {
    tx_->scan({.table = &events_table, .to = Cell::of(1)}, [&](storage::RowView) {
      find("event", 0);
      return true;
    });
    tx_->scan({.table = &events_table, .from = number(report_.size + 1)}, [&](storage::RowView row) {
      find("event", static_cast<std::uint64_t>(row[0].integer));
      return true;
    });
  }

  /// Hashes where the tree of this size has none.
  void find_outside_hashes() {
    const auto stray = [&](storage::RowView) {
      find("tree", 0);
      return true;
    };
    tx_->scan({.table = &tiles_table, .to = Cell::of(0)}, stray);
    tx_->scan({.table = &tiles_table, .from = number(tree_levels)}, stray);
    for (std::size_t level = 0; level < tree_levels; ++level) {
      const std::array equal{number(level)};
      const auto rows = level == 0 ? report_.size / tile_width : report_.size >> (8 * level);
      tx_->scan({.table = &tiles_table, .equal = equal, .to = Cell::of(0)}, stray);
      tx_->scan({.table = &tiles_table, .equal = equal, .from = number(rows)}, stray);
    }
  }

  /// Checks the events of one tile and its hashes; answers the tile to go on with.
  std::uint64_t check_tile(std::uint64_t tile) {
    const auto first = tile * tile_width + 1;
    const auto count = std::min<std::uint64_t>(tile_width, report_.size - first + 1);
    const auto seen = read_events(first, count);
    const bool full = count == tile_width;
    const bool stored = full && read_hashes(0, tile, stored_leaves_);
    if (full && !stored) find("tree", first);
    if (stored) compare_leaves(first);
    if (!stored && seen < count) {
      // Without a leaf there is no tree above it, so nothing bounds the walk but the events that are left.
      rooted_ = false;
      if (seen == 0) return next_tile_with_events(first + count);
    }
    if (rooted_) grow(first, count);
    return tile + 1;
  }

  std::uint64_t read_events(std::uint64_t first, std::uint64_t count) {
    leaves_.present.fill(false);
    leaves_.reported.fill(false);
    std::uint64_t next = first;
    std::uint64_t seen = 0;
    tx_->scan({.table = &events_table, .from = number(first), .to = number(first + count)}, [&](storage::RowView row) {
      const auto seq = static_cast<std::uint64_t>(row[0].integer);
      note_gap(next, seq);
      leaves_.reported[seq - first] = !check_event(seq, row[1].data);
      leaves_.hashes[seq - first] = leaf_hash(row[1].data);
      leaves_.present[seq - first] = true;
      next = seq + 1;
      ++seen;
      return true;
    });
    note_gap(next, first + count);
    report_.events += seen;
    return seen;
  }

  /// One finding for neighbours that are missing, also from tile to tile.
  void note_gap(std::uint64_t from, std::uint64_t to) {
    if (from == to) return;
    if (from != gap_end_) find("gap", from);
    gap_end_ = to;
  }

  bool check_event(std::uint64_t seq, std::string_view stored) {
    if (!decode(stored, event_) || event_.seq != seq) {
      find("event", seq);
      return false;
    }
    if (last_at_ && went_back(*last_at_, event_.at) && report_.clock_steps++ == 0) report_.first_clock_step = seq;
    last_at_ = event_.at;
    on_event_(event_, stored);
    return true;
  }

  bool went_back(Instant from, Instant to) const {
    if (to >= from) return false;
    const auto by = static_cast<std::uint64_t>(from.us) -
                    static_cast<std::uint64_t>(to.us);  // any two times are fewer than 2^64 apart
    return by > static_cast<std::uint64_t>(options_.clock_skew_us);
  }

  bool read_hashes(std::uint64_t level, std::uint64_t place, std::span<Digest> to) {
    bool sound = false;
    const std::array key{number(level), number(place)};
    const std::array keys{storage::Key(key)};
    tx_->get(tiles_table, keys, [&](std::size_t, storage::RowView row) {
      sound = row[2].data.size() == to.size_bytes();
      if (sound) std::memcpy(to.data(), row[2].data.data(), to.size_bytes());
    });
    return sound;
  }

  /// Finds the events that are not what their leaf was made from, and goes on with the leaves that are stored: what was
  /// computed above them is then still comparable, and tells an edited event from an edited leaf.
  void compare_leaves(std::uint64_t first) {
    for (std::size_t i = 0; i < tile_width; ++i) {
      if (leaves_.present[i] && leaves_.hashes[i] == stored_leaves_[i]) continue;
      if (leaves_.present[i] && !leaves_.reported[i]) find("event", first + i);
      leaves_.hashes[i] = stored_leaves_[i];
    }
  }

  void grow(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      tree_.append(leaves_.hashes[i]);
      if (compared_ < trusted_.size() && trusted_[compared_].size <= tree_.size()) compare_checkpoints();
    }
    const auto size = first + count - 1;
    for (std::size_t level = 1; level <= tree_.levels_grown(); ++level) {
      Digest stored;
      if (!read_hashes(level, (size >> (8 * level)) - 1, {&stored, 1}) || stored != tree_.newest(level))
        find("tree", size - (std::uint64_t{1} << (8 * level)) + 1);
    }
    tree_.settle();
  }

  std::uint64_t next_tile_with_events(std::uint64_t from) {
    std::uint64_t next = report_.size / tile_width + 1;
    tx_->scan({.table = &events_table, .from = number(from), .to = number(report_.size + 1), .limit = 1},
              [&](storage::RowView row) {
                next = (static_cast<std::uint64_t>(row[0].integer) - 1) / tile_width;
                return false;
              });
    gap_end_ = next * tile_width + 1;
    return next;
  }

  void check_head(const Head& head) {
    const auto tail = std::min(head.size, head.size / tile_width * tile_width + 1);
    const bool same = !report_.root || *report_.root == head.root;
    if (!same || !seal_matches(head, options_.sealer)) find("tree", tail);
  }

  /// The stored ones follow one on another, and each is signed for what its row says.
  void read_checkpoints() {
    std::uint64_t next = 1;
    std::uint64_t size = 0;
    tx_->scan({.table = &checkpoints_table}, [&](storage::RowView row) {
      const auto stored = checkpoint_of(row);
      const auto state = stored ? open_checkpoint(stored->note, options_.origin, *options_.key) : std::nullopt;
      if (stored && stored->number != next) find("checkpoint", 0);
      next = stored ? stored->number + 1 : next + 1;
      const bool sound = state && state->size == stored->size && state->size > size;
      if (!sound) {
        find("checkpoint", stored ? stored->size : 0);
        return true;
      }
      size = state->size;
      trusted_.push_back(*state);
      return true;
    });
    newest_stored_ = size;
  }

  /// Those that came from elsewhere. What was given away was stored before, so one that is newer than all that are stored says that
  /// stored ones were removed.
  void take_checkpoints() {
    bool newer = false;
    for (const std::string& note : options_.checkpoints) {
      const auto state = open_checkpoint(note, options_.origin, *options_.key);
      if (!state) {
        find("checkpoint", 0);
        continue;
      }
      newer = newer || state->size > newest_stored_;
      trusted_.push_back(*state);
    }
    if (newer) find("checkpoint", 0);
    std::sort(trusted_.begin(), trusted_.end(),
              [](const SizeAndRoot& a, const SizeAndRoot& b) { return a.size < b.size; });
    trusted_.erase(std::unique(trusted_.begin(), trusted_.end()), trusted_.end());
    if (!trusted_.empty() && trusted_.back().size > report_.size) find("cut", report_.size + 1);
  }

  /// The checkpoints of just this size.
  void compare_checkpoints() {
    for (; compared_ < trusted_.size() && trusted_[compared_].size <= tree_.size(); ++compared_) {
      ++report_.checkpoints;
      if (trusted_[compared_].size == 0 || trusted_[compared_].root != tree_.root())
        find("fork", trusted_[compared_].size);
    }
  }

  Snapshots snapshots_;
  storage::Transaction* tx_ = nullptr;  // of the page that is read
  std::vector<SizeAndRoot> trusted_{};
  std::size_t compared_ = 0;
  std::uint64_t newest_stored_ = 0;
  FunctionRef<void(const Event&, std::string_view)> on_event_;
  const VerifyOptions& options_;
  LogReport report_{};
  Tree tree_{};
  bool rooted_ = true;  // no leaf was lost so far
  Event event_{};
  std::optional<Instant> last_at_{};
  std::uint64_t gap_end_ = 0;
  Leaves leaves_{};
  std::array<Digest, tile_width> stored_leaves_{};
};

}  // namespace

LogReport verify(Snapshots snapshots, FunctionRef<void(const Event&, std::string_view stored)> on_event,
                 const VerifyOptions& options) {
  return Verifier(snapshots, on_event, options).run();
}

LogReport verify(storage::Transaction& tx, FunctionRef<void(const Event&, std::string_view stored)> on_event,
                 const VerifyOptions& options) {
  const auto same = [&](storage::Body body) { body(tx); };
  return Verifier(same, on_event, options).run();
}

}  // namespace medflow::inline v1::audit
