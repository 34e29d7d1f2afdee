// The deployment that is killed: where it lies, what opens it, and who works there.
#pragma once

#include <array>
#include <stdexcept>
#include <string>

#include "medflow/medflow.hpp"
#include "medflow/testing/hospital.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/campaigns/crash/engines.hpp"

namespace medflow::campaign {

inline constexpr std::string_view hospital = "saint-mary";
inline constexpr std::string_view password = "violet tundra 47 anchor mosaic";
inline constexpr std::string_view desk_address = "desk@example.org";
inline constexpr std::string_view nurse_address = "nurse@example.org";

using testing::must;

/// The folder of one deployment and of what the campaign knows about it.
struct Place {
  std::string folder{};
  bool encrypted = false;

  std::string data() const { return folder + "/data"; }
  std::string record() const { return folder + "/record"; }
  std::string shared() const { return folder + "/shared"; }
  std::string tokens() const { return folder + "/tokens"; }
  storage::SqliteOptions engine_options() const { return {.folder = data(), .encrypted = encrypted}; }
};

inline PlatformOptions platform_options(std::shared_ptr<storage::Engine> engine) {
  static constexpr std::array<std::byte, 32> root_key{std::byte{7}};
  return {.engine = std::move(engine),
          .root_key = memory_root_key(root_key),
          .create = true,
          .access_ttl_s = 86'400,
          .password_memory_kib = 19 * 1024,
          .password_passes = 2};
}

/// Makes the hospital with an administrator, a receptionist and a nurse; writes the access tokens of the first two to a
/// file.
void make_deployment(const Place& place);

/// Their sessions.
struct Staff {
  Session admin;
  Session desk;
};
Staff staff_of(const Place& place, const Platform& platform);

/// What the worker is told.
struct Work {
  Place place{};
  std::uint64_t seed = 1;
  unsigned threads = 8;
  bool power_cut = false;
  bool synchronous_off = false;
  Planted planted{};
  int report_to = -1;
};

/// Works until it is killed; each call that has returned is one line to `report_to`. Returns only where a call fails.
int work(const Work& work);

/// Opens what a kill has left, in a fresh process, and prints what is wrong with it. 0 where nothing is. `since` is the
/// number of lines of the record that were checked before; `whole` checks every patient nevertheless, and runs the
/// Python verifier.
int check(const Place& place, std::size_t since, std::size_t kills, unsigned threads, bool whole);

}  // namespace medflow::campaign
