#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "adapters/cli/program.hpp"

extern char** environ;

int main(int argc, char** argv) {
  ::umask(077);
  // Keys and patients are in this memory: no core file of it, and no other process of the same user looks in.
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return medflow::cli::run(argc, argv, environ);
}
