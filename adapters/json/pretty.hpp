// Writes JSON for people: two spaces a level, one member a line, always the same text for the same calls.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::json {

/// A document under construction. Members of an object are begun by `key`; closing what is empty leaves `{}` or `[]`.
class Pretty {
 public:
  Pretty& open_object() { return open('{', '}'); }
  Pretty& open_list() { return open('[', ']'); }
  /// Ends the object or list that was opened last.
  Pretty& close();

  Pretty& key(std::string_view name);
  Pretty& text(std::string_view value);
  Pretty& integer(std::int64_t value);
  Pretty& boolean(bool value);
  /// A value that is JSON already, without line breaks.
  Pretty& json(std::string_view value);

  Pretty& member(std::string_view name, std::string_view value) { return key(name).text(value); }
  /// {"$ref": target}
  Pretty& reference(std::string_view target);
  Pretty& texts(std::initializer_list<std::string_view> values);

  /// The document, with a line break at its end; everything must be closed.
  std::string take();

 private:
  struct Level {
    char end = '}';
    bool empty = true;
  };

  Pretty& open(char begin, char end);
  void before_value();
  void line(std::size_t depth);

  std::string out_{};
  std::vector<Level> levels_{};
  bool after_key_ = false;
};

}  // namespace medflow::json
