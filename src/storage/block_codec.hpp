// The inside of a sealed block and of a plain list column: fields by number, so that a schema grows without rewriting rows.
//
//   block = { varint number | varint length | value }*      integers zigzag, texts raw, ids 16 bytes, lists as items with lengths
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "medflow/fields.hpp"

namespace medflow::inline v1::storage {

/// Appends the fields of `object` that `flags_any` selects (all of them if it is 0), but no unset optionals.
void encode_fields(const Type& type, const void* object, std::uint32_t flags_any, std::string& out);

/// Sets the fields that `block` holds; numbers that are not known are passed over. False where the block is not well formed.
[[nodiscard]] bool decode_fields(const Type& type, std::string_view block, void* object);

/// The same for one value.
void encode_value(const Type& type, const void* value, std::string& out);
[[nodiscard]] bool decode_value(const Type& type, std::string_view bytes, void* value);

}  // namespace medflow::inline v1::storage
