// The indexes of codes that a process has made for searches of a tenant: each when it is first sought, some MiB at most in all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "codes/index.hpp"
#include "medflow/function_ref.hpp"

namespace medflow::inline v1::codes {

/// Thread-safe.
class Indexes {
 public:
  /// Those that were searched longest ago are forgotten beyond it, but never the last one.
  static constexpr std::size_t bytes_max = std::size_t{48} << 20U;

  /// Of the version that was in use when somebody looked last; null where nobody has looked since a version was put to use.
  std::shared_ptr<const Index> current(std::string_view system);
  /// The same, if it would be there.
  bool knows(std::string_view system) const;

  /// The index of the version that is in use now, made by `build` if there is none. Waits while another caller makes one.
  std::shared_ptr<const Index> of(const CodeSystemId& version, FunctionRef<Index()> build);

  /// Another version may be in use by now.
  void look_again();

  std::size_t bytes() const;

 private:
  struct Kept {
    std::shared_ptr<const Index> index{};
    std::uint64_t used = 0;
    bool current = false;
  };

  std::shared_ptr<const Index> take(const CodeSystemId& version);
  void make_room();

  std::mutex build_mutex_{};
  mutable std::mutex mutex_{};  // guards what follows
  std::vector<Kept> kept_{};
  std::uint64_t uses_ = 0;
};

}  // namespace medflow::inline v1::codes
