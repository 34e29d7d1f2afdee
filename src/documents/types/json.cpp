// JSON (RFC 8259).
#include "documents/types/utf8_check.hpp"

namespace medflow::inline v1::documents::types {
namespace {

constexpr std::size_t depth_max = 128;

class Json final : public Inspector {
 public:
  void take(std::string_view bytes, std::string& out) override {
    check_.add(bytes);
    for (const char c : bytes) step(c);
    out += bytes;
  }

  void finish(std::string&) override {
    check_.end();
    end_word();
    if (state_ != State::after || !open_.empty()) wrong();
  }

 private:
  enum class State : std::uint8_t { value, first_value, first_name, name, colon, after, text, escape, word };

  [[noreturn]] static void wrong() { throw Failure(broken, "it is not JSON"); }
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

  void step(char c) {
    switch (state_) {
      case State::text:
        if (c == '\\') state_ = State::escape;
        if (c == '"') state_ = is_name_ ? State::colon : State::after;
        if (static_cast<unsigned char>(c) < 0x20) wrong();
        return;
      case State::escape:
        if (std::string_view("\"\\/bfnrtu").find(c) == std::string_view::npos) wrong();
        state_ = State::text;
        return;
      case State::word:
        if (!is_space(c) && c != ',' && c != ']' && c != '}') {
          word_.push_back(c);
          if (word_.size() > 400) wrong();
          return;
        }
        end_word();
        break;
      default:
        break;
    }
    if (is_space(c)) return;
    switch (state_) {
      case State::first_value:
        if (c == ']') return close(c);
        return begin_value(c);
      case State::value:
        return begin_value(c);
      case State::first_name:
        if (c == '}') return close(c);
        [[fallthrough]];
      case State::name:
        if (c != '"') wrong();
        is_name_ = true;
        state_ = State::text;
        return;
      case State::colon:
        if (c != ':') wrong();
        state_ = State::value;
        return;
      case State::after:
        if (c == ',' && !open_.empty()) {
          state_ = open_.back() == '{' ? State::name : State::value;
          return;
        }
        return close(c);
      default:
        wrong();
    }
  }

  void begin_value(char c) {
    if (c == '{' || c == '[') {
      if (open_.size() == depth_max) throw Failure(bomb, "it is nested too deeply");
      open_.push_back(c);
      state_ = c == '{' ? State::first_name : State::first_value;
    } else if (c == '"') {
      is_name_ = false;
      state_ = State::text;
    } else {
      word_.assign(1, c);
      state_ = State::word;
    }
  }

  void close(char c) {
    if (open_.empty() || (c != ']' && c != '}') || open_.back() != (c == '}' ? '{' : '[')) wrong();
    open_.pop_back();
    state_ = State::after;
  }

  void end_word() {
    if (state_ != State::word) return;
    if (word_ != "true" && word_ != "false" && word_ != "null" && !is_number(word_)) wrong();
    state_ = State::after;
  }

  static bool is_number(std::string_view text) {
    const auto digits = [&] {
      std::size_t count = 0;
      while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
      const std::string_view some = text.substr(0, count);
      text.remove_prefix(count);
      return some;
    };
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::string_view whole = digits();
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (digits().empty()) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
      text.remove_prefix(1);
      if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
      if (digits().empty()) return false;
    }
    return text.empty();
  }

  Utf8Check check_{};
  State state_ = State::value;
  bool is_name_ = false;
  std::string open_{};
  std::string word_{};
};

}  // namespace

std::unique_ptr<Inspector> inspect_json() { return std::make_unique<Json>(); }

}  // namespace medflow::inline v1::documents::types
