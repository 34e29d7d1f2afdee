#include "adapters/cli/message_sinks.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "adapters/config/settings.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow;

namespace {

const Message message{.id = *Uuid::parse("019a0000-0000-7000-8000-000000000001"),
                      .kind = "auth.reset",
                      .tenant = "saint-mary",
                      .to = "nora@example.org",
                      .subject = "Your new password",
                      .text = "Hello,\n\ncode: abc\n"};

std::string content(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("USR-7: the file sink keeps each message once, for its owner's eyes") {
  const testing::TemporaryFolder folder;
  const auto sink = cli::messages_to("file:" + folder / "new/messages");
  CHECK(sink->send(message) == Delivery::sent);
  const std::string path = folder / "new/messages/" + message.id.text() + ".txt";
  CHECK(content(path) == "To: nora@example.org\nSubject: Your new password\n\nHello,\n\ncode: abc\n");
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat((folder / "new/messages").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  Message again = message;
  again.text = "another";
  CHECK(sink->send(again) == Delivery::sent);
  CHECK(content(path).find("another") == std::string::npos);
}

TEST_CASE("USR-7: a file sink that cannot write says later") {
  const testing::TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  CHECK(cli::file_messages(folder / "file/below")->send(message) == Delivery::later);
}

TEST_CASE("USR-7: MEDFLOW_MESSAGES names a sink, none, or is refused") {
  CHECK(cli::messages_to("off") == nullptr);
  CHECK(cli::messages_to("console") != nullptr);
  for (const char* wrong : {"", "file:", "files", "smtp://mail"})
    CHECK_THROWS_AS(static_cast<void>(cli::messages_to(wrong)), config::Refused);
}
