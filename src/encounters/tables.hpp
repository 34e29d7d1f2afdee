// The table of encounters.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::encounters {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::encounters
