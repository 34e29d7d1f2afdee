// What a record may say, by its kind (REC-6, REC-7).
#pragma once

#include "kernel/field_errors.hpp"
#include "medflow/records.hpp"

namespace medflow::inline v1::records {

/// The largest content, in bytes of its canonical JSON.
inline constexpr std::size_t content_bytes_max = std::size_t{256} * 1024;

/// Adds everything that is wrong with the content of a record of this kind; pointers are below `/content`. Whether codes are in systems that the tenant
/// has loaded is not asked.
void check_content(RecordKind kind, const RecordContent& content, kernel::FieldErrors& errors);

/// Adds what follows from what was measured: the body mass index, and findings about values that hardly can be.
void complete_content(RecordContent& content, std::vector<Finding>& findings);

/// Every coding in the content, with its pointer, in order.
struct PlacedCoding {
  const Coding* coding = nullptr;
  std::string pointer{};
};
std::vector<PlacedCoding> codings_in(const RecordContent& content);

}  // namespace medflow::inline v1::records
