// What the reader makes of a stream of bytes: the requests that it accepts, and how that ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/reader.hpp"

namespace things {

struct SeenRequest {
  std::string method{};
  std::string target{};
  std::string body{};
  friend bool operator==(const SeenRequest&, const SeenRequest&) = default;
};

struct Seen {
  std::vector<SeenRequest> requests{};
  const medflow::http::Problem* refused = nullptr;  ///< none: it waits for more
  bool closes = false;                              ///< the connection ends with the refusal
};

/// Reads `bytes` as they would come in pieces of `piece` bytes.
inline Seen read_all(std::string_view bytes, std::size_t piece = 1 << 20) {
  using Event = medflow::http::Reader::Event;
  const medflow::http::ReaderLimits limits;
  medflow::http::Reader reader(limits);
  Seen seen;
  while (true) {
    switch (reader.advance()) {
      case Event::header:
        break;
      case Event::request:
        seen.requests.push_back({std::string(reader.head().method), std::string(reader.head().target), reader.body()});
        if (!reader.keep_alive()) return seen;
        reader.next_request();
        break;
      case Event::refused:
        seen.refused = reader.refusal().problem;
        seen.closes = reader.refusal().close;
        return seen;
      case Event::need_more: {
        if (bytes.empty()) return seen;
        const auto space = reader.space();
        const std::size_t count = std::min({space.size(), bytes.size(), piece});
        std::memcpy(space.data(), bytes.data(), count);
        reader.filled(count);
        bytes.remove_prefix(count);
        break;
      }
    }
  }
}

}  // namespace things
