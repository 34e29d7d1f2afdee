// The fields of services, of rooms and devices, and of their operations (entities.md, "ServiceType").
#pragma once

#include "medflow/fields.hpp"
#include "medflow/services.hpp"

namespace medflow::inline v1::services::rule {

inline constexpr std::int64_t year_min = 366LL * 24 * 60;

inline constexpr Rules id{.meaning = "The service's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules code{.max = 40, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."};
inline constexpr Rules name{.max = 200, .meaning = "Its name."};
inline constexpr Rules duration_min{.min = 5, .max = 480, .meaning = "How long it takes, in minutes."};
inline constexpr Rules buffer_before_min{.max = 120, .meaning = "Minutes that are kept free before it."};
inline constexpr Rules buffer_after_min{.max = 120, .meaning = "Minutes that are kept free after it."};
inline constexpr Rules buffer_outside{.meaning = "Whether what is kept free may lie outside opening windows."};
inline constexpr Rules step_min{
    .min = 5, .max = 240, .meaning = "Minutes from one offered start to the next; the duration where absent."};
inline constexpr Rules capacity{.min = 1, .max = 100, .meaning = "How many patients at once."};
inline constexpr Rules min_lead_min{.max = year_min, .meaning = "How many minutes ahead it has to be booked."};
inline constexpr Rules max_horizon_d{.min = 1, .max = 730, .meaning = "How many days ahead it can be booked."};
inline constexpr Rules cancel_cutoff_min{
    .max = year_min, .meaning = "Until how many minutes before the start patients may cancel or move it."};
inline constexpr Rules approval{.meaning = "Whether a booking is a request first."};
inline constexpr Rules requested_blocks{.meaning = "Whether a request holds its time."};
inline constexpr Rules no_show_grace_min{.max = 240, .meaning = "Minutes after the start before it counts as missed."};
inline constexpr Rules reminders_min{
    .min = 1, .max = year_min, .items_max = 5, .meaning = "How many minutes before the start to remind."};
inline constexpr Rules waitlist{.meaning = "Whether a freed slot is offered to those who wait."};
inline constexpr Rules waitlist_notice_min{.max = year_min,
                                           .meaning = "No offers for a start that is nearer, in minutes."};
inline constexpr Rules resources_needed{.items_max = 10, .meaning = "Of what kinds something is needed."};
inline constexpr Rules price_item_id{.meaning = "The item that a completed visit is charged with."};
inline constexpr Rules active{.meaning = "Whether it is in use."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::services::rule

namespace medflow::inline v1::resources::rule {

inline constexpr Rules id{.meaning = "The room's or device's id."};
inline constexpr Rules kind{.meaning = "Whether it is a room or a device."};
inline constexpr Rules name{.max = 200, .meaning = "Its name."};
inline constexpr Rules facility_id{.meaning = "The facility where it is."};

}  // namespace medflow::inline v1::resources::rule

namespace medflow {

template <>
struct Words<ResourceKind> {
  static constexpr std::string_view name = "ResourceKind";
  static constexpr std::string_view words[] = {"practitioner", "room", "device"};
};

template <>
struct Described<ResourceRef> {
  using T = ResourceRef;
  static constexpr std::string_view name = "ResourceRef";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", required, {.meaning = "Of what kind it is."}),
      field<&T::id>(2, "id", required, {.meaning = "The id of the doctor, room or device."})};
};

template <>
struct Described<services::Service> {
  using T = services::Service;
  static constexpr std::string_view name = "Service";
  static constexpr std::string_view page_name = "ServicePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, services::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::code>(3, "code", none, services::rule::code),
      field<&T::name>(4, "name", none, services::rule::name),
      field<&T::duration_min>(5, "duration_min", none, services::rule::duration_min),
      field<&T::buffer_before_min>(6, "buffer_before_min", none, services::rule::buffer_before_min),
      field<&T::buffer_after_min>(7, "buffer_after_min", none, services::rule::buffer_after_min),
      field<&T::buffer_outside>(8, "buffer_outside", none, services::rule::buffer_outside),
      field<&T::step_min>(9, "step_min", none, services::rule::step_min),
      field<&T::capacity>(10, "capacity", none, services::rule::capacity),
      field<&T::min_lead_min>(11, "min_lead_min", none, services::rule::min_lead_min),
      field<&T::max_horizon_d>(12, "max_horizon_d", none, services::rule::max_horizon_d),
      field<&T::cancel_cutoff_min>(13, "cancel_cutoff_min", none, services::rule::cancel_cutoff_min),
      field<&T::approval>(14, "approval", none, services::rule::approval),
      field<&T::requested_blocks>(15, "requested_blocks", none, services::rule::requested_blocks),
      field<&T::no_show_grace_min>(16, "no_show_grace_min", none, services::rule::no_show_grace_min),
      field<&T::reminders_min>(17, "reminders_min", none, services::rule::reminders_min),
      field<&T::waitlist>(18, "waitlist", none, services::rule::waitlist),
      field<&T::waitlist_notice_min>(19, "waitlist_notice_min", none, services::rule::waitlist_notice_min),
      field<&T::resources_needed>(20, "resources_needed", none, services::rule::resources_needed),
      field<&T::active>(21, "active", none, services::rule::active),
      field<&T::created_at>(22, "created_at", immutable, {.meaning = "When it was added."}),
      field<&T::created_by>(23, "created_by", immutable, {.meaning = "Who added it."}),
      field<&T::updated_at>(24, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(25, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::price_item_id>(26, "price_item_id", none, services::rule::price_item_id)};
};

template <>
struct Described<services::List> {
  using T = services::List;
  static constexpr std::string_view name = "ServicesList";
  static constexpr Field fields[] = {
      field<&T::active>(1, "active", none, {.meaning = "Only those that are in use, or are not."}),
      field<&T::limit>(2, "limit", none, services::rule::limit),
      field<&T::cursor>(3, "cursor", none, services::rule::cursor)};
};

template <>
struct Described<services::Get> {
  using T = services::Get;
  static constexpr std::string_view name = "ServicesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, services::rule::id)};
};

template <>
struct Described<services::Create> {
  using T = services::Create;
  static constexpr std::string_view name = "ServicesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, services::rule::own_id),
      field<&T::code>(2, "code", required, services::rule::code),
      field<&T::name>(3, "name", required, services::rule::name),
      field<&T::duration_min>(4, "duration_min", none, services::rule::duration_min),
      field<&T::buffer_before_min>(5, "buffer_before_min", none, services::rule::buffer_before_min),
      field<&T::buffer_after_min>(6, "buffer_after_min", none, services::rule::buffer_after_min),
      field<&T::buffer_outside>(7, "buffer_outside", none, services::rule::buffer_outside),
      field<&T::step_min>(8, "step_min", none, services::rule::step_min),
      field<&T::capacity>(9, "capacity", none, services::rule::capacity),
      field<&T::min_lead_min>(10, "min_lead_min", none, services::rule::min_lead_min),
      field<&T::max_horizon_d>(11, "max_horizon_d", none, services::rule::max_horizon_d),
      field<&T::cancel_cutoff_min>(12, "cancel_cutoff_min", none, services::rule::cancel_cutoff_min),
      field<&T::approval>(13, "approval", none, services::rule::approval),
      field<&T::requested_blocks>(14, "requested_blocks", none, services::rule::requested_blocks),
      field<&T::no_show_grace_min>(15, "no_show_grace_min", none, services::rule::no_show_grace_min),
      field<&T::reminders_min>(16, "reminders_min", none, services::rule::reminders_min),
      field<&T::waitlist>(17, "waitlist", none, services::rule::waitlist),
      field<&T::waitlist_notice_min>(18, "waitlist_notice_min", none, services::rule::waitlist_notice_min),
      field<&T::resources_needed>(19, "resources_needed", none, services::rule::resources_needed),
      field<&T::active>(20, "active", none, services::rule::active),
      field<&T::price_item_id>(21, "price_item_id", none, services::rule::price_item_id)};
};

template <>
struct Described<services::Update> {
  using T = services::Update;
  static constexpr std::string_view name = "ServicesUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, services::rule::id),
      field<&T::revision>(2, "revision", none, services::rule::revision),
      field<&T::code>(3, "code", required, services::rule::code),
      field<&T::name>(4, "name", required, services::rule::name),
      field<&T::duration_min>(5, "duration_min", none, services::rule::duration_min),
      field<&T::buffer_before_min>(6, "buffer_before_min", none, services::rule::buffer_before_min),
      field<&T::buffer_after_min>(7, "buffer_after_min", none, services::rule::buffer_after_min),
      field<&T::buffer_outside>(8, "buffer_outside", none, services::rule::buffer_outside),
      field<&T::step_min>(9, "step_min", none, services::rule::step_min),
      field<&T::capacity>(10, "capacity", none, services::rule::capacity),
      field<&T::min_lead_min>(11, "min_lead_min", none, services::rule::min_lead_min),
      field<&T::max_horizon_d>(12, "max_horizon_d", none, services::rule::max_horizon_d),
      field<&T::cancel_cutoff_min>(13, "cancel_cutoff_min", none, services::rule::cancel_cutoff_min),
      field<&T::approval>(14, "approval", none, services::rule::approval),
      field<&T::requested_blocks>(15, "requested_blocks", none, services::rule::requested_blocks),
      field<&T::no_show_grace_min>(16, "no_show_grace_min", none, services::rule::no_show_grace_min),
      field<&T::reminders_min>(17, "reminders_min", none, services::rule::reminders_min),
      field<&T::waitlist>(18, "waitlist", none, services::rule::waitlist),
      field<&T::waitlist_notice_min>(19, "waitlist_notice_min", none, services::rule::waitlist_notice_min),
      field<&T::resources_needed>(20, "resources_needed", none, services::rule::resources_needed),
      field<&T::active>(21, "active", none, services::rule::active),
      field<&T::price_item_id>(22, "price_item_id", none, services::rule::price_item_id)};
};

template <>
struct Described<resources::Resource> {
  using T = resources::Resource;
  static constexpr std::string_view name = "Resource";
  static constexpr std::string_view page_name = "ResourcePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, resources::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::kind>(3, "kind", immutable, resources::rule::kind),
      field<&T::name>(4, "name", none, resources::rule::name),
      field<&T::facility_id>(5, "facility_id", immutable, resources::rule::facility_id),
      field<&T::active>(6, "active", none, services::rule::active),
      field<&T::created_at>(7, "created_at", immutable, {.meaning = "When it was added."}),
      field<&T::created_by>(8, "created_by", immutable, {.meaning = "Who added it."}),
      field<&T::updated_at>(9, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(10, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<resources::List> {
  using T = resources::List;
  static constexpr std::string_view name = "ResourcesList";
  static constexpr Field fields[] = {
      field<&T::facility>(1, "facility", none, {.meaning = "Only those of this facility."}),
      field<&T::kind>(2, "kind", none, {.meaning = "Only rooms, or only devices."}),
      field<&T::limit>(3, "limit", none, services::rule::limit),
      field<&T::cursor>(4, "cursor", none, services::rule::cursor)};
};

template <>
struct Described<resources::Get> {
  using T = resources::Get;
  static constexpr std::string_view name = "ResourcesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, resources::rule::id)};
};

template <>
struct Described<resources::Create> {
  using T = resources::Create;
  static constexpr std::string_view name = "ResourcesCreate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", none, services::rule::own_id),
                                     field<&T::kind>(2, "kind", none, resources::rule::kind),
                                     field<&T::name>(3, "name", required, resources::rule::name),
                                     field<&T::facility_id>(4, "facility_id", required, resources::rule::facility_id),
                                     field<&T::active>(5, "active", none, services::rule::active)};
};

template <>
struct Described<resources::Update> {
  using T = resources::Update;
  static constexpr std::string_view name = "ResourcesUpdate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, resources::rule::id),
                                     field<&T::revision>(2, "revision", none, services::rule::revision),
                                     field<&T::name>(3, "name", required, resources::rule::name),
                                     field<&T::active>(4, "active", none, services::rule::active)};
};

}  // namespace medflow
