// What is wrong with a request beyond the rules of single fields, gathered so that all of it is told at once (R9).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/error.hpp"

namespace medflow::kernel {

/// The pointer to an item of a list, and to a member of it.
inline std::string item_pointer(std::string_view list, std::size_t i, std::string_view member = {}) {
  std::string pointer(list);
  pointer.append("/").append(std::to_string(i));
  if (!member.empty()) pointer.append("/").append(member);
  return pointer;
}

class FieldErrors {
 public:
  void add(std::string pointer, std::string_view code, std::string_view message) {
    if (all_.size() < field_errors_max)
      all_.push_back({.pointer = std::move(pointer), .code = std::string(code), .message = std::string(message)});
  }
  /// Throws Failure with all of them, where there are any.
  void refuse(const Code& code = codes::invalid) {
    if (!all_.empty()) throw Failure(Error{.code = code, .fields = std::move(all_)});
  }

 private:
  std::vector<FieldError> all_{};
};

}  // namespace medflow::kernel
