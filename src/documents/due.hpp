// What happens to documents by itself: uploads that broke off are removed, and the scanner is asked.
#pragma once

#include <cstdint>

#include "jobs/kinds.hpp"
#include "kernel/background.hpp"

namespace medflow::inline v1::documents {

/// Removes what is left of uploads that began more than `orphan_s` ago (R14).
extern const jobs::JobKind upload_sweep;
inline constexpr std::int64_t orphan_s = 24 * 60 * 60;

/// Gives documents that wait for it to the scanner, where there is one.
void scan_documents(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

}  // namespace medflow::inline v1::documents
