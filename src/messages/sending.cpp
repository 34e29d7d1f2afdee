#include "messages/sending.hpp"

#include <algorithm>
#include <exception>
#include <vector>

#include "appointments/entities.hpp"
#include "doctors/entities.hpp"
#include "invoices/entities.hpp"
#include "kernel/outside.hpp"
#include "ledger/posting.hpp"
#include "messages/outbox.hpp"
#include "messages/texts.hpp"
#include "patients/entities.hpp"
#include "tenants/facts.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::messages {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::Store;
using kernel::Work;
using storage::Cell;

/// What the changes of the outbox are called in the audit log; nobody calls them.
constexpr Operation send_operation{.name = "messages.send",
                                   .permission = Permission::notification_manage,
                                   .effect = Effect::write,
                                   .summary = "Hand a message over",
                                   .object = "message"};
constexpr OperationRow send_row{.operation = &send_operation};

constexpr std::size_t at_once_max = 50;          ///< of one tenant in one tick
constexpr std::int64_t together_s_max = 1;       ///< of one tick for all tenants; what has begun by then is ended
constexpr std::size_t damaged_looked_max = 100;  ///< messages that do not open, looked past for the next one that does
constexpr std::uint32_t attempts_max = 8;
constexpr std::int64_t retry_s = 30;
constexpr std::int64_t retry_s_max = 6 * 60 * 60;
/// So long nobody else takes a message that is being sent; whoever has not said by then what came of it is dead.
constexpr std::int64_t lease_s = 5 * 60;
/// So much later one is looked at again that speaks of somebody whose row is damaged, and of that somebody is told again.
constexpr std::int64_t damaged_s = 60 * 60;

/// From 30 s, doubled with each try, anything up to that (full jitter), so that many do not come back at once.
std::int64_t delay_s(Store& store, std::uint32_t attempts) {
  const std::int64_t longest_s = std::min(retry_s << std::min(attempts, 12U), retry_s_max);
  std::uint64_t random = 0;
  store.rng().fill(std::as_writable_bytes(std::span(&random, 1)));
  return 1 + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(longest_s));
}

/// What speaks of an account: rather twice than never (NOT-1).
bool is_security(MessageKind kind) {
  return Words<MessageKind>::words[static_cast<std::size_t>(kind)].starts_with("auth.");
}

void end(StoredMessage& message, MessageState state) {
  message.state = state;
  message.next_at.reset();
  message.token.clear();
}

class Outbox {
 public:
  Outbox(PlatformState& platform, Store& store, const kernel::TickTime& time)
      : platform_(platform),
        store_(store),
        system_(platform.system_session(store.shared_from_this(), "messages")),
        time_(time) {}

  std::optional<Instant> next_due() {
    std::optional<Instant> first;
    const bool sends = platform_.options().messages != nullptr;
    kernel::CallFrame own = frame();
    Outside(own).read([&](Work& work) {
      first.reset();
      scan_due(work, {.from = Cell::of(0), .limit = damaged_looked_max}, [&](const StoredMessage& message) {
        first = sends ? message.next_at : message.expires_at;
        return false;
      });
    });
    return first;
  }

  /// Not beyond `until`, nor once the sender takes nothing. What is damaged keeps no other message from being sent; it is told of at the end.
  void send_due(Instant until) {
    for (const MessageId& id : due()) {
      if (until <= time_.now()) break;
      try {
        if (!send(id)) break;
      } catch (const Failure& failure) {
        if (failure.error.kind() != Errc::integrity) throw;
        damage_ = std::current_exception();
      }
    }
    if (damage_) std::rethrow_exception(damage_);
  }

 private:
  /// A message that is to be handed over, and which try that is.
  struct Taken {
    Message message{};
    std::uint32_t attempt = 0;
  };

  kernel::CallFrame frame() const {
    return {.session = system_.get(), .store = &store_, .row = &send_row, .now = time_.now()};
  }

  /// Messages in the order in which they are due, without those that are damaged.
  template <class Visit>
  void scan_due(Work& work, storage::Scan scan, Visit&& visit) {
    const storage::Layout& layout = Rows<StoredMessage>::layout();
    scan.table = &layout.table();
    scan.index = "messages_due";
    work.transaction().scan(scan, [&](storage::RowView row) {
      StoredMessage message;
      try {
        work.read_row(layout, row, &message);
      } catch (const Failure& failure) {
        if (failure.error.kind() != Errc::integrity) throw;
        damage_ = std::current_exception();
        return true;
      }
      return visit(message);
    });
  }

  std::vector<MessageId> due() {
    std::vector<MessageId> ids;
    const bool sends = platform_.options().messages != nullptr;
    kernel::CallFrame own = frame();
    Outside(own).read([&](Work& work) {
      ids.clear();
      scan_due(work, {.from = Cell::of(0), .to = Cell::of(own.now.us + 1)}, [&](const StoredMessage& message) {
        // Without a sender they wait, and are looked at when they are too old.
        if (sends || own.now >= message.expires_at) ids.push_back(message.id);
        return ids.size() < at_once_max;
      });
    });
    return ids;
  }

