// The tables of a tenant's services, rooms and devices.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::services {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::services
