#include "patients/name_directory.hpp"

#include <algorithm>
#include <set>

namespace medflow::inline v1::patients {
namespace {

text::NameRecord record_of(const Uuid& id, const NameEntry& entry) {
  return {.id = id,
          .tokens = entry.tokens,
          .family = entry.family,
          .given = entry.given,
          .birth = entry.birth,
          .revision = entry.revision};
}

}  // namespace

void NameDirectory::build_once(FunctionRef<void(Add)> scan) {
  {
    const std::shared_lock lock(mutex_);
    if (state_ == State::built) return;
  }
  const std::lock_guard building(build_mutex_);
  {
    const std::unique_lock lock(mutex_);
    if (state_ == State::built) return;
    state_ = State::building;  // from here on changes are kept: the snapshot that `scan` takes is newer
    pending_.clear();
    in_use_.store(true, std::memory_order_release);
  }
  text::NameIndex index;
  try {
    scan([&](const Uuid& id, const NameEntry& entry) { index.append(record_of(id, entry)); });
    index.settle();
  } catch (...) {
    const std::unique_lock lock(mutex_);
    state_ = State::empty;
    in_use_.store(false, std::memory_order_release);
    pending_.clear();
    missed_.clear();
    throw;
  }
  const std::unique_lock lock(mutex_);
  index_ = std::move(index);
  for (const auto& [id, entry] : pending_) apply(id, entry);
  pending_.clear();
  state_ = State::built;
  ready_.store(true, std::memory_order_release);
}

void NameDirectory::changed(const Uuid& id, std::optional<NameEntry> entry) {
  const std::unique_lock lock(mutex_);
  if (catching_up_) overtaken_.push_back(id);
  if (state_ == State::built) apply(id, entry);
  if (state_ == State::building) pending_.emplace_back(id, std::move(entry));
}

// A snapshot that is taken for a build from now on shows the change.
void NameDirectory::missed(const Uuid& id) {
  const std::unique_lock lock(mutex_);
  if (state_ == State::empty) return;
  missed_.push_back(id);
  behind_.store(true, std::memory_order_release);
}

void NameDirectory::catch_up(FunctionRef<void(std::span<const Uuid>, Add)> read) {
  if (!behind_.load(std::memory_order_acquire)) return;
  const std::lock_guard building(build_mutex_);
  std::vector<Uuid> ids;
  std::size_t taken = 0;
  {
    const std::unique_lock lock(mutex_);
    std::set<Uuid> once;
    for (const Uuid& id : missed_)
      if (once.insert(id).second) ids.push_back(id);
    taken = missed_.size();
    catching_up_ = true;
    overtaken_.clear();
  }
  std::vector<std::pair<Uuid, NameEntry>> found;
  try {
    read(ids, [&](const Uuid& id, const NameEntry& entry) { found.emplace_back(id, entry); });
  } catch (...) {
    const std::unique_lock lock(mutex_);
    catching_up_ = false;
    throw;
  }
  const std::unique_lock lock(mutex_);
  catching_up_ = false;
  const auto current = [&](const Uuid& id) {
    return std::find(overtaken_.begin(), overtaken_.end(), id) == overtaken_.end();
  };
  for (const Uuid& id : ids)
    if (current(id)) index_.erase(id);
  for (const auto& [id, entry] : found)
    if (current(id)) apply(id, entry);
  missed_.erase(missed_.begin(), missed_.begin() + static_cast<std::ptrdiff_t>(taken));
  behind_.store(!missed_.empty(), std::memory_order_release);
}

void NameDirectory::apply(const Uuid& id, const std::optional<NameEntry>& entry) {
  if (entry) {
    index_.put(record_of(id, *entry));
  } else {
    index_.erase(id);
  }
}

std::vector<text::NameHit> NameDirectory::search(std::span<const text::QueryToken> query, std::size_t limit,
                                                 const text::NameHit* at, bool backwards) const {
  const std::shared_lock lock(mutex_);
  return index_.search(query, limit, at, backwards);
}

std::size_t NameDirectory::bytes() const {
  const std::shared_lock lock(mutex_);
  return index_.bytes();
}

}  // namespace medflow::inline v1::patients
