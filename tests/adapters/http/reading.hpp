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

/// How the reading of a stream of bytes ends.
struct Ending {
  const medflow::http::Problem* refused = nullptr;  ///< none: it waits for more
  bool closes = false;                              ///< the connection ends with the refusal
};

/// Reads `bytes` as they would come in pieces of `piece` bytes; `take(head, body)` gets each request.
template <class Take>
Ending read_each(std::string_view bytes, std::size_t piece, const medflow::http::ReaderLimits& limits, Take&& take) {
  using Event = medflow::http::Reader::Event;
  medflow::http::Reader reader(limits);
  while (true) {
    switch (reader.advance()) {
      case Event::header:
        break;
      case Event::request:
        take(reader.head(), reader.body());
        if (!reader.keep_alive()) return {};
        reader.next_request();
        break;
      case Event::refused:
        return {.refused = reader.refusal().problem, .closes = reader.refusal().close};
      case Event::need_more: {
        if (bytes.empty()) return {};
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

struct Seen {
  std::vector<SeenRequest> requests{};
  const medflow::http::Problem* refused = nullptr;  ///< none: it waits for more
  bool closes = false;                              ///< the connection ends with the refusal
};

inline Seen read_all(std::string_view bytes, std::size_t piece = 1 << 20) {
  Seen seen;
  const Ending end = read_each(bytes, piece, {}, [&](const medflow::http::Head& head, const std::string& body) {
    seen.requests.push_back({std::string(head.method), std::string(head.target), body});
  });
  seen.refused = end.refused;
  seen.closes = end.closes;
  return seen;
}

}  // namespace things
