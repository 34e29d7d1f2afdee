// The exact-match tokens of patients: a table, and before it the tokens of the patients that were written last, in memory. Tokens
// fall anywhere into the table, so each would dirty a page of its own; brought in together, in order, many share a page.
//
// What is in memory is nothing that the patients' rows do not say: when a tenant is opened it is made again from the rows that
// changed after the table's mark.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/blind.hpp"
#include "medflow/function_ref.hpp"
#include "medflow/id.hpp"
#include "medflow/storage/engine.hpp"
#include "text/number_table.hpp"

namespace medflow::inline v1::patients {

/// For the members and hooks of a batch only: one thread at a time.
class TokenIndex {
 public:
  /// Counters: the number of the last change that the table knows of, and how many rows it was given.
  static constexpr std::string_view mark_counter = "patient_tokens.mark";
  static constexpr std::string_view rows_counter = "patient_tokens.rows";

  /// Whether the tokens of recent patients have been read, and of those that other processes changed; nothing else may be asked before.
  bool loaded() const { return loaded_ && behind_.empty(); }
  /// Whether it is only that others changed these.
  const std::set<PatientId>* behind() const { return loaded_ ? &behind_ : nullptr; }
  struct Entry {
    crypto::BlindToken token{};
    PatientId patient{};

    friend bool operator==(const Entry&, const Entry&) = default;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  /// Takes the tokens that stored rows have and the table lacks, in the place of what is here of the patients that are `behind`, or
  /// of everybody. Before the batch adds or removes any.
  void load(std::span<const Entry> entries);
  /// Other processes have changed a patient, or brought theirs into the table. Between batches.
  void changed_elsewhere(const PatientId& patient);
  void merged_elsewhere() noexcept;

  /// What `find` is going to read.
  static void foresee(storage::Foresight& foresight, const crypto::BlindToken& token);
  /// Who has a token, in no order.
  void find(storage::Transaction& transaction, const crypto::BlindToken& token,
            FunctionRef<void(const PatientId&)> visit) const;
  void add(const crypto::BlindToken& token, const PatientId& patient);
  void remove(storage::Transaction& transaction, const crypto::BlindToken& token, const PatientId& patient);

  /// What members did, to be undone.
  std::size_t position() const { return journal_.size(); }
  void undo(std::size_t position) noexcept;

  /// How many were added or removed since the batch that merged last began: a merge has to keep up with that.
  std::size_t added_since() const { return added_; }
  /// Whether the running batch has merged.
  bool merged() const { return merged_ != 0; }
  /// Whether there is something to merge now, where the table has so many rows and other processes may write (`shared`): a merge goes on,
  /// or it is time for one.
  bool merges(std::int64_t rows, bool shared) const;
  struct Merged {
    std::size_t rows = 0;                ///< that came into the table
    std::optional<std::int64_t> mark{};  ///< the change up to which it knows everything now
  };
  /// Brings what is here into the table, once in a batch: `most` rows, which later batches go on from. `change` is the
  /// last one by now. They are in both places until the batch is committed.
  Merged merge(storage::Transaction& transaction, std::int64_t change, std::size_t most);
  void committed() noexcept;
  void rolled_back() noexcept;

 private:
  using Number = text::NumberTable::Number;

  struct Step {
    Entry entry{};
    bool added = false;
    bool from_slice = false;  ///< it was erased from the table as well
  };

  static constexpr Number none = std::numeric_limits<Number>::max();

  /// Those with equal tokens are a chain, of which the table has the first: a whole home may share one telephone.
  struct Link {
    Entry entry{};
    Number next = none;
  };
  /// What was here when it was time to merge, in order.
  struct Merge {
    std::vector<Entry> entries{};
    std::size_t done = 0;
    std::int64_t mark = 0;
  };
  /// A row that the running batch has brought into the table.
  struct Brought {
    Entry entry{};
    bool erased = false;  ///< a member of the same batch has removed it
  };

  static std::size_t hash_of(const crypto::BlindToken& token);
  std::optional<Number> first_of(const crypto::BlindToken& token) const;
  void enter(Number number);
  void put(const Entry& entry);
  bool has(const Entry& entry) const noexcept;
  bool take(const Entry& entry) noexcept;
  Brought* brought(const Entry& entry) noexcept;
  std::size_t size() const { return links_.size() - free_.size(); }
  void clear() noexcept;

  std::vector<Link> links_{};
  std::vector<Number> free_{};
  text::NumberTable by_token_{};
  std::vector<Step> journal_{};
  std::set<PatientId> behind_{};  ///< what is here of them may be old
  bool loaded_ = false;
  std::optional<Merge> merge_{};
  std::vector<Brought> slice_{};  ///< what the running batch has brought in
  std::size_t added_ = 0;         ///< since the batch that merged last began
  std::size_t merged_ = 0;        ///< of `merge_`, by the running batch
  bool began_ = false;            ///< by the running batch
};

}  // namespace medflow::inline v1::patients
