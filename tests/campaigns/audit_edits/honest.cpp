#include "tests/campaigns/audit_edits/honest.hpp"

#include <unistd.h>

#include <array>
#include <random>
#include <stdexcept>

#include "medflow/medflow.hpp"
#include "medflow/testing/hospital.hpp"

namespace medflow::campaign {
namespace {

PlatformOptions options_of(const std::string& folder, bool encrypted) {
  static constexpr std::array<std::byte, 32> root_key{std::byte{7}};
  return {.engine = encrypted ? storage::sqlcipher_engine(folder + "/data") : storage::sqlite_engine(folder + "/data"),
          .root_key = memory_root_key(root_key),
          .checkpoint_sinks = {file_checkpoint_sink(folder + "/checkpoints")},
          .create = true,
          .password_memory_kib = 19 * 1024,
          .password_passes = 2};
}

using testing::must;

}  // namespace

int work_until_killed(const std::string& folder, bool encrypted, std::uint64_t seed, int report) {
  std::mt19937_64 random(seed);
  const Platform platform = must(Platform::open(options_of(folder, encrypted)));
  const Session root = platform.local_operator("campaign");
  const auto tenant = must(root.call(tenants::Provision{.slug = "saint-mary",
                                                        .name = "Saint Mary",
                                                        .default_zone = {"Europe/London"},
                                                        .currency = *Currency::parse("GBP")}));
  const auto clock = system_clock();
  for (std::int64_t n = 1;; ++n) {
    switch (random() % 4) {
      case 0:
        // A kill may have come between the two: whichever is not allowed leaves a denial.
        (void)root.call(tenants::Suspend{.id = tenant.id});
        (void)root.call(tenants::Resume{.id = tenant.id});
        break;
      case 1:
        must(root.call(tenants::Get{.id = tenant.id}));
        break;
      default:
        must(root.call(platforms::GetStatus{}));
    }
    if (random() % 3 == 0)
      for (const BackgroundTrouble& trouble : platform.tick(clock->now().plus_s(n * 5)))
        throw std::runtime_error(trouble.task + ": " + std::string(trouble.error.code.name));
    if (::write(report, "x", 1) != 1) return 1;
  }
}

HonestLog crash_and_verify(const std::string& folder, bool encrypted, std::uint64_t seed, unsigned kills) {
  std::mt19937_64 random(seed);
  for (unsigned kill = 0; kill < kills; ++kill) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    Child worker({own_program(), "--mode", "work", "--folder", folder, "--engine", encrypted ? "sqlcipher" : "sqlite",
                  "--seed", std::to_string(random()), "--report", std::to_string(ends[1])},
                 "", ends[1]);
    ::close(ends[1]);
    char byte = 0;
    for (auto calls = 1 + random() % 200; calls > 0; --calls)
      if (::read(ends[0], &byte, 1) != 1) break;
    worker.kill();
    const int code = worker.wait();
    ::close(ends[0]);
    if (code != -SIGKILL) return {.said = "the worker ended by itself: " + std::to_string(code)};
  }
  auto options = options_of(folder, encrypted);
  options.create = false;
  const Platform platform = must(Platform::open(std::move(options)));
  const auto verified = must(platform.local_operator("campaign").call(audit::Verify{}));
  HonestLog log{.intact = verified.intact, .events = verified.events, .checkpoints = verified.checkpoints};
  for (const auto& finding : verified.findings) log.said += finding.kind + " at " + std::to_string(finding.seq) + "; ";
  for (const BackgroundTrouble& trouble : platform.tick(system_clock()->now().plus_s(100'000))) {
    log.intact = false;
    log.said += trouble.task + ": " + std::string(trouble.error.code.name) + "; ";
  }
  return log;
}

}  // namespace medflow::campaign
