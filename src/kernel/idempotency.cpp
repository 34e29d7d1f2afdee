#include "kernel/idempotency.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/codes.hpp"
#include "kernel/store.hpp"
#include "kernel/tables.hpp"
#include "storage/block_codec.hpp"

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::RowView;

constexpr std::size_t key_max = 255;
constexpr std::uint32_t answer_block = 1;

bool well_formed(std::string_view key) {
  return key.size() <= key_max && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The rows of keys are named by the first 16 bytes of a keyed hash, which serve as the row's id where it is sealed.
Uuid row_id(const crypto::BlindToken& key) {
  Uuid id;
  std::memcpy(id.bytes.data(), key.data(), id.bytes.size());
  return id;
}

/// Takes so many bytes off the front; false where there are fewer.
template <class Bytes>
bool take(std::string_view& in, Bytes& out) {
  if (in.size() < out.size()) return false;
  std::memcpy(out.data(), in.data(), out.size());
  in.remove_prefix(out.size());
  return true;
}

}  // namespace

bool keeps_answers(const OperationRow& row) {
  const Operation& operation = *row.operation;
  return operation.method == Method::post && operation.effect == Effect::write && row.content == nullptr &&
         operation.permission != Permission::anonymous && operation.permission != Permission::session;
}

Idempotent::Idempotent(const CallFrame& frame, const void* request) : store_(*frame.store), row_(*frame.row) {
  const std::string& key = frame.context.idempotency_key;
  if (!well_formed(key)) throw Failure(key_malformed);
  const Actor& actor = frame.session->actor();
  std::string scope(actor.user.uuid.view());
  scope.append(actor.label).push_back('\0');
  scope.append(row_.operation->name).push_back('\0');
  scope += key;
  key_ =
      store_.blind().token({.table = answers_table.id, .field = 1, .index = 1, .normaliser_version = 1}, 0, 0, scope);
  std::string canonical;
  storage::encode_fields(*row_.request, request, 0, canonical);
  request_ = crypto::sha256(canonical);
  crypto::wipe(std::as_writable_bytes(std::span(canonical)));
  if (!store_.keys_under_way().enter(key_)) throw Failure(key_in_progress);
}

Idempotent::~Idempotent() { store_.keys_under_way().leave(key_); }

crypto::SealContext Idempotent::place(const Uuid& subject) const {
  return {.tenant = store_.id().uuid,
          .table_id = answers_table.id,
          .row_id = row_id(key_),
          .subject_id = subject,
          .block = answer_block,
          .block_version = 1};
}

void Idempotent::foresee(storage::Foresight& foresight) const {
  const Cell cells[] = {Cell::bytes(view(key_))};
  const storage::Key keys[] = {cells};
  foresight.get(answers_table, keys);
}

void Idempotent::look_up(Instant now) {
  store_.data().read([&](storage::Transaction& transaction) { look_up(transaction, now); });
}

void Idempotent::look_up(storage::Transaction& transaction, Instant now) {
  const Cell cells[] = {Cell::bytes(view(key_))};
  const storage::Key keys[] = {cells};
  kept_.reset();
  stale_ = false;
  transaction.get(answers_table, keys, [&](std::size_t, RowView row) {
    stale_ = now > Instant{row[1].integer}.plus_s(idempotency_ttl_s);
    if (!stale_) kept_ = read(row, now);
  });
}

Idempotent::Kept Idempotent::read(RowView row, Instant now) const {
  Uuid subject;
  if (row[2].data.size() == subject.bytes.size())
    std::memcpy(subject.bytes.data(), row[2].data.data(), subject.bytes.size());
  const crypto::SecureKey key = row[3].is_null()
                                    ? crypto::SecureKey(store_.keys().tenant().tenant_fields())
                                    : store_.keys().patient_key(static_cast<std::uint64_t>(row[3].integer), now);
  std::string opened;
  if (crypto::open(key.view(), place(subject), row[4].data, opened) != crypto::OpenResult::ok)
    throw Failure(codes::integrity);
  std::string_view rest = opened;
  crypto::Digest request{};
  Kept kept;
  std::array<std::uint8_t, 1> count{};
  bool whole = take(rest, request) && take(rest, kept.object.bytes) && take(rest, count);
  kept.patients.resize(count[0]);
  for (Uuid& patient : kept.patients) whole = whole && take(rest, patient.bytes);
  if (!whole) throw Failure(codes::integrity);
  if (request != request_) throw Failure(key_mismatch);
  kept.answer = rest;
  return kept;
}

void Idempotent::replay(Work& work, void* output) const {
  work.about(kept_->object);
  for (const Uuid& patient : kept_->patients) work.concerns(PatientId{patient});
  if (!storage::decode_value(*row_.output, kept_->answer, output)) throw Failure(codes::integrity);
}

void Idempotent::keep(Work& work, const void* output) const {
  const auto subject = work.subject();
  const auto& tenant = store_.keys().tenant();
  const crypto::SecureKey key =
      subject ? store_.keys().patient_key(subject->slot, work.now()) : crypto::SecureKey(tenant.tenant_fields());
  const auto& patients = work.event().patients;
  std::string answer(view(request_));
  answer += work.event().object.view();
  answer.push_back(static_cast<char>(patients.size()));  // 200 at most
  for (const Uuid& patient : patients) answer += patient.view();
  storage::encode_value(*row_.output, output, answer);
  std::string sealed;
  crypto::seal(key.view(), {.key_version = subject ? std::uint16_t{1} : tenant.version(), .schema_version = 1},
               place(subject ? subject->id : Uuid{}), answer, store_.rng(), sealed);
  crypto::wipe(std::as_writable_bytes(std::span(answer)));
  const Cell row[] = {Cell::bytes(view(key_)), Cell::of(work.now().us),
                      subject ? Cell::bytes(subject->id.view()) : Cell::null(),
                      subject ? Cell::of(static_cast<std::int64_t>(subject->slot)) : Cell::null(), Cell::bytes(sealed)};
  if (stale_) work.erase_plain(answers_table, std::span(row).first(1));
  work.insert_plain(answers_table, row);
}

std::size_t expire_answers(Work& work, std::size_t rows_max) {
  std::vector<std::string> due;
  const storage::Scan old{.table = &answers_table,
                          .index = answer_indexes[0].name,
                          .from = Cell::of(0),
                          .to = Cell::of(work.now().plus_s(-idempotency_ttl_s).us),
                          .limit = rows_max};
  work.transaction().scan(old, [&](RowView row) {
    due.emplace_back(row[0].data);
    return true;
  });
  for (const std::string& key : due) {
    const Cell cells[] = {Cell::bytes(key)};
    work.erase_plain(answers_table, cells);
  }
  return due.size();
}

}  // namespace medflow::kernel
