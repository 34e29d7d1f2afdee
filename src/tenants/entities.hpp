// What is stored of tenants and settings.
#pragma once

#include "facilities/entities.hpp"
#include "kernel/rows.hpp"
#include "medflow/tenants.hpp"
#include "storage/entity.hpp"
#include "tenants/tenants.fields.hpp"

namespace medflow::inline v1::settings {

using SettingsId = Id<struct SettingsTag>;

/// The settings in force: one row, of this id.
inline constexpr SettingsId current_id{
    Uuid{{'s', 'e', 't', 't', 'i', 'n', 'g', 's', '-', 'i', 'n', '-', 'f', 'o', 'r', 'c'}}};

struct SettingsRow {
  SettingsId id{};
  std::uint64_t revision = 0;
  Settings settings{};
};

/// The settings as they were from one change to the next, by the time of the change.
struct PastSettings {
  SettingsId id{};
  std::uint64_t revision = 0;
  Settings settings{};
};

/// The settings in force; the defaults where nobody has changed any.
Settings current(kernel::Work& work);

}  // namespace medflow::inline v1::settings

namespace medflow {

template <>
struct Described<settings::SettingsRow> {
  using T = settings::SettingsRow;
  static constexpr std::string_view name = "SettingsRow";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "always the same: there is one row"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::settings>(3, "settings", none, {.meaning = "the settings, by field number"})};
};

template <>
struct Described<settings::PastSettings> {
  using T = settings::PastSettings;
  static constexpr std::string_view name = "PastSettings";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "in the order of the changes"}),
      field<&T::revision>(2, "revision", none, {.meaning = "1: history is never changed"}),
      field<&T::settings>(3, "settings", none, {.meaning = "the settings, by field number"})};
};

}  // namespace medflow

namespace medflow::inline v1::platforms {

using RecoveryId = Id<struct RecoveryTag>;

/// The one row of its table.
inline constexpr RecoveryId recovery_id{
    Uuid{{'r', 'e', 'c', 'o', 'v', 'e', 'r', 'y', '-', 'i', 'n', '-', 'u', 's', 'e', '.'}}};

struct RecoveryRow {
  RecoveryId id{};
  std::uint64_t revision = 0;
  std::string public_key{};
  Instant updated_at{};
};

/// The recipient in force; none while none is set.
std::optional<Recovery> recovery_in_force(kernel::Work& work);

}  // namespace medflow::inline v1::platforms

namespace medflow {

template <>
struct Described<platforms::RecoveryRow> {
  using T = platforms::RecoveryRow;
  static constexpr std::string_view name = "RecoveryRow";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "always the same: there is one row"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::public_key>(3, "public_key", none, {.meaning = "X25519, 64 hexadecimal digits"}),
      field<&T::updated_at>(4, "updated_at", none, {.meaning = "when it was set"})};
};

}  // namespace medflow

namespace medflow::inline v1::tenants {

inline constexpr Code slug_taken{"tenant.slug_taken", Errc::conflict, "Another tenant has this slug."};

}  // namespace medflow::inline v1::tenants

namespace medflow::inline v1::storage {

template <>
struct Stored<tenants::Tenant> {
  static const Entity entity;
};
template <>
struct Stored<platforms::RecoveryRow> {
  static const Entity entity;
};
template <>
struct Stored<settings::SettingsRow> {
  static const Entity entity;
};
template <>
struct Stored<settings::PastSettings> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
