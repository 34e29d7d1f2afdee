// The tables of patients.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::patients {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::patients
