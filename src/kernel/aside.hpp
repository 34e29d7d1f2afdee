// Rows that a call writes beside its own: its event stays about what the call is about.
#pragma once

#include "kernel/work.hpp"

namespace medflow::kernel {

/// What the event is about when this is made, it is about again when this goes.
class Aside {
 public:
  explicit Aside(Work& work)
      : event_(work.event()), object_(event_.object), table_(event_.table), revision_(event_.revision) {}
  ~Aside() {
    event_.object = object_;
    event_.table = table_;
    event_.revision = revision_;
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

 private:
  audit::Event& event_;
  Uuid object_;
  std::uint16_t table_;
  std::uint64_t revision_;
};

}  // namespace medflow::kernel
