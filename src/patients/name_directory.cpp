#include "patients/name_directory.hpp"

namespace medflow::inline v1::patients {

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
  }
  text::NameIndex index;
  try {
    scan([&](const Uuid& id, const NameEntry& entry) {
      index.append(
          {.id = id, .tokens = entry.tokens, .family = entry.family, .given = entry.given, .birth = entry.birth});
    });
    index.settle();
  } catch (...) {
    const std::unique_lock lock(mutex_);
    state_ = State::empty;
    pending_.clear();
    throw;
  }
  const std::unique_lock lock(mutex_);
  index_ = std::move(index);
  for (const auto& [id, entry] : pending_) apply(id, entry);
  pending_.clear();
  state_ = State::built;
}

void NameDirectory::changed(const Uuid& id, std::optional<NameEntry> entry) {
  const std::unique_lock lock(mutex_);
  if (state_ == State::built) apply(id, entry);
  if (state_ == State::building) pending_.emplace_back(id, std::move(entry));
}

void NameDirectory::apply(const Uuid& id, const std::optional<NameEntry>& entry) {
  if (entry) {
    index_.put(
        {.id = id, .tokens = entry->tokens, .family = entry->family, .given = entry->given, .birth = entry->birth});
  } else {
    index_.erase(id);
  }
}

std::vector<text::NameHit> NameDirectory::search(std::span<const text::QueryToken> query, std::size_t limit,
                                                 const text::NameHit* after) const {
  const std::shared_lock lock(mutex_);
  return index_.search(query, limit, after);
}

std::size_t NameDirectory::bytes() const {
  const std::shared_lock lock(mutex_);
  return index_.bytes();
}

}  // namespace medflow::inline v1::patients
