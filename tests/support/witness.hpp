// Watches what goes over HTTP in a test: each answer is held against the OpenAPI document, and each operation that succeeded is
// written down, so that the run can be asked whether one was never called (tests/exercised.cmake).
#pragma once

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <string>

#include "tests/support/openapi_check.hpp"

namespace medflow::testing {

/// One file a program, begun anew by each run of it.
inline void note_exercised(std::string_view operation) {
  static std::mutex guard;
  static std::set<std::string> noted;
  const std::lock_guard lock(guard);
  if (!noted.emplace(operation).second) return;
  const std::filesystem::path folder = std::string(MEDFLOW_BINARY_DIR) + "/exercised";
  std::filesystem::create_directories(folder);
  const auto mode = noted.size() == 1 ? std::ios::trunc : std::ios::app;
  std::ofstream(folder / (std::string(program_invocation_short_name) + ".txt"), mode) << operation << '\n';
}

/// To be called for every answer that a client of a served platform gets: `received` has status, header(name) and body. Thread-safe.
template <class Received>
const Received& witness(std::string_view method, std::string_view target, const Received& received) {
  const std::string type = received.header("Content-Type");
  const SeenExchange seen{.method = method,
                          .target = target,
                          .status = received.status,
                          .content_type = type,
                          .has_request_id = !received.header("X-Request-Id").empty(),
                          .body = received.body};
  for (const std::string& complaint : complaints_about(seen))
    CHECK_MESSAGE(false, seen.method, " ", seen.target.substr(0, seen.target.find('?')), " answered ", seen.status,
                  ": ", complaint);
  if (seen.status < 200 || seen.status >= 300) return received;
  if (const std::string id = documented_id(seen.method, seen.target); !id.empty()) note_exercised(id);
  return received;
}

}  // namespace medflow::testing
