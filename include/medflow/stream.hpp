// Data that is pulled piece by piece: what an operation sends (Stream) and what it receives (Content), and the handle of work that
// outlives its request (Job).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "medflow/id.hpp"
#include "medflow/result.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1 {

/// Fills a buffer and answers how many bytes it wrote; 0 is the end. An Error ends the transfer and tells why it broke off.
using Pull = std::function<Result<std::size_t>(std::span<std::byte>)>;

/// An answer that the caller pulls. It starts after its opening audit event is durable; a closing event says how many bytes went out.
struct Stream {
  std::string media_type{};
  std::string file_name{};
  Pull pull{};
  std::optional<std::uint64_t> size_bytes{};  ///< of the whole, where it is known
  /// Where a part was asked for: what is sent of the whole, from `first` on. Nothing of it where that is behind the end.
  struct Part {
    std::uint64_t first = 0;
    std::uint64_t size_bytes = 0;
  };
  std::optional<Part> part{};
};

/// A request's content: an HTTP body, a file, or memory. Pulled once, from start to end.
struct Content {
  std::string media_type{};
  std::optional<std::uint64_t> size_bytes{};
  Pull pull{};

  /// Content that is in memory already.
  MEDFLOW_API static Content of(std::string media_type, std::string bytes);
  /// Reads all of it, at most `limit` bytes; more fails with `too_large`.
  MEDFLOW_API Result<std::string> read_all(std::size_t limit) const;
};

using JobId = Id<struct JobTag>;

enum class JobState : std::uint8_t { queued, running, succeeded, failed, cancelled };

/// Work that takes longer than a request: ask for it by its id.
struct Job {
  JobId id{};
  JobState state = JobState::queued;
  std::uint64_t done = 0;                ///< steps done so far
  std::optional<std::uint64_t> total{};  ///< steps in all, where known
  std::string error_code{};              ///< with `failed`
  Instant created_at{};
};

}  // namespace medflow::inline v1
