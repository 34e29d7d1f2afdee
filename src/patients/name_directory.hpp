// The tenant's name index, shared by all who search: built from the opened rows when a name is first sought, and kept in step by the
// effects of committed batches.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "medflow/function_ref.hpp"
#include "text/name_index.hpp"

namespace medflow::inline v1::patients {

/// What the index knows of one patient.
struct NameEntry {
  text::TokenList tokens{};
  std::string family{};
  std::string given{};
  std::int32_t birth = text::birth_unknown;
  std::uint32_t revision = 0;  ///< of the patient, the lowest bits
};

/// Thread-safe.
class NameDirectory {
 public:
  using Add = FunctionRef<void(const Uuid&, const NameEntry&)>;

  /// Builds the index if nobody has: `scan` gives every patient of one snapshot. Waits while another caller builds it.
  void build_once(FunctionRef<void(Add)> scan);

  /// A committed change: a patient's names, or nothing where the patient is hidden now.
  void changed(const Uuid& id, std::optional<NameEntry> entry);

  /// Whether anybody has sought a name yet. Before that, who changes a patient need not prepare its names and says `missed`.
  bool in_use() const { return in_use_.load(std::memory_order_acquire); }

  /// Whether a search can begin as things are: it is built, and nothing was missed.
  bool ready() const { return ready_.load(std::memory_order_acquire) && !behind_.load(std::memory_order_acquire); }

  /// A committed change whose names nobody prepared: before anybody had sought one, or by another process.
  void missed(const Uuid& id);

  /// Brings in what was missed: `read` gives the names of those of these patients that are not hidden, as they are by now.
  void catch_up(FunctionRef<void(std::span<const Uuid>, Add)> read);

  /// See NameIndex::search. The index has to be built.
  std::vector<text::NameHit> search(std::span<const text::QueryToken> query, std::size_t limit, const text::NameHit* at,
                                    bool backwards = false) const;

  std::size_t bytes() const;

 private:
  enum class State : std::uint8_t { empty, building, built };

  void apply(const Uuid& id, const std::optional<NameEntry>& entry);

  std::atomic<bool> in_use_{false};
  std::atomic<bool> ready_{false};
  std::atomic<bool> behind_{false};  // something was missed
  std::mutex build_mutex_{};
  mutable std::shared_mutex mutex_{};  // guards what follows
  State state_ = State::empty;
  text::NameIndex index_{};
  std::vector<Uuid> missed_{};
  std::vector<Uuid> overtaken_{};  // changed while what was missed is being read: what is read may be older
  bool catching_up_ = false;
  std::vector<std::pair<Uuid, std::optional<NameEntry>>> pending_{};  // changes that came while it was being built
};

}  // namespace medflow::inline v1::patients
