#include "kernel/opened_rows.hpp"

#include <algorithm>
#include <cstring>

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::RowView;

constexpr std::size_t seen_max = 4096;    // a power of two
constexpr std::size_t heap_share = 1024;  // of an object, its entry and their places

Uuid id_of(RowView row) {
  Uuid id;
  if (row[0].data.size() == id.bytes.size()) std::memcpy(id.bytes.data(), row[0].data.data(), id.bytes.size());
  return id;
}

}  // namespace

OpenedRows::OpenedRows() : seen_(seen_max) {}

std::size_t OpenedRows::Hash::operator()(const Key& key) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, key.row.bytes.data() + 8, sizeof hash);  // of a UUID of any version the part that differs most
  std::size_t front = 0;
  std::memcpy(&front, key.row.bytes.data(), sizeof front);
  return hash ^ (front * 0x9E3779B97F4A7C15ULL) ^ key.place.classes;
}

std::shared_ptr<const void> OpenedRows::find(const Place& place, RowView row, Instant now) {
  std::shared_ptr<const Kept> kept;
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find({place, id_of(row)});
    if (found == places_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    kept = recent_.front();
  }
  if (now > kept->until || !std::ranges::equal(kept->row.cells(), row)) return nullptr;
  return {kept, kept->object.get()};
}

bool OpenedRows::wants(Cell seal) {
  std::uint64_t mark = 0;
  if (seal.data.size() < sizeof mark) return false;
  std::memcpy(&mark, seal.data.data() + seal.data.size() - sizeof mark, sizeof mark);  // of the MAC that it ends with
  const std::lock_guard lock(mutex_);
  std::uint64_t& seen = seen_[mark & (seen_max - 1)];
  if (seen == mark) return true;
  seen = mark;
  return false;
}

void OpenedRows::keep(const Place& place, storage::PackedRow row, std::shared_ptr<const void> object, std::size_t bytes,
                      Instant now) {
  auto kept = std::make_shared<Kept>();
  kept->key = {place, id_of(row.cells())};
  kept->row = std::move(row);
  kept->object = std::move(object);
  kept->bytes = bytes + 2 * kept->row.bytes() + heap_share;
  kept->until = now.plus_s(ttl_s);

  const std::lock_guard lock(mutex_);
  if (const auto old = places_.find(kept->key); old != places_.end()) drop(old->second);
  bytes_ += kept->bytes;
  recent_.push_front(std::move(kept));
  places_.emplace(recent_.front()->key, recent_.begin());
  while (bytes_ > bytes_max) drop(std::prev(recent_.end()));
}

void OpenedRows::drop(List::iterator at) {
  bytes_ -= (*at)->bytes;
  places_.erase((*at)->key);
  recent_.erase(at);
}

void OpenedRows::expire(Instant now) {
  const std::lock_guard lock(mutex_);
  for (auto at = recent_.begin(); at != recent_.end();) {
    const auto next = std::next(at);
    if (now > (*at)->until) drop(at);
    at = next;
  }
}

std::size_t OpenedRows::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace medflow::kernel
