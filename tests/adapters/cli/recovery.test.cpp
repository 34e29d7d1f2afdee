// The recovery file, as `medflow init` and `medflow recovery` make it and have it confirmed (SEC-6).
#include <doctest/doctest.h>
#include <pty.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "process.hpp"

namespace {

using medflow::tests::Home;
using medflow::tests::Ran;
using medflow::tests::run;
using Words = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  REQUIRE_MESSAGE(at != std::string::npos, name, " in ", json);
  const std::size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

Words init_words(const Home& home, const Words& more = {}) {
  Words words{"init", "--json", "--data", home / "data", "--tenant", "northfield", "--email", "head@north.example"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Ran init(const Home& home, const Words& more = {}) {
  Ran ran = run(home, init_words(home, more));
  INFO(ran.err);
  REQUIRE(ran.exit == 0);
  return ran;
}

/// What the program does at a terminal where somebody types a line; `out` is what the terminal shows.
Ran run_at_terminal(const Home& home, const Words& words, const std::string& typed) {
  Words all{MEDFLOW_PROGRAM};
  all.insert(all.end(), words.begin(), words.end());
  Words variables{"HOME=" + home / "", "XDG_CONFIG_HOME=" + home / "config", "PATH=/usr/bin:/bin"};
  std::vector<char*> argv;
  std::vector<char*> environment;
  for (std::string& word : all) argv.push_back(word.data());
  for (std::string& variable : variables) environment.push_back(variable.data());
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::execve(argv[0], argv.data(), environment.data());
    ::_exit(127);
  }
  const std::string line = typed + "\n";
  REQUIRE(::write(terminal, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  Ran ran;
  char bytes[4096];
  for (ssize_t count = 0; (count = ::read(terminal, bytes, sizeof bytes)) > 0;)
    ran.out.append(bytes, static_cast<std::size_t>(count));
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::close(terminal);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

}  // namespace

TEST_CASE("SEC-6: init makes the recovery file, and it is in force once it is confirmed") {
  const Home home;
  const std::string file = home / "safe/recovery.key";
  const Ran none = init(home);
  CHECK(has(none.out, "\"recovery_in_force\":false"));
  CHECK(member(none.out, "recovery_file").empty());

  const Ran made = init(home, {"--recovery-file", file});
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600U);
  CHECK(has(made.out, "\"recovery_in_force\":false"));
  const std::string fingerprint = member(made.out, "recovery_fingerprint");
  const std::string text = Home::read(file);
  CHECK(has(text, "fingerprint " + fingerprint));

  const Ran confirmed = init(home, {"--recovery-file", file, "--confirm-recovery"});
  CHECK(has(confirmed.out, "\"recovery_in_force\":true"));
  CHECK(Home::read(file) == text);
  medflow::tests::fs::remove(file);  // it has been taken away
  const Ran later = init(home);
  CHECK(has(later.out, "\"recovery_in_force\":true"));
  CHECK(member(later.out, "recovery_fingerprint") == fingerprint);
}

TEST_CASE("SEC-6: at a terminal the end of the fingerprint is asked for, and nothing else will do") {
  const Home home;
  const std::string file = home / "recovery.key";
  const std::string fingerprint = member(init(home, {"--recovery-file", file}).out, "recovery_fingerprint");
  const std::string end = fingerprint.substr(fingerprint.size() - 9);

  const Ran wrong = run_at_terminal(home, init_words(home, {"--recovery-file", file}), "0000-0000");
  CHECK(wrong.exit == 4);
  CHECK(has(wrong.out, fingerprint));
  CHECK(has(wrong.out, "nothing was set"));
  CHECK(has(init(home, {"--recovery-file", file}).out, "\"recovery_in_force\":false"));

  const Ran right = run_at_terminal(home, init_words(home, {"--recovery-file", file}), end);
  CHECK(right.exit == 0);
  CHECK(has(right.out, "\"recovery_in_force\":true"));
}

TEST_CASE("SEC-6: another recipient takes the place of the one in force only when that is said") {
  const Home home;
  init(home, {"--recovery-file", home / "first.key", "--confirm-recovery"});
  const Words second{"recovery",          "--json", "--data", home / "data", "--file", home / "second.key",
                     "--confirm-recovery"};
  const Ran refused = run(home, second);
  CHECK(refused.exit == 4);
  CHECK(has(refused.err, "--replace"));

  Words replacing = second;
  replacing.emplace_back("--replace");
  const Ran replaced = run(home, replacing);
  CHECK(replaced.exit == 0);
  const Ran shown = run(home, {"recovery", "--json", "--data", home / "data"});
  CHECK(member(shown.out, "fingerprint") == member(replaced.out, "fingerprint"));
}

TEST_CASE("SEC-6: a recovery file inside the data folder, or one that is none, is refused") {
  const Home home;
  const Ran inside = run(home, init_words(home, {"--recovery-file", home / "data/recovery.key", "--confirm-recovery"}));
  CHECK(inside.exit == 2);
  CHECK(has(inside.err, "data folder"));
  const std::string other = home.write("other", "not one\n");
  REQUIRE(::chmod(other.c_str(), 0600) == 0);
  const Ran none = run(home, init_words(home, {"--recovery-file", other, "--confirm-recovery"}));
  CHECK(none.exit == 4);
  CHECK(has(none.err, "recovery.unreadable"));
  CHECK(has(init(home).out, "\"recovery_in_force\":false"));
}
