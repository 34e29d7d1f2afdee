#include "messages/texts.hpp"

#include <string>

namespace medflow::inline v1::messages {
namespace {

struct Template {
  std::string_view subject{};
  std::string_view opening{};
  std::string_view page{};  ///< of the front end
  std::string_view term{};
};

constexpr Template templates[] = {
    {.subject = "Your invitation",
     .opening = "You are invited to work with this hospital's system. Set your name and password here:",
     .page = "/register",
     .term = "This is good once, for 24 hours."},
    {.subject = "Your new password",
     .opening = "Somebody, probably you, asked for a new password for your account. Set it here:",
     .page = "/reset",
     .term = "This is good once, for 30 minutes. If it was not you, there is nothing to do."},
    {.subject = "Confirm your address",
     .opening = "Somebody, probably you, registered with this address. Confirm it here, with the password that "
                "was chosen:",
     .page = "/verify",
     .term = "This is good once, for 24 hours. If it was not you, there is nothing to do."},
    {.subject = "Your appointment", .opening = "This is to remind you of your appointment:"},
    {.subject = "An earlier appointment",
     .opening = "This appointment has become free, and is kept for you for 15 minutes:"},
    {.subject = "Your appointment", .opening = "Your appointment may have to be moved, please call us:"},
    {.subject = "Your appointment has been moved",
     .opening = "Your appointment had to be moved, please call us if you cannot come then. It is now:"},
    {.subject = "A licence expires",
     .opening = "This licence expires soon; after its last day nobody can be booked with the doctor by it:"},
    {.subject = "A file is in quarantine",
     .opening = "The scanner found something in a file that was sent, or could not read it. Nobody gets it until you "
                "have looked:",
     .page = "",
     .term = "medflow documents list_quarantine"},
    {.subject = "An invoice is overdue", .opening = "An invoice of ours is overdue, please pay it or call us:"},
    {.subject = "You have been signed out",
     .opening = "A session of yours was ended, because what keeps it alive was used twice. Somebody may have copied it "
                "from your device.",
     .term = "Sign in again. If you cannot tell why this was, set a new password."},
};

/// The token stands behind the `#`: browsers send that to nobody. Without a front end it stands alone, for whoever calls the API.
std::string link_of(const Template& kind, const TextValues& values) {
  if (values.link_base.empty()) return "code: " + std::string(values.token);
  std::string link(values.link_base);
  while (link.ends_with('/')) link.pop_back();
  return link + std::string(kind.page) + "#tenant=" + std::string(values.slug) + "&token=" + std::string(values.token);
}

}  // namespace

void write_text(MessageKind kind, const TextValues& values, Message& message) {
  const Template& words = templates[static_cast<std::size_t>(kind)];
  message.subject = words.subject;
  message.text = values.name.empty() ? "Hello," : "Hello " + std::string(values.name) + ",";
  message.text += "\n\n" + std::string(words.opening) + "\n";
  const auto add = [&](std::string_view line) {
    if (!line.empty()) message.text.append("\n").append(line).append("\n");
  };
  if (values.when) add(values.when->date.text() + " " + values.when->time.text());
  if (values.when) add(values.phone);
  add(values.licence);
  add(values.invoice);
  add(values.hospital);
  if (!words.page.empty()) add(link_of(words, values));
  add(words.term);
}

}  // namespace medflow::inline v1::messages
