// The table of operations, made from the one list in operations.hpp: rows for everybody who walks them.
#include "medflow/operations.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

#include "appointments/appointments.fields.hpp"
#include "audit/audit.fields.hpp"
#include "calendars/calendars.fields.hpp"
#include "codes/codes.fields.hpp"
#include "doctors/doctors.fields.hpp"
#include "documents/documents.fields.hpp"
#include "encounters/encounters.fields.hpp"
#include "facilities/facilities.fields.hpp"
#include "imports/imports.fields.hpp"
#include "invoices/invoices.fields.hpp"
#include "jobs/jobs.fields.hpp"
#include "ledger/ledger.fields.hpp"
#include "patients/patients.fields.hpp"
#include "payers/payers.fields.hpp"
#include "payments/payments.fields.hpp"
#include "prices/prices.fields.hpp"
#include "queues/queues.fields.hpp"
#include "records/records.fields.hpp"
#include "schedules/schedules.fields.hpp"
#include "series/series.fields.hpp"
#include "services/services.fields.hpp"
#include "tenants/tenants.fields.hpp"
#include "users/roles.fields.hpp"
#include "users/users.fields.hpp"
#include "waitlists/waitlists.fields.hpp"

namespace medflow::inline v1 {

namespace {

template <class Output>
struct IsPage : std::false_type {};
template <class T>
struct IsPage<Page<T>> : std::true_type {};

template <class Output>
constexpr Shape shape_of() {
  if constexpr (IsPage<Output>::value) {
    return Shape::page;
  } else if constexpr (std::is_same_v<Output, Stream>) {
    return Shape::stream;
  } else if constexpr (std::is_same_v<Output, Job>) {
    return Shape::job;
  } else {
    return Shape::value;
  }
}

/// The position of a field, `fields.size()` where there is none: under UBSan g++ 12 takes no comparison of such pointers for a constant.
constexpr std::size_t find_field(std::span<const Field> fields, std::string_view name) {
  std::size_t i = 0;
  while (i < fields.size() && fields[i].name != name) ++i;
  return i;
}

constexpr const Field* content_of(std::span<const Field> fields) {
  for (const Field& field : fields)
    if (field.type->kind == Kind::content) return &field;
  return nullptr;
}

/// Every `{param}` of the path is a field that the request cannot be without.
constexpr bool parameters_are_fields(std::string_view path, std::span<const Field> fields) {
  while (true) {
    const std::size_t open = path.find('{');
    if (open == std::string_view::npos) return true;
    const std::size_t close = path.find('}', open);
    if (close == std::string_view::npos) return false;
    const std::size_t field = find_field(fields, path.substr(open + 1, close - open - 1));
    if (field == fields.size() || (fields[field].flags & required) == 0) return false;
    path.remove_prefix(close + 1);
  }
}

constexpr bool fields_differ(std::span<const Field> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (std::size_t j = i + 1; j < fields.size(); ++j)
      if (fields[i].name == fields[j].name || fields[i].number == fields[j].number) return false;
  return true;
}

template <class Op>
constexpr OperationRow row_of(std::size_t index) {
  static_assert(parameters_are_fields(Op::operation.path, Described<Op>::fields),
                "a path parameter is no required field of the request");
  static_assert(fields_differ(Described<Op>::fields), "two fields of a request have one name or number");
  static_assert(
      !Op::operation.reason_required || find_field(Described<Op>::fields, "reason") < std::size(Described<Op>::fields),
      "an operation needs a reason, but its request has none");
  return OperationRow{.operation = &Op::operation,
                      .request = &type_of<Op>,
                      .output = &type_of<typename Op::Output>,
                      .shape = shape_of<typename Op::Output>(),
                      .content = content_of(Described<Op>::fields),
                      .index = static_cast<std::uint16_t>(index)};
}

template <class... Ops>
constexpr std::array<OperationRow, sizeof...(Ops)> rows_of(const OperationList<Ops...>*) {
  std::size_t index = 0;
  return {row_of<Ops>(index++)...};
}

constexpr auto rows = rows_of(static_cast<const Operations*>(nullptr));

/// The rows in the order of their names.
constexpr auto by_name = [] {
  std::array<std::uint16_t, rows.size()> order{};
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint16_t>(i);
  std::sort(order.begin(), order.end(),
            [](std::uint16_t a, std::uint16_t b) { return rows[a].operation->name < rows[b].operation->name; });
  return order;
}();

}  // namespace

std::span<const OperationRow> operations() { return rows; }

const OperationRow* find_operation(std::string_view name) {
  const auto* found = std::lower_bound(by_name.begin(), by_name.end(), name,
                                       [](std::uint16_t i, std::string_view n) { return rows[i].operation->name < n; });
  if (found == by_name.end() || rows[*found].operation->name != name) return nullptr;
  return &rows[*found];
}

}  // namespace medflow::inline v1
