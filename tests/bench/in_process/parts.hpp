// The two halves of the benchmark. Each runs in a process of its own and leaves its figures in a file.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/in_process/measure.hpp"

namespace medflow::bench {

struct Plan {
  std::string engine{};      ///< "sqlite", "sqlcipher" or "postgres"
  std::string url{};         ///< PostgreSQL: of the role that works
  std::string direct_url{};  ///< PostgreSQL: of the migrator
  std::string folder{};
  std::size_t patients = 20'000;
  std::size_t operations = 8'192;  ///< in one run of one measure
  std::size_t rounds = 3;
  std::size_t in_flight = 64;
  int cache_kib = 64 * 1024;      ///< page cache, ours; the default of the engine
  int raw_cache_kib = 64 * 1024;  ///< page cache of the raw loop
  bool raw = true;                ///< measure the raw loop too; without it, as a profiler wants it
};

/// Makes a hospital, fills it and measures creates.
void measure_creates(const Plan& plan, const Figures& figures);
/// Opens the hospital that `measure_creates` has left, and measures reads.
void measure_reads(const Plan& plan, const Figures& figures);

}  // namespace medflow::bench
