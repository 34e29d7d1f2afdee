// The table of series.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::series {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::series
