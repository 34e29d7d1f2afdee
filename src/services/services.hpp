// Services, rooms and devices as other modules ask for them. Whether the caller reaches them is not asked. For members of a batch only;
// what they answer is valid until the next write of a fact, or 500 others of its kind (`kernel::Kept`).
#pragma once

#include "kernel/work.hpp"
#include "medflow/services.hpp"

namespace medflow::inline v1::services {

/// Null where there is none such.
const Service* service_of(kernel::Work& work, const ServiceId& id);

}  // namespace medflow::inline v1::services

namespace medflow::inline v1::resources {

/// Null where there is none such.
const Resource* resource_of(kernel::Work& work, const ResourceId& id);

}  // namespace medflow::inline v1::resources