  /// False where the sender takes nothing now.
  bool send(const MessageId& id) {
    const auto taken = take(id);
    if (!taken) return true;
    const Delivery delivery = hand_over(taken->message);
    settle(id, taken->attempt, delivery);
    return delivery != Delivery::later;
  }

  template <class Body>
  void write(Body&& body) {
    kernel::CallFrame own = frame();  // ids of its own
    Outside(own).write_in(store_, body);
  }

  /// The message as it is to be handed over now, once that is written down; nothing where it is not to be.
  std::optional<Taken> take(const MessageId& id) {
    std::optional<Taken> taken;
    write([&](Work& work) {
      taken.reset();
      Rows<StoredMessage> rows(work);
      auto row = rows.find(id);
      if (!row || !row->next_at || *row->next_at > work.now()) return;  // somebody else has it
      if (row->state == MessageState::suppressed) {
        end(*row, MessageState::suppressed);
        rows.update(*row, row->revision);
        return;
      }
      const bool lost = row->state == MessageState::sending;  // whoever had it never said what came of it
      const bool of_use = work.now() < row->expires_at && row->attempts < attempts_max;
      std::optional<Message> message;
      try {
        if (of_use && (!lost || may_come_twice(*row))) message = write_out(work, *row);
      } catch (const Failure& failure) {
        if (failure.error.kind() != Errc::integrity) throw;
        if (!lost) row->state = MessageState::failed;
        row->next_at = work.now().plus_s(damaged_s);
        rows.update(*row, row->revision);
        work.fail_after_commit(failure);
        return;
      }
      if (message) {
        row->state = MessageState::sending;
        ++row->attempts;
        row->next_at = work.now().plus_s(lease_s);
        taken = Taken{.message = std::move(*message), .attempt = row->attempts};
      } else {
        end(*row, lost ? MessageState::unknown : MessageState::dead);
      }
      rows.update(*row, row->revision);
    });
    return taken;
  }

  bool may_come_twice(const StoredMessage& row) const {
    return is_security(row.kind) || platform_.options().messages->dedupes();
  }

  /// Whom it goes to and what it says, as things are now; nothing where it is of no use any more.
  std::optional<Message> write_out(Work& work, const StoredMessage& row) const {
    const auto user = row.user_id.is_nil() ? std::nullopt : Rows<users::StoredUser>(work).find(row.user_id);
    const auto link = row.link_id.is_nil() ? std::nullopt : Rows<users::StoredLink>(work).find(row.link_id);
    Message message{.id = row.id.uuid,
                    .kind = std::string(Words<MessageKind>::words[static_cast<std::size_t>(row.kind)]),
                    .tenant = store_.slug()};
    TextValues values{.slug = message.tenant, .token = row.token, .link_base = platform_.options().link_base};
    std::string licence;
    std::string invoice;
    if (row.appointment_id && !about_appointment(work, row, message, values)) return std::nullopt;
    switch (row.kind) {
      case MessageKind::invitation:
        if (!user || user->status != users::UserStatus::invited) return std::nullopt;
        break;
      case MessageKind::reset:
        if (!user || !link || user->status != users::UserStatus::active) return std::nullopt;
        break;
      case MessageKind::reminder:
      case MessageKind::offer:
      case MessageKind::notice:
      case MessageKind::moved:
        break;
      case MessageKind::licence:
        licence = licence_of(work, row);
        if (!user || user->status != users::UserStatus::active || licence.empty()) return std::nullopt;
        values.licence = licence;
        break;
      case MessageKind::quarantine:
      case MessageKind::token_reuse:
        if (!user || user->status != users::UserStatus::active) return std::nullopt;
        break;
      case MessageKind::dunning:
        invoice = overdue_invoice(work, row, message);
        if (invoice.empty()) return std::nullopt;
        values.invoice = invoice;
        values.hospital = store_.name();
        break;
      case MessageKind::verify:  // what a stranger gives as a name is sent to nobody
        if (!link || !link->email) return std::nullopt;
        message.to = *link->email;
        break;
    }
    if (user) {
      message.to = user->email.value_or("");
      message.locale = user->locale;
      values.name = user->display_name;
    }
    if (message.to.empty()) return std::nullopt;
    write_text(row.kind, values, message);
    return message;
  }

  /// The doctor's licences that end on that day, a line each; empty where there is none such any more.
  static std::string licence_of(Work& work, const StoredMessage& row) {
    const auto doctor =
        row.practitioner_id ? Rows<doctors::Doctor>(work).find(*row.practitioner_id) : std::optional<doctors::Doctor>();
    if (!doctor || !row.about) return {};
    const Date day = date_in(Zone{"UTC"}, *row.about);
    std::string lines;
    for (const doctors::Registration& one : doctor->registrations)
      if (one.valid_to == day)
        lines +=
            (lines.empty() ? "" : "\n") + doctor->name + ", " + one.authority + " " + one.number + ", " + day.text();
    return lines;
  }

