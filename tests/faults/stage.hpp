// A hospital whose storage can be made to fail at any step, and one way to try each operation there.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/testing.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/storage_dump.hpp"

namespace medflow::testing {

/// How a call ended.
struct Answer {
  std::string code = "ok";
  Errc kind{};
  bool ok() const { return code == "ok"; }
};

template <class T>
Answer answer_of(const Result<T>& result) {
  if (result.ok()) return {};
  return {.code = std::string(result.error().code.name), .kind = result.error().kind()};
}

using Call = std::function<Answer()>;

/// An engine between the failing one and the platform: where a test builds a bug in.
using Between = std::function<std::shared_ptr<storage::Engine>(std::shared_ptr<storage::Engine>)>;

/// Everybody is signed in before anything fails, and nobody's password is checked again: sweeping takes thousands of calls.
class Stage {
 public:
  explicit Stage(std::string_view engine_name, const Between& between = {});

  Session admin() { return hospital_->as(Role::tenant_admin); }
  Session desk() { return hospital_->as(Role::receptionist); }
  Session root() const { return hospital_->root(); }
  Hospital& hospital() { return *hospital_; }

  patients::Patient& patient();  ///< the desk may do everything with them
  UserId user();                 ///< somebody whom the administrator may change
  tenants::Tenant& spare();      ///< a tenant that nobody works in
  FacilityId facility();
  doctors::Doctor& doctor();        ///< with a calendar that was never set
  services::Service& service();     ///< what can be booked
  resources::Resource& resource();  ///< a room
  /// A visit of the patient's in this state, at the desk's place: the same one for as long as it can be brought there.
  appointments::Appointment visit(appointments::AppointmentStatus state);
  /// A request for another one, which begins in an hour; with `approval` it has to be approved.
  appointments::Book booking(bool approval = false);
  std::string fresh(std::string_view what) { return std::string(what) + std::to_string(++count_); }
  std::uint64_t revision_of(UserId id) { return must(admin().call(users::Get{.id = id})).revision; }
  std::uint64_t revision_of(PatientId id) { return must(desk().call(patients::Get{.id = id})).revision; }

  Faults& faults() { return *faults_; }
  Dump dump() const { return dumping_->dump(); }
  /// What is seen of patients, visits and users, by storage and by the indexes; the first line says where these disagree.
  std::string view();
  /// The token of the message that was sent last, of those that are due now.
  std::string mailed_token();
  /// Closes the platform and opens it on what it has stored.
  void reopen();

 private:
  PlatformOptions options() const;
  appointments::Appointment back_to_booked(appointments::Appointment visit);
  appointments::Appointment new_visit(bool approval);

  TestEngine engine_;
  std::shared_ptr<DumpingEngine> dumping_;
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  std::shared_ptr<storage::Engine> outermost_;
  std::shared_ptr<storage::Engine> there_ = std::make_shared<FaultyEngine>(storage::memory_engine(), faults_);
  std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
  std::shared_ptr<RecordingSender> sender_ = std::make_shared<RecordingSender>();
  std::unique_ptr<Hospital> hospital_;
  std::size_t count_ = 0;
  std::vector<patients::Patient> patient_{};
  std::vector<UserId> user_{};
  std::vector<tenants::Tenant> spare_{};
  std::vector<FacilityId> facility_{};
  std::vector<doctors::Doctor> doctor_{};
  std::vector<services::Service> service_{};
  std::vector<resources::Resource> resource_{};
  std::vector<doctors::Doctor> with_{};        ///< who sees visits
  std::vector<services::Service> bookable_{};  ///< without and with approval
  std::vector<appointments::Appointment> visit_{};
};

/// How to try one operation. `prepare` makes everything ready; the call it gives can be repeated where it has failed.
struct Scenario {
  std::string_view operation{};
  std::function<Call(Stage&)> prepare{};
  bool in_steps = false;  ///< writes in several stores, one after the other: what is repeated goes on where it was left
};

std::vector<Scenario> scenarios();
/// Those of encounters and records.
std::vector<Scenario> chart_scenarios();
/// Those of documents.
std::vector<Scenario> document_scenarios();
/// Those of prices, payers, invoices, payments and the journal, which are not among `scenarios()`.
std::vector<Scenario> money_scenarios();

/// A call of whoever `who` gives, on what stands in the request.
template <class Op>
auto plain(Session (*who)(Stage&), Op op) {
  return [who, op](Stage& stage) -> Call { return [session = who(stage), op] { return answer_of(session.call(op)); }; };
}

/// A call whose request is made for each try of it.
template <class Make>
auto made(Session (*who)(Stage&), Make make) {
  return [who, make](Stage& stage) -> Call {
    return [session = who(stage), op = make(stage)] { return answer_of(session.call(op)); };
  };
}

}  // namespace medflow::testing
