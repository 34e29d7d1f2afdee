// Plain text and CSV: valid UTF-8 that can be shown.
#include "documents/types/utf8_check.hpp"

namespace medflow::inline v1::documents::types {
namespace {

class Text final : public Inspector {
 public:
  void take(std::string_view bytes, std::string& out) override {
    check_.add(bytes);
    if (pages_.finds(bytes)) throw Failure(active, "it holds a page or a script");
    out += bytes;
  }
  void finish(std::string&) override { check_.end(); }

 private:
  static constexpr std::string_view words[] = {"<script", "<?php", "<iframe"};
  Utf8Check check_{};
  WordSearch pages_{words};
};

}  // namespace

std::unique_ptr<Inspector> inspect_text() { return std::make_unique<Text>(); }

}  // namespace medflow::inline v1::documents::types
