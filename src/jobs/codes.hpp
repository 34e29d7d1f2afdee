// Codes of jobs.
#pragma once

#include "medflow/error.hpp"

namespace medflow::inline v1::jobs {

inline constexpr Code abandoned{"job.abandoned", Errc::internal,
                                "Whoever ran this job came to an end before it did, each time."};

}  // namespace medflow::inline v1::jobs
