// Services: what can be booked, how long it takes and by which rules; and the rooms and devices that it may need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::inline v1 {

/// What has a calendar.
enum class ResourceKind : std::uint8_t { practitioner, room, device };

/// Something or somebody with a calendar: a doctor by the id that `doctors.get` knows, a room or a device by that of `resources.get`.
struct ResourceRef {
  ResourceKind kind = ResourceKind::practitioner;
  Uuid id{};

  friend auto operator<=>(const ResourceRef&, const ResourceRef&) = default;
};

}  // namespace medflow::inline v1

namespace medflow::inline v1::services {

/// What can be booked (FHIR HealthcareService). Its rules hold wherever a schedule says nothing else (`schedules.effective`).
struct Service {
  ServiceId id{};
  std::uint64_t revision = 0;
  std::string code{};  ///< unique in the tenant, at most 40 visible ASCII characters
  std::string name{};
  std::uint32_t duration_min = 30;      ///< 5 to 480
  std::uint32_t buffer_before_min = 0;  ///< 0 to 120: kept free before it
  std::uint32_t buffer_after_min = 0;   ///< 0 to 120
  bool buffer_outside = false;          ///< whether buffers may lie outside opening windows
  std::optional<std::uint32_t>
      step_min{};                        ///< 5 to 240: from one offered start to the next; the duration where not said
  std::uint32_t capacity = 1;            ///< 1 to 100: how many patients at once
  std::uint32_t min_lead_min = 0;        ///< how long ahead it has to be booked, in minutes
  std::uint32_t max_horizon_d = 365;     ///< 1 to 730: how many days ahead it can be booked
  std::uint32_t cancel_cutoff_min = 0;   ///< until how long before the start a patient may cancel or move it
  bool approval = false;                 ///< whether a booking is a request first
  bool requested_blocks = true;          ///< whether a request holds its time
  std::uint32_t no_show_grace_min = 15;  ///< 0 to 240: after the start, before it counts as missed
  std::vector<std::uint32_t> reminders_min{24 * 60, 2 * 60};  ///< how long before the start; at most 5
  bool waitlist = true;                                       ///< whether a freed slot is offered to those who wait
  std::uint32_t waitlist_notice_min = 120;                    ///< no offers for a start that is nearer than this
  std::vector<ResourceKind> resources_needed{ResourceKind::practitioner};
  std::optional<PriceItemId> price_item_id{};  ///< what a completed visit is charged with
  bool active = true;
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// All services, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<Service>;
  std::optional<bool> active{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "services.list",
                                       .method = Method::get,
                                       .path = "/services",
                                       .permission = Permission::catalog_read,
                                       .summary = "List what can be booked",
                                       .object = "service"};
};

/// One service.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Service;
  ServiceId id{};

  static constexpr Operation operation{.name = "services.get",
                                       .method = Method::get,
                                       .path = "/services/{id}",
                                       .permission = Permission::catalog_read,
                                       .summary = "Read a service",
                                       .object = "service"};
};

/// Adds a service.
/// Fails, first match wins: forbidden; invalid; conflict `service.code_taken` or `conflict.id_reused`.
struct Create {
  using Output = Service;
  std::optional<ServiceId> id{};
  std::string code{};
  std::string name{};
  std::uint32_t duration_min = 30;
  std::uint32_t buffer_before_min = 0;
  std::uint32_t buffer_after_min = 0;
  bool buffer_outside = false;
  std::optional<std::uint32_t> step_min{};
  std::uint32_t capacity = 1;
  std::uint32_t min_lead_min = 0;
  std::uint32_t max_horizon_d = 365;
  std::uint32_t cancel_cutoff_min = 0;
  bool approval = false;
  bool requested_blocks = true;
  std::uint32_t no_show_grace_min = 15;
  std::vector<std::uint32_t> reminders_min{24 * 60, 2 * 60};
  bool waitlist = true;
  std::uint32_t waitlist_notice_min = 120;
  std::vector<ResourceKind> resources_needed{ResourceKind::practitioner};
  std::optional<PriceItemId> price_item_id{};  ///< what a completed visit is charged with
  bool active = true;

