#include "storage/block_codec.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace medflow::inline v1::storage {
namespace {

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool take_varint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Writes the length of what `body` appends before it, without a second buffer: one byte is kept free, which is enough for most.
template <class Body>
void put_sized(std::string& out, Body&& body) {
  const std::size_t at = out.size();
  out.push_back('\0');
  body();
  std::size_t length = out.size() - at - 1;
  if (length < 0x80) {
    out[at] = static_cast<char>(length);
    return;
  }
  std::string prefix;
  put_varint(prefix, length);
  out.replace(at, 1, prefix);
}

bool take_sized(std::string_view& in, std::string_view& value) {
  std::uint64_t length = 0;
  if (!take_varint(in, length) || length > in.size()) return false;
  value = in.substr(0, length);
  in.remove_prefix(length);
  return true;
}

const std::string& text_of(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::secret:
      return static_cast<Secret*>(const_cast<void*>(value))->reveal_mutable();
    case Kind::zone:
      return static_cast<const Zone*>(value)->id;
    default:
      return *static_cast<const std::string*>(value);
  }
}

std::string& text_of(const Type& type, void* value) {
  return const_cast<std::string&>(text_of(type, static_cast<const void*>(value)));
}

constexpr std::uint64_t minutes_per_day = 24 * 60;

std::uint64_t packed_date(int year, unsigned month, unsigned day) {
  return static_cast<std::uint64_t>(year) << 9 | month << 5 | day;
}

void put_date(std::string& out, int year, unsigned month, unsigned day) {
  put_varint(out, packed_date(year, month, day));
}

Date unpacked_date(std::uint64_t packed) {
  return {static_cast<std::int16_t>(packed >> 9), static_cast<std::uint8_t>(packed >> 5 & 15U),
          static_cast<std::uint8_t>(packed & 31U)};
}

bool take_date(std::string_view in, int& year, unsigned& month, unsigned& day) {
  std::uint64_t packed = 0;
  if (!take_varint(in, packed) || !in.empty() || packed >> 9 > 9999) return false;
  year = static_cast<int>(packed >> 9);
  month = packed >> 5 & 15U;
  day = packed & 31U;
  return true;
}

bool decode_integer(const Type& type, std::string_view in, void* value) {
  std::uint64_t raw = 0;
  if (!take_varint(in, raw) || !in.empty()) return false;
  const std::int64_t number = unzigzag(raw);
  if (type.kind == Kind::enumeration && (number < 0 || static_cast<std::size_t>(number) >= type.words.size()))
    return false;
  type.set_integer(value, number);
  return true;
}

bool decode_time(std::string_view in, TimeOfDay& time) {
  std::uint64_t minutes = 0;
  if (!take_varint(in, minutes) || !in.empty() || minutes >= minutes_per_day) return false;
  time.minutes = static_cast<std::uint16_t>(minutes);
  return true;
}

/// The day above, the time in the last 11 bits.
bool decode_local(std::string_view in, LocalDateTime& wall) {
  std::uint64_t packed = 0;
  if (!take_varint(in, packed) || !in.empty() || packed >> 20 > 9999 || (packed & 2047U) >= minutes_per_day)
    return false;
  wall = {.date = unpacked_date(packed >> 11), .time = {static_cast<std::uint16_t>(packed & 2047U)}};
  return true;
}

/// One that was never set is stored as it is: three zeros.
bool decode_currency(std::string_view in, Currency& currency) {
  if (in == Currency{}.code()) {
    currency = {};
    return true;
  }
  const auto known = Currency::parse(in);
  if (known) currency = *known;
  return known.has_value();
}

bool decode_list(const Type& type, std::string_view in, void* value) {
  if (type.size(value) != 0) clear_list(type, value);
  while (!in.empty()) {
    std::string_view item;
    if (!take_sized(in, item) || !decode_value(*type.element, item, type.append(value))) return false;
  }
  return true;
}

bool decode_calendar(const Type& type, std::string_view in, void* value) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!take_date(in, year, month, day)) return false;
  if (type.kind == Kind::date) {
    *static_cast<Date*>(value) = {static_cast<std::int16_t>(year), static_cast<std::uint8_t>(month),
                                  static_cast<std::uint8_t>(day)};
  } else {
    *static_cast<PartialDate*>(value) = {static_cast<std::int16_t>(year), static_cast<std::uint8_t>(month),
                                         static_cast<std::uint8_t>(day)};
  }
  return true;
}

}  // namespace

