// The tables of a tenant's calendars.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::schedules {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::schedules
