// The rows of one entity, as a session may see them: what is out of its scope does not exist for it.
#pragma once

#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "kernel/expected.hpp"
#include "kernel/work.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// Whether rows of T lie within reach of a session: specialised beside the entity where there is more to it than the tenant.
/// `hidden` rows (deleted ones) are left out by `find`, `get` and `scan`.
template <class T>
struct Reach {
  static bool reaches(const Work&, const T&) { return true; }
  static bool hidden(const T&) { return false; }
  /// The classes that are opened of this row.
  static std::uint32_t classes(const Work& work, const T&) { return work.classes(); }
};

/// When the sealed fields of a row are opened.
enum class Opening : std::uint8_t {
  now,
  later,  ///< after the call was released, into its output: what decides on the row until then is plain
};

/// Typed access to the rows of T within one transaction.
template <class T>
class Rows {
 public:
  using Id = decltype(T::id);

  explicit Rows(Work& work) : work_(work) {}

  /// Whoever asks for this row in a moment finds it here.
  static void foresee(storage::Foresight& foresight, const Id& id) {
    const storage::Cell cells[] = {storage::Cell::bytes(uuid(id).view())};
    const storage::Key keys[] = {cells};
    foresight.get(layout().table(), keys);
  }

  /// The row, if this session reaches it. Also shows hidden ones where `with_hidden` is set.
  std::optional<T> find(const Id& id, bool with_hidden = false) {
    std::optional<T> found;
    work_.get_row(layout(), uuid(id), [&](storage::RowView row) {
      if (!load(row, with_hidden, found.emplace())) found.reset();
    });
    return found;
  }

  /// The same, or Failure `not_found`; the event is about it.
  T get(const Id& id, bool with_hidden = false) {
    work_.about(uuid(id));
    work_.event().table = layout().table().id;
    auto found = find(id, with_hidden);
    if (!found) throw Failure(codes::not_found);
    work_.event().revision = found->revision;
    return std::move(*found);
  }

  /// The same for the operation's whole output. Where `opening(row)` says later, what is sealed in it is opened after the call was released: it
  /// is empty until then.
  template <class WhichOpening>
  T get_output(const Id& id, WhichOpening opening) {
    work_.about(uuid(id));
    work_.event().table = layout().table().id;
    std::optional<T> found;
    work_.get_row(layout(), uuid(id), [&](storage::RowView row) {
      if (!load(row, false, found.emplace(), opening)) found.reset();
    });
    if (!found) throw Failure(codes::not_found);
    work_.event().revision = found->revision;
    return std::move(*found);
  }

  /// Rows of these ids, in their order, without those that are not there or not in reach.
  std::vector<T> get_many(std::span<const Id> ids, bool with_hidden = false) {
    return get_many(ids, with_hidden, [](std::size_t, const T&) { return Opening::now; });
  }

  /// The same for the operation's output, a page: `opening(position of the id, row)` says whether a row is opened at once, or with the
  /// page after the call was released.
  template <class WhichOpening>
  std::vector<T> get_many(std::span<const Id> ids, bool with_hidden, WhichOpening opening) {
    std::vector<storage::Cell> cells;
    cells.reserve(ids.size());
    for (const Id& id : ids) cells.push_back(storage::Cell::bytes(uuid(id).view()));
    std::vector<storage::Key> keys;
    keys.reserve(ids.size());
    for (const storage::Cell& cell : cells) keys.emplace_back(&cell, 1);
    // First all rows, then all keys, then the opening: two questions to storage, however many rows.
    std::vector<std::pair<std::size_t, storage::PackedRow>> rows;
    rows.reserve(ids.size());
    work_.transaction().get(layout().table(), keys,
                            [&](std::size_t at, storage::RowView row) { rows.emplace_back(at, row); });
    fetch_keys(rows);
    std::vector<T> found;
    found.reserve(rows.size());
    for (const auto& [at, row] : rows) {
      const auto this_one = [&, at = at](const T& plain) { return opening(at, plain); };
      if (!load(row.cells(), with_hidden, found.emplace_back(), this_one)) found.pop_back();
    }
    return found;
  }

  /// Whether there is such a row, in reach or not. For uniqueness only: nothing of the row may reach the caller.
  std::optional<T> find_unchecked(const Id& id, std::uint32_t classes) {
    std::optional<T> found;
    work_.get_row(layout(), uuid(id), [&](storage::RowView row) {
      found.emplace();
      work_.read_row(layout(), row, &*found);
      work_.open_row(layout(), row, &*found, classes);
    });
    return found;
  }

  /// Visits rows in the order of an index until the visitor answers false. `scan.table` is filled in. `opening` is one for all, or says it
  /// of each row.
  template <class Visit, class WhichOpening = Opening>
  void scan(storage::Scan scan, Visit&& visit, bool with_hidden = false, WhichOpening opening = Opening::now) {
    scan.table = &layout().table();
    work_.transaction().scan(scan, [&](storage::RowView row) {
      T object{};
      return !load(row, with_hidden, object, opening) || visit(std::move(object));
    });
  }

