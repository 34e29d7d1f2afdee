#include "adapters/c/answers.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "adapters/json/problem.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::c {

namespace {

/// In front of every text: how much there is to wipe.
constexpr std::size_t head_bytes = alignof(std::max_align_t);
static_assert(head_bytes >= sizeof(std::size_t));

const char* head_of(const char* text) { return text - head_bytes; }

/// Faults that an engine meets while it is opened; the kernel translates all later ones.
Error error_of(const storage::Fault& fault) {
  const auto with_name = [&](const Code& code) { return Error{.code = code, .detail = fault.name}; };
  switch (fault.kind) {
    case storage::FaultKind::in_use:
      return with_name(medflow::codes::store_in_use);
    case storage::FaultKind::full:
      return with_name(medflow::codes::store_full);
    case storage::FaultKind::corrupt:
      return with_name(medflow::codes::integrity);
    default:
      return with_name(medflow::codes::store_unavailable);
  }
}

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc, cppcoreguidelines-owning-memory): what C gets belongs to it
char* hand_out(std::string_view text) {
  char* memory = static_cast<char*>(std::malloc(head_bytes + text.size() + 1));
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t size = text.size();
  std::memcpy(memory, &size, sizeof size);
  char* copy = memory + head_bytes;
  if (size != 0) std::memcpy(copy, text.data(), size);
  copy[size] = '\0';
  return copy;
}

std::size_t size_of(const char* text) noexcept {
  if (text == nullptr) return 0;
  std::size_t size = 0;
  std::memcpy(&size, head_of(text), sizeof size);
  return size;
}

void wipe_and_free(char* text) noexcept {
  if (text == nullptr) return;
  const std::size_t size = size_of(text);
  volatile char* at = text;  // volatile: the compiler may not drop stores to memory that is about to go
  for (std::size_t i = 0; i < size; ++i) at[i] = '\0';
  std::free(text - head_bytes);
}
// NOLINTEND(cppcoreguidelines-no-malloc, cppcoreguidelines-owning-memory)

Error current_error() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.error;
  } catch (const storage::Fault& fault) {
    return error_of(fault);
  } catch (const std::bad_alloc&) {
    return {.code = medflow::codes::store_unavailable};
  } catch (...) {
    return {.code = medflow::codes::internal};
  }
}

int give_error(const Error& error, char** out) noexcept {
  try {
    std::string text;
    json::encode_error(error, text);
    if (out != nullptr) *out = hand_out(text);
  } catch (const std::exception&) {
    if (out != nullptr) *out = nullptr;
  }
  return static_cast<int>(error.kind());
}

}  // namespace medflow::c
