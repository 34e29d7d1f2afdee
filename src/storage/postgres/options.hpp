// What the engine for PostgreSQL can be told, beyond what its public function offers: for the program and for tests.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

struct PostgresOptions {
  std::string url{};         ///< of the role that works under row level security
  std::string direct_url{};  ///< of the migrator; empty for none
  std::size_t connections_max = 16;
  Isolation isolation = Isolation::shared;
  std::string owner = "medflow_owner";                ///< the role without login that owns the tables
  std::chrono::milliseconds connection_wait{10'000};  ///< for one of them to be free; then `unavailable`
  std::chrono::milliseconds lock_wait{30'000};        ///< for the writer in another process; then `unavailable`
  /// After which the server ends a writer that has fallen silent, so that it does not keep the others out.
  std::chrono::milliseconds silent_writer_max{60'000};
  /// The same for a reader, whose snapshot holds up the removal of old rows.
  std::chrono::milliseconds silent_reader_max{600'000};
  /// Counts how often the work waits for the server's answer. Lives as long as the engine.
  std::atomic<std::uint64_t>* round_trips = nullptr;
};

/// The engine that `postgres_engine` makes with the options' defaults.
std::unique_ptr<Engine> make_postgres_engine(PostgresOptions options);

}  // namespace medflow::inline v1::storage
