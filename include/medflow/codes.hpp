// The catalogue of errors: every code there is, why it comes and what to do about it. The page /api/docs/errors and docs/errors.md show it.
#pragma once

#include <span>
#include <string_view>

#include "medflow/error.hpp"
#include "medflow/export.hpp"

namespace medflow::inline v1 {

/// One code with advice. Its HTTP status, C value and exit code are those of its kind (`describe`).
struct CodeRow {
  Code code{};
  std::string_view cause{};
  std::string_view fix{};
};

/// Every code that an operation may fail with, and those that opening a platform may; each once.
MEDFLOW_API std::span<const CodeRow> error_codes();

/// A code of one field within `invalid`: `FieldError::code`.
struct FieldCodeRow {
  std::string_view name{};
  std::string_view cause{};
  std::string_view fix{};
};

/// Every code of a field, by name.
MEDFLOW_API std::span<const FieldCodeRow> field_codes();

}  // namespace medflow::inline v1
