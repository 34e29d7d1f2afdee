// Answers for people: aligned `name  value` lines for one object, a table for a page.
#pragma once

#include <string>

#include "medflow/operation.hpp"

namespace medflow::cli {

/// The answer as text with its line feeds; empty where there is nothing to show. A page is a table of its columns that hold
/// something, with a last line that names the cursor of the next page. `value` is of the row's output type.
std::string render(const OperationRow& row, Value& value);

}  // namespace medflow::cli
