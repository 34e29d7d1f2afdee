// What is stored of queues.
#pragma once

#include "kernel/rows.hpp"
#include "queues/queues.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::queues {

inline constexpr Code queue_empty{"queue.empty", Errc::conflict, "Nobody waits in this queue."};

}  // namespace medflow::inline v1::queues

namespace medflow::inline v1::storage {

template <>
struct Stored<queues::StoredToken> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
