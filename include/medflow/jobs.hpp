// Work that takes longer than a request (OPS-3): who started it asks how far it has come, and may stop it.
#pragma once

#include "medflow/operation.hpp"

namespace medflow::inline v1::jobs {

/// A job that the caller has started; any of the tenant's for who holds `job.manage`. Jobs are kept for 30 days after their end.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Job;
  JobId id{};

  static constexpr Operation operation{.name = "jobs.get",
                                       .method = Method::get,
                                       .path = "/jobs/{id}",
                                       .permission = Permission::profile_manage,
                                       .summary = "Ask how far a job has come",
                                       .object = "job"};
};

/// Stops a job that the caller has started, or any that was started by somebody for who holds `job.manage`: no further step is begun, and
/// what its steps have done stays done. One that has ended stays as it is.
/// Fails, first match wins: forbidden; not_found.
struct Cancel {
  using Output = Job;
  JobId id{};

  static constexpr Operation operation{.name = "jobs.cancel",
                                       .method = Method::post,
                                       .path = "/jobs/{id}/cancel",
                                       .permission = Permission::profile_manage,
                                       .effect = Effect::write,
                                       .summary = "Stop a job",
                                       .object = "job"};
};

}  // namespace medflow::inline v1::jobs
