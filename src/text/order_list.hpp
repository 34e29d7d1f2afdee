// Numbers in an order that the owner decides, each with a label that can be compared in one step: whoever holds many of them
// sorts and merges by label and never compares what the numbers stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "medflow/function_ref.hpp"

namespace medflow::text {

/// Inserting and erasing take O(log n) comparisons and move at most one chunk. Labels change when there is no room between two
/// of them; the order they tell never does. Not thread-safe.
class OrderList {
 public:
  using Number = std::uint32_t;
  using Label = std::uint64_t;
  /// True for the numbers that come before the place that is sought; all of these come first in the list.
  using Before = FunctionRef<bool(Number)>;

  static constexpr Label begin_label = 0;              ///< before every label
  static constexpr Label end_label = Label{1} << 63U;  ///< behind every label

  /// The label of a number that is in the list.
  Label label(Number number) const { return labels_[number]; }

  /// The label of the first number that is not `before`, `end_label` where all are.
  Label lower_bound(Before before) const;

  void insert(Number number, Before before);
  void erase(Number number);

  /// Replaces the content; numbers are below `numbers`.
  void assign(const std::vector<Number>& in_order, std::size_t numbers);

  /// Visits the numbers whose labels are in [from, to), in order, until `visit` returns false.
  void walk(Label from, Label to, FunctionRef<bool(Number)> visit) const;

  std::size_t bytes() const;

 private:
  static constexpr std::size_t chunk_max = 512;

  struct Place {
    std::size_t chunk = 0;
    std::size_t at = 0;
  };

  Place place_of(Before before) const;
  void split(Place& place);
  std::pair<Label, Label> neighbours(const Place& place) const;
  void spread(std::size_t chunk);
  void spread_all();

  std::vector<std::vector<Number>> chunks_{};  // none is empty
  std::vector<Label> labels_{};                // by number
};

}  // namespace medflow::text
