// The recovery recipient of a deployment: its file, and somebody who has looked at it (SEC-6).
#pragma once

#include <string>

#include "adapters/config/settings.hpp"
#include "medflow/platform.hpp"

namespace medflow::cli {

struct RecoveryWish {
  std::string
      file{};  ///< made where it is not there yet; empty: beside the root key, where somebody is there to be asked
  bool confirmed = false;  ///< nobody need be asked
  bool replace = false;    ///< put it in the place of another recipient
};

struct RecoveryDone {
  std::string file{};  ///< empty: nobody has named one, and nobody was there to be asked
  bool made = false;   ///< the file is new
  std::string fingerprint{};
  bool in_force = false;
};

/// Makes the file or reads it, has it confirmed (a flag, or somebody at the terminal who types the end of its fingerprint), and names it
/// to the platform. Without a file and a terminal nothing is done; what is in force stays. Throws Trouble, config::Refused and Failure.
RecoveryDone ensure_recovery(const Platform& platform, const config::Settings& settings, const RecoveryWish& wish);

/// A few lines for people: where the file is, and what to do with it.
void print_lines(const RecoveryDone& done);

}  // namespace medflow::cli
