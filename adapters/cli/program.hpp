// The program `medflow`: parses a command line, runs what it names and turns what went wrong into lines and an exit code (CLI-1):
// 0 ok, 1 failure, 2 usage, 3 not found, 4 invalid, 5 conflict, 6 denied, 7 unavailable, 8 integrity.
#pragma once

namespace medflow::cli {

/// `environment` is the process's, as main gets it.
int run(int argc, const char* const* argv, const char* const* environment);

}  // namespace medflow::cli
