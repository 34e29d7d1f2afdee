// Pages of a list (R10): a part of it, and sealed cursors to the parts beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace medflow::inline v1 {

inline constexpr std::uint32_t page_limit_default = 50;
inline constexpr std::uint32_t page_limit_max = 200;

/// Where a page stands. A cursor belongs to one tenant, caller and query, and is valid for 24 hours.
struct PageInfo {
  std::optional<std::string> next{};
  std::optional<std::string> prev{};
  std::uint32_t limit = page_limit_default;
  std::optional<std::uint64_t>
      left_out{};  ///< how many rows of the whole list are there and not shown unless asked for: retracted ones
};

template <class T>
struct Page {
  std::vector<T> data{};
  PageInfo page{};
};

}  // namespace medflow::inline v1
