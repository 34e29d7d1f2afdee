// A server with a bug, in the place of the real one.
#pragma once

#include <string>

namespace medflow::campaign {

/// Serves as `medflow serve --port 0` does, by the settings of the environment, until SIGTERM. The bugs: "lost-update" acknowledges every
/// third change of a patient and forgets it; "blind" sees nothing of what other processes write in what it keeps in memory.
int serve_planted(const std::string& bug);

}  // namespace medflow::campaign
