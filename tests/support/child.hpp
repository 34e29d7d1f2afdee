// A child process that does something and tells by its exit code, or dies.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>

namespace medflow::testing {

inline constexpr int child_threw = 99;
inline constexpr int child_killed = -SIGKILL;

/// Runs `body` in a forked child and gives what it answers; `child_threw` if it threw, minus the signal if it was killed. Fork
/// while this process has one thread.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = child_threw;
    try {
      code = body();
    } catch (const std::exception&) {
      code = child_threw;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

[[noreturn]] inline void die_now() {
  ::kill(::getpid(), SIGKILL);
  ::_exit(child_threw);
}

}  // namespace medflow::testing
