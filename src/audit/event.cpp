#include "audit/event.hpp"

#include <bit>
#include <cassert>
#include <cstring>

#include "medflow/error.hpp"

namespace medflow::inline v1::audit {
namespace {

constexpr unsigned mark_on_behalf = 1;
constexpr unsigned mark_synchronised = 2;
constexpr std::size_t row_bytes = 2 + 16 + 8 + crypto::row_seal_size + 1;
constexpr std::size_t fixed_bytes =
    1 + 8 + 8 + 1 + 16 + 16 + 2 + 1 + 2 + 16 + 8 + 1 + 1 + 1 + 1 + 16 + 16 + 16 + 4 + 2 + 1 + 4;

template <class T>
T little(T value) {
  if constexpr (std::endian::native == std::endian::little) {
    return value;
  } else {
    T out = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) out = static_cast<T>((out << 8) | ((value >> (8 * i)) & 0xff));
    return out;
  }
}

/// Writes into a buffer that was measured before.
class Writer {
 public:
  explicit Writer(char* to) : to_(to) {}

  template <class T>
  void number(T value) {
    const T bytes = little(value);
    raw(&bytes, sizeof bytes);
  }
  void raw(const void* from, std::size_t size) {
    if (size != 0) std::memcpy(to_, from, size);
    to_ += size;
  }
  void id(const Uuid& uuid) { raw(uuid.bytes.data(), uuid.bytes.size()); }
  void word(std::string_view text) {
    number(static_cast<std::uint8_t>(text.size()));
    raw(text.data(), text.size());
  }
  const char* place() const { return to_; }

 private:
  char* to_;
};

/// Reads until something does not fit; from then on everything is zero and `failed`.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T number() {
    T value = 0;
    raw(&value, sizeof value);
    return little(value);
  }
  template <class Enum>
  Enum choice(Enum last) {
    const auto value = number<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(last)) failed_ = true;
    return static_cast<Enum>(value);
  }
  bool flag() {
    const auto value = number<std::uint8_t>();
    if (value > 1) failed_ = true;
    return value == 1;
  }
  void raw(void* to, std::size_t size) {
    if (const auto bytes = text(size); !failed_) std::memcpy(to, bytes.data(), size);
  }
  void id(Uuid& to) { raw(to.bytes.data(), to.bytes.size()); }
  std::string_view text(std::size_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view word() { return text(number<std::uint8_t>()); }
  void fail_if(bool wrong) { failed_ = failed_ || wrong; }
  /// Whether `count` things of `size` bytes can follow: asked before making room for them.
  bool holds(std::size_t count, std::size_t size) const { return !failed_ && count * size <= rest_.size(); }
  bool failed() const { return failed_; }
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

void check_limits(const Event& event) {
  const bool fits = event.action.size() <= event_word_bytes_max && event.error.size() <= event_word_bytes_max &&
                    event.patients.size() <= event_patients_max && event.rows.size() <= event_rows_max &&
                    event.detail.size() <= event_detail_bytes_max;
  const bool means_something = event.outcome != Outcome::ok || event.error.empty();
  if (!fits || !means_something) throw Failure{codes::internal, "an audit event passes its limits"};
}

void write_rows(Writer& to, const std::vector<RowEntry>& rows) {
  to.number(static_cast<std::uint16_t>(rows.size()));
  for (const auto& row : rows) {
    to.number(row.table);
    to.id(row.id);
    to.number(row.revision);
    to.raw(row.seal.data(), row.seal.size());
    to.number(static_cast<std::uint8_t>(row.removed));
  }
}

void read_rows(Reader& from, std::vector<RowEntry>& rows) {
  rows.clear();
  const std::size_t count = from.number<std::uint16_t>();
  from.fail_if(!from.holds(count, row_bytes));
  if (from.failed()) return;
  rows.resize(count);
  for (auto& row : rows) {
    row.table = from.number<std::uint16_t>();
    from.id(row.id);
    row.revision = from.number<std::uint64_t>();
    from.raw(row.seal.data(), row.seal.size());
    row.removed = from.flag();
  }
}

void read_patients(Reader& from, std::vector<Uuid>& patients) {
  patients.clear();
  const std::size_t count = from.number<std::uint8_t>();
  from.fail_if(count > event_patients_max || !from.holds(count, sizeof(Uuid::bytes)));
  if (from.failed()) return;
  patients.resize(count);
  for (auto& patient : patients) from.id(patient);
}

}  // namespace

