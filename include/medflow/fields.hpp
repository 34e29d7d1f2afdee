// What the fields of requests, answers and stored rows are, as rows that ordinary code walks: codec, schema, command line,
// validation and row mapping are functions over these, not templates per type.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "medflow/id.hpp"
#include "medflow/money.hpp"
#include "medflow/page.hpp"
#include "medflow/secret.hpp"
#include "medflow/stream.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1 {

struct Field;

/// The kinds of value there are. Their JSON forms: boolean, number, text (all of text, secret, enumeration, uuid, instant,
/// date, partial_date, time, local_date_time, zone, currency), object (object, money), array (list). `optional` and `change` wrap another.
enum class Kind : std::uint8_t {
  boolean,
  integer,
  text,
  secret,
  enumeration,
  uuid,
  instant,
  date,
  partial_date,
  time,
  local_date_time,
  zone,
  currency,
  money,
  object,
  list,
  optional,
  change,
  content,
  stream,
};

/// A member of a partial update (RFC 7396): absent (keep what is there), null (remove it), or a new value.
template <class T>
class Change {
 public:
  Change() = default;
  Change(T value) : state_(State::set), value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  static Change removed() {
    Change change;
    change.state_ = State::remove;
    return change;
  }

  bool keeps() const { return state_ == State::keep; }
  bool removes() const { return state_ == State::remove; }
  bool sets() const { return state_ == State::set; }
  T& value() { return value_; }
  const T& value() const { return value_; }
  T& emplace() {
    state_ = State::set;
    return value_ = T{};
  }
  void remove() { state_ = State::remove; }

 private:
  enum class State : std::uint8_t { keep, remove, set };
  State state_ = State::keep;
  T value_{};
};

/// One type of value, erased. Which of the function pointers are set depends on `kind`; the object they are given is always of
/// this type.
struct Type {
  Kind kind = Kind::boolean;
  std::string_view name{};                    ///< object, enumeration: its name in schemas
  const Type* element = nullptr;              ///< list, optional, change: what it holds
  std::span<const Field> fields{};            ///< object
  std::span<const std::string_view> words{};  ///< enumeration: the words on the wire, by value
  std::int64_t min = 0;                       ///< integer: what the C++ type can hold
  std::int64_t max = 0;
  std::int64_t (*get_integer)(const void*) = nullptr;  ///< boolean, integer, enumeration
  void (*set_integer)(void*, std::int64_t) = nullptr;
  std::size_t (*size)(const void*) = nullptr;   ///< list
  void* (*item)(void*, std::size_t) = nullptr;  ///< list: an existing item
  void* (*append)(void*) = nullptr;             ///< list: a new item at the end
  bool (*has)(const void*) = nullptr;           ///< optional, change: whether it holds a value
  void* (*get)(void*) = nullptr;                ///< optional, change: the value it holds
  void* (*emplace)(void*) = nullptr;            ///< optional, change: makes it hold a new value
  void (*remove)(void*) = nullptr;              ///< change: "remove what is there"
  bool (*removes)(const void*) = nullptr;       ///< change
  std::size_t bytes = 0;
  std::size_t alignment = 1;
  void (*construct)(void*) = nullptr;
  void (*move)(void*, void*) = nullptr;  ///< constructs the first from the second
  void (*destroy)(void*) = nullptr;
};

/// Makes a list empty, as what is read replaces what a member begins with.
inline void clear_list(const Type& type, void* list) {
  type.destroy(list);
  type.construct(list);
}

/// What a text may hold, beyond its length (R4).
enum class TextRule : std::uint8_t {
  line,   ///< one line: no control characters
  note,   ///< line feeds and tabs are allowed
  name,   ///< a line without bidirectional overrides
  ascii,  ///< visible ASCII, no spaces
  slug,   ///< lower-case letters, digits and hyphens
  email,  ///< an address: one @, no spaces, a domain with a dot or "localhost"
  uri,    ///< an absolute URI (RFC 3986) in visible ASCII
  any,    ///< any valid UTF-8, as for content that is parsed later
};

/// The rules of a field. A zero maximum is "no rule".
struct Rules {
  std::int64_t min = 0;             ///< text: code points; integer: value
  std::int64_t max = 0;             ///< text: code points; integer: value
  std::uint32_t items_max = 0;      ///< list
  std::uint32_t item_text_max = 0;  ///< list of texts: code points of an item
  TextRule text = TextRule::line;
  std::string_view meaning{};  ///< one line for the documentation
};

/// What a field is, beyond its type: flags that may be joined by `|`.
enum FieldFlag : std::uint32_t {
  none = 0,
  required = 1U << 0,   ///< a request without it is invalid
  immutable = 1U << 1,  ///< never changed after the row was made
  phi = 1U << 2,        ///< protected health information: never in a log, a URL of ours or a plain column
  identity = 1U << 3,   ///< the sealed block it lies in (`security.md`, classes 1 to 6)
  contact = 1U << 4,
  clinical = 1U << 5,
  restricted = 1U << 6,
  billing = 1U << 7,
  secret = 1U << 8,   ///< sealed, and in no answer
  derived = 1U << 9,  ///< computed for the answer, not stored
  header = 1U << 10,  ///< on HTTP it may come by a header of its own as well (Medflow-Reason)
};

