#include "adapters/cli/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "adapters/cli/trouble.hpp"

namespace medflow::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, int error) {
  throw Trouble(exit_code::failure, path + ": " + std::system_category().message(error));
}

void make_folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  if (folder.empty() || fs::exists(folder)) return;
  std::error_code error;
  fs::create_directories(folder, error);  // the program's umask keeps them to their owner
  if (error) throw Trouble(exit_code::failure, folder.string() + ": " + error.message());
}

void write_all(int descriptor, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// Shows nothing of what is typed for as long as it lives.
class Silence {
 public:
  explicit Silence(int descriptor) : descriptor_(descriptor), known_(::tcgetattr(descriptor, &before_) == 0) {
    if (!known_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    ::tcsetattr(descriptor_, TCSAFLUSH, &silent);
  }
  ~Silence() {
    if (known_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int descriptor_;
  termios before_{};
  bool known_;
};

Secret first_line(std::istream& in) {
  Secret secret;
  std::string& text = secret.reveal_mutable();
  text.reserve(1024);  // one buffer, so that no copy is left behind by growing
  for (int c = in.get(); c != std::istream::traits_type::eof() && c != '\n'; c = in.get()) {
    if (text.size() == 1024) throw Trouble(exit_code::usage, "a secret has at most 1,024 bytes");
    text += static_cast<char>(c);
  }
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return secret;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::size_t limit) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail(path, errno);
  }
  std::string text;
  char piece[4096];
  while (in.read(piece, sizeof piece) || in.gcount() > 0) {
    text.append(piece, static_cast<std::size_t>(in.gcount()));
    if (text.size() > limit)
      throw Trouble(exit_code::invalid, path + ": is larger than " + std::to_string(limit) + " bytes");
  }
  if (in.bad()) fail(path, EIO);
  return text;
}

void write_private_file(const std::string& path, std::string_view text) {
  make_folder_of(path);
  std::string fresh = path + ".XXXXXX";
  const int descriptor = ::mkstemp(fresh.data());  // mode 0600
  if (descriptor < 0) fail(path, errno);
  try {
    write_all(descriptor, path, text);
    if (::fsync(descriptor) != 0) fail(path, errno);
    if (::rename(fresh.c_str(), path.c_str()) != 0) fail(path, errno);
  } catch (...) {
    ::close(descriptor);
    ::unlink(fresh.c_str());
    throw;
  }
  ::close(descriptor);
}

Secret secret_from_file(const std::string& path) {
  if (path == "-") return first_line(std::cin);
  std::ifstream in(path);
  if (!in) fail(path, errno);
  return first_line(in);
}

Secret ask_secret(const std::string& question, const std::string& flag) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0)
    throw usage("there is no terminal to ask on: name a file with " + flag + ", or - for standard input");
  Secret secret;
  bool whole = false;
  {
    const Silence silence(terminal);
    write_all(terminal, "/dev/tty", question + ": ");
    std::string& text = secret.reveal_mutable();
    text.reserve(1024);
    char c = 0;
    while (text.size() < 1024 && ::read(terminal, &c, 1) == 1 && !whole) {
      whole = c == '\n';
      if (!whole) text += c;
    }
  }
  ::close(terminal);
  if (!whole) throw usage("nothing was entered");
  return secret;
}

FileLock::FileLock(const std::string& path) {
  make_folder_of(path);
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) fail(path, errno);
  while (::flock(descriptor_, LOCK_EX) != 0)
    if (errno != EINTR) fail(path, errno);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace medflow::cli
