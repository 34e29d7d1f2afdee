// A hospital in which every operation can be tried by everybody on objects of every relation, and one way to try each.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/access/interpreter.hpp"
#include "tests/support/platform.hpp"

namespace medflow::testing {

using matrix::Relation;
using matrix::Verdict;

class World {
 public:
  explicit World(std::string_view engine_name = "memory", std::shared_ptr<MessageSender> messages = nullptr);

  /// A session of somebody with this role who works at `home`; the patient is the person of `own_chart`, known at `away` only, and
  /// the doctor and the laboratory have the calendar of `own_doctor`.
  Session as(Role role) {
    return role == Role::super_admin ? hospital.root() : host(std::string(word(role)), {role}, {hospital.home}, role);
  }
  static std::string_view word(Role role);
  /// A role of the tenant's own with these grants, approved by a second administrator where it takes one.
  roles::RoleInfo custom_role(const std::string& name, std::vector<roles::Grant> grants);
  /// Who books and registers at a place.
  Session desk_at(FacilityId facility) { return registrar(facility); }
  /// A session that holds this role and no other; it works at `home` and is the person of `own_chart`.
  Session holding(const std::string& role);

  // Fresh objects, so that what one call does to them is nothing to the next.

  UserId new_user();
  patients::Patient new_patient(FacilityId facility);
  /// The object of a call: of the caller's facility, of another, the caller's own, or one that is nowhere.
  PatientId patient(Relation relation);
  UserId user(Relation relation, const Session& caller);
  /// A nurse's session, or one that is nowhere.
  SessionId session(Relation relation);
  FacilityId facility(Relation relation) const;
  doctors::Doctor new_doctor(FacilityId facility) const;
  /// Somebody who works there, or the doctor that the caller is, who works at `away` alone.
  PractitionerId doctor(Relation relation);
  services::Service new_service();
  resources::Resource new_resource(FacilityId facility) const;
  /// A version of a code system that is in use, with the codes A00 and A00.0.
  CodeSystemId code_system(Relation relation);
  ServiceId service(Relation relation) { return relation == Relation::foreign ? ServiceId{nowhere} : new_service().id; }
  ResourceId resource(Relation relation) {
    return relation == Relation::foreign ? ResourceId{nowhere} : new_resource(facility(relation)).id;
  }
  /// The calendar of such a doctor, which there is by then, and its revision.
  schedules::Schedule schedule(Relation relation);
  LeaveId leave(Relation relation);
  /// An appointment in this state, which begins in an hour or, where it may be missed, now. Its place, calendar and patient are of this relation.
  /// There is one at a time: what was made before is marked as a mistake, so that its time is free and its patient can be deleted.
  appointments::Appointment visit(Relation relation,
                                  appointments::AppointmentStatus state = appointments::AppointmentStatus::booked,
                                  bool begins_now = false);
  /// A request for such a one. Not of `foreign`: then nothing in it is there.
  appointments::Book booking(Relation relation, bool begins_now = false, bool approval = false);
  /// The token of the hold that was made last.
  const std::string& hold_token() const { return hold_token_; }
  /// A series of one visit, made as `visit` is.
  SeriesId series(Relation relation);
  /// A feed of the own calendar of who this is.
  static FeedId feed(const Session& owner);
  /// Another call has made this one.
  void made(AppointmentId id) { visit_ = id; }
  void clear_visit();
  /// An entry of the waitlist whose place, doctor and patient are of this relation, and to which something is offered or not.
  waitlists::Entry entry(Relation relation, bool offered = false);
  void made(WaitlistEntryId id) { entry_ = id; }
  /// A number in the queue of a doctor of this relation.
  struct Queued {
    Uuid resource{};
    std::uint32_t number = 1;
  };
  Queued queued(Relation relation, bool called = false);
  /// A job that this one has started, who manages some calendar.
  JobId job(const Session& owner);
  /// One that somebody else has started.
  JobId job_of_others(const Session& caller, Relation relation);
  /// A document of a patient of this relation; one's own one has sent oneself.
  DocumentId document(const Session& caller, Relation relation, documents::Category category,
                      PatientId* whose = nullptr);
  static Content letter();
  /// A record in a chart of this relation; signed unless it is a draft, and shown to the patient where the chart is the caller's own. Who wrote
  /// it is the caller (`authored`), or somebody else. `kind` is a word of the interpreter's: "draft note", "dispense".
  records::Record record(const Session& caller, Relation relation, std::string_view kind);
  /// The same of an encounter, under way, planned or finished.
  encounters::Encounter encounter(const Session& caller, Relation relation,
                                  encounters::EncounterStatus status = encounters::EncounterStatus::in_progress);
  /// An item that costs something.
  PriceItemId dressing();
  payers::Payer new_payer();
  /// Of a patient of this relation; one's own is what one has proposed. It is over.
  coverages::Coverage coverage(Relation relation);
  /// An invoice over 10.00, a draft or issued, whose patient and place are of this relation. One's own is so in every way: of the caller's own
  /// chart, over the own doctor's service, and drafted by the caller where that is a pharmacist or holds a role of the tenant's own.
  invoices::Invoice invoice(const Session& caller, Relation relation, bool draft = false);
  /// What stands on such a one.
  credit_notes::CreditNote credit_note(const Session& caller, Relation relation);
  write_offs::WriteOff write_off(const Session& caller, Relation relation);
  /// 10.00 by card, which is a deposit or has not come yet.
  payments::Payment payment(const Session& caller, Relation relation, bool pending = false);
  refunds::Refund refund(const Session& caller, Relation relation, bool approved = false);
  cash_shifts::CashShift cash_shift(Relation relation);
  /// Another call has drafted this one.
  void made(InvoiceId id) { bills_.push_back(id); }
  /// Nothing is owed any more of the person's own chart, so that it can be deleted.
  void clear_bills();
  /// Text that nothing else has.
  std::string fresh_word() { return "word" + std::to_string(++count_); }
  /// A role that nobody has, and one with a proposal; the ones before are gone.
  roles::RoleInfo new_role();
  RoleId role(Relation relation) { return relation == Relation::foreign ? RoleId{nowhere} : *new_role().id; }
  RoleProposalId proposal(Relation relation);
  TenantId spare_tenant(Relation relation) const {
    return relation == Relation::foreign ? TenantId{nowhere} : spare.id;
  }
  std::uint64_t revision_of(const PatientId& id);
  std::uint64_t revision_of(const UserId& id) const;
  std::string fresh_address() { return "fresh" + std::to_string(++count_) + "@example.org"; }
  users::Invitation invited() {
    return must(admin.call(users::Invite{.email = fresh_address(), .display_name = "I", .roles = {Role::nurse}}));
  }

