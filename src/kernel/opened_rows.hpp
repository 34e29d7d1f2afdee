// Rows of patients that were opened lately, with the objects that came out. A row that comes back from storage byte for byte the same
// is what was checked and opened then: a page that a front desk looks at again and again costs its rows' seals once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "medflow/id.hpp"
#include "medflow/storage/engine.hpp"
#include "medflow/time.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// Of all tenants of a platform, so that their sum is bounded. Thread-safe.
class OpenedRows {
 public:
  /// Bytes of rows and objects that are kept at most; what the heap adds is estimated. Where there is no room, what was not asked for
  /// lately makes some; a newcomer is not kept where all was: of a chart that is longer than there is room, read again and again, most is found.
  static constexpr std::size_t bytes_max = std::size_t{4} << 20U;
  /// As long as an unwrapped key: who wants it later opens it again.
  static constexpr std::int64_t ttl_s = 300;

  struct Place {
    Uuid tenant{};
    std::uint16_t table = 0;
    std::uint32_t classes = 0;  ///< of who asks
  };
  struct Opened {
    std::shared_ptr<const void> object{};  ///< null where it is not kept
    std::uint32_t classes = 0;             ///< that were opened, of those of who asked
  };

  OpenedRows();

  /// What was opened of exactly this row.
  Opened find(const Place& place, storage::RowView row, Instant now);
  /// Whether it would be worth keeping: whether this row was opened before, not long ago.
  bool wants(storage::Cell seal);
  /// `bytes`: what the object takes beside its heap.
  void keep(const Place& place, storage::PackedRow row, Opened opened, std::size_t bytes, Instant now);
  /// Drops what nobody may be given any more.
  void expire(Instant now);

  std::size_t bytes() const;

 private:
  struct Key {
    Place place{};
    Uuid row{};
    friend bool operator==(const Key& left, const Key& right) {
      return left.row == right.row && left.place.tenant == right.place.tenant &&
             left.place.table == right.place.table && left.place.classes == right.place.classes;
    }
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Kept {
    Key key{};
    storage::PackedRow row{};
    Opened opened{};
    std::size_t bytes = 0;
    Instant until{};
  };
  /// `asked`: the search that found it last.
  struct Entry {
    std::shared_ptr<const Kept> kept{};
    std::uint64_t asked = 0;
  };
  using List = std::list<Entry>;

  void drop(List::iterator at, List& dropped);
  bool make_room(std::size_t bytes, List& dropped);

  mutable std::mutex mutex_{};
  List recent_{};  ///< the one that was used last comes first
  std::unordered_map<Key, List::iterator, Hash> places_{};
  std::vector<std::uint64_t> seen_;  ///< seals of rows that were opened, by their own lowest bits
  std::size_t bytes_ = 0;
  std::uint64_t searches_ = 0;
};

}  // namespace medflow::kernel
