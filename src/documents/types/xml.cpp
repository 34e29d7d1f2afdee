// XML: well nested, with nothing in it that is replaced by something else (entities), shown as a page or run.
#include "documents/types/utf8_check.hpp"

namespace medflow::inline v1::documents::types {
namespace {

constexpr std::size_t depth_max = 256;
constexpr std::size_t name_max = 256;

class Xml final : public Inspector {
 public:
  void take(std::string_view bytes, std::string& out) override {
    check_.add(bytes);
    if (words_.finds(bytes)) throw Failure(active, "it holds a page, a script or entities of its own");
    for (const char c : bytes) step(c);
    out += bytes;
  }

  void finish(std::string&) override {
    check_.end();
    if (state_ != State::text || !open_.empty() || !has_root_) wrong();
  }

 private:
  enum class State : std::uint8_t {
    text,
    markup,
    name,
    attributes,
    quoted,
    closing,
    bang,
    comment,
    cdata,
    instruction
  };
  static constexpr std::string_view words[] = {"<!doctype",
                                               "<!entity",
                                               "<?xml-stylesheet",
                                               "<script",
                                               "http://www.w3.org/1999/xhtml",
                                               "http://www.w3.org/2000/svg",
                                               "http://www.w3.org/1999/xsl",
                                               "<html",
                                               "<svg",
                                               "<?php"};

  [[noreturn]] static void wrong() { throw Failure(broken, "it is not XML"); }
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  static bool may_begin_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  void step(char c) {
    switch (state_) {
      case State::text:
        if (c == '<') {
          state_ = State::markup;
        } else if (open_.empty() && !is_space(c) && static_cast<unsigned char>(c) < 0x80) {
          wrong();  // text outside of the root; the mark of byte order is not ASCII
        }
        return;
      case State::markup:
        name_.clear();
        if (c == '/') return void(state_ = State::closing);
        if (c == '!') return void(state_ = State::bang);
        if (c == '?') return begin_until("?>", State::instruction);
        if (!may_begin_name(c) || (open_.empty() && has_root_)) wrong();
        name_.push_back(c);
        state_ = State::name;
        return;
      case State::name:
        if (!is_space(c) && c != '>' && c != '/') {
          name_.push_back(c);
          if (name_.size() > name_max) wrong();
          return;
        }
        state_ = State::attributes;
        last_ = ' ';
        [[fallthrough]];
      case State::attributes:
        if (c == '"' || c == '\'') {
          quote_ = c;
          state_ = State::quoted;
        } else if (c == '<') {
          wrong();
        } else if (c == '>') {
          open_element(last_ == '/');
        }
        last_ = c;
        return;
      case State::quoted:
        if (c == '<') wrong();
        if (c == quote_) state_ = State::attributes;
        return;
      case State::closing:
        if (c != '>') {
          name_.push_back(c);
          if (name_.size() > name_max) wrong();
          return;
        }
        while (!name_.empty() && is_space(name_.back())) name_.pop_back();
        if (open_.empty() || open_.back() != name_) wrong();
        open_.pop_back();
        state_ = State::text;
        return;
      case State::bang:
        name_.push_back(c);
        if (name_ == "--") return begin_until("-->", State::comment);
        if (name_ == "[CDATA[" && !open_.empty()) return begin_until("]]>", State::cdata);
        if (name_.size() > 7) wrong();
        return;
      case State::comment:
      case State::cdata:
      case State::instruction:
        seen_.push_back(c);
        if (seen_.size() > until_.size()) seen_.erase(0, 1);
        if (seen_ == until_) state_ = State::text;
        return;
    }
  }

  void begin_until(std::string_view end, State state) {
    until_ = end;
    seen_.clear();
    state_ = state;
  }

  void open_element(bool empty) {
    has_root_ = true;
    state_ = State::text;
    if (empty) return;
    if (open_.size() == depth_max) throw Failure(bomb, "it is nested too deeply");
    open_.push_back(name_);
  }

  Utf8Check check_{};
  WordSearch words_{words};
  State state_ = State::text;
  std::string name_{};
  std::vector<std::string> open_{};
  std::string_view until_{};
  std::string seen_{};
  char quote_ = 0;
  char last_ = 0;
  bool has_root_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_xml() { return std::make_unique<Xml>(); }

}  // namespace medflow::inline v1::documents::types
