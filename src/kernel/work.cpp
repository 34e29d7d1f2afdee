#include "kernel/work.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "kernel/cursor.hpp"
#include "kernel/detail.fields.hpp"
#include "storage/block_codec.hpp"

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::Layout;
using storage::RowView;

constexpr std::size_t seen_max = 8;  ///< rows that a call comes back to are few

}  // namespace

Work::Work(CallFrame& frame, storage::Transaction& transaction)
    : frame_(frame), transaction_(transaction), classes_(frame.session->access().classes()) {}

Uuid Work::new_id() {
  if (next_id_ == frame_.ids.size()) {
    Uuid id;
    store().rng().fill(std::as_writable_bytes(std::span(id.bytes)));
    const auto ms = static_cast<std::uint64_t>(now().us / 1000);
    for (unsigned i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    const auto fraction = static_cast<std::uint64_t>(now().us % 1000) * 4096 / 1000;  // 6.2, method 3
    id.bytes[6] = static_cast<std::uint8_t>(0x70U | (fraction >> 8 & 0x0FU));
    id.bytes[7] = static_cast<std::uint8_t>(fraction);
    id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
    frame_.ids.push_back(id);
  }
  return frame_.ids[next_id_++];
}

void Work::concerns(PatientId patient) {
  auto& patients = event_.patients;
  if (patients.size() < audit::event_patients_max &&
      std::find(patients.begin(), patients.end(), patient.uuid) == patients.end())
    patients.push_back(patient.uuid);
}

std::int64_t Work::next_number(std::string_view counter) {
  wrote_ = true;
  return store().next_number(counter);
}

std::string Work::seal_cursor(std::string_view query, std::string_view position) const {
  const CursorScope scope{.operation = operation().name, .user = actor().user, .query = query};
  return kernel::seal_cursor(store().keys().tenant(), scope, frame_.now, position, store().rng());
}

std::string Work::open_cursor(std::string_view query, std::string_view cursor) const {
  const CursorScope scope{.operation = operation().name, .user = actor().user, .query = query};
  return kernel::open_cursor(store().keys().tenant(), scope, now(), cursor);
}

std::vector<Work::Seen>::iterator Work::seen_at(const Layout& layout, const Uuid& id) {
  return std::find_if(seen_.begin(), seen_.end(),
                      [&](const Seen& seen) { return seen.layout == &layout && seen.id == id; });
}

void Work::get_row(const Layout& layout, const Uuid& id, FunctionRef<void(RowView)> visit) {
  if (const auto seen = seen_at(layout, id); seen != seen_.end()) {
    const auto row = seen->row;
    return visit(row->cells());
  }
  const Cell key_cells[] = {Cell::bytes(id.view())};
  const storage::Key keys[] = {key_cells};
  if (operation().effect != Effect::write)
    return transaction_.get(layout.table(), keys, [&](std::size_t, RowView row) { visit(row); });
  std::shared_ptr<const storage::PackedRow> row;
  transaction_.get(layout.table(), keys,
                   [&](std::size_t, RowView found) { row = std::make_shared<storage::PackedRow>(found); });
  if (!row) return;
  if (seen_.size() == seen_max) seen_.erase(seen_.begin());
  seen_.push_back({.layout = &layout, .id = id, .row = row});
  visit(row->cells());
}

std::shared_ptr<const storage::PackedRow> Work::before_write(const Layout& layout, const Uuid& id) {
  std::shared_ptr<const storage::PackedRow> row;
  bool sound = false;
  if (const auto seen = seen_at(layout, id); seen != seen_.end()) {
    row = std::move(seen->row);
    sound = seen->sound;
    seen_.erase(seen);
  } else {
    const Cell key_cells[] = {Cell::bytes(id.view())};
    const storage::Key keys[] = {key_cells};
    transaction_.get(layout.table(), keys,
                     [&](std::size_t, RowView found) { row = std::make_shared<storage::PackedRow>(found); });
  }
  if (!row) throw Failure(codes::not_found);
  if (!sound) store().rows().check(layout, row->cells());
  return row;
}

void Work::note_subject(const Layout& layout, RowView row) const {
  if (!layout.subject()) return;
  Subject subject{.slot = static_cast<std::uint64_t>(row[*layout.key_slot()].integer)};
  std::memcpy(subject.id.bytes.data(), row[*layout.subject()].data.data(), subject.id.bytes.size());
  if (read_subject_ && read_subject_->slot != subject.slot) read_several_ = true;
  read_subject_ = subject;
}

void Work::read_row(const Layout& layout, RowView row, void* object) const {
  const auto seen = std::find_if(seen_.begin(), seen_.end(),
                                 [&](const Seen& each) { return each.row->cells().data() == row.data(); });
  if (seen == seen_.end() || !seen->sound) store().rows().check(layout, row);
  if (seen != seen_.end()) seen->sound = true;
  if (!layout.read_plain(row, object)) throw Failure(codes::integrity);
  note_subject(layout, row);
}

void Work::open_row(const Layout& layout, RowView row, void* object, std::uint32_t classes) const {
  store().rows().open(layout, row, classes, object, now());
}

void Work::open_row_later(const Layout& layout, RowView row, std::uint32_t classes, SealedRows::Copy copy) {
  if (!frame_.sealed) frame_.sealed = std::make_shared<SealedRows>(store().opened());
  store().rows().take(layout, row, {.asked = classes_, .opened = classes, .copy = copy, .at = now()}, *frame_.sealed);
}

OpenedRows::Opened Work::opened_before(const Layout& layout, RowView row) const {
  auto opened = store().opened()->find(place_of_opened(layout), row, now());
  if (!opened.object) return opened;
  store().rows().require_key(layout, row, now());
  note_subject(layout, row);
  return opened;
}

OpenedRows::Place Work::place_of_opened(const Layout& layout) const {
  return {.tenant = store().id().uuid, .table = layout.table().id, .classes = classes_};
}

bool Work::keeps_opened(const Layout& layout, RowView row) const { return store().opened()->wants(row[layout.seal()]); }

void Work::keep_opened(const Layout& layout, RowView row, OpenedRows::Opened opened) const {
  store().opened()->keep(place_of_opened(layout), storage::PackedRow(row), std::move(opened),
                         layout.entity().type->bytes, now());
}

void Work::note_row(const Layout& layout, const Uuid& id, std::uint64_t revision, const crypto::RowSeal& seal) {
  store().changed(transaction_, layout.table().id, id, revision);
  event_.rows.push_back({.table = layout.table().id, .id = id, .revision = revision, .seal = seal});
  if (event_.object.is_nil()) event_.object = id;
  if (event_.object == id) {
    event_.table = layout.table().id;
    event_.revision = revision;
  }
}

void Work::insert_row(const Layout& layout, void* object, const std::optional<Subject>& subject,
                      const Uuid& new_subject, std::span<const Cell> extras) {
  layout.revision_of(object) = 1;
  thread_local storage::RowBuffer row;
  row.clear();
  layout.write_plain(object, row);
  wrote_ = true;  // a slot is taken, or a row is stored: from here on only undoing helps
  if (layout.subject()) {
    detail_subject_ = subject ? subject->id : new_subject;
    detail_slot_ = subject ? subject->slot : store().keys().take_slot();
    row.cells[*layout.subject()] = Cell::bytes(detail_subject_.view());
    row.cells[*layout.key_slot()] = Cell::of(static_cast<std::int64_t>(*detail_slot_));
  }
  for (std::size_t i = 0; i < extras.size(); ++i) row.cells[layout.extra(i)] = extras[i];
  const crypto::RowSeal seal = store().rows().seal(layout, object, row, {}, block_flags, now());
  transaction_.insert(layout.table(), row.cells);
  note_row(layout, layout.id_of(object), 1, seal);
}

void Work::update_row(const Layout& layout, void* object, std::uint64_t expected, std::span<const Cell> extras,
                      std::uint32_t classes) {
  const auto kept = before_write(layout, layout.id_of(object));
  const RowView before = kept->cells();
  Value old(*layout.entity().type);
  if (!layout.read_plain(before, old.data())) throw Failure(codes::integrity);
  const std::uint64_t current = layout.revision_of(old.data());
  if (current != expected) {
    Error error{.code = codes::revision};
    error.revision = current;
    throw Failure(std::move(error));
  }
  store().rows().open(layout, before, classes & ~std::uint32_t{secret}, old.data(), now());
  layout.revision_of(object) = expected + 1;
  storage::RowBuffer row;
  layout.write_plain(object, row);
  if (layout.subject()) {
    row.cells[*layout.subject()] = before[*layout.subject()];
    row.cells[*layout.key_slot()] = before[*layout.key_slot()];
    detail_slot_ = static_cast<std::uint64_t>(before[*layout.key_slot()].integer);
    std::memcpy(detail_subject_.bytes.data(), before[*layout.subject()].data.data(), 16);
    note_changes(*layout.entity().type, old.data(), object, classes, detail_);
  }
  for (std::size_t i = 0; i < layout.entity().extras.size(); ++i)
    row.cells[layout.extra(i)] = i < extras.size() ? extras[i] : before[layout.extra(i)];
  const crypto::RowSeal seal =
      store().rows().seal(layout, object, row, {.row = before, .object = old.data()}, classes, now());
  wrote_ = true;
  transaction_.update(layout.table(), row.cells, expected);
  note_row(layout, layout.id_of(object), expected + 1, seal);
}

void Work::remove_row(const Layout& layout, const Uuid& id, std::uint64_t expected) {
  const auto before = before_write(layout, id);
  if (static_cast<std::uint64_t>(before->cells()[1].integer) != expected) throw Failure(codes::revision);
  const Cell key_cells[] = {Cell::bytes(id.view())};
  wrote_ = true;
  transaction_.erase(layout.table(), key_cells);
  note_row(layout, id, expected + 1, {});
  event_.rows.back().removed = true;
}

void Work::insert_plain(const storage::Table& table, RowView row) {
  wrote_ = true;
  transaction_.insert(table, row);
}

void Work::erase_plain(const storage::Table& table, storage::Key key) {
  wrote_ = true;
  transaction_.erase(table, key);
}

bool Work::add_to_sums(const storage::Table& table, std::span<const Sums::Addition> additions) {
  wrote_ = true;
  return store().sums().add(transaction_, table, additions);
}

void Work::scan_sums(const storage::Table& table, storage::RowVisitor visit) {
  store().sums().scan(transaction_, table, visit);
}

void Work::fill_event(std::string_view action) {
  const Actor& who = actor();
  event_.at = now();
  if (event_.actor_kind == audit::ActorKind::anonymous) {  // a sign-in has said by now who it is
    event_.actor_kind = who.kind;
    event_.actor = who.user.uuid;
    event_.session = who.session.uuid;
    event_.roles = session().role_bits();
  }
  event_.action = action;
  if (context().request_id) event_.request = context().request_id->uuid;
  event_.address_hash = store().caller_token(1, context().address);
  event_.user_agent_hash = store().caller_token(2, context().user_agent);
}

/// What was not written for anybody is sealed for the one patient who was read, if there is a key: its loss may be what failed.
void Work::seal_for_read() {
  if (!read_subject_ || read_several_) return;
  try {
    store().keys().patient_key(read_subject_->slot, now());
  } catch (const Failure&) {
    return;
  }
  detail_slot_ = read_subject_->slot;
  detail_subject_ = read_subject_->id;
}

void Work::sealed_detail(bool failed) {
  if (!reason_.empty() && !detail_slot_ && (failed || event_.patients.size() == 1)) seal_for_read();
  // What somebody writes is about whoever it is about: under a key that outlives them it is not kept.
  const bool for_tenant = !detail_slot_ && (failed || !event_.patients.empty());
  const std::string& reason = for_tenant ? coded_reason_ : reason_;
  if (!reason.empty()) note_reason(reason, detail_);
  if (actor().kind == audit::ActorKind::system) note_actor(actor().label, detail_);
  if (detail_.empty()) return;
  const crypto::SealContext where{.tenant = store().id().uuid,
                                  .table_id = 1,
                                  .row_id = event_.object,
                                  .subject_id = detail_subject_,
                                  .block = 1,
                                  .block_version = static_cast<std::uint32_t>(event_.revision)};
  const auto& tenant = store().keys().tenant();
  const crypto::SecureKey key =
      detail_slot_ ? store().keys().patient_key(*detail_slot_, now()) : crypto::SecureKey(tenant.tenant_fields());
  std::string sealed;
  crypto::seal(key.view(), {.key_version = detail_slot_ ? std::uint16_t{1} : tenant.version(), .schema_version = 1},
               where, detail_, store().rng(), sealed);
  detail_ = std::move(sealed);
  event_.detail = detail_;
}

void Work::part(std::string_view action) {
  wrote_ = true;
  fill_event(action);
  sealed_detail(false);
  store().append(transaction_, event_);
  event_ = {};
  detail_.clear();
  detail_slot_.reset();
  detail_subject_ = {};
  read_subject_.reset();
  read_several_ = false;
}

void Work::note_failure(const Failure& failure) {
  const Errc kind = failure.error.kind();
  const bool denied = event_.outcome == audit::Outcome::denied || kind == Errc::forbidden || kind == Errc::not_found ||
                      kind == Errc::unauthenticated || kind == Errc::rate_limited;
  event_.outcome = denied ? audit::Outcome::denied : audit::Outcome::error;
  event_.error = failure.error.code.name;
}

void Work::finish(const Failure* failure) {
  if (failure != nullptr) {
    event_.rows.clear();
    event_.patients.clear();
    event_.count = 0;
    detail_.clear();
    detail_slot_.reset();
    detail_subject_ = {};
    note_failure(*failure);
  } else if (answer_) {
    note_failure(*answer_);
  }
  fill_event(operation().name);
  sealed_detail(failure != nullptr);
  store().append(transaction_, event_);
}

}  // namespace medflow::kernel
