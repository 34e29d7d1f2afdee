// The tables of records and of their versions.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::records {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::records
