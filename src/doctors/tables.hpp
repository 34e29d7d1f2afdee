// The table of a tenant's doctors.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::doctors {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::doctors
