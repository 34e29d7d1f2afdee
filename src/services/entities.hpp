// What is stored of services, and of rooms and devices.
#pragma once

#include "kernel/rows.hpp"
#include "medflow/services.hpp"
#include "services/services.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::services {

inline constexpr Code code_taken{"service.code_taken", Errc::conflict, "Another service has this code."};

}  // namespace medflow::inline v1::services

namespace medflow::inline v1::storage {

template <>
struct Stored<services::Service> {
  static const Entity entity;
};
template <>
struct Stored<resources::Resource> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