void encode_value(const Type& type, const void* value, std::string& out) {
  switch (type.kind) {
    case Kind::boolean:
    case Kind::integer:
    case Kind::enumeration:
      return put_varint(out, zigzag(type.get_integer(value)));
    case Kind::text:
    case Kind::secret:
    case Kind::zone:
      out += text_of(type, value);
      return;
    case Kind::uuid:
      out += static_cast<const Uuid*>(value)->view();
      return;
    case Kind::instant:
      return put_varint(out, zigzag(static_cast<const Instant*>(value)->us));
    case Kind::date: {
      const auto& date = *static_cast<const Date*>(value);
      return put_date(out, date.year, date.month, date.day);
    }
    case Kind::time:
      return put_varint(out, static_cast<const TimeOfDay*>(value)->minutes);
    case Kind::local_date_time: {
      const auto& wall = *static_cast<const LocalDateTime*>(value);
      return put_varint(out, packed_date(wall.date.year, wall.date.month, wall.date.day) << 11 | wall.time.minutes);
    }
    case Kind::partial_date: {
      const auto& date = *static_cast<const PartialDate*>(value);
      return put_date(out, date.year, date.month, date.day);
    }
    case Kind::currency:
      out += static_cast<const Currency*>(value)->code();
      return;
    case Kind::money: {
      const auto& money = *static_cast<const Money*>(value);
      out += money.currency.code();
      return put_varint(out, zigzag(money.minor));
    }
    case Kind::object:
      return encode_fields(type, value, 0, out);
    case Kind::list: {
      auto* list = const_cast<void*>(value);
      for (std::size_t i = 0, n = type.size(value); i < n; ++i)
        put_sized(out, [&] { encode_value(*type.element, type.item(list, i), out); });
      return;
    }
    case Kind::optional:
      if (type.has(value)) encode_value(*type.element, type.get(const_cast<void*>(value)), out);
      return;
    case Kind::change:
    case Kind::content:
    case Kind::stream:
      assert(false && "requests and streams are not stored");
  }
}

bool decode_value(const Type& type, std::string_view in, void* value) {
  switch (type.kind) {
    case Kind::boolean:
    case Kind::integer:
    case Kind::enumeration:
      return decode_integer(type, in, value);
    case Kind::text:
    case Kind::secret:
    case Kind::zone:
      text_of(type, value).assign(in);
      return true;
    case Kind::uuid:
      if (in.size() != 16) return false;
      std::memcpy(static_cast<Uuid*>(value)->bytes.data(), in.data(), 16);
      return true;
    case Kind::instant: {
      std::uint64_t raw = 0;
      if (!take_varint(in, raw) || !in.empty()) return false;
      static_cast<Instant*>(value)->us = unzigzag(raw);
      return true;
    }
    case Kind::date:
    case Kind::partial_date:
      return decode_calendar(type, in, value);
    case Kind::time:
      return decode_time(in, *static_cast<TimeOfDay*>(value));
    case Kind::local_date_time:
      return decode_local(in, *static_cast<LocalDateTime*>(value));
    case Kind::currency:
      return decode_currency(in, *static_cast<Currency*>(value));
    case Kind::money: {
      if (in.size() < 4) return false;
      auto& money = *static_cast<Money*>(value);
      std::uint64_t raw = 0;
      if (!decode_currency(in.substr(0, 3), money.currency)) return false;
      in.remove_prefix(3);
      if (!take_varint(in, raw) || !in.empty()) return false;
      money.minor = unzigzag(raw);
      return true;
    }
    case Kind::object:
      return decode_fields(type, in, value);
    case Kind::list:
      return decode_list(type, in, value);
    case Kind::optional:
      return decode_value(*type.element, in, type.emplace(value));
    case Kind::change:
    case Kind::content:
    case Kind::stream:
      break;
  }
  return false;
}

void encode_fields(const Type& type, const void* object, std::uint32_t flags_any, std::string& out) {
  for (const Field& field : type.fields) {
    if ((flags_any != 0 && !field.is(flags_any)) || field.is(derived)) continue;
    const void* value = field.at_const(object);
    if (field.type->kind == Kind::optional && !field.type->has(value)) continue;
    put_varint(out, field.number);
    put_sized(out, [&] { encode_value(*field.type, value, out); });
  }
}

bool decode_fields(const Type& type, std::string_view block, void* object) {
  const std::span<const Field> fields = type.fields;
  std::size_t next = 0;  // fields are stored in order: the next one is nearly always the right one
  while (!block.empty()) {
    std::uint64_t number = 0;
    std::string_view value;
    if (!take_varint(block, number) || !take_sized(block, value)) return false;
    std::size_t at = next;
    std::size_t tried = 0;
    while (tried < fields.size() && fields[at % fields.size()].number != number) {
      ++at;
      ++tried;
    }
    if (tried == fields.size()) continue;
    const Field& field = fields[at % fields.size()];
    if (!decode_value(*field.type, value, field.at(object))) return false;
    next = at % fields.size() + 1;
  }
  return true;
}

}  // namespace medflow::inline v1::storage
