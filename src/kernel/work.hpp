// What a handler is given: the rows its session may see, time and ids that stay the same when the transaction is run again, and the
// event that tells of it. A handler never holds an unchecked row.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/access.hpp"
#include "kernel/session_state.hpp"
#include "kernel/store.hpp"
#include "medflow/error.hpp"
#include "medflow/operation.hpp"
#include "medflow/storage/engine.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// What is fixed for one call, however often its transaction is run.
struct CallFrame {
  const SessionState* session = nullptr;
  Store* store = nullptr;
  const OperationRow* row = nullptr;
  CallContext context{};
  Instant now{};
  std::vector<Uuid> ids{};               ///< handed out by `new_id`, in order; kept for the next run
  std::shared_ptr<SealedRows> sealed{};  ///< of the output, opened after release
};

class Work {
 public:
  Work(CallFrame& frame, storage::Transaction& transaction);

  Instant now() const { return frame_.now; }
  /// A version 7 UUID (RFC 9562) of this call's time; the same at each run of the transaction.
  Uuid new_id();
  template <class I>
  I make_id() {
    return I{new_id()};
  }

  const SessionState& session() const { return *frame_.session; }
  const Actor& actor() const { return frame_.session->actor(); }
  const Access& access() const { return frame_.session->access(); }
  const CallContext& context() const { return frame_.context; }
  const Operation& operation() const { return *frame_.row->operation; }
  Permission permission() const { return operation().permission; }
  Store& store() const { return *frame_.store; }
  storage::Transaction& transaction() { return transaction_; }

  /// The sealed classes that are opened for this call.
  std::uint32_t classes() const { return classes_; }
  /// Opens more, for what an operation needs beyond its caller's reading rights (a password check, an import).
  void open_classes(std::uint32_t classes) { classes_ |= classes; }

  /// The event that this call leaves. The kernel fills in who, when and how it ended.
  audit::Event& event() { return event_; }
  /// What the call is about; its revision comes with the row's write.
  void about(const Uuid& object) { event_.object = object; }
  /// Whose data is shown or written; each is named once, 200 at most.
  void concerns(PatientId patient);
  /// Text for the sealed detail of the event: why it was done. It is sealed under the key of the patient that rows were written for, or
  /// of the one whose rows were read; else under the tenant's. There, of what was refused or shows patients, only `coded` is kept.
  void reason(std::string_view why, std::string_view coded = {}) {
    reason_ = why;
    coded_reason_ = coded;
  }
  std::string_view reason() const { return reason_; }

  /// Leaves a further event, of an operation that this one contains (one per imported patient). Takes over what `event()` holds
  /// about object, patients and rows, and empties it.
  void part(std::string_view action);

  std::int64_t next_number(std::string_view counter);
  void after_commit(std::function<void()> effect) const { store().after_commit(std::move(effect)); }

  /// A cursor that only this caller can use, for this operation and this `query`, for 24 hours (R10).
  std::string seal_cursor(std::string_view query, std::string_view position) const;
  /// Throws Failure `cursor.invalid`.
  std::string open_cursor(std::string_view query, std::string_view cursor) const;

  // Rows, erased; handlers use `Rows<T>` (rows.hpp).

