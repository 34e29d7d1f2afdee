// The table of queues.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::queues {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::queues
