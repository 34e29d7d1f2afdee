// Small files of the program's own, and secrets on their way in: from a file or a prompt, never from the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "medflow/secret.hpp"

namespace medflow::cli {

/// The whole of a file, none where there is no such file. Throws Trouble for one that cannot be read or is larger than `limit`.
std::optional<std::string> read_file(const std::string& path, std::size_t limit);

/// Replaces a file in one step, mode 0600; folders that are missing are made with mode 0700. Throws Trouble.
void write_private_file(const std::string& path, std::string_view text);

/// The first line of a file, of standard input for "-". Throws Trouble.
Secret secret_from_file(const std::string& path);

/// Asks on the terminal without showing what is typed. Throws Trouble where there is no terminal; `flag` is named then.
Secret ask_secret(const std::string& question, const std::string& flag);

/// Holds an advisory lock on `path` for as long as it lives. Throws Trouble.
class FileLock {
 public:
  explicit FileLock(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace medflow::cli
