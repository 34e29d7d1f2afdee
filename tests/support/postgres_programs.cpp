#include "tests/support/postgres_programs.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "basics/descriptor.hpp"

namespace medflow::testing {
namespace {

const passwd* server_user() {
  if (::geteuid() != 0) return nullptr;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* user = ::getpwnam(name)) return user;
  }
  throw std::runtime_error{"no user to run PostgreSQL as"};
}

}  // namespace

std::string postgres_program(const std::string& name) {
  for (int version = 20; version >= 13; --version) {
    auto file = "/usr/lib/postgresql/" + std::to_string(version) + "/bin/" + name;
    if (std::filesystem::exists(file)) return file;
  }
  throw std::runtime_error{"no PostgreSQL server is installed (Debian's package postgresql)"};
}

void give_to_server(const std::string& folder) {
  const passwd* user = server_user();
  if (user != nullptr && ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error{"no folder for PostgreSQL"};
}

pid_t start_as_server(const std::vector<std::string>& words, const std::string& log) {
  const passwd* user = server_user();
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  const bool changed =
      user == nullptr || (::setgroups(0, nullptr) == 0 && ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0);
  if (changed && ::chdir("/") == 0) ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

int run_as_server(const std::vector<std::string>& words, const std::string& log) {
  const pid_t child = start_as_server(words, log);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

int free_port() {
  const basics::Descriptor socket{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), raw, length) != 0 || ::getsockname(socket.get(), raw, &length) != 0)
    throw std::runtime_error{"no free port"};
  return ntohs(address.sin_port);
}

}  // namespace medflow::testing
