#include "text/order_list.hpp"

#include <algorithm>
#include <cassert>

namespace medflow::text {

OrderList::Place OrderList::place_of(Before before) const {
  const auto chunk = std::partition_point(chunks_.begin(), chunks_.end(),
                                          [&](const std::vector<Number>& numbers) { return before(numbers.front()); });
  if (chunk == chunks_.begin()) return {};
  const auto& numbers = *(chunk - 1);
  const auto at = std::partition_point(numbers.begin(), numbers.end(), [&](Number number) { return before(number); });
  return {.chunk = static_cast<std::size_t>(chunk - chunks_.begin()) - 1,
          .at = static_cast<std::size_t>(at - numbers.begin())};
}

OrderList::Label OrderList::lower_bound(Before before) const {
  if (chunks_.empty()) return end_label;
  const Place place = place_of(before);
  const auto& numbers = chunks_[place.chunk];
  if (place.at < numbers.size()) return labels_[numbers[place.at]];
  return place.chunk + 1 < chunks_.size() ? labels_[chunks_[place.chunk + 1].front()] : end_label;
}

void OrderList::insert(Number number, Before before) {
  if (labels_.size() <= number) labels_.resize(number + std::size_t{1});
  if (chunks_.empty()) chunks_.emplace_back();
  Place place = chunks_.front().empty() ? Place{} : place_of(before);
  auto& numbers = chunks_[place.chunk];
  numbers.insert(numbers.begin() + static_cast<std::ptrdiff_t>(place.at), number);
  if (numbers.size() > chunk_max) split(place);
  const auto [low, high] = neighbours(place);
  if (high - low >= 2)
    labels_[number] = low + (high - low) / 2;
  else
    spread(place.chunk);
}

void OrderList::split(Place& place) {
  auto& numbers = chunks_[place.chunk];
  const auto half = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::vector<Number> upper(half, numbers.end());
  numbers.erase(half, numbers.end());
  const std::size_t lower_size = numbers.size();
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk) + 1, std::move(upper));
  if (place.at >= lower_size) place = {.chunk = place.chunk + 1, .at = place.at - lower_size};
}

/// The labels around a place, which itself has none yet.
std::pair<OrderList::Label, OrderList::Label> OrderList::neighbours(const Place& place) const {
  const auto& numbers = chunks_[place.chunk];
  Label low = begin_label;
  if (place.at > 0)
    low = labels_[numbers[place.at - 1]];
  else if (place.chunk > 0)
    low = labels_[chunks_[place.chunk - 1].back()];
  Label high = end_label;
  if (place.at + 1 < numbers.size())
    high = labels_[numbers[place.at + 1]];
  else if (place.chunk + 1 < chunks_.size())
    high = labels_[chunks_[place.chunk + 1].front()];
  return {low, high};
}

void OrderList::spread(std::size_t chunk) {
  const Label low = chunk == 0 ? begin_label : labels_[chunks_[chunk - 1].back()];
  const Label high = chunk + 1 == chunks_.size() ? end_label : labels_[chunks_[chunk + 1].front()];
  const Label step = (high - low) / (chunks_[chunk].size() + 1);
  if (step == 0) return spread_all();
  Label label = low;
  for (Number number : chunks_[chunk]) labels_[number] = label += step;
}

void OrderList::spread_all() {
  std::size_t count = 0;
  for (const auto& numbers : chunks_) count += numbers.size();
  const Label step = end_label / (count + 1);
  Label label = begin_label;
  for (const auto& numbers : chunks_)
    for (Number number : numbers) labels_[number] = label += step;
}

void OrderList::erase(Number number) {
  const Label label = labels_[number];
  const auto behind = std::partition_point(chunks_.begin(), chunks_.end(), [&](const std::vector<Number>& numbers) {
    return labels_[numbers.front()] <= label;
  });
  assert(behind != chunks_.begin());
  const auto chunk = behind - 1;
  const auto at =
      std::partition_point(chunk->begin(), chunk->end(), [&](Number other) { return labels_[other] < label; });
  assert(at != chunk->end() && *at == number);
  chunk->erase(at);
  if (chunk->empty()) chunks_.erase(chunk);
}

void OrderList::assign(const std::vector<Number>& in_order, std::size_t numbers) {
  chunks_.clear();
  labels_.assign(numbers, 0);
  constexpr std::size_t fill = chunk_max / 4 * 3;  // room for what is inserted later
  for (std::size_t at = 0; at < in_order.size(); at += fill) {
    const auto begin = in_order.begin() + static_cast<std::ptrdiff_t>(at);
    chunks_.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min(fill, in_order.size() - at)));
  }
  spread_all();
}

void OrderList::walk(Label from, Label to, FunctionRef<bool(Number)> visit) const {
  if (from >= to || chunks_.empty()) return;
  Place place = place_of([&](Number number) { return labels_[number] < from; });
  for (; place.chunk < chunks_.size(); ++place.chunk, place.at = 0)
    for (; place.at < chunks_[place.chunk].size(); ++place.at) {
      const Number number = chunks_[place.chunk][place.at];
      if (labels_[number] >= to || !visit(number)) return;
    }
}

std::size_t OrderList::bytes() const {
  std::size_t total = labels_.capacity() * sizeof(Label) + chunks_.capacity() * sizeof(decltype(chunks_)::value_type);
  for (const auto& numbers : chunks_) total += numbers.capacity() * sizeof(Number);
  return total;
}

}  // namespace medflow::text
