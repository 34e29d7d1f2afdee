// The audit log of one tenant, as the leader of a group commit drives it:
//   open, then for each batch: append … [mark, append …, undo] … finish, then committed or rolled_back.
// Appending only adds rows at the end of a table: nothing is looked up and nothing is updated but one head row a batch.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "audit/event.hpp"
#include "audit/tree.hpp"
#include "medflow/audit.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::audit {

/// Seals size and root under a key that the store does not hold, so that who can write to the store cannot write a whole log
/// anew. Without a version under the newest key, else under that version's; throws Failure where there is none such.
using HeadSealer =
    std::function<crypto::RowSeal(std::uint64_t size, const Digest& root, std::optional<std::uint16_t> key_version)>;

/// No log is longer; a head that says so is damaged.
inline constexpr std::uint64_t log_size_max = std::uint64_t{1} << 60;

/// The head row.
struct Head {
  std::uint64_t size = 0;
  Digest root{};
  storage::Revision revision = 0;
  std::optional<crypto::RowSeal> seal{};
};

/// Nothing where no batch was ever finished. Throws Failure integrity where the row is not one that `finish` wrote.
std::optional<Head> read_head(storage::Transaction& tx);
/// What that is going to read.
void foresee_head(storage::Foresight& foresight);

/// Whether the head carries its seal, or none is asked for because `sealer` is empty.
bool seal_matches(const Head& head, const HeadSealer& sealer);

/// What lasts after a batch.
struct LogState {
  std::uint64_t size = 0;
  Digest root{};
};

class Log {
 public:
  explicit Log(HeadSealer sealer = {}) : sealer_(std::move(sealer)) {}

  /// Reads where the log ends, at first or anew after a commit whose outcome is unknown. At most 255 rows a level.
  /// Throws Failure integrity where the last events and hashes do not give the root of the head row.
  void open(storage::Transaction& tx);

  /// Whether the head, as a writing transaction shows it, is the one that this process wrote or read last. For the leader only.
  bool knows(const std::optional<Head>& head) const;
  /// Takes over what other processes have appended, before the batch appends anything. Throws Failure integrity, and stays as it
  /// was, where that does not continue what this process knows, or does not give the root of the head.
  void follow(storage::Transaction& tx, const std::optional<Head>& head);
  /// Whether the last event of the running batch is stored. Another process may have put one of its own in that place.
  bool is_stored(storage::Transaction& tx) const;

  /// Gives the event its number, which it returns, and stores it. After an exception the tree is as before, but rows may be
  /// left in the transaction: undo the member or the batch.
  std::uint64_t append(storage::Transaction& tx, Event& event);

  /// The place to which a member that fails is undone, together with the engine's own undoing of its rows.
  using Mark = std::uint64_t;
  Mark mark() const { return tree_.size(); }
  void undo(Mark mark) { tree_.reset(mark); }

  /// Writes the head row; call it last in the batch. Writes nothing where nothing was appended.
  void finish(storage::Transaction& tx);

  /// The batch is durable.
  void committed();
  /// The batch is gone: back to the last commit.
  void rolled_back();

  /// The number of the last event of the running batch, 0 where there was none ever. For the leader only.
  std::uint64_t last_seq() const { return tree_.size(); }

  /// As of the running batch, whose events so far it counts. For the leader only.
  LogState running() const { return {.size = tree_.size(), .root = tree_.root()}; }

  /// As of the last commit; from any thread.
  LogState durable() const;
  std::uint64_t size() const { return durable().size; }
  Digest root() const { return durable().root; }

 private:
  void store_hashes(storage::Transaction& tx);

  HeadSealer sealer_;
  Tree tree_{};
  std::string buffer_{};
  storage::Revision revision_ = 0;  // of the head row, as it is durable
  std::optional<LogState> finished_{};

  mutable std::mutex mutex_{};
  LogState durable_{.size = 0, .root = Tree{}.root()};
};

}  // namespace medflow::inline v1::audit
