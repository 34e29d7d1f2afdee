// The tables of users and their sessions.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::users {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::users
