#include "adapters/cli/message_sinks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string_view>

#include "adapters/config/settings.hpp"

namespace medflow::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Message& message) {
  return "To: " + message.to + "\nSubject: " + message.subject + "\n\n" + message.text;
}

class FileMessages final : public MessageSender {
 public:
  explicit FileMessages(std::string folder) : folder_(std::move(folder)) {}

  Delivery send(const Message& message) override {
    std::error_code error;
    if (fs::create_directories(folder_, error)) fs::permissions(folder_, fs::perms::owner_all, error);
    const std::string path = folder_ + "/" + message.id.text() + ".txt";
    if (fs::exists(path, error)) return Delivery::sent;
    const std::string half = path + ".part";
    if (!write(half, text_of(message))) return Delivery::later;
    fs::rename(half, path, error);
    return error ? Delivery::later : Delivery::sent;
  }

 private:
  static bool write(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return false;
    bool whole = true;
    while (whole && !text.empty()) {
      const ssize_t written = ::write(file, text.data(), text.size());
      whole = written > 0;
      if (whole) text.remove_prefix(static_cast<std::size_t>(written));
    }
    whole = whole && ::fsync(file) == 0;
    return ::close(file) == 0 && whole;
  }

  std::string folder_;
};

class ConsoleMessages final : public MessageSender {
 public:
  Delivery send(const Message& message) override {
    const std::string text = text_of(message) + "\n";
    return std::fwrite(text.data(), 1, text.size(), stderr) == text.size() ? Delivery::sent : Delivery::later;
  }
};

}  // namespace

std::shared_ptr<MessageSender> file_messages(std::string folder) {
  return std::make_shared<FileMessages>(std::move(folder));
}

std::shared_ptr<MessageSender> console_messages() { return std::make_shared<ConsoleMessages>(); }

std::shared_ptr<MessageSender> messages_to(const std::string& sink) {
  constexpr std::string_view file = "file:";
  if (sink == "off") return nullptr;
  if (sink == "console") return console_messages();
  if (sink.starts_with(file) && sink.size() > file.size()) return file_messages(sink.substr(file.size()));
  throw config::Refused({"MEDFLOW_MESSAGES: takes file:DIR, console or off"});
}

}  // namespace medflow::cli
