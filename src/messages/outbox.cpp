#include "messages/outbox.hpp"

#include <cstring>
#include <vector>

#include "crypto/hash.hpp"
#include "kernel/aside.hpp"

namespace medflow::inline v1::messages {

using kernel::Rows;
using kernel::Work;

void queue(Work& work, StoredMessage message) {
  message.id = work.make_id<MessageId>();
  message.next_at = work.now();  // of a suppressed one too: it is put away when it is looked at
  Rows<StoredMessage>(work).insert(message);
}

namespace {

constexpr std::size_t time_bytes = 6;  // of a UUID of version 7, which it begins with

/// A UUID of version 8 (RFC 9562) made of what the message is about. A reminder's begins as the id of its visit does, with the time at which
/// that was made, so that those of new visits come to lie together.
MessageId id_of(const StoredMessage& message, std::string_view key) {
  const auto kind = static_cast<char>(message.kind);
  const std::int64_t about = message.about ? message.about->us : 0;
  const Uuid of = message.appointment_id ? message.appointment_id->uuid : message.user_id.uuid;
  const crypto::Digest digest =
      crypto::blake2b_256({"message", std::string_view(&kind, 1), of.view(),
                           std::string_view(reinterpret_cast<const char*>(&about), sizeof about), key});
  MessageId id;
  std::memcpy(id.uuid.bytes.data(), digest.data(), id.uuid.bytes.size());
  if (message.kind == MessageKind::reminder) std::memcpy(id.uuid.bytes.data(), of.bytes.data(), time_bytes);
  id.uuid.bytes[6] = static_cast<std::uint8_t>(0x80U | (id.uuid.bytes[6] & 0x0FU));
  id.uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.uuid.bytes[8] & 0x3FU));
  return id;
}

}  // namespace

void queue_once(Work& work, StoredMessage message, Instant at, std::string_view key) {
  const kernel::Aside aside(work);
  Rows<StoredMessage> rows(work);
  message.id = id_of(message, key);
  message.next_at = at;
  auto there = rows.find(message.id);
  if (!there) {
    rows.insert(message);
  } else if (there->state == MessageState::suppressed) {
    there->state = MessageState::queued;
    there->next_at = at;
    rows.update(*there, there->revision);
  }
}

bool is_queued_once(Work& work, const StoredMessage& message, std::string_view key) {
  const auto there = Rows<StoredMessage>(work).find_unchecked(id_of(message, key), 0);
  return there && there->state != MessageState::suppressed;
}

bool was_sent(Work& work, AppointmentId appointment, MessageKind kind) {
  bool sent = false;
  const storage::Cell equal[] = {storage::Cell::bytes(appointment.uuid.view())};
  Rows<StoredMessage>(work).scan({.index = "messages_appointment", .equal = equal}, [&](const StoredMessage& message) {
    const bool may_have = message.state == MessageState::sending || message.state == MessageState::unknown;
    sent = message.kind == kind && (may_have || message.sent_at.has_value());
    return !sent;
  });
  return sent;
}

void withdraw(Work& work, AppointmentId appointment, MessageKind kind) {
  const kernel::Aside aside(work);
  Rows<StoredMessage> rows(work);
  std::vector<StoredMessage> waiting;
  const storage::Cell equal[] = {storage::Cell::bytes(appointment.uuid.view())};
  rows.scan({.index = "messages_appointment", .equal = equal}, [&](StoredMessage message) {
    const bool waits = message.state == MessageState::queued || message.state == MessageState::failed;
    if (message.kind == kind && waits) waiting.push_back(std::move(message));
    return true;
  });
  for (StoredMessage& message : waiting) {
    message.state = MessageState::suppressed;
    message.next_at.reset();
    rows.update(message, message.revision);
  }
}

}  // namespace medflow::inline v1::messages

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view due_columns[] = {"next_at"};
constexpr std::string_view end_columns[] = {"expires_at"};
constexpr std::string_view appointment_columns[] = {"appointment_id"};
constexpr EntityIndex indexes[] = {{.name = "messages_due", .columns = due_columns},
                                   {.name = "messages_appointment", .columns = appointment_columns, .sparse = true},
                                   {.name = "messages_end", .columns = end_columns}};

}  // namespace

const Entity Stored<messages::StoredMessage>::entity{.id = 23,
                                                     .name = "messages",
                                                     .meaning = "messages that are to be sent, and what became of them",
                                                     .type = &type_of<messages::StoredMessage>,
                                                     .indexes = indexes};

}  // namespace medflow::inline v1::storage
