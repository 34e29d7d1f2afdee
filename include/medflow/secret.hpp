// Text that must not be shown: passwords and tokens on their way in.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace medflow::inline v1 {

/// A text that wipes itself and that nothing prints: there is no `operator<<`, and reading it needs a word that can be
/// searched for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Secret() { wipe(); }

  std::string_view reveal() const { return text_; }
  /// For codecs and text normalisation, which fill it in place.
  std::string& reveal_mutable() { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  void wipe() noexcept {
    volatile char* p = text_.data();  // volatile: the compiler may not drop stores to memory that is about to go
    for (std::size_t i = 0, n = text_.size(); i < n; ++i) p[i] = 0;
    text_.clear();
  }

  std::string text_{};
};

}  // namespace medflow::inline v1