  /// Visits the row of this id, if there is one. A call that writes finds what it has read here again without asking storage, until it
  /// writes that row.
  void get_row(const storage::Layout& layout, const Uuid& id, FunctionRef<void(storage::RowView)> visit);
  /// Reads plain fields and checks the row seal. Throws Failure `integrity`.
  void read_row(const storage::Layout& layout, storage::RowView row, void* object) const;
  void open_row(const storage::Layout& layout, storage::RowView row, void* object, std::uint32_t classes) const;
  /// Leaves the row's blocks sealed until the call is released: they are opened into its output then, on the thread that wants it.
  void open_row_later(const storage::Layout& layout, storage::RowView row, std::uint32_t classes,
                      SealedRows::Copy copy);
  /// What came out of just this row a short time ago, for a caller of the same classes. Its key is still there.
  OpenedRows::Opened opened_before(const storage::Layout& layout, storage::RowView row) const;
  /// Whether what comes out of the row is worth keeping.
  bool keeps_opened(const storage::Layout& layout, storage::RowView row) const;
  void keep_opened(const storage::Layout& layout, storage::RowView row, OpenedRows::Opened opened) const;
  /// The patient that rows are written for, and the slot of the key that seals what is kept of it.
  struct Subject {
    Uuid id{};
    std::uint64_t slot = 0;
  };
  /// Inserts a row: revision 1. Adds its change and its seal to the event. A row of a patient is sealed for `subject`; a `new_subject`
  /// takes a slot of its own.
  void insert_row(const storage::Layout& layout, void* object, const std::optional<Subject>& subject,
                  const Uuid& new_subject, std::span<const storage::Cell> extras);
  /// Writes a row anew, if its revision is `expected`; sets the next one. Throws Failure `conflict.revision`.
  void update_row(const storage::Layout& layout, void* object, std::uint64_t expected,
                  std::span<const storage::Cell> extras, std::uint32_t classes);
  /// Removes a row for good, if its revision is `expected`; the event says so.
  void remove_row(const storage::Layout& layout, const Uuid& id, std::uint64_t expected);
  /// A row of a table that is no entity: an index that can be made again from entities.
  void insert_plain(const storage::Table& table, storage::RowView row);
  void erase_plain(const storage::Table& table, storage::Key key);
  /// Adds to sums that are written when the batch ends (`Sums`). Answers false where one would leave 64 bits.
  [[nodiscard]] bool add_to_sums(const storage::Table& table, std::span<const Sums::Addition> additions);
  void scan_sums(const storage::Table& table, storage::RowVisitor visit);

  /// Keeps what was written and answers this failure all the same: a token that is used twice is refused, and its session ends. The
  /// event carries the failure and the rows.
  void fail_after_commit(Failure failure) { answer_ = std::move(failure); }
  const std::optional<Failure>& answer() const { return answer_; }

  /// The patient that rows were written for, else the only one whose rows were read; none where there is no such patient.
  std::optional<Subject> subject() const {
    if (detail_slot_) return Subject{.id = detail_subject_, .slot = *detail_slot_};
    return read_several_ ? std::nullopt : read_subject_;
  }

  bool wrote() const { return wrote_; }
  /// Completes the event and appends it. `failure` is null where all went well.
  void finish(const Failure* failure);

 private:
  /// A row as storage gave it.
  struct Seen {
    const storage::Layout* layout = nullptr;
    Uuid id{};
    std::shared_ptr<const storage::PackedRow> row{};  ///< who visits it may read others meanwhile
    bool sound = false;                               ///< its seal was checked
  };

  OpenedRows::Place place_of_opened(const storage::Layout& layout) const;
  void note_subject(const storage::Layout& layout, storage::RowView row) const;
  std::vector<Seen>::iterator seen_at(const storage::Layout& layout, const Uuid& id);
  /// The row as it is before it is written, its seal checked; it is not seen any more. Throws Failure `not_found` or `integrity`.
  std::shared_ptr<const storage::PackedRow> before_write(const storage::Layout& layout, const Uuid& id);
  void seal_for_read();
  void sealed_detail(bool failed);
  void note_row(const storage::Layout& layout, const Uuid& id, std::uint64_t revision, const crypto::RowSeal& seal);
  void fill_event(std::string_view action);
  void note_failure(const Failure& failure);

  CallFrame& frame_;
  storage::Transaction& transaction_;
  std::uint32_t classes_ = 0;
  std::size_t next_id_ = 0;
  mutable std::vector<Seen> seen_{};  ///< the last ones; only reading notes in it that a row is sound
  audit::Event event_{};
  std::string detail_{};
  std::string reason_{};
  std::string coded_reason_{};
  std::optional<std::uint64_t> detail_slot_{};  ///< the key slot of the patient written for
  Uuid detail_subject_{};
  mutable std::optional<Subject> read_subject_{};  ///< the patient whose rows were read
  mutable bool read_several_ = false;              ///< more than one
  bool wrote_ = false;
  std::optional<Failure> answer_{};
};

}  // namespace medflow::kernel
