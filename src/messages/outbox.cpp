#include "messages/outbox.hpp"

namespace medflow::inline v1::messages {

using kernel::Rows;
using kernel::Work;

void queue(Work& work, StoredMessage message) {
  message.id = work.make_id<MessageId>();
  message.next_at = work.now();  // of a suppressed one too: it is put away when it is looked at
  Rows<StoredMessage>(work).insert(message);
}

}  // namespace medflow::inline v1::messages

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view due_columns[] = {"next_at"};
constexpr std::string_view end_columns[] = {"expires_at"};
constexpr EntityIndex indexes[] = {{.name = "messages_due", .columns = due_columns},
                                   {.name = "messages_end", .columns = end_columns}};

}  // namespace

const Entity Stored<messages::StoredMessage>::entity{.id = 23,
                                                     .name = "messages",
                                                     .meaning = "messages that are to be sent, and what became of them",
                                                     .type = &type_of<messages::StoredMessage>,
                                                     .indexes = indexes};

}  // namespace medflow::inline v1::storage
