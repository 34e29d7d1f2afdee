// The revision that a change is based on (R8).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "medflow/error.hpp"

namespace medflow::kernel {

/// Throws Failure `conflict.revision` where another one is expected than is there.
inline void require_revision(std::uint64_t present, std::optional<std::uint64_t> expected) {
  if (!expected || *expected == present) return;
  Error error{.code = codes::revision};
  error.revision = present;
  throw Failure(std::move(error));
}

/// Throws Failure `precondition.required` where none is named.
inline void require_named(std::optional<std::uint64_t> revision) {
  if (!revision) throw Failure(codes::revision_required, "/revision", "required", "the revision is required");
}

}  // namespace medflow::kernel
