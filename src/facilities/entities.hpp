// What is stored of facilities.
#pragma once

#include "facilities/facilities.fields.hpp"
#include "medflow/facilities.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::storage {

template <>
struct Stored<facilities::Facility> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