inline constexpr std::uint32_t block_flags = identity | contact | clinical | restricted | billing | secret;

/// One field of an object. `number` is frozen: it names the field in stored blocks and is never used again.
struct Field {
  std::uint16_t number = 0;
  std::string_view name{};
  std::uint32_t flags = 0;
  const Type* type = nullptr;
  void* (*at)(void*) = nullptr;  ///< the member within its object
  Rules rules{};

  const void* at_const(const void* object) const { return at(const_cast<void*>(object)); }
  bool is(std::uint32_t flag) const { return (flags & flag) != 0; }
};

/// Describes a struct: `name` and `fields`. Specialised beside the handlers (`src/<module>/<module>.fields.hpp`); one that was
/// forgotten does not compile, and the compiler names it.
template <class T>
struct Described;

/// Describes an enumeration whose values count from 0: `name` and `words`.
template <class E>
struct Words;

namespace detail {

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_change : std::false_type {};
template <class T>
struct is_change<Change<T>> : std::true_type {};
template <class T>
struct is_id : std::false_type {};
template <class Tag>
struct is_id<Id<Tag>> : std::true_type {};

template <class T>
constexpr Type make_type();

}  // namespace detail

/// The erased form of a type.
template <class T>
inline constexpr Type type_of = detail::make_type<T>();

namespace detail {

template <class T>
constexpr Type base_type(Kind kind) {
  Type type{.kind = kind};
  type.bytes = sizeof(T);
  type.alignment = alignof(T);
  type.construct = [](void* at) { ::new (at) T(); };
  type.move = [](void* to, void* from) { ::new (to) T(std::move(*static_cast<T*>(from))); };
  type.destroy = [](void* at) { static_cast<T*>(at)->~T(); };
  return type;
}

template <class T>
constexpr Type integer_type(Kind kind) {
  Type type = base_type<T>(kind);
  type.get_integer = [](const void* at) { return static_cast<std::int64_t>(*static_cast<const T*>(at)); };
  type.set_integer = [](void* at, std::int64_t value) { *static_cast<T*>(at) = static_cast<T>(value); };
  return type;
}

template <class T>
constexpr Type list_type() {
  using Item = typename T::value_type;
  Type type = base_type<T>(Kind::list);
  type.element = &type_of<Item>;
  type.size = [](const void* at) { return static_cast<const T*>(at)->size(); };
  type.item = [](void* at, std::size_t i) -> void* { return &(*static_cast<T*>(at))[i]; };
  type.append = [](void* at) -> void* { return &static_cast<T*>(at)->emplace_back(); };
  return type;
}

template <class T>
constexpr Type optional_type() {
  Type type = base_type<T>(Kind::optional);
  type.element = &type_of<typename T::value_type>;
  type.has = [](const void* at) { return static_cast<const T*>(at)->has_value(); };
  type.get = [](void* at) -> void* { return &**static_cast<T*>(at); };
  type.emplace = [](void* at) -> void* { return &static_cast<T*>(at)->emplace(); };
  return type;
}

template <class T, class V>
constexpr Type change_type() {
  Type type = base_type<T>(Kind::change);
  type.element = &type_of<V>;
  type.has = [](const void* at) { return static_cast<const T*>(at)->sets(); };
  type.get = [](void* at) -> void* { return &static_cast<T*>(at)->value(); };
  type.emplace = [](void* at) -> void* { return &static_cast<T*>(at)->emplace(); };
  type.remove = [](void* at) { static_cast<T*>(at)->remove(); };
  type.removes = [](const void* at) { return static_cast<const T*>(at)->removes(); };
  return type;
}

template <class V>
constexpr Type change_of(const Change<V>*) {
  return change_type<Change<V>, V>();
}

template <class T>
constexpr Type make_type() {
  if constexpr (std::is_same_v<T, bool>) {
    return integer_type<T>(Kind::boolean);
  } else if constexpr (std::is_enum_v<T>) {
    Type type = integer_type<T>(Kind::enumeration);
    type.name = Words<T>::name;
    type.words = Words<T>::words;
    return type;
  } else if constexpr (std::is_integral_v<T>) {
    Type type = integer_type<T>(Kind::integer);
    using Limits = std::numeric_limits<T>;
    type.min = static_cast<std::int64_t>(Limits::min());
    type.max = sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(Limits::max());
    return type;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return base_type<T>(Kind::text);
  } else if constexpr (std::is_same_v<T, Secret>) {
    return base_type<T>(Kind::secret);
  } else if constexpr (is_id<T>::value || std::is_same_v<T, Uuid>) {
    static_assert(sizeof(T) == sizeof(Uuid));
    return base_type<T>(Kind::uuid);
  } else if constexpr (std::is_same_v<T, Instant>) {
    return base_type<T>(Kind::instant);
  } else if constexpr (std::is_same_v<T, Date>) {
    return base_type<T>(Kind::date);
  } else if constexpr (std::is_same_v<T, PartialDate>) {
    return base_type<T>(Kind::partial_date);
  } else if constexpr (std::is_same_v<T, TimeOfDay>) {
    return base_type<T>(Kind::time);
  } else if constexpr (std::is_same_v<T, LocalDateTime>) {
    return base_type<T>(Kind::local_date_time);
  } else if constexpr (std::is_same_v<T, Zone>) {
    return base_type<T>(Kind::zone);
  } else if constexpr (std::is_same_v<T, Currency>) {
    return base_type<T>(Kind::currency);
  } else if constexpr (std::is_same_v<T, Money>) {
    return base_type<T>(Kind::money);
  } else if constexpr (std::is_same_v<T, Content>) {
    return base_type<T>(Kind::content);
  } else if constexpr (std::is_same_v<T, Stream>) {
    return base_type<T>(Kind::stream);
  } else if constexpr (is_vector<T>::value) {
    return list_type<T>();
  } else if constexpr (is_optional<T>::value) {
    return optional_type<T>();
  } else if constexpr (is_change<T>::value) {
    return change_of(static_cast<const T*>(nullptr));
  } else {
    Type type = base_type<T>(Kind::object);
    type.name = Described<T>::name;
    type.fields = Described<T>::fields;
    return type;
  }
}

template <class M>
struct member;
template <class O, class V>
struct member<V O::*> {
  using object = O;
  using value = V;
};

}  // namespace detail

