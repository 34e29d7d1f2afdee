// The hospital whose invoices are numbered, and where it is kept.
#pragma once

#include <memory>

#include "medflow/medflow.hpp"
#include "tests/campaigns/numbers/shared.hpp"

namespace medflow::campaign {

PlatformOptions options_of(const Shared& shared, std::shared_ptr<storage::Engine> engine, std::int64_t behind_us = 0);

/// Makes the hospital with an annex and a patient for each hand, and issues the first invoice of each series.
void make_hospital(const Platform& platform, Shared& shared);

/// Whoever issues, and who looks after the books.
Session clerk_of(const Platform& platform, const Shared& shared, std::size_t hand);
Session admin_of(const Platform& platform);

}  // namespace medflow::campaign
