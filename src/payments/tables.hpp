// The tables of payments, refunds and cash shifts.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::payments {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::payments
