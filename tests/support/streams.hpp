// Streams, read to their end.
#pragma once

#include <array>
#include <string>

#include "medflow/stream.hpp"
#include "medflow/testing/hospital.hpp"

namespace medflow::testing {

inline std::string read_all(const Stream& stream) {
  std::string text;
  std::array<std::byte, 997> room{};
  for (int i = 0; i < 1'000'000; ++i) {
    const std::size_t n = must(stream.pull(room));
    if (n == 0) return text;
    text.append(reinterpret_cast<const char*>(room.data()), n);
  }
  throw std::runtime_error("a stream without an end");
}

}  // namespace medflow::testing
