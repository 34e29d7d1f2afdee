// Looks through a file of one family as it comes, once, in pieces of any size, and passes it on, cleaned where its family asks for it. What is wrong
// with it is thrown as Failure `document.broken`, `document.active`, `document.bomb` or `document.polyglot`.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "documents/types/family.hpp"

namespace medflow::inline v1::documents::types {

class Inspector {
 public:
  virtual ~Inspector() = default;
  /// Appends to `out` what is kept of `bytes`, and of what was held back before.
  virtual void take(std::string_view bytes, std::string& out) = 0;
  /// The file ends here.
  virtual void finish(std::string& out) = 0;
};

struct InspectOptions {
  bool macros_allowed = false;
};

std::unique_ptr<Inspector> inspect(Family family, const InspectOptions& options);

/// So many bytes may follow where a file ends: some programs leave a few.
inline constexpr std::uint64_t trailing_max = 4096;

}  // namespace medflow::inline v1::documents::types
