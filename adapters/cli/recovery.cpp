#include "adapters/cli/recovery.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include "adapters/cli/deployment.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/config/engine.hpp"
#include "medflow/operations.hpp"
#include "medflow/ports.hpp"
#include "medflow/recovery.hpp"

namespace medflow::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t end_size = 9;  // two groups of the fingerprint

bool somebody_is_there() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

std::string end_of(const std::string& fingerprint) { return fingerprint.substr(fingerprint.size() - end_size); }

std::string place_beside_root_key(const config::Settings& settings) {
  return (fs::path(settings.text("root_key_file")).parent_path() / "recovery.key").string();
}

/// Whether somebody has typed the end of the fingerprint.
bool ask(const RecoveryRecipient& recipient, const std::string& file) {
  std::fprintf(
      stderr,
      "\nThe recovery file is %s. Copies of key stores will be sealed to it; this version makes none yet: keep\n"
      "copies of the files keys.db yourself, apart from those of the data and from the root key. Move the recovery "
      "file\n"
      "off this machine, to a place that is locked. Its fingerprint is\n\n  %s\n\n"
      "Type the last two groups of the fingerprint: ",
      file.c_str(), recipient.fingerprint.c_str());
  std::string typed;
  std::getline(std::cin, typed);
  return typed == end_of(recipient.fingerprint);
}

}  // namespace

RecoveryDone ensure_recovery(const Platform& platform, const config::Settings& settings, const RecoveryWish& wish) {
  const Session root = platform.local_operator("medflow-cli");
  const auto in_force = must(root.call(platforms::GetStatus{})).recovery;
  if (wish.file.empty() && in_force) return {.fingerprint = in_force->fingerprint, .in_force = true};
  if (wish.file.empty() && !somebody_is_there()) return {};

  RecoveryDone done{.file = wish.file.empty() ? place_beside_root_key(settings) : wish.file};
  if (config::inside_data(done.file, settings.engine()))
    throw config::Refused({done.file + " lies inside the data folder; keep the recovery file apart from the data"});
  done.made = !fs::exists(fs::symlink_status(done.file));
  if (done.made && fs::path(done.file).has_parent_path()) fs::create_directories(fs::path(done.file).parent_path());
  const RecoveryRecipient recipient =
      done.made ? create_recovery_file(done.file, *system_rng()) : read_recovery_file(done.file);
  done.fingerprint = recipient.fingerprint;
  done.in_force = in_force && in_force->public_key == recipient.public_key;
  if (done.in_force) return done;
  if (in_force && !wish.replace)
    throw Trouble(exit_code::invalid, done.file + ": copies are sealed to another recipient, " + in_force->fingerprint +
                                          "; to replace it: medflow recovery --file " + done.file + " --replace");
  if (!wish.confirmed && !somebody_is_there()) return done;
  if (!wish.confirmed && !ask(recipient, done.file))
    throw Trouble(exit_code::invalid,
                  "this is not the end of the fingerprint; nothing was set. Look again, and run it again");
  must(root.call(platforms::SetRecovery{.revision = in_force ? std::optional(in_force->revision) : std::nullopt,
                                        .public_key = recipient.public_key,
                                        .confirmation = end_of(recipient.fingerprint)}));
  done.in_force = true;
  return done;
}

void print_lines(const RecoveryDone& done) {
  if (done.file.empty() && done.in_force) {
    std::printf("recovery  as it was (fingerprint %s)\n", done.fingerprint.c_str());
  } else if (done.file.empty()) {
    std::printf("recovery  none; set one with medflow recovery --file FILE (no copies are sealed to it yet)\n");
  } else {
    std::printf("recovery  %s (%s; fingerprint %s)\n", done.file.c_str(),
                done.in_force ? "in force: move it off this machine"
                              : "not confirmed, so not in force: compare it and run this again with --confirm-recovery",
                done.fingerprint.c_str());
  }
}

}  // namespace medflow::cli