  /// Rows of these ids, in reach or not, in their order. What is shown of them the caller of this decides.
  std::vector<T> get_many_unchecked(std::span<const Id> ids, std::uint32_t classes) {
    if (ids.size() == 1) {
      auto one = find_unchecked(ids.front(), classes);
      return one ? std::vector<T>{std::move(*one)} : std::vector<T>{};
    }
    std::vector<storage::Cell> cells;
    cells.reserve(ids.size());
    for (const Id& id : ids) cells.push_back(storage::Cell::bytes(uuid(id).view()));
    std::vector<storage::Key> keys;
    keys.reserve(ids.size());
    for (const storage::Cell& cell : cells) keys.emplace_back(&cell, 1);
    std::vector<std::pair<std::size_t, storage::PackedRow>> rows;
    work_.transaction().get(layout().table(), keys,
                            [&](std::size_t at, storage::RowView row) { rows.emplace_back(at, row); });
    fetch_keys(rows);
    std::vector<T> found;
    found.reserve(rows.size());
    for (const auto& [at, row] : rows) {
      T& object = found.emplace_back();
      work_.read_row(layout(), row.cells(), &object);
      work_.open_row(layout(), row.cells(), &object, classes);
    }
    return found;
  }

  /// Stores a new row and stamps it; `subject` is the new patient whose key seals it.
  void insert(T& object, std::span<const storage::Cell> extras = {}, const Uuid& subject = {}) {
    stamp_new(object);
    work_.insert_row(layout(), &object, std::nullopt, subject, extras);
  }

  /// The same of a row that is sealed for a patient who is there.
  void insert_for(const Work::Subject& subject, T& object, std::span<const storage::Cell> extras = {}) {
    stamp_new(object);
    work_.insert_row(layout(), &object, subject, {}, extras);
  }

  /// Stores a changed row. Without `expected` it is refused: Failure `precondition.required`.
  void update(T& object, std::optional<std::uint64_t> expected, std::span<const storage::Cell> extras = {}) {
    update(object, expected, extras, Reach<T>::classes(work_, object));
  }

  /// The same where what the object was read with does not follow from what it is now: fields of other classes stay as they are stored.
  void update(T& object, std::optional<std::uint64_t> expected, std::span<const storage::Cell> extras,
              std::uint32_t classes) {
    require_named(expected);
    stamp(object);
    work_.update_row(layout(), &object, *expected, extras, classes);
  }

  /// Removes a row for good, if its revision is `expected`.
  void remove(const Id& id, std::uint64_t expected) { work_.remove_row(layout(), uuid(id), expected); }

  static const storage::Layout& layout() { return storage::layout_of<T>(); }

 private:
  static const Uuid& uuid(const Id& id) {
    if constexpr (std::is_same_v<Id, Uuid>) {
      return id;
    } else {
      return id.uuid;
    }
  }

  void stamp_new(T& object) {
    if constexpr (requires { object.created_at; }) object.created_at = work_.now();
    if constexpr (requires { object.created_by; }) object.created_by = work_.actor().user;
    stamp(object);
  }

  void stamp(T& object) {
    if constexpr (requires { object.updated_at; }) object.updated_at = work_.now();
    if constexpr (requires { object.updated_by; }) object.updated_by = work_.actor().user;
  }

  /// Whether what comes out of a row may be kept for who reads it next: of patients' rows, which hold no secrets.
  static bool may_keep() { return layout().key_slot().has_value(); }

  bool shows(const T& object, bool with_hidden) const {
    return Reach<T>::reaches(work_, object) && (with_hidden || !Reach<T>::hidden(object));
  }

  /// The row as this session may see it into `object`, which is a new one; false where it does not see it.
  template <class WhichOpening>
  bool load(storage::RowView row, bool with_hidden, T& object, WhichOpening opening) {
    if (may_keep()) {
      if (const auto before = work_.opened_before(layout(), row); before.object) {
        const T& kept = *static_cast<const T*>(before.object.get());
        if (Reach<T>::classes(work_, kept) == before.classes) {
          if (!shows(kept, with_hidden)) return false;
          object = kept;
          return true;
        }
      }
    }
    work_.read_row(layout(), row, &object);
    if (!shows(object, with_hidden)) return false;
    const std::uint32_t classes = Reach<T>::classes(work_, object);
    const bool keeps = may_keep() && work_.keeps_opened(layout(), row);
    if (opening(object) == Opening::later) {
      work_.open_row_later(layout(), row, classes, keeps ? copy_of : nullptr);
      return true;
    }
    work_.open_row(layout(), row, &object, classes);
    if (keeps) work_.keep_opened(layout(), row, {.object = copy_of(&object), .classes = classes});
    return true;
  }
  bool load(storage::RowView row, bool with_hidden, T& object, Opening opening = Opening::now) {
    return load(row, with_hidden, object, [opening](const T&) { return opening; });
  }

  static std::shared_ptr<const void> copy_of(const void* object) {
    return std::make_shared<const T>(*static_cast<const T*>(object));
  }

  void fetch_keys(std::span<const std::pair<std::size_t, storage::PackedRow>> rows) {
    if (!layout().key_slot() || rows.size() < 2) return;
    std::vector<std::uint64_t> slots;
    slots.reserve(rows.size());
    for (const auto& [at, row] : rows)
      slots.push_back(static_cast<std::uint64_t>(row.cells()[*layout().key_slot()].integer));
    work_.store().keys().fetch(slots);
  }

  Work& work_;
};

}  // namespace medflow::kernel
