#include "adapters/json/codec.hpp"
#include "adapters/json/scalars.hpp"
#include "adapters/json/writer.hpp"

namespace medflow::json {

namespace {

class Encoder {
 public:
  Encoder(std::string& out, Secrets secrets) : out_(out), secrets_(secrets) {}

  void value(const Type& type, const void* at) {
    switch (type.kind) {
      case Kind::boolean:
        return out_.raw(type.get_integer(at) != 0 ? std::string_view("true") : "false");
      case Kind::integer:
        return out_.integer(type.get_integer(at));
      case Kind::text:
        return out_.text(*static_cast<const std::string*>(at));
      case Kind::secret:
        return out_.text(static_cast<const Secret*>(at)->reveal());
      case Kind::enumeration:
        return out_.text(type.words[static_cast<std::size_t>(type.get_integer(at))]);
      case Kind::uuid:
        return out_.uuid(*static_cast<const Uuid*>(at));
      case Kind::instant:
        return quoted(static_cast<const Instant*>(at)->text());
      case Kind::date:
        return quoted(static_cast<const Date*>(at)->text());
      case Kind::time:
        return quoted(static_cast<const TimeOfDay*>(at)->text());
      case Kind::local_date_time:
        return quoted(static_cast<const LocalDateTime*>(at)->text());
      case Kind::partial_date:
        return quoted(static_cast<const PartialDate*>(at)->text());
      case Kind::zone:
        return out_.text(static_cast<const Zone*>(at)->id);
      case Kind::currency:
        return quoted(static_cast<const Currency*>(at)->code());
      case Kind::money:
        return object(money_type, at);
      case Kind::object:
        return object(type, at);
      case Kind::list:
        return list(type, at);
      case Kind::optional:
      case Kind::change:
        return held(type, at);
      case Kind::content:
      case Kind::stream:
        return out_.raw("null");
    }
  }

 private:
  bool is_absent(const Type& type, const void* at) const {
    switch (type.kind) {
      case Kind::optional:
        return !type.has(at);
      case Kind::change:
        return !type.has(at) && !type.removes(at);
      case Kind::uuid:
        return static_cast<const Uuid*>(at)->is_nil();
      case Kind::currency:
        return static_cast<const Currency*>(at)->letters[0] == '\0';
      case Kind::secret:
        return secrets_ == Secrets::leave_out;
      case Kind::content:
      case Kind::stream:
        return true;
      default:
        return false;
    }
  }

  void object(const Type& type, const void* at) {
    bool first = true;
    out_.raw('{');
    for (const Field& field : type.fields) {
      const void* member = field.at_const(at);
      if (field.is(secret) || is_absent(*field.type, member)) continue;
      out_.member(field.name, first);
      value(*field.type, member);
      first = false;
    }
    out_.raw('}');
  }

  void list(const Type& type, const void* at) {
    out_.raw('[');
    for (std::size_t i = 0, n = type.size(at); i < n; ++i) {
      if (i != 0) out_.raw(',');
      value(*type.element, type.item(const_cast<void*>(at), i));
    }
    out_.raw(']');
  }

  void held(const Type& type, const void* at) {
    if (!type.has(at)) return out_.raw("null");
    value(*type.element, type.get(const_cast<void*>(at)));
  }

  /// Texts of ours, which have nothing to escape.
  void quoted(std::string_view text) {
    out_.raw('"');
    out_.raw(text);
    out_.raw('"');
  }

  Writer out_;
  Secrets secrets_;
};

}  // namespace

void encode(const Type& type, const void* object, std::string& out, Secrets secrets) {
  Encoder(out, secrets).value(type, object);
}

}  // namespace medflow::json
