// Where messages go as long as no mail server is named: into files, or onto the console.
#pragma once

#include <memory>
#include <string>

#include "medflow/ports.hpp"

namespace medflow::cli {

/// Writes each message into a file of its own, "<id>.txt", which its owner alone can read, in a folder that is made where it is not
/// there. A message that comes again finds its file and is not written twice; not so where somebody has carried it on meanwhile, so
/// `dedupes` is as by default.
std::shared_ptr<MessageSender> file_messages(std::string folder);

/// Writes messages to standard error, for trying things out.
std::shared_ptr<MessageSender> console_messages();

/// What `MEDFLOW_MESSAGES` names: "file:DIR", "console", or "off" for none (null). Throws config::Refused for anything else.
std::shared_ptr<MessageSender> messages_to(const std::string& sink);

}  // namespace medflow::cli
