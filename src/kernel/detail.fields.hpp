// The sealed detail of an audit event: why it was done, by whom where that is no user, and what changed from what to what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/fields.hpp"

namespace medflow::kernel {

/// One changed field. Values are in the form of stored blocks (storage/block_codec.hpp).
struct FieldChange {
  std::uint16_t field = 0;
  std::string before{};
  std::string after{};
};

/// What the parts below add up to; each appends to one encoded Detail.
struct Detail {
  std::string reason{};
  std::string actor{};
  std::vector<FieldChange> changes{};
};

/// Appends to an encoded Detail. Fields of classes that are not open, and secrets, are passed over.
void note_changes(const Type& type, const void* before, const void* after, std::uint32_t classes, std::string& detail);
void note_reason(std::string_view reason, std::string& detail);
void note_actor(std::string_view actor, std::string& detail);

}  // namespace medflow::kernel

namespace medflow {

template <>
struct Described<kernel::FieldChange> {
  static constexpr std::string_view name = "FieldChange";
  static constexpr Field fields[] = {field<&kernel::FieldChange::field>(1, "field"),
                                     field<&kernel::FieldChange::before>(2, "before"),
                                     field<&kernel::FieldChange::after>(3, "after")};
};

template <>
struct Described<kernel::Detail> {
  static constexpr std::string_view name = "Detail";
  static constexpr Field fields[] = {field<&kernel::Detail::reason>(1, "reason"),
                                     field<&kernel::Detail::actor>(2, "actor"),
                                     field<&kernel::Detail::changes>(3, "changes")};
};

}  // namespace medflow