  static constexpr Operation operation{.name = "services.create",
                                       .method = Method::post,
                                       .path = "/services",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a service",
                                       .object = "service",
                                       .status = 201};
};

/// Replaces a service's rules. What is booked stays as it is.
/// Fails, first match wins: forbidden; not_found; invalid; precondition_required; conflict `conflict.revision` or `service.code_taken`.
struct Update {
  using Output = Service;
  ServiceId id{};
  std::optional<std::uint64_t> revision{};
  std::string code{};
  std::string name{};
  std::uint32_t duration_min = 30;
  std::uint32_t buffer_before_min = 0;
  std::uint32_t buffer_after_min = 0;
  bool buffer_outside = false;
  std::optional<std::uint32_t> step_min{};
  std::uint32_t capacity = 1;
  std::uint32_t min_lead_min = 0;
  std::uint32_t max_horizon_d = 365;
  std::uint32_t cancel_cutoff_min = 0;
  bool approval = false;
  bool requested_blocks = true;
  std::uint32_t no_show_grace_min = 15;
  std::vector<std::uint32_t> reminders_min{24 * 60, 2 * 60};
  bool waitlist = true;
  std::uint32_t waitlist_notice_min = 120;
  std::vector<ResourceKind> resources_needed{ResourceKind::practitioner};
  std::optional<PriceItemId> price_item_id{};  ///< what a completed visit is charged with
  std::optional<bool> active{};                ///< as it is where it is not said

  static constexpr Operation operation{.name = "services.update",
                                       .method = Method::put,
                                       .path = "/services/{id}",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a service",
                                       .object = "service"};
};

}  // namespace medflow::inline v1::services

namespace medflow::inline v1::resources {

/// A room or a device with a calendar of its own. Without a schedule it can be used whenever its facility is open.
struct Resource {
  ResourceId id{};
  std::uint64_t revision = 0;
  ResourceKind kind = ResourceKind::room;  ///< room or device
  std::string name{};
  FacilityId facility_id{};
  bool active = true;
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// Rooms and devices, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<Resource>;
  std::optional<FacilityId> facility{};
  std::optional<ResourceKind> kind{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "resources.list",
                                       .method = Method::get,
                                       .path = "/resources",
                                       .permission = Permission::facility_read,
                                       .summary = "List rooms and devices",
                                       .object = "resource"};
};

/// One room or device.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Resource;
  ResourceId id{};

  static constexpr Operation operation{.name = "resources.get",
                                       .method = Method::get,
                                       .path = "/resources/{id}",
                                       .permission = Permission::facility_read,
                                       .summary = "Read a room or device",
                                       .object = "resource"};
};

/// Adds a room or a device.
/// Fails, first match wins: forbidden; invalid; conflict `conflict.id_reused`.
struct Create {
  using Output = Resource;
  std::optional<ResourceId> id{};
  ResourceKind kind = ResourceKind::room;
  std::string name{};
  FacilityId facility_id{};
  bool active = true;

  static constexpr Operation operation{.name = "resources.create",
                                       .method = Method::post,
                                       .path = "/resources",
                                       .permission = Permission::facility_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a room or device",
                                       .object = "resource",
                                       .status = 201};
};

/// Changes a room's or device's name, or whether it is in use. Its kind and facility stay.
/// Fails, first match wins: forbidden; not_found; invalid; precondition_required; conflict `conflict.revision`.
struct Update {
  using Output = Resource;
  ResourceId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  std::optional<bool> active{};  ///< as it is where it is not said

  static constexpr Operation operation{.name = "resources.update",
                                       .method = Method::put,
                                       .path = "/resources/{id}",
                                       .permission = Permission::facility_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a room or device",
                                       .object = "resource"};
};

}  // namespace medflow::inline v1::resources
