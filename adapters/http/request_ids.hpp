// Makes the ids of requests: version 7 UUIDs (RFC 9562) that name a request in answers, logs and the audit, and guard nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include "medflow/id.hpp"
#include "medflow/ports.hpp"

namespace medflow::http {

class RequestIds {
 public:
  RequestIds(Clock& clock, Rng& rng);

  /// Thread-safe. No two are alike within a process; across processes they differ by their seeds.
  RequestId next();

 private:
  Clock& clock_;
  std::uint64_t seed_ = 0;
  std::atomic<std::uint64_t> counter_{0};
};

}  // namespace medflow::http
