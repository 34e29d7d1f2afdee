// Boost.JSON's parser calls the Reader below, which puts each value where its field says.
#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>

#include "adapters/json/codec.hpp"
#include "adapters/json/scalars.hpp"
#include "adapters/json/utf8.hpp"

namespace medflow::json {

namespace {

/// Where a value goes.
struct Slot {
  const Type* type = nullptr;
  void* at = nullptr;
  const Field* field = nullptr;  ///< whose rules hold for it; none for the outermost value
};

/// An object or a list that is being read.
struct Frame {
  Slot slot{};
  const Field* current = nullptr;  ///< object: the member whose value is next or was last
  Given seen{};                    ///< object
  std::size_t count = 0;           ///< list: items so far
};

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '~' || c == '/') {
      text += c == '~' ? "~0" : "~1";
    } else {
      text += c;
    }
  }
  return text;
}

class Reader {
 public:
  // Wanted by basic_parser; the sizes are limited by R13 and by the rules of the fields.
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  Reader(const Type& type, void* object, Given* given, std::vector<FieldError>& errors, const Extra& extra)
      : root_{.type = &type, .at = object}, given_(given), errors_(errors), extra_(extra) {
    frames_.reserve(8);
  }

  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) {
    open(Kind::object);
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    if (skipped_ == 0) finish_object();
    close();
    return true;
  }
  bool on_array_begin(error_code&) {
    open(Kind::list);
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    close();
    return true;
  }

  bool on_key_part(string_view part, std::size_t, error_code&) {
    parts_.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view last, std::size_t, error_code&) {
    with_parts(last, [this](std::string_view name) { key(name); });
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    parts_.append(part.data(), part.size());
    return true;
  }
  bool on_string(string_view last, std::size_t, error_code&) {
    with_parts(last, [this](std::string_view text) { string(text); });
    return true;
  }

  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    const Slot slot = next_value();
    if (slot.type != nullptr) note(set_integer(*slot.type, slot.at, value));
    return true;
  }
  bool on_uint64(std::uint64_t, string_view, error_code&) {
    too_large_number();
    return true;
  }
  bool on_double(double, string_view text, error_code&) {
    if (text.find_first_of(".eE") == string_view::npos) {
      too_large_number();
    } else if (const Slot slot = next_value(); slot.type != nullptr) {
      note(mismatch(*slot.type));
    }
    return true;
  }
  bool on_bool(bool value, error_code&) {
    const Slot slot = next_value();
    if (slot.type == nullptr) return true;
    if (slot.type->kind == Kind::boolean) {
      slot.type->set_integer(slot.at, value ? 1 : 0);
    } else {
      note(mismatch(*slot.type));
    }
    return true;
  }
  bool on_null(error_code&) {
    null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  template <class F>
  void with_parts(string_view last, F take) {
    if (parts_.empty()) return take(std::string_view(last.data(), last.size()));
    parts_.append(last.data(), last.size());
    take(std::string_view(parts_));
    std::fill(parts_.begin(), parts_.end(), '\0');  // it may have been a password
    parts_.clear();
  }

  /// The place of the value that comes now, none where it is skipped. A list gets a new item for it.
  Slot next() {
    if (skipped_ != 0) return {};
    if (frames_.empty()) return root_;
    Frame& frame = frames_.back();
    if (frame.slot.type->kind == Kind::object) {
      if (frame.current == nullptr) {
        if (std::exchange(extra_is_next_, false)) fail_member(extra_.name, "type.mismatch", "Expected a text.");
        return {};
      }
      return {.type = frame.current->type, .at = frame.current->at(frame.slot.at), .field = frame.current};
    }
    const std::size_t limit = frame.slot.field != nullptr && frame.slot.field->rules.items_max != 0
                                  ? frame.slot.field->rules.items_max
                                  : items_max;
    if (++frame.count > limit) {
      // Said once, of the list; further items are read over, so that they cost no memory.
      if (frame.count == limit + 1) fail_list(limit);
      return {};
    }
    return {.type = frame.slot.type->element, .at = frame.slot.type->append(frame.slot.at), .field = nullptr};
  }

  /// The same for a value that is not null: optionals and changes are made to hold one.
  Slot next_value() {
    Slot slot = next();
    while (slot.type != nullptr && (slot.type->kind == Kind::optional || slot.type->kind == Kind::change)) {
      slot.at = slot.type->emplace(slot.at);
      slot.type = slot.type->element;
    }
    if (slot.type != nullptr && slot.type->kind == Kind::money) slot.type = &money_type;
    return slot;
  }

  void open(Kind kind) {
    const Slot slot = next_value();
    if (slot.type != nullptr && slot.type->kind == kind) {
      // A member may begin with items of its own; to a list that is all there is, further ones are added.
      if (kind == Kind::list && !frames_.empty()) clear_list(*slot.type, slot.at);
      frames_.push_back({.slot = slot});
      if (frames_.size() == 1 && given_ != nullptr) frames_.back().seen = *given_;
      return;
    }
    if (slot.type != nullptr) note(mismatch(*slot.type));
    ++skipped_;
  }

  void close() {
    if (skipped_ != 0) {
      --skipped_;
    } else {
      frames_.pop_back();
    }
  }

  void finish_object() {
    const Frame& frame = frames_.back();
    if (frames_.size() == 1 && given_ != nullptr) {
      *given_ = frame.seen;
      return;
    }
    for (const Field& field : frame.slot.type->fields)
      if (field.is(required) && !frame.seen.has(*frame.slot.type, field))
        fail_member(field.name, "required", "This is needed.");
  }

  void key(std::string_view name) {
    if (skipped_ != 0) return;
    Frame& frame = frames_.back();
    const Field* found = find(frame, name);
    extra_is_next_ = found == nullptr && frames_.size() == 1 && extra_.text != nullptr && name == extra_.name;
    if (extra_is_next_ && std::exchange(extra_seen_, true)) {
      extra_is_next_ = false;
      fail_member(name, "member.duplicate", "This is given twice.");
    } else if (found == nullptr && !extra_is_next_) {
      fail_member(name, "member.unknown", "There is no such member.");
    } else if (found != nullptr && frame.seen.has(*frame.slot.type, *found)) {
      fail_member(name, "member.duplicate", "This is given twice.");
      found = nullptr;
    }
    frame.current = found;
    if (found != nullptr) frame.seen.add(*frame.slot.type, *found);
  }

  /// Looks from the last member on, since most callers keep our order.
  static const Field* find(const Frame& frame, std::string_view name) {
    const std::span<const Field> fields = frame.slot.type->fields;
    const std::size_t from = frame.current == nullptr ? 0 : static_cast<std::size_t>(frame.current - fields.data()) + 1;
    for (std::size_t n = 0; n < fields.size(); ++n) {
      const Field& field = fields[from + n < fields.size() ? from + n : from + n - fields.size()];
      if (field.name != name) continue;
      return field.type->kind == Kind::content || field.type->kind == Kind::stream ? nullptr : &field;
    }
    return nullptr;
  }

  void string(std::string_view text) {
    if (skipped_ == 0 && std::exchange(extra_is_next_, false)) {
      extra_.text->assign(text);
      return;
    }
    const Slot slot = next_value();
    if (slot.type != nullptr) note(set_text(*slot.type, slot.at, text));
  }

  void null() {
    const Slot slot = next();
    if (slot.type == nullptr) return;
    if (slot.type->kind == Kind::change) {
      slot.type->remove(slot.at);
    } else if (slot.type->kind != Kind::optional) {
      note(mismatch(*slot.type));
    } else if (slot.type->has(slot.at)) {
      slot.type->destroy(slot.at);
      slot.type->construct(slot.at);
    }
  }

  void too_large_number() {
    const Slot slot = next_value();
    if (slot.type == nullptr) return;
    if (slot.type->kind != Kind::integer) return note(mismatch(*slot.type));
    note({.code = "number.out_of_range",
          .message = "From " + std::to_string(slot.type->min) + " to " + std::to_string(slot.type->max) + "."});
  }

  /// The pointer to the value that was just read.
  std::string pointer(std::size_t frames) const {
    std::string text;
    for (std::size_t i = 0; i < frames; ++i) {
      text += '/';
      const Frame& frame = frames_[i];
      if (frame.slot.type->kind == Kind::object) {
        text.append(frame.current == nullptr ? std::string_view{} : frame.current->name);
      } else {
        text.append(std::to_string(frame.count - 1));
      }
    }
    return text;
  }

  void fail(std::string pointer, std::string_view code, std::string message) {
    if (errors_.size() < field_errors_max)
      errors_.push_back({.pointer = std::move(pointer), .code = std::string(code), .message = std::move(message)});
  }
  void fail_member(std::string_view name, std::string_view code, std::string_view message) {
    constexpr std::size_t name_max = 64;  // a longer one is not repeated to whoever sent it
    std::string place = pointer(frames_.size() - 1);
    if (name.size() <= name_max) place.append("/").append(escaped(name));
    fail(std::move(place), code, std::string(message));
  }
  void fail_list(std::size_t limit) {
    fail(pointer(frames_.size() - 1), "list.too_long", "At most " + std::to_string(limit) + " items.");
  }
  void note(Fault fault) {
    if (fault.any()) fail(pointer(frames_.size()), fault.code, std::move(fault.message));
  }

  Slot root_;
  Given* given_;
  std::vector<FieldError>& errors_;
  Extra extra_;
  bool extra_is_next_ = false;
  bool extra_seen_ = false;
  std::vector<Frame> frames_{};
  std::size_t skipped_ = 0;  ///< how many objects and lists deep we are in something that is read over
  std::string parts_{};
};

