// Pages of rows by sealed cursors in both directions (R10).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/rows.hpp"
#include "medflow/page.hpp"

namespace medflow::kernel {

/// The id that a place by ids is at. Throws Failure `cursor.invalid`.
inline Uuid id_in(std::string_view position) {
  Uuid id;
  if (position.size() != id.bytes.size()) throw Failure(codes::cursor_invalid);
  std::memcpy(id.bytes.data(), position.data(), id.bytes.size());
  return id;
}

/// The id just behind this one, or just before it.
inline Uuid neighbour(Uuid id, bool behind) {
  for (auto byte = id.bytes.rbegin(); byte != id.bytes.rend(); ++byte) {
    *byte = static_cast<std::uint8_t>(behind ? *byte + 1 : *byte - 1);
    if (*byte != (behind ? 0x00 : 0xFF)) break;
  }
  return id;
}

/// What a cursor says: a place in a list, and on which side of it a page lies. A page is found by going away from its place.
class Place {
 public:
  /// Before everything where `cursor` is empty. Throws Failure `cursor.invalid`.
  Place(Work& work, std::string query, std::string_view cursor) : work_(work), query_(std::move(query)) {
    if (cursor.empty()) return;
    position_ = work.open_cursor(query_, cursor);
    if (position_.size() < 2 || (position_.front() != to_next && position_.front() != to_prev))
      throw Failure(codes::cursor_invalid);
    to_front_ = position_.front() == to_prev;
    position_.erase(0, 1);
  }

  bool is_first() const { return position_.empty(); }
  /// Whether the page lies before the place, and is found from its end.
  bool to_front() const { return to_front_; }
  /// Strictly beyond which the page begins.
  const std::string& position() const { return position_; }

  /// Puts what was found into the order of the list, and the cursors to both sides on the page. `onwards` is where the rest begins,
  /// if there is a rest; `back` is where the way back begins.
  template <class T>
  void finish(Page<T>& page, const std::optional<std::string>& onwards, const std::string& back) const {
    if (to_front_) std::reverse(page.data.begin(), page.data.end());
    if (onwards) (to_front_ ? page.page.prev : page.page.next) = seal(to_front_, *onwards);
    if (!is_first()) (to_front_ ? page.page.next : page.page.prev) = seal(!to_front_, back);
    work_.event().count = static_cast<std::uint32_t>(page.data.size());
  }

  /// The same for a list in the order of ids, or of falling ones.
  template <class T>
  void finish_ids(Page<T>& page, const std::optional<Uuid>& onwards, bool falling = false) const {
    std::string back;
    if (!page.data.empty()) {
      back = page.data.front().id.uuid.view();
    } else if (!is_first()) {
      // Nothing is left here. What was at the place belongs to the way back.
      back = neighbour(id_in(position_), falling == to_front_).view();
    }
    finish(page, onwards ? std::optional<std::string>(onwards->view()) : std::nullopt, back);
  }

 private:
  static constexpr char to_next = 'n';
  static constexpr char to_prev = 'p';

  std::string seal(bool to_front, const std::string& position) const {
    return work_.seal_cursor(query_, (to_front ? to_prev : to_next) + position);
  }

  Work& work_;
  std::string query_;
  std::string position_{};
  bool to_front_ = false;
};

/// How the rows of a page are walked.
struct PageWalk {
  bool with_hidden = false;
  bool backwards = false;                ///< in the order of falling ids
  std::size_t looked_at_max = SIZE_MAX;  ///< rows, after which the page is short and has a cursor
  storage::Scan scan{};                  ///< may name an index and what is equal in it, if ids are all that is left
};

/// The page of T's rows that `cursor` names, the first one where it is empty, of rows for which `keep` holds. A cursor is valid for the same
/// `query` only. `opening` is as for `Rows::scan`; where it is later, what decides on a row has to be plain.
template <class T, class Keep, class WhichOpening = Opening>
Page<T> page_by_id(Work& work, std::uint32_t limit, std::string_view cursor, std::string_view query, Keep&& keep,
                   const PageWalk& walk = {}, WhichOpening opening = Opening::now) {
  const Place place(work, std::string(query), cursor);
  storage::Scan scan = walk.scan;
  scan.backwards = walk.backwards != place.to_front();
  Uuid at;
  if (!place.is_first()) at = id_in(place.position());
  const storage::Cell after[] = {storage::Cell::bytes(at.view())};
  if (!place.is_first()) scan.after = after;

  Page<T> page{.page = {.limit = limit}};
  std::optional<Uuid> onwards;
  std::optional<Uuid> last;
  std::size_t looked_at = 0;
  Rows<T>(work).scan(
      scan,
      [&](T row) {
        if (looked_at++ == walk.looked_at_max) {
          onwards = last;
          return false;
        }
        last = row.id.uuid;
        if (!keep(row)) return true;
        if (page.data.size() == limit) {
          onwards = page.data.back().id.uuid;
          return false;
        }
        page.data.push_back(std::move(row));
        return true;
      },
      walk.with_hidden, opening);
  place.finish_ids(page, onwards, walk.backwards);
  return page;
}

}  // namespace medflow::kernel
