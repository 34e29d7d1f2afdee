#include "jobs/jobs.fields.hpp"
#include "jobs/jobs.hpp"
#include "kernel/handler.hpp"

namespace medflow::inline v1::jobs {

Job handle(kernel::Work& work, const Get& request) {
  work.about(request.id.uuid);
  return get_own(work, request.id);
}

Job handle(kernel::Work& work, const Cancel& request) {
  work.about(request.id.uuid);
  return cancel_own(work, request.id);
}

}  // namespace medflow::inline v1::jobs

MEDFLOW_HANDLE(medflow::jobs::Get);
MEDFLOW_HANDLE(medflow::jobs::Cancel);
