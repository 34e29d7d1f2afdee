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

OpenedRows::Opened OpenedRows::find(const Place& place, RowView row, Instant now) {
  std::shared_ptr<const Kept> kept;
  {
    const std::lock_guard lock(mutex_);
    ++searches_;
    const auto found = places_.find({place, id_of(row)});
    if (found == places_.end()) return {};
    recent_.splice(recent_.begin(), recent_, found->second);
    recent_.front().asked = searches_;
    kept = recent_.front().kept;
  }
  if (now > kept->until || !std::ranges::equal(kept->row.cells(), row)) {
    List dropped;
    const std::lock_guard lock(mutex_);
    const auto old = places_.find(kept->key);
    if (old != places_.end() && old->second->kept == kept) drop(old->second, dropped);
    return {};
  }
  return {.object = {kept, kept->opened.object.get()}, .classes = kept->opened.classes};
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

void OpenedRows::keep(const Place& place, storage::PackedRow row, Opened opened, std::size_t bytes, Instant now) {
  auto kept = std::make_shared<Kept>();
  kept->key = {place, id_of(row.cells())};
  kept->row = std::move(row);
  kept->opened = std::move(opened);
  kept->bytes = bytes + 2 * kept->row.bytes() + heap_share;
  kept->until = now.plus_s(ttl_s);

  List dropped;
  const std::lock_guard lock(mutex_);
  if (const auto old = places_.find(kept->key); old != places_.end()) {
    const Kept& there = *old->second->kept;
    const bool shows_more = (there.opened.classes & ~kept->opened.classes) != 0;
    if (shows_more && there.until > now && std::ranges::equal(there.row.cells(), kept->row.cells())) return;
    drop(old->second, dropped);
  }
  if (!make_room(kept->bytes, dropped)) return;
  bytes_ += kept->bytes;
  recent_.push_front({.kept = std::move(kept), .asked = searches_});
  places_.emplace(recent_.front().kept->key, recent_.begin());
}

/// Whether there is room now. What as many searches as twice the kept rows have not asked for gives way.
bool OpenedRows::make_room(std::size_t bytes, List& dropped) {
  if (bytes > bytes_max) return false;
  const std::uint64_t lately = 2 * recent_.size();
  while (bytes_ + bytes > bytes_max) {
    if (searches_ - recent_.back().asked < lately) return false;
    drop(std::prev(recent_.end()), dropped);
  }
  return true;
}

/// Others need not wait while it is destroyed: `dropped` is outside the lock.
void OpenedRows::drop(List::iterator at, List& dropped) {
  bytes_ -= at->kept->bytes;
  places_.erase(at->kept->key);
  dropped.splice(dropped.end(), recent_, at);
}

void OpenedRows::expire(Instant now) {
  List dropped;
  const std::lock_guard lock(mutex_);
  for (auto at = recent_.begin(); at != recent_.end();) {
    const auto next = std::next(at);
    if (now > at->kept->until) drop(at, dropped);
    at = next;
  }
}

std::size_t OpenedRows::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace medflow::kernel
