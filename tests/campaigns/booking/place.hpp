// The hospital that is booked, and where it is kept.
#pragma once

#include <memory>
#include <string>

#include "medflow/medflow.hpp"
#include "tests/campaigns/booking/shared.hpp"

namespace medflow::campaign {

inline constexpr std::string_view slug = "saint-mary";

PlatformOptions options_of(const Shared& shared, std::shared_ptr<storage::Engine> engine, std::int64_t behind_us = 0);

/// Makes the hospital with its doctors, services and patients, and says in `shared` what there is.
void make_hospital(const Platform& platform, Shared& shared);

/// Whoever books, and who looks after the audit log.
Session desk_of(const Platform& platform, const Shared& shared, std::size_t hand);
Session admin_of(const Platform& platform);

}  // namespace medflow::campaign
