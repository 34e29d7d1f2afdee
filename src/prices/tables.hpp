// The tables of tax codes, price items and fee rules.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::prices {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::prices
