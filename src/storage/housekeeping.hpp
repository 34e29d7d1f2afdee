// Housekeeping between writes.
#pragma once

#include "medflow/storage/engine.hpp"

namespace medflow::storage {

/// Lets a database do its housekeeping after a write that is durable. Where that fails nobody is told: what ails the database shows in the next
/// write.
inline void keep_house(Database& database, bool idle) noexcept {
  try {
    database.maintain(idle);
  } catch (...) {
    // Said above.
  }
}

}  // namespace medflow::storage
