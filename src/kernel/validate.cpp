#include "kernel/validate.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/text_rules.hpp"
#include "text/utf8.hpp"

namespace medflow::kernel {

namespace {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: what RFC 3339 can say.
constexpr std::int64_t instant_min = -62'135'596'800'000'000;
constexpr std::int64_t instant_max = 253'402'300'799'999'999;

/// Where the walk is: a list of frames on the stack, made into a JSON pointer only for an error.
struct Place {
  const Place* parent = nullptr;
  std::string_view name{};
  std::size_t index = 0;
};

std::string pointer_to(const Place& place) {
  std::string pointer = place.parent == nullptr ? std::string{} : pointer_to(*place.parent);
  pointer += '/';
  return place.name.empty() ? pointer + std::to_string(place.index) : pointer.append(place.name);
}

class Validator {
 public:
  explicit Validator(std::vector<FieldError>& errors) : errors_(errors) {}

  void check_object(const Type& type, void* object, const Place* place) {
    for (const Field& field : type.fields) {
      if (errors_.size() >= field_errors_max) return;
      check(*field.type, field.at(object), field, {.parent = place, .name = field.name}, field.is(required));
    }
  }

 private:
  void fail(const Place& place, std::string_view code, std::string message) {
    if (errors_.size() < field_errors_max)
      errors_.push_back({.pointer = pointer_to(place), .code = std::string(code), .message = std::move(message)});
  }
  void miss(const Place& place) { fail(place, "required", "This is needed."); }

  void check(const Type& type, void* at, const Field& field, const Place& place, bool needed) {
    switch (type.kind) {
      case Kind::boolean:
        return;
      case Kind::integer:
        return check_integer(type.get_integer(at), field.rules, place);
      case Kind::text:
        return check_text(*static_cast<std::string*>(at), field.rules, field.rules.max, place, needed);
      case Kind::secret:
        return check_text(static_cast<Secret*>(at)->reveal_mutable(), field.rules, field.rules.max, place, needed);
      case Kind::enumeration:
        if (!std::in_range<std::size_t>(type.get_integer(at)) ||
            static_cast<std::size_t>(type.get_integer(at)) >= type.words.size())
          fail(place, "enum.unknown", "This is none of the words that are allowed.");
        return;
      case Kind::uuid:
        if (needed && static_cast<const Uuid*>(at)->is_nil()) miss(place);
        return;
      case Kind::instant:
        return check_instant(*static_cast<const Instant*>(at), place);
      case Kind::date:
        return check_date(*static_cast<const Date*>(at), place);
      case Kind::time:
        return check_time(*static_cast<const TimeOfDay*>(at), place);
      case Kind::local_date_time:
        check_date(static_cast<const LocalDateTime*>(at)->date, place);
        return check_time(static_cast<const LocalDateTime*>(at)->time, place);
      case Kind::partial_date:
        return check_partial_date(*static_cast<const PartialDate*>(at), place);
      case Kind::zone:
        return check_zone(*static_cast<const Zone*>(at), place, needed);
      case Kind::currency:
        return check_currency(*static_cast<const Currency*>(at), place, needed);
      case Kind::money:
        return check_currency(static_cast<const Money*>(at)->currency, place, true);
      case Kind::object:
        return check_object(type, at, &place);
      case Kind::list:
        return check_list(type, at, field, place);
      case Kind::optional:
      case Kind::change:
        return check_held(type, at, field, place, needed);
      case Kind::content:
        if (needed && !static_cast<const Content*>(at)->pull) miss(place);
        return;
      case Kind::stream:
        return;
    }
  }

  /// What is held was given on purpose, so a nil id or an empty zone in it is wrong.
  void check_held(const Type& type, void* at, const Field& field, const Place& place, bool needed) {
    if (!type.has(at)) {
      if (needed) miss(place);
      return;
    }
    const Kind kind = type.element->kind;
    check(*type.element, type.get(at), field, place,
          needed || kind == Kind::uuid || kind == Kind::zone || kind == Kind::currency);
  }

