// A limit to the size of files, which a test sets to a disk that is full at a certain place.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace medflow::testing {

/// From now on nothing of this process is written beyond `bytes` of any file (RLIM_INFINITY: no limit); whoever tries gets an error.
inline void limit_file_size(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace medflow::testing
