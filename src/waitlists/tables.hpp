// The table of the waitlist.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::waitlists {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::waitlists
