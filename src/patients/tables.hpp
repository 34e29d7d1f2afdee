// The tables of patients.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::patients {

std::span<const storage::Table* const> tables();

}  // namespace medflow::patients
