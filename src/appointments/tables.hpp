// The tables of appointments.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::appointments {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::appointments
