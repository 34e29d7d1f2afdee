// Messages that are to be sent. One is a row that is written in the transaction of its cause, so it is there if and only if that took
// place; it is handed to the host's sender later, by `Platform::tick` (USR-7, NOT-1).
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "kernel/rows.hpp"
#include "kernel/store.hpp"
#include "storage/entity.hpp"
#include "users/links.hpp"

namespace medflow::inline v1::messages {

using MessageId = Id<struct MessageTag>;

/// What a message is about.
enum class MessageKind : std::uint8_t {
  invitation,
  reset,
  verify,
  reminder,
  offer,
  notice,
  moved,
  licence,
  quarantine,
  dunning,
  token_reuse
};

/// queued → sending → sent; sending → failed → sending again; sending → unknown; any but sent → dead.
enum class MessageState : std::uint8_t {
  queued,
  sending,     ///< handed over, and not yet known what came of it
  sent,        ///< the sender has taken it over
  failed,      ///< it is tried again at `next_at`
  dead,        ///< given up: refused, too old, tried too often, or of no use any more
  suppressed,  ///< to an address that nobody has: never sent
  unknown,     ///< handed over by somebody who never said what came of it; not sent again, for it may have come
};

/// One message. It holds ids; whom it goes to and what it says is looked up when it is sent.
struct StoredMessage {
  MessageId id{};
  std::uint64_t revision = 0;
  MessageKind kind{};
  MessageState state = MessageState::queued;
  UserId user_id{};         ///< whom it is for; nil where there is no account yet
  users::LinkId link_id{};  ///< the link that it brings; nil for none
  std::uint32_t attempts = 0;
  std::optional<Instant> next_at{};  ///< when it is looked at next; none for never again
  Instant expires_at{};
  std::optional<Instant> sent_at{};
  Instant created_at{};
  std::string token{};     ///< of the link; forgotten when the message is through
  PatientId patient_id{};  ///< whom it is for, where that is no account
  std::optional<AppointmentId> appointment_id{};
  std::optional<Instant> about{};  ///< of an appointment: its start; with another one the message is of no use
  std::optional<PractitionerId> practitioner_id{};  ///< whose licence ends on the day (UTC) of `about`
  std::optional<InvoiceId> invoice_id{};            ///< the invoice that is overdue
};

/// Puts a message into the outbox, to be sent at once. A suppressed one is kept as well: it costs the same.
void queue(kernel::Work& work, StoredMessage message);

/// The same of a message that is sent at `at`, and once at most: what it is about, and `key`, make its id. One that was withdrawn is queued again.
void queue_once(kernel::Work& work, StoredMessage message, Instant at, std::string_view key);

/// Whether `queue_once` has been called for that, and the message was not withdrawn since.
bool is_queued_once(kernel::Work& work, const StoredMessage& message, std::string_view key);

/// Whether one of this kind about an appointment was handed over, and may have come.
bool was_sent(kernel::Work& work, AppointmentId appointment, MessageKind kind);

/// The messages of this kind about an appointment that have not been handed over are not sent.
void withdraw(kernel::Work& work, AppointmentId appointment, MessageKind kind);

}  // namespace medflow::inline v1::messages

namespace medflow {

template <>
struct Words<messages::MessageKind> {
  static constexpr std::string_view name = "MessageKind";
  static constexpr std::string_view words[] = {"auth.invitation",      "auth.reset",        "auth.verify",
                                               "appointment.reminder", "appointment.offer", "appointment.notice",
                                               "appointment.moved",    "doctor.licence",    "document.quarantine",
                                               "invoice.dunning",      "auth.token_reuse"};
};

template <>
struct Words<messages::MessageState> {
  static constexpr std::string_view name = "MessageState";
  static constexpr std::string_view words[] = {"queued", "sending", "sent", "failed", "dead", "suppressed", "unknown"};
};

template <>
struct Described<messages::StoredMessage> {
  using T = messages::StoredMessage;
  static constexpr std::string_view name = "StoredMessage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the message's id, the same at each try"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::kind>(3, "kind", immutable, {.meaning = "what it is about"}),
      field<&T::state>(4, "state", none, {.meaning = "how far it has come"}),
      field<&T::user_id>(5, "user_id", immutable, {.meaning = "whom it is for; nil where there is no account yet"}),
      field<&T::link_id>(6, "link_id", immutable, {.meaning = "the one-time link that it brings; nil for none"}),
      field<&T::attempts>(7, "attempts", none, {.meaning = "how often it was handed over"}),
      field<&T::next_at>(8, "next_at", none, {.meaning = "when it is looked at next; null for never again"}),
      field<&T::expires_at>(9, "expires_at", immutable, {.meaning = "when it is of no use any more"}),
      field<&T::sent_at>(10, "sent_at", none, {.meaning = "when it was taken over"}),
      field<&T::created_at>(11, "created_at", immutable, {.meaning = "when it was made"}),
      field<&T::patient_id>(13, "patient_id", immutable, {.meaning = "the patient whom it is for; nil for none"}),
      field<&T::appointment_id>(14, "appointment_id", immutable, {.meaning = "the appointment that it is about"}),
      field<&T::about>(15, "about", immutable,
                       {.meaning = "the start of that, for which it holds; or a licence's last day"}),
      field<&T::practitioner_id>(16, "practitioner_id", immutable, {.meaning = "the doctor whom it is about"}),
      field<&T::invoice_id>(17, "invoice_id", immutable, {.meaning = "the invoice that it is about"}),
      field<&T::token>(12, "token", secret, {.meaning = "the token of its link, until it is through"})};
};

}  // namespace medflow

namespace medflow::kernel {

/// Messages are the outbox's own affair.
template <>
struct Reach<messages::StoredMessage> {
  static bool reaches(const Work&, const messages::StoredMessage&) { return true; }
  static bool hidden(const messages::StoredMessage&) { return false; }
  static std::uint32_t classes(const Work&, const messages::StoredMessage&) { return secret; }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<messages::StoredMessage> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
