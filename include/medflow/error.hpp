// What can go wrong, said once: the closed kinds, the codes of each module, and the error a caller receives.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/export.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1 {

/// The closed set of error kinds. Each has one HTTP status, one C value (its number here) and one CLI exit code: see `describe`.
enum class Errc : std::uint8_t {
  invalid = 1,            ///< well formed, but breaks a rule of a field
  malformed,              ///< cannot be read at all
  unauthenticated,        ///< nobody is signed in, or no longer
  forbidden,              ///< the caller may see the object but not do this to it
  not_found,              ///< absent, erased, out of scope or another tenant's: one answer for all
  conflict,               ///< the state of the object forbids it
  precondition_failed,    ///< an If-Match that names another revision
  precondition_required,  ///< an update without the expected revision
  too_large,
  unsupported_media,
  locked,
  rate_limited,
  gone,         ///< an expired hold, or a link that was used or has expired
  integrity,    ///< a row or block does not open or does not match its seal; never retryable
  unavailable,  ///< a store that is down or full, the wrong key, an outdated schema
  internal,
};

/// One row of the table of kinds.
struct ErrcRow {
  Errc kind{};
  std::string_view name{};
  int http_status = 500;
  int exit_code = 1;
  std::string_view text{};
};

/// All sixteen kinds in order.
MEDFLOW_API std::span<const ErrcRow> error_kinds();

MEDFLOW_API const ErrcRow& describe(Errc kind);

/// A code is the contract ("slot.taken"); its text is one line for people and never holds data. Codes are constants of
/// their modules and compare by name.
struct Code {
  std::string_view name{};
  Errc kind = Errc::internal;
  std::string_view text{};
  bool retryable = false;

  friend constexpr bool operator==(const Code& a, const Code& b) { return a.name == b.name; }
};

/// One field that breaks a rule. `pointer` is an RFC 6901 JSON pointer into the request ("/names/0/family").
struct FieldError {
  std::string pointer{};
  std::string code{};
  std::string message{};

  friend bool operator==(const FieldError&, const FieldError&) = default;
};

/// At most this many field errors are reported at once.
inline constexpr std::size_t field_errors_max = 100;

/// Why an operation failed. Holds no personal data, no SQL and no stack.
struct Error {
  Code code{};
  std::string detail{};                          ///< one line more, beyond `code.text`; may be empty
  std::vector<FieldError> fields{};              ///< all fields that break a rule, at most `field_errors_max`
  std::optional<std::uint64_t> revision{};       ///< the object's current revision, with `conflict.revision`
  std::optional<std::uint32_t> retry_after_s{};  ///< seconds to wait, with `rate_limited` and `unavailable`
  std::vector<Instant> alternatives{};           ///< starts that are free, with `slot.taken`
  std::vector<std::string> ids{};  ///< objects the answer is about, such as the candidates of `patient.duplicate`

  Errc kind() const { return code.kind; }
  bool retryable() const { return code.retryable; }
};

/// How code inside the library fails: thrown by handlers, turned into a Result where the library ends. A host never sees it.
class Failure : public std::exception {
 public:
  explicit Failure(const Code& code, std::string detail = {}) : error{.code = code, .detail = std::move(detail)} {}
  /// A field that breaks a rule of its own: code "invalid" unless another is named.
  MEDFLOW_API Failure(const Code& code, std::string pointer, std::string field_code, std::string message);
  explicit Failure(Error what) : error(std::move(what)) {}

  const char* what() const noexcept override { return error.code.text.data(); }

  Error error;
};

/// Codes that belong to no single module.
namespace codes {
inline constexpr Code invalid{"invalid", Errc::invalid, "One or more fields break a rule."};
inline constexpr Code malformed{"malformed", Errc::malformed, "The request cannot be read."};
inline constexpr Code invalid_utf8{"text.invalid_utf8", Errc::invalid, "A text is not valid UTF-8."};
inline constexpr Code unauthenticated{"unauthenticated", Errc::unauthenticated, "Sign in first."};
inline constexpr Code forbidden{"forbidden", Errc::forbidden, "This account may not do that."};
inline constexpr Code not_found{"not_found", Errc::not_found, "There is no such object."};
inline constexpr Code revision{"conflict.revision", Errc::conflict, "The object was changed meanwhile."};
inline constexpr Code if_match{"precondition.failed", Errc::precondition_failed, "The object was changed meanwhile."};
inline constexpr Code revision_required{"precondition.required", Errc::precondition_required,
                                        "Name the revision that this change is based on."};
inline constexpr Code id_reused{"conflict.id_reused", Errc::conflict, "This id names an object with other content."};
inline constexpr Code reason_required{"reason.required", Errc::invalid,
                                      "Give a reason of at least 10 characters or a coded one."};
inline constexpr Code illegal_transition{"transition.illegal", Errc::conflict,
                                         "The object's state does not allow this."};
inline constexpr Code too_large{"too_large", Errc::too_large, "The request is too large."};
inline constexpr Code cursor_invalid{"cursor.invalid", Errc::malformed,
                                     "The cursor does not belong to this query, or has expired."};
inline constexpr Code unknown_operation{"operation.unknown", Errc::not_found, "There is no such operation."};
inline constexpr Code integrity{"integrity", Errc::integrity, "A stored object does not match its seal."};
inline constexpr Code key_mismatch{"key.mismatch", Errc::unavailable, "The root key does not open this data."};
inline constexpr Code store_in_use{"store.in_use", Errc::unavailable, "Another process has this data folder open."};
inline constexpr Code store_unavailable{"store.unavailable", Errc::unavailable, "The store cannot answer now.", true};
inline constexpr Code store_outcome_unknown{"store.outcome_unknown", Errc::unavailable,
                                            "Whether the change took place is not known."};
inline constexpr Code store_full{"store.full", Errc::unavailable, "The store has no space left."};
inline constexpr Code schema_newer{"schema.newer", Errc::unavailable, "The data was written by a newer version."};
inline constexpr Code schema_outdated{"schema.outdated", Errc::unavailable, "The data must be migrated first."};
inline constexpr Code internal{"internal", Errc::internal, "Something went wrong inside."};
}  // namespace codes

}  // namespace medflow::inline v1
