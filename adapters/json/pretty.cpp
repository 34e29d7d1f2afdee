#include "adapters/json/pretty.hpp"

#include <cassert>
#include <utility>

#include "adapters/json/writer.hpp"

namespace medflow::json {

Pretty& Pretty::open(char begin, char end) {
  before_value();
  out_ += begin;
  levels_.push_back({.end = end});
  return *this;
}

Pretty& Pretty::close() {
  assert(!levels_.empty() && !after_key_);
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.empty) line(levels_.size());
  out_ += level.end;
  return *this;
}

Pretty& Pretty::key(std::string_view name) {
  before_value();
  Writer(out_).text(name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

Pretty& Pretty::text(std::string_view value) {
  before_value();
  Writer(out_).text(value);
  return *this;
}

Pretty& Pretty::integer(std::int64_t value) { return json(std::to_string(value)); }

Pretty& Pretty::boolean(bool value) { return json(value ? "true" : "false"); }

Pretty& Pretty::json(std::string_view value) {
  before_value();
  out_ += value;
  return *this;
}

Pretty& Pretty::reference(std::string_view target) { return open_object().member("$ref", target).close(); }

Pretty& Pretty::texts(std::initializer_list<std::string_view> values) {
  open_list();
  for (const std::string_view value : values) text(value);
  return close();
}

std::string Pretty::take() {
  assert(levels_.empty());
  return std::exchange(out_, {}) + "\n";
}

void Pretty::before_value() {
  if (std::exchange(after_key_, false) || levels_.empty()) return;
  if (!std::exchange(levels_.back().empty, false)) out_ += ',';
  line(levels_.size());
}

void Pretty::line(std::size_t depth) {
  out_ += '\n';
  out_.append(depth * 2, ' ');
}

}  // namespace medflow::json
