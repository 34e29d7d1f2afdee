#include "tests/conformance/run_all.hpp"

namespace {

using namespace medflow::storage;

// Memory outlives no process: what a restart keeps is the engine object.
class MemoryHarness final : public medflow::conformance::Harness {
 public:
  Engine& engine() override { return *engine_; }
  void restart() override {}

 private:
  std::unique_ptr<Engine> engine_ = memory_engine();
};

}  // namespace

MEDFLOW_STORAGE_CONFORMANCE("memory", MemoryHarness)
