// The tables of code systems and of their codes.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::code_systems {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::code_systems
