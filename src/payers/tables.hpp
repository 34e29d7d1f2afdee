// The tables of payers and coverages.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::payers {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::payers
