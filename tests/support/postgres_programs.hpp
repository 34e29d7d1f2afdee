// Debian's programs of a PostgreSQL server, for tests that keep one in a folder of their own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace medflow::testing {

/// The file of a program such as "initdb", of the newest version that is installed.
std::string postgres_program(const std::string& name);

/// The server refuses to run as root: makes another user the owner of a folder, who its programs are then run as.
void give_to_server(const std::string& folder);

/// Starts a program whose output goes to a file.
pid_t start_as_server(const std::vector<std::string>& words, const std::string& log);
/// The same, waits for it, and gives its exit code; -1 where it was killed.
int run_as_server(const std::vector<std::string>& words, const std::string& log);

/// A port of the loopback that nobody listens on at this moment.
int free_port();

}  // namespace medflow::testing
