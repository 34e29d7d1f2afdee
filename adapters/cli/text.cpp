#include "adapters/cli/text.hpp"

#include <cassert>
#include <cstring>

namespace medflow::cli {

const Type& plain(const Type& type) {
  const Type* inner = &type;
  while (inner->kind == Kind::optional || inner->kind == Kind::change) inner = inner->element;
  return *inner;
}

bool is_scalar(const Type& type) {
  switch (plain(type).kind) {
    case Kind::boolean:
    case Kind::integer:
    case Kind::text:
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

std::string scalar_text(const Type& type, const void* at) {
  switch (type.kind) {
    case Kind::boolean:
      return type.get_integer(at) != 0 ? "true" : "false";
    case Kind::integer:
      return std::to_string(type.get_integer(at));
    case Kind::text:
      return *static_cast<const std::string*>(at);
    case Kind::enumeration: {
      const auto value = static_cast<std::size_t>(type.get_integer(at));
      return value < type.words.size() ? std::string(type.words[value]) : std::string();
    }
    case Kind::uuid: {
      Uuid id;  // an id's type holds nothing but its UUID
      std::memcpy(&id, at, sizeof id);
      return id.is_nil() ? std::string() : id.text();
    }
    case Kind::instant:
      return static_cast<const Instant*>(at)->text();
    case Kind::date:
      return static_cast<const Date*>(at)->text();
    case Kind::time:
      return static_cast<const TimeOfDay*>(at)->text();
    case Kind::local_date_time:
      return static_cast<const LocalDateTime*>(at)->text();
    case Kind::partial_date:
      return static_cast<const PartialDate*>(at)->text();
    case Kind::zone:
      return static_cast<const Zone*>(at)->id;
    case Kind::currency:
      return std::string(static_cast<const Currency*>(at)->code());
    case Kind::optional:
    case Kind::change:
      return type.has(at) ? scalar_text(*type.element, type.get(const_cast<void*>(at))) : std::string();
    default:
      break;
  }
  assert(false && "not a scalar");
  return {};
}

std::string harmless(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (c == 0xC2 && next >= 0x80 && next < 0xA0) {  // C1, in UTF-8
      out += '?';
      ++i;
    } else {
      out += c < 0x20 || c == 0x7F ? '?' : text[i];
    }
  }
  return out;
}

std::size_t width(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', hex[byte >> 4U], hex[byte & 15U]};
    }
  }
  return out;
}

}  // namespace medflow::cli
