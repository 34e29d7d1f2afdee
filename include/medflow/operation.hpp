// An operation is a type: a plain struct that holds the request, names its output, and carries one row that says
// everything else about it. HTTP route, OpenAPI document, command line, C call and audit action all come from that row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "medflow/fields.hpp"
#include "medflow/roles.hpp"

namespace medflow::inline v1 {

enum class Method : std::uint8_t { get, post, put, patch, del };

/// Whether an operation changes anything. A read is rerunnable and safe; it still leaves an audit event.
enum class Effect : std::uint8_t { read, write };

/// Where an operation runs: in a hospital, on the platform (the tenant directory), or in either.
enum class Realm : std::uint8_t { tenant, platform, any };

/// The row of an operation. Names are `module.verb` (module plural), paths are relative to `/api/v1` and hold their parameters
/// in braces; a parameter is a field of the request.
struct Operation {
  std::string_view name{};
  Method method = Method::get;
  std::string_view path{};
  Permission permission{};
  Effect effect = Effect::read;
  std::string_view summary{};
  Realm realm = Realm::tenant;
  std::string_view object{};     ///< the kind of object it is about, for the audit: "patient"
  int status = 200;              ///< the HTTP status of success
  bool reason_required = false;  ///< the request's `reason` (or `reason_code`) must say why, as `roles.csv` has it
  bool form = false;             ///< over HTTP it is a form (multipart/form-data) whose file is the request's content
  bool key_required = false;     ///< a call without an idempotency key is refused: it moves money (R11)
};

/// The shape of an operation's output.
enum class Shape : std::uint8_t { value, page, stream, job };

/// One operation, erased: what adapters walk.
struct OperationRow {
  const Operation* operation = nullptr;
  const Type* request = nullptr;
  const Type* output = nullptr;
  Shape shape = Shape::value;
  const Field* content = nullptr;  ///< the request's Content member, none where it has none
  std::uint16_t index = 0;         ///< position in `operations()`
};

/// Every operation, in the order of the one list in `operations.hpp`.
MEDFLOW_API std::span<const OperationRow> operations();

/// The operation of this name, none where there is none.
MEDFLOW_API const OperationRow* find_operation(std::string_view name);

}  // namespace medflow::inline v1
