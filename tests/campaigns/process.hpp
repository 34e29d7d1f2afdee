// The programs that a campaign starts, and what it is told on its command line.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::campaign {

/// A program in a process of its own, which dies with this one.
class Child {
 public:
  /// Its standard output goes to the file `output`, where one is named; `keep` is a descriptor that it inherits.
  Child(const std::vector<std::string>& words, const std::string& output, int keep = -1) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!output.empty()) ::dup2(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 1);
    if (keep >= 0) ::fcntl(keep, F_SETFD, 0);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ~Child() {
    if (pid_ < 0) return;
    kill();
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill() const { ::kill(pid_, SIGKILL); }

  /// Its exit code, or minus the signal that ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  /// Whether it has ended; `wait` still tells how.
  bool ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
  }

 private:
  pid_t pid_ = -1;
};

inline std::string text_of_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// The memory of this process that is in the machine's, in MiB.
inline double resident_mib() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  in >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

/// This program's own file, to start it anew.
inline std::string own_program() {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0) throw std::runtime_error("cannot find this program");
  return {path, static_cast<std::size_t>(size)};
}

/// "--name value" pairs.
class Arguments {
 public:
  Arguments(int count, char** words) : words_(words + 1, words + count) {
    for (std::size_t i = 0; i < words_.size(); i += 2)
      if (!words_[i].starts_with("--") || i + 1 == words_.size()) throw std::runtime_error("usage: --name value …");
  }
  std::string text(std::string_view name, std::string otherwise = {}) const {
    for (std::size_t i = 0; i + 1 < words_.size(); i += 2)
      if (std::string_view(words_[i]).substr(2) == name) return words_[i + 1];
    return otherwise;
  }
  std::uint64_t number(std::string_view name, std::uint64_t otherwise) const {
    const std::string value = text(name);
    return value.empty() ? otherwise : std::stoull(value);
  }

 private:
  std::vector<std::string> words_;
};

/// The main of a campaign: `run` is given its arguments and answers the exit code.
template <class Run>
int campaign_main(const char* name, int count, char** words, Run run) {
  try {
    return run(Arguments(count, words));
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 2;
  }
}

/// The same for one whose class is made of its arguments and says with `run` whether all went well.
template <class Campaign>
int campaign_main(const char* name, int count, char** words) {
  return campaign_main(name, count, words,
                       [](const Arguments& arguments) { return Campaign(arguments).run() ? 0 : 1; });
}

}  // namespace medflow::campaign
