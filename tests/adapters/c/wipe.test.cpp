// Whether a text is gone from memory when it is freed: `free` is this program's own and looks at what it gets.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/adapters/c/clinic.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEDFLOW_FREE_IS_TAKEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEDFLOW_FREE_IS_TAKEN 1
#endif
#endif

#ifndef MEDFLOW_FREE_IS_TAKEN

namespace {

// The text that is watched, and what was left of it when its memory was freed.
thread_local const char* watched = nullptr;
thread_local std::size_t watched_bytes = 0;
thread_local std::size_t bytes_left = SIZE_MAX;

}  // namespace

extern "C" {
void __libc_free(void* memory);  // NOLINT(readability-identifier-naming): its name in glibc

__attribute__((visibility("default"))) void free(void* memory) noexcept {
  const auto* start = static_cast<const char*>(memory);
  if (watched != nullptr && start <= watched && watched < start + 64) {
    bytes_left = 0;
    for (std::size_t i = 0; i < watched_bytes; ++i) bytes_left += watched[i] != '\0' ? 1U : 0U;
    watched = nullptr;
  }
  __libc_free(memory);
}
}

TEST_CASE("CAB-1: medflow_free wipes a text before its memory is freed") {
  char* out = nullptr;
  REQUIRE(medflow_operations(&out) == MEDFLOW_OK);
  REQUIRE(medflow_size(out) > 1000);
  watched_bytes = medflow_size(out);
  watched = out;
  medflow_free(out);
  CHECK(watched == nullptr);  // its memory was freed here and now
  CHECK(bytes_left == 0);
}

#endif
