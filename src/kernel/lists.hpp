// Lists as callers send them.
#pragma once

#include <algorithm>
#include <vector>

namespace medflow::kernel {

/// Each item once, in the order in which they come first.
template <class T>
std::vector<T> without_repeats(const std::vector<T>& items) {
  std::vector<T> once;
  for (const T& item : items)
    if (std::find(once.begin(), once.end(), item) == once.end()) once.push_back(item);
  return once;
}

}  // namespace medflow::kernel
