// The tables of documents.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::documents {

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::documents
