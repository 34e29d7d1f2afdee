#include "codes/indexes.hpp"

#include <algorithm>
#include <utility>

namespace medflow::inline v1::codes {

std::shared_ptr<const Index> Indexes::current(std::string_view system) {
  const std::lock_guard lock(mutex_);
  for (Kept& kept : kept_) {
    if (!kept.current || kept.index->system() != system) continue;
    kept.used = ++uses_;
    return kept.index;
  }
  return nullptr;
}

bool Indexes::knows(std::string_view system) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(kept_.begin(), kept_.end(),
                     [&](const Kept& kept) { return kept.current && kept.index->system() == system; });
}

std::shared_ptr<const Index> Indexes::of(const CodeSystemId& version, FunctionRef<Index()> build) {
  if (auto there = take(version)) return there;
  const std::lock_guard building(build_mutex_);
  if (auto there = take(version)) return there;
  auto made = std::make_shared<const Index>(build());
  {
    const std::lock_guard lock(mutex_);
    kept_.push_back({.index = std::move(made)});
    make_room();
  }
  return take(version);
}

void Indexes::look_again() {
  const std::lock_guard lock(mutex_);
  for (Kept& kept : kept_) kept.current = false;
}

std::size_t Indexes::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const Kept& kept : kept_) sum += kept.index->bytes();
  return sum;
}

std::shared_ptr<const Index> Indexes::take(const CodeSystemId& version) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.index->version() == version; });
  if (found == kept_.end()) return nullptr;
  for (Kept& kept : kept_)
    if (kept.index->system() == found->index->system()) kept.current = false;
  found->current = true;
  found->used = ++uses_;
  return found->index;
}

// The newest, at the end, stays.
void Indexes::make_room() {
  std::size_t sum = 0;
  for (const Kept& kept : kept_) sum += kept.index->bytes();
  while (sum > bytes_max && kept_.size() > 1) {
    const auto oldest =
        std::min_element(kept_.begin(), kept_.end() - 1, [](const Kept& a, const Kept& b) { return a.used < b.used; });
    sum -= oldest->index->bytes();
    kept_.erase(oldest);
  }
}

}  // namespace medflow::inline v1::codes
