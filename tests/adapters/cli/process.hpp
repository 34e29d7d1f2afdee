// Runs the built program as a user would: arguments in, exit code and both outputs back, in an environment of its own.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace medflow::tests {

namespace fs = std::filesystem;

struct Ran {
  int exit = -1;
  std::string out{};
  std::string err{};
};

/// A fresh folder that is also the program's home: nothing of the machine's own settings reaches it.
class Home {
 public:
  Home() {
    static std::atomic<int> count{0};
    path_ = fs::temp_directory_path() / ("medflow-cli-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Home() { fs::remove_all(path_); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  fs::path path_;
};

using Environment = std::map<std::string, std::string>;

/// A started program, the built one where no other is named. Its outputs go to files in the home.
class Process {
 public:
  Process(const Home& home, const std::vector<std::string>& arguments, const Environment& more = {},
          const std::string& input = {}, const std::string& program = MEDFLOW_PROGRAM) {
    static std::atomic<int> count{0};
    const std::string stem = home / ("run" + std::to_string(++count));
    out_ = stem + ".out";
    err_ = stem + ".err";
    std::ofstream(stem + ".in", std::ios::binary) << input;

    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Environment all{{"HOME", home / ""},
                    {"XDG_CONFIG_HOME", home / "config"},
                    {"PATH", "/usr/bin:/bin"},
                    {"MEDFLOW_MESSAGES", "file:" + home / "messages"}};
    for (const auto& [name, value] : more) all[name] = value;
    std::vector<std::string> variables;
    for (const auto& [name, value] : all) variables.push_back(name + "=" + value);

    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) become(words, variables, stem + ".in");
  }
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Ran wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return {.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .out = Home::read(out_), .err = Home::read(err_)};
  }
  void end() const { ::kill(pid_, SIGTERM); }
  pid_t pid() const { return pid_; }

  /// The first line that it prints; empty where it ends before that.
  std::string first_line() const {
    for (;;) {
      const std::string text = Home::read(out_);
      const std::size_t end = text.find('\n');
      if (end != std::string::npos) return text.substr(0, end);
      siginfo_t info{};  // waits for the program a moment at a time, without reaping it
      if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_)
        return {};
      ::usleep(2'000);
    }
  }

 private:
  [[noreturn]] void become(const std::vector<std::string>& words, const std::vector<std::string>& variables,
                           const std::string& input) const {
    const int in = ::open(input.c_str(), O_RDONLY);
    const int out = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err = ::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    ::setsid();  // no terminal to ask on
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::vector<char*> environment;
    for (const std::string& variable : variables) environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    ::execve(argv[0], argv.data(), environment.data());
    ::_exit(127);
  }

  std::string out_{};
  std::string err_{};
  pid_t pid_ = -1;
};

inline Ran run(const Home& home, const std::vector<std::string>& arguments, const Environment& more = {},
               const std::string& input = {}) {
  return Process(home, arguments, more, input).wait();
}

}  // namespace medflow::tests
