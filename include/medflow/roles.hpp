// Who may do what: permissions, roles and the scopes in which a role holds a permission.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/export.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1 {

/// Every permission. `anonymous` needs no session; `session` needs one and nothing else. The word on the wire is
/// `resource.verb`, see `permission_name`.
enum class Permission : std::uint8_t {
  anonymous,
  session,
  platform_read,
  tenant_list,
  tenant_read,
  tenant_create,
  tenant_suspend,
  tenant_resume,
  tenant_close,
  tenant_move,
  tenant_invite_admin,
  quota_set,
  key_rotate,
  backup_run,
  backup_restore,
  schema_migrate,
  job_manage,
  tenant_configure,
  tenant_export,
  setting_read,
  facility_read,
  facility_manage,
  catalog_read,
  catalog_manage,
  code_system_manage,
  template_manage,
  legal_hold_manage,
  import_run,
  api_client_manage,
  webhook_manage,
  change_feed_read,
  support_access_grant,
  user_read,
  user_invite,
  user_manage,
  role_read,
  role_manage,
  access_explain,
  profile_manage,
  session_read,
  session_revoke,
  patient_search,
  patient_read,
  patient_create,
  patient_update,
  patient_read_full_identifiers,
  patient_merge,
  patient_unmerge,
  patient_delete,
  patient_restore,
  patient_erase,
  patient_request_erasure,
  patient_export,
  consent_manage,
  relation_assign,
  coverage_read,
  coverage_manage,
  encounter_open,
  encounter_close,
  record_read,
  record_read_sensitive,
  record_create,
  record_sign,
  record_amend,
  record_retract,
  record_release,
  vital_create,
  lab_result_create,
  lab_result_verify,
  medication_order,
  medication_dispense,
  document_upload,
  document_read,
  document_release_quarantine,
  practitioner_read,
  practitioner_manage,
  schedule_read,
  schedule_manage,
  appointment_read,
  appointment_book,
  appointment_reschedule,
  appointment_cancel,
  appointment_approve,
  appointment_check_in,
  appointment_mark_no_show,
  appointment_start,
  appointment_complete,
  appointment_restore,
  appointment_mark_error,
  appointment_overbook,
  appointment_override_policy,
  waitlist_manage,
  queue_call,
  invoice_read,
  invoice_draft,
  invoice_issue,
  invoice_void,
  credit_note_issue,
  payment_record,
  cash_shift_manage,
  refund_request,
  refund_approve,
  write_off_request,
  write_off_approve,
  ledger_read,
  notification_send_adhoc,
  notification_manage,
  preference_set,
  audit_read,
  audit_export,
  audit_verify,
  break_glass_invoke,
  break_glass_review,
};

/// "patient.create" for `Permission::patient_create`.
MEDFLOW_API std::string_view permission_name(Permission permission);

/// The rows that a permission reaches. Tenant contains facility; care, own and work items are relations computed from data.
enum class Scope : std::uint8_t {
  none,
  all,       ///< A: all in the tenant
  facility,  ///< F: those of the user's own facilities
  care,      ///< C: those of patients in a care relation; as `facility` while the tenant does not enforce relations
  own,       ///< O: the user's own
  work,      ///< W: work items assigned to the user or their unit
  metadata,  ///< M: all rows, but ids, states, times and counts only
};

/// The built-in roles. `super_admin` exists on the platform only.
enum class Role : std::uint8_t {
  super_admin,
  tenant_admin,
  doctor,
  nurse,
  receptionist,
  billing_clerk,
  lab,
  pharmacist,
  patient,
  auditor,
};

/// How a part of a record is marked that only holders of the same mark may see (RBA-7; HL7 v3 ActCode: MH, ETH, HIV, SEX, GDIS).
enum class Label : std::uint8_t { mental, substance, hiv, reproductive, genetic };

namespace roles {

/// One permission of a role.
struct Grant {
  std::string permission{};
  std::string scope{};      ///< A, F, C, O, W or M
  std::string condition{};  ///< "own calendar", "propose", …; empty for none

  friend bool operator==(const Grant&, const Grant&) = default;
};

/// A role and what it may do: a built-in one, or one that the tenant has made (RBA-8).
struct RoleInfo {
  std::optional<RoleId> id{};  ///< of a role that the tenant has made
  std::uint64_t revision = 0;  ///< the same; 0 of a built-in one
  std::string name{};          ///< of a built-in role its word, "doctor"
  bool built_in = false;
  std::vector<Grant> grants{};
  std::optional<RoleProposalId> proposal_id{};  ///< the change of it that waits for a second administrator
};

enum class ProposalStatus : std::uint8_t {
  pending,
  approved,
  rejected,
  superseded,  ///< the role was changed or deleted meanwhile
};

/// A change of a role that takes effect when a second administrator approves it.
struct Proposal {
  RoleProposalId id{};
  std::uint64_t revision = 0;
  RoleId role_id{};
  std::uint64_t role_revision = 0;  ///< the state of the role that it is a change of
  std::string name{};               ///< what the role will be called
  std::vector<Grant> grants{};      ///< what it will hold, and nothing else
  ProposalStatus status = ProposalStatus::pending;
  Instant created_at{};
  UserId created_by{};
  std::optional<Instant> decided_at{};
  std::optional<UserId> decided_by{};
};

}  // namespace roles

}  // namespace medflow::inline v1
