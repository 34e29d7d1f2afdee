// The tables of invoices, credit notes and write-offs.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::invoices {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::invoices
