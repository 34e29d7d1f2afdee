// The harness of the engines that keep files: each restart makes a new engine over the same folder.
#pragma once

#include <array>
#include <type_traits>
#include <utility>

#include "medflow/conformance/harness.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::conformance {

/// `Around` is an engine that is put around each; none by itself.
template <bool encrypted, class Around = void>
class FileHarness final : public Harness {
 public:
  FileHarness() { restart(); }

  Engine& engine() override { return *engine_; }
  void restart() override {
    engine_.reset();
    engine_ = make_sqlite_engine({.folder = folder_ / "data", .encrypted = encrypted});
    if constexpr (!std::is_void_v<Around>) engine_ = std::make_unique<Around>(std::move(engine_));
  }
  std::span<const std::byte> page_key() const override { return key_; }

 private:
  testing::TemporaryFolder folder_;
  std::array<std::byte, 48> key_{std::byte{0x5A}, std::byte{0x01}};
  std::unique_ptr<Engine> engine_;
};

}  // namespace medflow::conformance
