// A place in a list that is by an instant, and then by id.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "kernel/paging.hpp"
#include "medflow/time.hpp"

namespace medflow::kernel {

struct TimePosition {
  std::int64_t us = 0;
  Uuid id{};

  std::string text() const {
    std::string bytes(sizeof us, '\0');
    std::memcpy(bytes.data(), &us, sizeof us);
    return bytes.append(id.view());
  }
  /// Throws Failure `cursor.invalid`.
  static TimePosition parse(std::string_view bytes) {
    TimePosition position;
    if (bytes.size() != sizeof position.us + position.id.bytes.size()) throw Failure(codes::cursor_invalid);
    std::memcpy(&position.us, bytes.data(), sizeof position.us);
    position.id = kernel::id_in(bytes.substr(sizeof position.us));
    return position;
  }
  friend auto operator<=>(const TimePosition&, const TimePosition&) = default;
};

}  // namespace medflow::kernel
