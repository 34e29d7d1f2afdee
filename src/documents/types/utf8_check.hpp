// Valid UTF-8 without controls, in pieces.
#pragma once

#include "documents/types/families.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::documents::types {

class Utf8Check {
 public:
  void add(std::string_view bytes) {
    held_ += bytes;
    // What may be the beginning of a longer sequence waits for the rest.
    std::size_t whole = held_.size();
    for (std::size_t back = 1; back <= 3 && back <= held_.size(); ++back) {
      const auto byte = static_cast<unsigned char>(held_[held_.size() - back]);
      if ((byte & 0xC0U) == 0x80) continue;
      const std::size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
      if (length > back) whole = held_.size() - back;
      break;
    }
    const std::string_view text = std::string_view(held_).substr(0, whole);
    if (!text::valid_utf8(text)) throw Failure(broken, "the text is not in UTF-8");
    const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || byte == 0x7F;
    });
    if (controls) throw Failure(broken, "the text holds control characters");
    held_.erase(0, whole);
  }
  void end() const {
    if (!held_.empty()) throw Failure(broken, "the text ends within a character");
  }

 private:
  std::string held_{};
};

}  // namespace medflow::inline v1::documents::types