  /// The number of the invoice and when it was due, addressed to its patient; empty where they owe nothing of it any more, have enough on
  /// deposit, or cannot be told.
  static std::string overdue_invoice(Work& work, const StoredMessage& row, Message& message) {
    work.open_classes(contact | clinical);
    if (!row.invoice_id) return {};
    const auto invoice = Rows<invoices::Invoice>(work).find_unchecked(*row.invoice_id, 0);
    if (!invoice || invoice->status != invoices::InvoiceStatus::issued || !invoice->due_date || !invoice->number)
      return {};
    if (ledger::standing_of(work, invoice->id).patient_balance <= 0) return {};
    if (ledger::has_enough_for_overdue(work, invoice->patient_id, invoice->currency)) return {};
    const auto patient = Rows<patients::Patient>(work).find_unchecked(row.patient_id, contact | clinical);
    if (!patient || patient->deleted_at || patient->emails.empty()) return {};
    if (patient->deceased && patient->deceased->deceased) return {};
    message.to = patient->emails.front();
    message.locale = patient->language;
    return *invoice->number + ", due " + invoice->due_date->text();
  }

  /// Of a visit only when it is, and whom to call, is said. False where it is of no use any more.
  static bool about_appointment(Work& work, const StoredMessage& row, Message& message, TextValues& values) {
    work.open_classes(contact | clinical);
    const auto visit = Rows<appointments::Appointment>(work).find_unchecked(*row.appointment_id, 0);
    if (!visit || (row.about && visit->start != *row.about)) return false;
    const bool open = visit->status == appointments::AppointmentStatus::booked ||
                      (row.kind == MessageKind::offer && visit->status == appointments::AppointmentStatus::held);
    if (!open) return false;
    const auto patient = Rows<patients::Patient>(work).find_unchecked(row.patient_id, contact | clinical);
    if (!patient || patient->deleted_at || patient->emails.empty()) return false;
    if (patient->deceased && patient->deceased->deceased) return false;
    message.to = patient->emails.front();
    message.locale = patient->language;
    values.when = visit->wall_start;
    const facilities::Facility* place = tenants::facility_of(work, visit->facility_id);
    if (place != nullptr) values.phone = place->phone;
    return true;
  }

  Delivery hand_over(const Message& message) const {
    try {
      return platform_.options().messages->send(message);
    } catch (...) {
      return Delivery::later;  // the port's contract: whatever it throws counts so
    }
  }

  /// Where handing over took longer than the lease, somebody else may have taken the message meanwhile: then only that it is sent counts.
  static bool counts(const StoredMessage& row, std::uint32_t attempt, Delivery delivery) {
    const bool sent = delivery == Delivery::sent;
    return row.state == MessageState::sending ? sent || row.attempts == attempt
                                              : sent && row.state == MessageState::unknown;
  }

  void settle(const MessageId& id, std::uint32_t attempt, Delivery delivery) {
    write([&](Work& work) {
      Rows<StoredMessage> rows(work);
      auto row = rows.find(id);
      if (!row || !counts(*row, attempt, delivery)) return;
      if (delivery == Delivery::sent) {
        row->sent_at = work.now();
        end(*row, MessageState::sent);
      } else if (delivery == Delivery::refused || row->attempts >= attempts_max) {
        end(*row, MessageState::dead);
      } else {
        row->state = MessageState::failed;
        row->next_at = work.now().plus_s(delay_s(store_, row->attempts - 1));
      }
      rows.update(*row, row->revision);
    });
  }

  PlatformState& platform_;
  Store& store_;
  std::shared_ptr<kernel::SessionState> system_;
  kernel::TickTime time_;
  std::exception_ptr damage_{};  ///< the last that was met
};

}  // namespace

void send_messages(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  const kernel::TickTime time(platform.clock(), now);
  const Instant until = now.plus_s(together_s_max);
  std::vector<std::shared_ptr<Store>> stores;
  kernel::for_each_writable_store(platform, trouble, [&](Store& store) { stores.push_back(store.shared_from_this()); });
  const std::size_t first = platform.message_turn();
  std::size_t served = 0;
  for (; served < stores.size() && time.now() < until; ++served) {
    Store& store = *stores[(first + served) % stores.size()];
    try {
      Outbox(platform, store, time).send_due(until);
    } catch (...) {
      trouble(store, std::current_exception());
    }
  }
  platform.message_turn() += served == stores.size() ? 1 : served;
}

std::optional<Instant> next_due(PlatformState& platform, Store& store) {
  const kernel::TickTime time(platform.clock(), platform.clock().now());
  return Outbox(platform, store, time).next_due();
}

void expire_messages(Work& work, std::size_t max) {
  Rows<StoredMessage> rows(work);
  std::vector<StoredMessage> found;
  rows.scan({.index = "messages_end", .to = Cell::of(work.now().plus_s(-kept_s).us)}, [&](StoredMessage message) {
    if (!message.next_at) found.push_back(std::move(message));
    return found.size() < max;
  });
  for (const StoredMessage& message : found) rows.remove(message.id, message.revision);
}

}  // namespace medflow::inline v1::messages