  TestEngine engine;
  Hospital hospital;
  Session admin = hospital.as(Role::tenant_admin);
  patients::Patient own_chart{};
  doctors::Doctor own_doctor{};
  tenants::Tenant spare{};  ///< has no administrator yet
  Uuid nowhere{{1, 2, 3}};

 private:
  Session host(std::string subject, std::vector<Role> roles, std::vector<FacilityId> facilities,
               Role role = Role::nurse);
  Session registrar(FacilityId facility) {
    return host("registrar " + facility.text(), {Role::receptionist}, {facility});
  }

  /// Who may write all that there is in a chart: the caller, until they have their own roles again, or somebody else.
  Session writer(const Session& caller, Relation relation);
  void give_back(const Session& caller, Relation relation);
  /// Who may draft and issue anything: the caller, until they have their own roles again, or somebody else.
  Session biller(const Session& caller, Relation relation);
  void end_billing(const Session& caller, Relation relation);
  /// The caller's place among those that `as` makes, or none.
  std::optional<Role> role_of(const Session& caller);

  roles::RoleInfo spare_role(std::vector<roles::Grant> grants);
  /// Open at any time.
  void open_calendar(PractitionerId doctor, FacilityId facility) const;
  services::Service& bookable(bool approval);

  std::size_t count_ = 0;
  std::optional<AppointmentId> visit_{};
  std::optional<WaitlistEntryId> entry_{};
  std::vector<InvoiceId> bills_{};
  std::optional<PriceItemId> dressing_{};
  std::string hold_token_{};
  std::string holder_{};  ///< who `holding` was last
  UserId holder_id_{};
  std::vector<UserId> of_role_{};  ///< those that `as` makes, from the administrator on
  std::optional<services::Service> bookable_[2]{};
  std::optional<RoleId> spare_role_{};
};

/// What came of a call: the code says whether it was let in, and whether its object was there for it.
template <class T>
std::string outcome(const Result<T>& result) {
  const std::string fields = fields_of(result);
  if (fields.find("role.not_assignable") != std::string::npos) return "forbidden";
  if (fields.find("patient.unknown") != std::string::npos) return "patient.unknown";
  return fields.find("facility.unknown") != std::string::npos ? "facility.unknown" : code_of(result);
}
Verdict verdict_of(std::string_view outcome);

/// How to try one operation.
struct Trial {
  std::string_view operation{};
  std::vector<Relation> relations{Relation::none};
  std::function<std::string(World&, const Session& caller, Relation)> run{};
  std::string_view kind{};  ///< of the record that it is about
};

/// One for each operation that there is, and one for each kind of record that is told from others.
std::vector<Trial> trials();
/// Of those, the ones that are about charts, about money, and the rest.
std::vector<Trial> chart_trials();
std::vector<Trial> money_trials();
std::vector<Trial> other_trials();

}  // namespace medflow::testing
