#include "adapters/json/scalars.hpp"

#include <optional>

namespace medflow::json {

namespace {

constexpr Field money_fields[] = {
    field<&Money::minor>(1, "amount", required, {.meaning = "In minor units, such as cents."}),
    field<&Money::currency>(2, "currency", required, {.meaning = "ISO 4217."})};

template <class T>
Fault take(void* at, std::optional<T> value, std::string_view code, std::string_view message) {
  if (!value) return {.code = code, .message = std::string(message)};
  *static_cast<T*>(at) = *value;
  return {};
}

Fault take_word(const Type& type, void* at, std::string_view text) {
  for (std::size_t i = 0; i < type.words.size(); ++i) {
    if (type.words[i] != text) continue;
    type.set_integer(at, static_cast<std::int64_t>(i));
    return {};
  }
  std::string message = "One of";
  for (const std::string_view word : type.words) message.append(&word == type.words.data() ? " " : ", ").append(word);
  return {.code = "enum.unknown", .message = message + "."};
}

std::string_view expected(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "Expected true or false.";
    case Kind::integer:
      return "Expected a whole number.";
    case Kind::object:
    case Kind::money:
      return "Expected an object.";
    case Kind::list:
      return "Expected a list.";
    default:
      return "Expected a text.";
  }
}

}  // namespace

constinit const Type money_type{.kind = Kind::object, .name = "Money", .fields = money_fields};

const Type& unwrapped(const Type& type) {
  const Type* inner = &type;
  while (inner->kind == Kind::optional || inner->kind == Kind::change) inner = inner->element;
  return *inner;
}

bool is_text(const Type& type) {
  switch (type.kind) {
    case Kind::text:
    case Kind::secret:
    case Kind::enumeration:
    case Kind::uuid:
    case Kind::instant:
    case Kind::date:
    case Kind::partial_date:
    case Kind::time:
    case Kind::local_date_time:
    case Kind::zone:
    case Kind::currency:
      return true;
    default:
      return false;
  }
}

Fault set_text(const Type& type, void* at, std::string_view text) {
  switch (type.kind) {
    case Kind::text:
      static_cast<std::string*>(at)->assign(text);
      return {};
    case Kind::secret:
      *static_cast<Secret*>(at) = Secret(std::string(text));
      return {};
    case Kind::zone:
      static_cast<Zone*>(at)->id.assign(text);
      return {};
    case Kind::enumeration:
      return take_word(type, at, text);
    case Kind::uuid:
      return take(at, Uuid::parse(text), "format.uuid", "Expected a UUID.");
    case Kind::instant:
      return take(at, Instant::parse(text), "format.instant", "Expected a time such as 2026-11-22T09:30:00Z.");
    case Kind::date:
      return take(at, Date::parse(text), "format.date", "Expected a day such as 2026-11-22.");
    case Kind::time:
      return take(at, TimeOfDay::parse(text), "format.time", "Expected a time of day such as 09:30.");
    case Kind::local_date_time:
      return take(at, LocalDateTime::parse(text), "format.local_date_time",
                  "Expected a local date and time such as 2026-11-22T09:30.");
    case Kind::partial_date:
      return take(at, PartialDate::parse(text), "format.partial_date", "Expected 2026-11-22, 2026-11 or 2026.");
    case Kind::currency:
      return take(at, Currency::parse(text), "currency.unknown", "ISO 4217 has no such currency.");
    default:
      return mismatch(type);
  }
}

Fault mismatch(const Type& type) { return {.code = "type.mismatch", .message = std::string(expected(type))}; }

Fault set_integer(const Type& type, void* at, std::int64_t value) {
  if (type.kind != Kind::integer) return mismatch(type);
  if (value < type.min || value > type.max)
    return {.code = "number.out_of_range",
            .message = "From " + std::to_string(type.min) + " to " + std::to_string(type.max) + "."};
  type.set_integer(at, value);
  return {};
}

}  // namespace medflow::json
