// The words of permissions, in the order of the enumeration.
#include <cassert>
#include <cstddef>
#include <iterator>

#include "medflow/roles.hpp"

namespace medflow::inline v1 {

namespace {

constexpr std::string_view names[] = {"anonymous",
                                      "session",
                                      "platform.read",
                                      "tenant.list",
                                      "tenant.read",
                                      "tenant.create",
                                      "tenant.suspend",
                                      "tenant.resume",
                                      "tenant.close",
                                      "tenant.move",
                                      "tenant.invite_admin",
                                      "quota.set",
                                      "key.rotate",
                                      "backup.run",
                                      "backup.restore",
                                      "schema.migrate",
                                      "job.manage",
                                      "tenant.configure",
                                      "tenant.export",
                                      "setting.read",
                                      "facility.read",
                                      "facility.manage",
                                      "catalog.read",
                                      "catalog.manage",
                                      "code_system.manage",
                                      "template.manage",
                                      "legal_hold.manage",
                                      "import.run",
                                      "api_client.manage",
                                      "webhook.manage",
                                      "change_feed.read",
                                      "support_access.grant",
                                      "user.read",
                                      "user.invite",
                                      "user.manage",
                                      "role.read",
                                      "role.manage",
                                      "access.explain",
                                      "profile.manage",
                                      "session.read",
                                      "session.revoke",
                                      "patient.search",
                                      "patient.read",
                                      "patient.create",
                                      "patient.update",
                                      "patient.read_full_identifiers",
                                      "patient.merge",
                                      "patient.unmerge",
                                      "patient.delete",
                                      "patient.restore",
                                      "patient.erase",
                                      "patient.request_erasure",
                                      "patient.export",
                                      "consent.manage",
                                      "relation.assign",
                                      "coverage.read",
                                      "coverage.manage",
                                      "encounter.open",
                                      "encounter.close",
                                      "record.read",
                                      "record.read_sensitive",
                                      "record.create",
                                      "record.sign",
                                      "record.amend",
                                      "record.retract",
                                      "record.release",
                                      "vital.create",
                                      "lab_result.create",
                                      "lab_result.verify",
                                      "medication.order",
                                      "medication.dispense",
                                      "document.upload",
                                      "document.read",
                                      "document.release_quarantine",
                                      "practitioner.read",
                                      "practitioner.manage",
                                      "schedule.read",
                                      "schedule.manage",
                                      "appointment.read",
                                      "appointment.book",
                                      "appointment.reschedule",
                                      "appointment.cancel",
                                      "appointment.approve",
                                      "appointment.check_in",
                                      "appointment.mark_no_show",
                                      "appointment.start",
                                      "appointment.complete",
                                      "appointment.restore",
                                      "appointment.mark_error",
                                      "appointment.overbook",
                                      "appointment.override_policy",
                                      "waitlist.manage",
                                      "queue.call",
                                      "invoice.read",
                                      "invoice.draft",
                                      "invoice.issue",
                                      "invoice.void",
                                      "credit_note.issue",
                                      "payment.record",
                                      "cash_shift.manage",
                                      "refund.request",
                                      "refund.approve",
                                      "write_off.request",
                                      "write_off.approve",
                                      "ledger.read",
                                      "notification.send_adhoc",
                                      "notification.manage",
                                      "preference.set",
                                      "audit.read",
                                      "audit.export",
                                      "audit.verify",
                                      "break_glass.invoke",
                                      "break_glass.review"};

static_assert(std::size(names) == static_cast<std::size_t>(Permission::break_glass_review) + 1,
              "a permission has no word, or a word no permission");

constexpr bool words_differ() {
  for (std::size_t i = 0; i < std::size(names); ++i)
    for (std::size_t j = i + 1; j < std::size(names); ++j)
      if (names[i] == names[j]) return false;
  return true;
}
static_assert(words_differ(), "two permissions have one word");

}  // namespace

std::string_view permission_name(Permission permission) {
  const auto i = static_cast<std::size_t>(permission);
  assert(i < std::size(names));
  return names[i];
}

}  // namespace medflow::inline v1