/// Why the parser gave up, as far as it may be said: the place, never what stands there.
Error refusal(std::string_view json, boost::json::error_code why, std::size_t at) {
  if (!valid_utf8(json)) return {.code = codes::invalid_utf8};
  if (why == boost::json::error::too_deep)
    return {.code = codes::malformed, .detail = "Nested deeper than " + std::to_string(depth_max) + "."};
  return {.code = codes::malformed, .detail = "Not JSON at byte " + std::to_string(at) + "."};
}

bool read(std::string_view json, const Type& type, void* object, Given* given, Error& error, const Extra& extra,
          std::size_t limit) {
  if (json.size() > limit) {
    error = Error{.code = codes::too_large};
    return false;
  }
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<Reader> parser(options, type, object, given, error.fields, extra);
  boost::json::error_code why;
  const std::size_t used = parser.write_some(false, json.data(), json.size(), why);
  if (why || used != json.size()) {
    error = refusal(json, why, used);
    return false;
  }
  if (error.fields.empty()) return true;
  error.code = codes::invalid;
  return false;
}

}  // namespace

bool merge(std::string_view json, const Type& type, void* object, Given& given, Error& error, const Extra& extra) {
  assert(type.fields.size() <= 128);
  return read(json, type, object, &given, error, extra, bytes_max);
}

bool decode(std::string_view json, const Type& type, void* object, Error& error, std::size_t limit) {
  return read(json, type, object, nullptr, error, {}, limit);
}

bool require(const Type& type, const Given& given, Error& error) {
  bool complete = true;
  for (const Field& field : type.fields) {
    // Content comes by a way of its own, and the field rules say whether it came.
    if (!field.is(required) || given.has(type, field) || field.type->kind == Kind::content) continue;
    complete = false;
    error.code = codes::invalid;
    if (error.fields.size() < field_errors_max)
      error.fields.push_back(
          {.pointer = "/" + std::string(field.name), .code = "required", .message = "This is needed."});
  }
  return complete;
}

}  // namespace medflow::json