void encode(const Event& event, std::string& out) {
  check_limits(event);
  out.resize(fixed_bytes + event.action.size() + event.patients.size() * sizeof(Uuid::bytes) + event.error.size() +
             event.rows.size() * row_bytes + (event.on_behalf_of ? sizeof(Uuid::bytes) : 0) + event.detail.size());
  Writer to(out.data());
  to.number(event_version);
  to.number(event.seq);
  to.number(static_cast<std::uint64_t>(event.at.us));
  to.number(static_cast<std::uint8_t>(event.actor_kind));
  to.id(event.actor);
  to.id(event.session);
  to.number(event.roles);
  to.word(event.action);
  to.number(event.table);
  to.id(event.object);
  to.number(event.revision);
  to.number(static_cast<std::uint8_t>(event.patients.size()));
  for (const auto& patient : event.patients) to.id(patient);
  to.number(static_cast<std::uint8_t>(event.outcome));
  to.word(event.error);
  to.number(event.purpose);
  to.raw(event.address_hash.data(), event.address_hash.size());
  to.raw(event.user_agent_hash.data(), event.user_agent_hash.size());
  to.id(event.request);
  to.number(event.count);
  write_rows(to, event.rows);
  to.number(static_cast<std::uint8_t>((event.on_behalf_of ? mark_on_behalf : 0) |
                                      (event.clock_synchronised ? mark_synchronised : 0)));
  if (event.on_behalf_of) to.id(*event.on_behalf_of);
  to.number(static_cast<std::uint32_t>(event.detail.size()));
  to.raw(event.detail.data(), event.detail.size());
  assert(to.place() == out.data() + out.size());
}

bool decode(std::string_view bytes, Event& out) {
  Reader from(bytes);
  from.fail_if(from.number<std::uint8_t>() != event_version);
  out.seq = from.number<std::uint64_t>();
  out.at.us = static_cast<std::int64_t>(from.number<std::uint64_t>());
  out.actor_kind = from.choice(ActorKind::system);
  from.id(out.actor);
  from.id(out.session);
  out.roles = from.number<std::uint16_t>();
  out.action = from.word();
  out.table = from.number<std::uint16_t>();
  from.id(out.object);
  out.revision = from.number<std::uint64_t>();
  read_patients(from, out.patients);
  out.outcome = from.choice(Outcome::error);
  out.error = from.word();
  from.fail_if(out.outcome == Outcome::ok && !out.error.empty());
  out.purpose = from.number<std::uint8_t>();
  from.raw(out.address_hash.data(), out.address_hash.size());
  from.raw(out.user_agent_hash.data(), out.user_agent_hash.size());
  from.id(out.request);
  out.count = from.number<std::uint32_t>();
  read_rows(from, out.rows);
  out.on_behalf_of.reset();
  const auto marks = from.number<std::uint8_t>();
  from.fail_if(marks > (mark_on_behalf | mark_synchronised));
  out.clock_synchronised = (marks & mark_synchronised) != 0;
  if ((marks & mark_on_behalf) != 0) from.id(out.on_behalf_of.emplace());
  const std::size_t detail_size = from.number<std::uint32_t>();
  from.fail_if(detail_size > event_detail_bytes_max);
  out.detail = from.text(detail_size);
  return from.done();
}

}  // namespace medflow::inline v1::audit