/// Describes one member: `field<&Patient::mrn>(2, "mrn", phi | identity, {.max = 32})`.
template <auto Member>
constexpr Field field(std::uint16_t number, std::string_view name, std::uint32_t flags = none, Rules rules = {}) {
  using M = detail::member<decltype(Member)>;
  return Field{.number = number,
               .name = name,
               .flags = flags,
               .type = &type_of<typename M::value>,
               .at = [](void* object) -> void* { return &(static_cast<typename M::object*>(object)->*Member); },
               .rules = rules};
}

template <>
struct Described<Done> {
  static constexpr std::string_view name = "Done";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<PageInfo> {
  static constexpr std::string_view name = "PageInfo";
  static constexpr Field fields[] = {field<&PageInfo::next>(1, "next"), field<&PageInfo::prev>(2, "prev"),
                                     field<&PageInfo::limit>(3, "limit"), field<&PageInfo::left_out>(4, "left_out")};
};

template <class T>
struct Described<Page<T>> {
  static constexpr std::string_view name = Described<T>::page_name;
  static constexpr Field fields[] = {field<&Page<T>::data>(1, "data"), field<&Page<T>::page>(2, "page")};
};

template <>
struct Words<JobState> {
  static constexpr std::string_view name = "JobState";
  static constexpr std::string_view words[] = {"queued", "running", "succeeded", "failed", "cancelled"};
};

template <>
struct Described<Job> {
  static constexpr std::string_view name = "Job";
  static constexpr Field fields[] = {field<&Job::id>(1, "id"),
                                     field<&Job::state>(2, "state"),
                                     field<&Job::done>(3, "done"),
                                     field<&Job::total>(4, "total"),
                                     field<&Job::error_code>(5, "error_code"),
                                     field<&Job::created_at>(6, "created_at")};
};

/// An object of an erased type, owned.
class Value {
 public:
  Value() = default;
  /// A new object in its initial state.
  explicit Value(const Type& type) : type_(&type), data_(::operator new(type.bytes, std::align_val_t(type.alignment))) {
    type.construct(data_);
  }
  Value(Value&& other) noexcept
      : type_(std::exchange(other.type_, nullptr)), data_(std::exchange(other.data_, nullptr)) {}
  Value& operator=(Value&& other) noexcept {
    std::swap(type_, other.type_);
    std::swap(data_, other.data_);
    return *this;
  }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value() {
    if (data_ == nullptr) return;
    type_->destroy(data_);
    ::operator delete(data_, std::align_val_t(type_->alignment));
  }

  /// Takes an object whose erased type is `type`: the caller's promise.
  template <class T>
  static Value of(const Type& type, T object) {
    Value value;
    value.data_ = ::operator new(sizeof(T), std::align_val_t(alignof(T)));
    ::new (value.data_) T(std::move(object));
    value.type_ = &type;
    return value;
  }

  const Type& type() const { return *type_; }
  void* data() { return data_; }
  const void* data() const { return data_; }

 private:
  const Type* type_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace medflow::inline v1