  void check_list(const Type& type, void* at, const Field& field, const Place& place) {
    const std::size_t size = type.size(at);
    const Rules& rules = field.rules;
    if (rules.items_max != 0 && size > rules.items_max)
      return fail(place, "list.too_long", "At most " + std::to_string(rules.items_max) + " items.");
    for (std::size_t i = 0; i < size && errors_.size() < field_errors_max; ++i) {
      const Place item{.parent = &place, .index = i};
      if (type.element->kind == Kind::text)
        check_text(*static_cast<std::string*>(type.item(at, i)), rules, rules.item_text_max, item,
                   needs_form(rules.text));
      else
        check(*type.element, type.item(at, i), field, item, type.element->kind != Kind::object);
    }
  }

  void check_integer(std::int64_t value, const Rules& rules, const Place& place) {
    const bool too_small = (rules.min != 0 || rules.max != 0) && value < rules.min;
    if (!too_small && (rules.max == 0 || value <= rules.max)) return;
    fail(place, "number.out_of_range",
         rules.max == 0 ? "At least " + std::to_string(rules.min) + "."
                        : "From " + std::to_string(rules.min) + " to " + std::to_string(rules.max) + ".");
  }

  void check_text(std::string& value, const Rules& rules, std::int64_t max, const Place& place, bool needed) {
    if (value.empty()) {
      if (needed) miss(place);
      return;
    }
    std::size_t length = value.size();
    if (!is_plain(value)) {
      const text::TextFault fault = fault_of(value, rules.text);
      if (fault == text::TextFault::invalid_utf8) return fail(place, "text.invalid_utf8", "This is not valid UTF-8.");
      if (fault != text::TextFault::none)
        return fail(place, "text.control_character", "This holds a control character.");
      text::make_nfc(value);
      length = text::code_points(value);
    }
    if (rules.min > 0 && std::cmp_less(length, rules.min))
      return fail(place, "text.too_short", "At least " + std::to_string(rules.min) + " characters.");
    if (max > 0 && std::cmp_greater(length, max))
      return fail(place, "text.too_long", "At most " + std::to_string(max) + " characters.");
    if (const TextForm* form = broken_form(value, rules.text)) fail(place, form->code, std::string(form->message));
  }

  void check_instant(Instant at, const Place& place) {
    if (at.us < instant_min || at.us > instant_max)
      fail(place, "instant.out_of_range", "From the year 1 to the year 9999.");
  }

  void check_date(Date date, const Place& place) {
    if (!Date::exists(date.year, date.month, date.day)) fail(place, "date.invalid", "The calendar has no such day.");
  }

  void check_time(TimeOfDay time, const Place& place) {
    if (time.minutes >= 24 * 60) fail(place, "time.invalid", "A day has no such time.");
  }

  void check_partial_date(PartialDate date, const Place& place) {
    const Date first = date.first();
    if (!Date::exists(first.year, first.month, first.day) || (date.month == 0 && date.day != 0))
      fail(place, "date.invalid", "The calendar has no such date.");
  }

  void check_zone(const Zone& zone, const Place& place, bool needed) {
    if (zone.id.empty()) {
      if (needed) miss(place);
    } else if (!Zone::valid(zone.id)) {
      fail(place, "zone.unknown", "There is no such time zone.");
    }
  }

  void check_currency(const Currency& currency, const Place& place, bool needed) {
    if (currency.letters[0] == '\0') {
      if (needed) miss(place);
    } else if (Currency::parse(currency.code()) != currency) {
      fail(place, "currency.unknown", "ISO 4217 has no such currency.");
    }
  }

  std::vector<FieldError>& errors_;
};

}  // namespace

void validate(const Type& type, void* object, std::vector<FieldError>& errors) {
  assert(type.kind == Kind::object);
  Validator(errors).check_object(type, object, nullptr);
}

void require_valid(const Type& type, void* object) {
  std::vector<FieldError> errors;
  validate(type, object, errors);
  if (!errors.empty()) throw Failure(Error{.code = codes::invalid, .fields = std::move(errors)});
}

}  // namespace medflow::kernel
