// Adding to a chart: one way for every kind, under the permission of each.
#include "kernel/handler.hpp"
#include "records/writing.hpp"

namespace medflow::inline v1::records {
Record handle(kernel::Work& work, const Create& request) {
  if (permission_to_write(request.kind) != work.permission())
    throw Failure(codes::invalid, "/kind", "record.kind",
                  "vitals, laboratory results, orders and dispenses have operations of their own");
  return make(work, {.id = request.id,
                     .patient_id = request.patient_id,
                     .encounter_id = request.encounter_id,
                     .kind = request.kind,
                     .effective_at = request.effective_at,
                     .based_on = request.based_on,
                     .content = &request.content,
                     .labels = request.labels,
                     .signers = request.signers,
                     .sign = request.sign});
}

}  // namespace medflow::inline v1::records

namespace medflow::inline v1::vitals {

records::Record handle(kernel::Work& work, const Record& request) {
  return records::make(work, {.id = request.id,
                              .patient_id = request.patient_id,
                              .encounter_id = request.encounter_id,
                              .kind = records::RecordKind::vital,
                              .effective_at = request.effective_at,
                              .content = &request.content,
                              .signers = request.signers,
                              .sign = request.sign});
}

}  // namespace medflow::inline v1::vitals

namespace medflow::inline v1::lab_results {

records::Record handle(kernel::Work& work, const Record& request) {
  return records::make(work, {.id = request.id,
                              .patient_id = request.patient_id,
                              .encounter_id = request.encounter_id,
                              .kind = records::RecordKind::lab_result,
                              .effective_at = request.effective_at,
                              .based_on = request.based_on,
                              .content = &request.content,
                              .labels = request.labels,
                              .signers = request.signers,
                              .sign = request.sign});
}

}  // namespace medflow::inline v1::lab_results

namespace medflow::inline v1::medications {

records::Record handle(kernel::Work& work, const Order& request) {
  return records::make(work, {.id = request.id,
                              .patient_id = request.patient_id,
                              .encounter_id = request.encounter_id,
                              .kind = records::RecordKind::medication_order,
                              .effective_at = request.effective_at,
                              .content = &request.content,
                              .labels = request.labels,
                              .signers = request.signers,
                              .sign = request.sign,
                              .override_reason = request.override_reason});
}

records::Record handle(kernel::Work& work, const Dispense& request) {
  return records::make(work, {.id = request.id,
                              .patient_id = request.patient_id,
                              .kind = records::RecordKind::dispense,
                              .effective_at = request.effective_at,
                              .based_on = request.based_on,
                              .content = &request.content,
                              .signers = request.signers,
                              .sign = request.sign,
                              .override_reason = request.override_reason});
}

}  // namespace medflow::inline v1::medications

MEDFLOW_HANDLE(medflow::records::Create);
MEDFLOW_HANDLE(medflow::vitals::Record);
MEDFLOW_HANDLE(medflow::lab_results::Record);
MEDFLOW_HANDLE(medflow::medications::Order);
MEDFLOW_HANDLE(medflow::medications::Dispense);
