// What happens to documents by itself: uploads that broke off are removed, and the scanner is asked.
#pragma once

#include <cstdint>

#include "documents/entities.hpp"
#include "jobs/kinds.hpp"
#include "kernel/background.hpp"

namespace medflow::inline v1::documents {

/// Removes what is left of uploads that began more than `orphan_s` ago (R14).
extern const jobs::JobKind upload_sweep;
inline constexpr std::int64_t orphan_s = 24 * 60 * 60;

/// Lists show this version from now on, in the place of an older one that they have shown; not where that is a newer one.
void take_place(kernel::Work& work, StoredDocument& document);

/// Gives documents that wait for it to the scanner, where there is one.
void scan_documents(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

}  // namespace medflow::inline v1::documents
