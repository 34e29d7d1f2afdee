// Objects to JSON (RFC 8259) and back, by their fields. Requests in, answers out; no document in between.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "medflow/error.hpp"
#include "medflow/fields.hpp"

namespace medflow::json {

// R13.
inline constexpr std::size_t bytes_max = std::size_t{1} << 20U;
inline constexpr std::size_t depth_max = 32;
inline constexpr std::size_t items_max = 10'000;

/// Which fields of a request have been given, by whatever way: path, query, header, body, flag. Of an object with at
/// most 128 fields.
class Given {
 public:
  bool has(const Type& type, const Field& field) const { return (bits_[word(type, field)] & bit(type, field)) != 0; }
  void add(const Type& type, const Field& field) { bits_[word(type, field)] |= bit(type, field); }

 private:
  static std::size_t index(const Type& type, const Field& field) {
    return static_cast<std::size_t>(&field - type.fields.data());
  }
  static std::size_t word(const Type& type, const Field& field) { return index(type, field) / 64; }
  static std::uint64_t bit(const Type& type, const Field& field) {
    return std::uint64_t{1} << (index(type, field) % 64);
  }

  std::array<std::uint64_t, 2> bits_{};
};

/// A text member of the outermost object that is no field of the request, such as the tenant before a session.
struct Extra {
  std::string_view name{};
  std::string* text = nullptr;
};

/// Reads a JSON object into `object`, which is of type `type` and in its initial state. True where all is well.
/// Otherwise `error` says why, and what was read is unspecified: `malformed` (not JSON, or nested deeper than 32; with
/// the byte), `too_large`, `text.invalid_utf8`, or `invalid` with all fields, at most 100: member.unknown,
/// member.duplicate, required, type.mismatch, number.out_of_range, list.too_long, enum.unknown, format.uuid,
/// format.instant, format.date, format.partial_date, currency.unknown. Nothing that was read is in an error but the
/// names of members.
///
/// Numbers are whole (1.0 and 1e2 are refused). Null is "absent" for an optional and "remove" for a Change. A client
/// that reads our answers may allow more bytes than a request may have.
bool decode(std::string_view json, const Type& type, void* object, Error& error, std::size_t limit = bytes_max);

/// The same for an object of which other sources have given, or will give, some fields: those in `given` are refused as
/// duplicates, those read are added to it, and fields of the outermost object may be missing: ask `require` at the end.
bool merge(std::string_view json, const Type& type, void* object, Given& given, Error& error, const Extra& extra = {});

/// Adds an error for each required field that was not given. False where there is one.
bool require(const Type& type, const Given& given, Error& error);

/// Whether members of kind secret are written: only by a client of ours that sends a request.
enum class Secrets : bool { leave_out, write };

/// Appends `object` as JSON. Absent are: optionals without a value, changes that keep, nil ids and currencies that are
/// not set, fields flagged `secret`, contents and streams. Texts and lists are always there, empty or not. Instants are
/// RFC 3339 in UTC, dates ISO 8601, money is {"amount": minor units, "currency": code}.
void encode(const Type& type, const void* object, std::string& out, Secrets secrets = Secrets::leave_out);

}  // namespace medflow::json
