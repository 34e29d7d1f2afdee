// The table of calendar feeds.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::calendars {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::calendars
