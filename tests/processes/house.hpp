// One hospital that several processes have open: platforms on one shared engine, each with a memory of its own.
#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/options.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/shared_memory.hpp"

namespace medflow::testing {

using EnginePtr = std::shared_ptr<storage::Engine>;

/// Where the processes of one house keep their stores.
class Server {
 public:
  virtual ~Server() = default;
  /// The engine of a further process.
  virtual EnginePtr process() = 0;
};

class MemoryServer final : public Server {
 public:
  EnginePtr process() override { return memory_->process(); }

 private:
  std::shared_ptr<SharedMemory> memory_ = SharedMemory::make();
};

class PostgresHouse final : public Server {
 public:
  EnginePtr process() override { return storage::make_postgres_engine(database_.options()); }

 private:
  PostgresDatabase database_{};
};

/// Memory that several engines share, or what MEDFLOW_TEST_PROCESSES names: the same tests are run on both.
inline std::shared_ptr<Server> make_server() {
  const char* wanted = std::getenv("MEDFLOW_TEST_PROCESSES");
  if (wanted == nullptr) return std::make_shared<MemoryServer>();
  if (wanted != std::string_view("postgresql")) throw std::runtime_error("MEDFLOW_TEST_PROCESSES names no engine");
  return std::make_shared<PostgresHouse>();
}

struct House {
  std::shared_ptr<Server> server = make_server();
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Hospital hospital{test_options(server->process(), clock), clock};  ///< with the first process

  PlatformOptions options(EnginePtr engine) const { return test_options(std::move(engine), clock); }
  PlatformOptions options() const { return options(server->process()); }
  /// A further process.
  Platform join() const { return must(Platform::open(options())); }
  Platform join(EnginePtr engine) const { return must(Platform::open(options(std::move(engine)))); }
  /// Somebody's session in another process.
  Session on(const Platform& platform, Role role) {
    static_cast<void>(hospital.as(role));  // signs in anew where the clock has made the last token old
    return must(platform.authenticate(hospital.member(role).tokens.access_token));
  }
  void tick(const Platform& platform) const {
    for (const auto& trouble : platform.tick(clock->now())) throw std::runtime_error("a tick: " + trouble.task);
  }
};

inline patients::Register person(std::string family, std::string identifier = {}) {
  patients::Register request{.names = {{.family = std::move(family)}}, .sex_admin = patients::Sex::female};
  if (!identifier.empty()) request.identifiers = {{.system = "urn:test:house", .value = std::move(identifier)}};
  return request;
}

inline std::size_t found_by_name(const Session& session, std::string name) {
  return must(session.call(patients::List{.name = std::move(name), .limit = 200})).data.size();
}

inline std::size_t found_by_identifier(const Session& session, std::string identifier) {
  return must(session.call(patients::List{.identifier = std::move(identifier)})).data.size();
}

}  // namespace medflow::testing
