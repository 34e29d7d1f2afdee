#include "adapters/c/handles.hpp"

#include <utility>

namespace medflow::c {

namespace {

constexpr std::uint32_t generation_max = (1U << 24U) - 1;

thread_local const InCallback* innermost = nullptr;

Handle handle_of(HandleKind kind, std::uint32_t generation, std::size_t place) {
  return (static_cast<Handle>(kind) << 56U) | (static_cast<Handle>(generation) << 32U) | static_cast<Handle>(place);
}

}  // namespace

Handles& Handles::all() {
  static Handles& table = *std::make_unique<Handles>().release();
  return table;
}

Handles::Slot* Handles::slot_of(Handle handle) {
  const std::size_t place = handle & 0xFFFF'FFFFU;
  if (place >= slots_.size()) return nullptr;
  Slot& slot = slots_[place];
  if (!slot.object || handle_of(slot.object->kind, slot.generation, place) != handle) return nullptr;
  return &slot;
}

Handle Handles::add(std::shared_ptr<Object> object) {
  const std::scoped_lock lock(mutex_);
  if (object->home->released) throw Failure(codes::handle_invalid);
  if (vacant_.empty()) {
    if (slots_.size() >= handles_max) throw Failure(codes::handles_full);
    vacant_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t place = vacant_.back();
  vacant_.pop_back();
  slots_[place].object = std::move(object);
  return handle_of(slots_[place].object->kind, slots_[place].generation, place);
}

std::shared_ptr<Object> Handles::get(Handle handle, HandleKind kind) {
  std::shared_ptr<Object> object;
  {
    const std::scoped_lock lock(mutex_);
    if (const Slot* slot = slot_of(handle)) object = slot->object;
  }
  if (!object || object->kind != kind) throw Failure(codes::handle_invalid);
  if (InCallback::of(object->home.get())) throw Failure(codes::handle_busy);
  return object;
}

void Handles::clear(std::size_t place, std::vector<std::shared_ptr<Object>>& removed) {
  Slot& slot = slots_[place];
  removed.push_back(std::move(slot.object));
  slot.object = nullptr;
  if (slot.generation == generation_max) return;  // used up: a handle is never given twice
  ++slot.generation;
  vacant_.push_back(static_cast<std::uint32_t>(place));
}

void Handles::release(Handle handle) {
  std::vector<std::shared_ptr<Object>> removed;  // goes after the lock: ending a stream or a platform takes its time
  const std::scoped_lock lock(mutex_);
  Slot* slot = slot_of(handle);
  if (slot == nullptr) throw Failure(codes::handle_invalid);
  Home* home = slot->object->home.get();
  if (InCallback::of(home)) throw Failure(codes::handle_busy);
  if (slot->object->kind != HandleKind::platform) return clear(handle & 0xFFFF'FFFFU, removed);
  home->released = true;
  for (std::size_t place = 0; place < slots_.size(); ++place)
    if (slots_[place].object && slots_[place].object->home.get() == home) clear(place, removed);
}

InCallback::InCallback(const Home* home) : home_(home), outer_(innermost) { innermost = this; }

InCallback::~InCallback() { innermost = outer_; }

bool InCallback::of(const Home* home) {
  for (const InCallback* at = innermost; at != nullptr; at = at->outer_)
    if (at->home_ == nullptr || at->home_ == home) return true;
  return false;
}

}  // namespace medflow::c
