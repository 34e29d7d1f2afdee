// The tables of the journal.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::ledger {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::ledger
