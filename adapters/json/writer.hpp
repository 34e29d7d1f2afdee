// Writes JSON text at the end of a string, without a document in between.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "medflow/id.hpp"

namespace medflow::json {

/// Appends to a string through a cursor; the string has its final length when the writer is gone. Knows nothing of
/// commas.
class Writer {
 public:
  explicit Writer(std::string& out);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  void raw(char c) { *room(1) = c, ++at_; }
  void raw(std::string_view bytes) {
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  /// A quoted text. Escapes what JSON must, and `<`, `>`, `&`, U+2028 and U+2029, so that it is harmless inside HTML
  /// and JavaScript too.
  void text(std::string_view bytes);
  void integer(std::int64_t value);
  void uuid(const Uuid& id);
  /// `"name":`, with a comma before it unless it is the first. `name` needs no escaping.
  void member(std::string_view name, bool first);

 private:
  /// Room for `n` bytes at the cursor.
  char* room(std::size_t n) {
    if (n > out_.size() - at_) grow(n);
    return out_.data() + at_;
  }
  void grow(std::size_t n);

  std::string& out_;
  std::size_t at_;
};

}  // namespace medflow::json
