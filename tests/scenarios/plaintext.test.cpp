// What a thief of the disk finds, and what a reader of the logs does: no word about a patient.
#include <doctest/doctest.h>

#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/json/codec.hpp"
#include "adapters/json/problem.hpp"
#include "tests/scenarios/canaries.hpp"
#include "tests/support/platform.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "tests/support/postgres_server.hpp"
#endif

using namespace medflow;
using namespace medflow::testing;

namespace {

patients::Register canary_patient(const std::string& number) {
  patients::Register request{.names = {{.family = "Quetzalfam", .given = {"Quetzalgiven"}, .prefix = "Quetzalprefix"}},
                             .birth = patients::Birth{.date = {1987, 6, 5}},
                             .sex_admin = patients::Sex::female,
                             .gender_identity = "Quetzalgender"};
  request.identifiers = {{.system = "urn:test:national", .value = "QTZ-555-0199" + number, .type = "NI"}};
  request.phones = {{.e164 = "+445550198765"}};
  request.emails = {"quetzal@canary.example"};
  request.addresses = {
      {.lines = {"77 Quetzal Lane"}, .city = "Quetzalville", .region = "Quetzalcounty", .postal = "QZ9 9QZ"}};
  request.deceased = patients::Deceased{.at = PartialDate{2020, 2, 2}, .cause = "QuetzalCause"};
  request.flags = {{.code = "QuetzalFlag"}};
  request.extensions = {{.url = "urn:test:note", .value = "QuetzalExtension"}};
  return request;
}

const CallContext context{.address = "203.0.113.77", .user_agent = "quetzal-agent"};

/// A visit's life, with a reason for everything.
void visit(Hospital& hospital) {
  const Session desk = hospital.as(Role::receptionist);
  auto person = canary_patient("visit");
  person.deceased.reset();
  const PatientId patient = must(desk.call(person, context)).id;
  const Session ward = hospital.as(Role::nurse);
  const Session admin = hospital.as(Role::tenant_admin);
  const auto doctor = must(admin.call(doctors::Create{.name = "Staff member", .facilities = {hospital.home}}));
  schedules::Set always{.id = doctor.id.uuid};
  for (int weekday = 0; weekday < 7; ++weekday)
    always.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = hospital.home});
  must(admin.call(std::move(always)));
  const auto service = must(admin.call(services::Create{.code = "VISIT", .name = "Visit"}));
  const Instant start = hospital.clock->now().plus_s(600);
  appointments::Book booking{.patient_id = patient,
                             .service_id = service.id,
                             .resources = {{.kind = ResourceKind::practitioner, .id = doctor.id.uuid}},
                             .start = start,
                             .reason = "QuetzalVisit: a cough",
                             .notes = "QuetzalNotes: by the side door",
                             .override = true,
                             .override_reason = "QuetzalInsist, at any time",
                             .extensions = {{.url = "urn:test:referral", .value = "QuetzalReferral"}}};
  const auto booked = must(desk.call(booking, context));
  must(desk.call(appointments::Cancel{.id = booked.id, .reason = "QuetzalCancel: no time"}, context));
  must(desk.call(appointments::Restore{.id = booked.id}, context));
  must(desk.call(appointments::CheckIn{.id = booked.id}, context));
  must(desk.call(appointments::UndoCheckIn{.id = booked.id, .reason = "QuetzalUndo: somebody else"}, context));
  booking.start = start.plus_s(86'400);
  const auto held = must(desk.call(appointments::Hold{.patient_id = booking.patient_id,
                                                      .service_id = booking.service_id,
                                                      .resources = booking.resources,
                                                      .start = hospital.clock->now().plus_s(2 * 86'400)},
                                   context));
  must(desk.call(appointments::Confirm{.id = held.appointment.id,
                                       .token = held.token,
                                       .reason = "QuetzalVisit: again",
                                       .notes = "QuetzalNotes: again"},
                 context));
  must(desk.call(appointments::List{.patient = patient}, context));
  must(ward.call(appointments::MarkError{.id = held.appointment.id, .reason = "QuetzalVisit: by mistake"}, context));
  CHECK(code_of(desk.call(booking, context)) == "ok");
  CHECK(code_of(desk.call(booking, context)) == "slot.taken");
}

/// Bills of all kinds, with a reason for everything, and how they look on paper.
void bill(Hospital& hospital, PatientId patient) {
  const Session clerk = hospital.as(Role::billing_clerk);
  const Session admin = hospital.as(Role::tenant_admin);
  const Date day{.year = 2020, .month = 1, .day = 1};
  int keys = 0;
  const auto keyed = [&](auto request) {
    CallContext once = context;
    once.idempotency_key = "bill-" + std::to_string(++keys);
    return must(clerk.call(std::move(request), once));
  };
  const auto payer = must(admin.call(payers::Create{.code = "FUND", .name = "Fund"})).id;
  must(clerk.call(coverages::Create{.patient_id = patient,
                                    .payer_id = payer,
                                    .member_id = "QuetzalMember-7",
                                    .policy_no = "QuetzalPolicy-8",
                                    .valid_from = day},
                  context));
  invoices::Create drafting{
      .patient_id = patient,
      .facility_id = hospital.home,
      .lines = {{.description = "QuetzalDressing of the hand",
                 .price_micro = 50'000'000,
                 .discount = Discount{.kind = DiscountKind::fixed, .value = 100, .reason = "QuetzalRebate: family"}}},
      .discount = Discount{.kind = DiscountKind::fixed, .value = 100, .reason = "QuetzalRebate: again"},
      .extensions = {{.url = "urn:test:note", .value = "QuetzalBill: by post"}}};
  const auto unwanted = must(clerk.call(drafting, context));
  must(clerk.call(
      invoices::DiscardDraft{.id = unwanted.id, .revision = unwanted.revision, .reason = "QuetzalBill: not wanted"},
      context));
  const auto issue = [&] {
    const auto draft = must(clerk.call(drafting, context));
    return keyed(invoices::Issue{.id = draft.id, .revision = draft.revision});
  };
  const auto wrong = issue();
  must(clerk.call(invoices::Void{.id = wrong.id, .revision = wrong.revision, .reason = "QuetzalBill: of somebody else"},
                  context));
  drafting.shares = {{.payer_id = payer, .amount = 1'000}};
  const auto invoice = issue();
  must(clerk.call(invoices::List{.patient_id = patient}, context));
  const auto print = [](const Stream& stream) {
    const auto text = must(Content{.pull = stream.pull}.read_all(1 << 20));
    CHECK(text.find("Quetzal") != std::string::npos);
  };
  print(must(clerk.call(invoices::Print{.id = invoice.id, .format = PrintFormat::text}, context)));
  const auto note = keyed(credit_notes::Issue{
      .invoice_id = invoice.id, .lines = {{.line = 1, .net = 100}}, .reason = "QuetzalCredit: a part was not used"});
  print(must(clerk.call(credit_notes::Print{.id = note.id}, context)));
  const auto write_off = must(clerk.call(
      write_offs::Request{.invoice_id = invoice.id, .amount = 100, .reason = "QuetzalGiveUp: less than the postage"},
      context));
  must(admin.call(write_offs::Approve{.id = write_off.id, .revision = write_off.revision}, context));
  const auto payment = keyed(payments::RecordPayment{.patient_id = patient,
                                                     .facility_id = hospital.home,
                                                     .method = payments::PaymentMethod::card,
                                                     .amount = 2'000,
                                                     .allocations = {{.invoice_id = invoice.id, .amount = 1'000}}});
  print(must(clerk.call(payments::Print{.id = payment.id}, context)));
  const auto refund = keyed(
      refunds::Request{.payment_id = payment.id, .amount = 500, .reason = "QuetzalRefund: paid twice by mistake"});
  const auto approved = must(admin.call(refunds::Approve{.id = refund.id, .revision = refund.revision}, context));
  keyed(refunds::Complete{.id = approved.id, .revision = approved.revision});
  print(must(clerk.call(reports::PrintStatement{.patient_id = patient}, context)));
}

/// Everything that a hospital does with a patient, and staff whose data are private too.
void live(Hospital& hospital, int patients) {
  const Session desk = hospital.as(Role::receptionist);
  const Session admin = hospital.as(Role::tenant_admin);
  for (int i = 0; i < patients; ++i) must(desk.call(canary_patient(std::to_string(i)), context));
  auto forced = canary_patient("0");
  forced.force = true;
  forced.reason = "QuetzalReason: twins";
  const auto patient = must(desk.call(forced, context));
  patients::Patch patch{.id = patient.id, .revision = patient.revision};
  patch.names = std::vector<patients::PersonName>{{.family = "QuetzalUpdate"}};
  must(desk.call(patch, context));
  const auto other = must(desk.call(canary_patient("other"), context));
  must(admin.call(patients::Delete{.id = other.id, .reason = "QuetzalDelete is the reason"}, context));
  must(admin.call(patients::Restore{.id = other.id, .reason = "QuetzalRestore is the reason"}, context));
  must(desk.call(patients::List{.name = "quetzalfam"}, context));
  must(desk.call(patients::Search{.phone = "+445550198765"}, context));
  must(desk.call(patients::List{.identifier = "urn:test:national|QTZ-555-01990"}, context));
  const auto invited = must(admin.call(users::Invite{.email = "quetzalstaff@canary.example",
                                                     .display_name = "Staff member",
                                                     .roles = {Role::nurse},
                                                     .facilities = {hospital.home}}));
  must(hospital.complete_invitation(invited.token, "quetzal wistful 93 parsnip", "Staff member"));
  const auto tokens =
      must(hospital.sign_in("quetzalstaff@canary.example", "quetzal wistful 93 parsnip", "QuetzalDevice"));
  const Session nurse = must(hospital.platform.authenticate(tokens.access_token));
  const auto self = must(nurse.call(profile::Get{}));
  must(
      nurse.call(profile::Update{.revision = self.revision, .display_name = "Staff member", .phone = "+445550191111"}));
  const auto doctor = must(admin.call(
      doctors::Create{.name = "Staff member", .extensions = {{.url = "urn:test:note", .value = "QuetzalHost"}}}));
  const Instant from{1'800'000'000'000'000};
  must(admin.call(leaves::Add{
      .resource_id = doctor.id.uuid, .from = from, .to = from.plus_s(3600), .reason = "QuetzalLeave: an operation"}));
  visit(hospital);
  bill(hospital, other.id);
  hospital.platform.tick(hospital.clock->now());  // reminders
}

/// Each text of a failing call: all members of the error, and the error as every surface shows it.
class Errors {
 public:
  template <class T>
  void add(const Result<T>& result) {
    REQUIRE_FALSE(result.ok());
    add(result.error());
  }
  void add(const Error& error) {
    ++count_;
    std::string text;
    json::encode_error(error, text);
    text += error.detail;
    for (const FieldError& field : error.fields) text += field.pointer + field.code + field.message;
    found_.merge(found_in(text));
  }
  std::size_t count() const { return count_; }
  const std::set<std::string>& found() const { return found_; }

 private:
  std::size_t count_ = 0;
  std::set<std::string> found_{};
};

/// A canary in a place where it breaks a rule.
std::vector<patients::Register> broken_registrations() {
  std::vector<patients::Register> all;
  const auto with = [&](auto change) {
    auto request = canary_patient("broken");
    change(request);
    all.push_back(std::move(request));
  };
  for (const std::string& canary : canaries) {
    with([&](auto& r) { r.names[0].family = canary + "\x01"; });
    with([&](auto& r) { r.names[0].given = {std::string(120, 'x') + canary}; });
    with([&](auto& r) { r.names[0].script = canary; });
    with([&](auto& r) { r.identifiers[0].system = canary + " no uri"; });
    with([&](auto& r) { r.identifiers[0].value = canary + std::string(80, '9'); });
    with([&](auto& r) { r.phones[0].e164 = canary + "x"; });
    with([&](auto& r) { r.emails[0] = canary + " at nowhere"; });
    with([&](auto& r) { r.extensions[0].url = canary + " no uri"; });
    with([&](auto& r) { r.addresses[0].country = canary; });
    with([&](auto& r) { r.addresses[0].city = canary + "\xff"; });
    with([&](auto& r) { r.language = canary + "é"; });
    with([&](auto& r) { r.zone = Zone{canary}; });
  }
  return all;
}

}  // namespace

TEST_CASE("SEC-7: no byte of any file tells of a patient, on plain SQLite neither") {
  for (const std::string_view name : {"sqlite", "sqlcipher"}) {
    CAPTURE(name);
    const TestEngine engine(name);
    std::optional<Hospital> hospital(make_platform(engine));
    live(*hospital, 40);
    const Searched running = search(engine.folder().path());
    CHECK(joined(running.found) == "");
    CHECK(running.files >= 6);  // data, log and shared memory of two stores, their keys, the lock
    hospital.reset();
    const Searched closed = search(engine.folder().path());
    CHECK(joined(closed.found) == "");
    CHECK(closed.bytes > 100'000);
  }
}

#ifdef MEDFLOW_TEST_ON_POSTGRESQL
TEST_CASE(
    "SEC-7: no byte of a PostgreSQL server's folder tells of a patient: tables, indexes, write-ahead log, server's "
    "log") {
  PostgresServer server;
  const PostgresDatabase database(server);
  {
    Hospital hospital(make_platform(storage::make_postgres_engine(database.options())));
    live(hospital, 40);
  }
  storage::postgres::Link({.url = server.admin()}).ask("CHECKPOINT");
  server.kill();
  const Searched stopped = search(server.folder());
  CHECK(joined(stopped.found) == "");
  CHECK(stopped.bytes > 10'000'000);
}
#endif

TEST_CASE("SEC-7: the search finds what is there") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << std::string(5'000, 'x') << "quetzalville" << std::string(5'000, 'x');
  CHECK(search(folder.path()).found == std::set<std::string>{"Quetzalville in a"});
}

TEST_CASE("R15: no error text holds anything of the request or of the object") {
  const TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  live(hospital, 2);
  const Session desk = hospital.as(Role::receptionist);
  const Session admin = hospital.as(Role::tenant_admin);
  const Session clerk = hospital.as(Role::billing_clerk);
  const auto billed = must(clerk.call(invoices::List{.status = invoices::InvoiceStatus::issued})).data.at(0);
  Errors errors;
  for (auto& request : broken_registrations()) errors.add(desk.call(std::move(request), context));
  errors.add(desk.call(canary_patient("0"), context));  // a duplicate
  const auto holder = must(desk.call(patients::List{.identifier = "QTZ-555-01990"})).data.at(0);
  patients::Patch stale{.id = holder.id, .revision = 99};
  stale.gender_identity = std::string("Quetzalgender");
  errors.add(desk.call(stale, context));
  auto same_id = canary_patient("other");
  same_id.id = holder.id;
  errors.add(desk.call(same_id, context));
  const auto booked = must(desk.call(appointments::List{})).data.at(0);
  for (const std::string& canary : canaries) {
    const std::string bad = canary + std::string(1, static_cast<char>(1));
    const appointments::Book booking{.patient_id = booked.patient_id,
                                     .service_id = booked.service_id,
                                     .resources = booked.resources,
                                     .start = booked.start,
                                     .reason = canary,
                                     .notes = canary};
    auto broken = booking;
    broken.reason = bad;
    errors.add(desk.call(broken, context));
    broken = booking;
    broken.resources[0].role = bad;
    errors.add(desk.call(broken, context));
    errors.add(desk.call(booking, context));  // taken
    errors.add(desk.call(appointments::Cancel{.id = booked.id, .reason = canary, .reason_code = canary}, context));
    errors.add(desk.call(appointments::Confirm{.id = booked.id, .token = canary, .reason = canary}, context));
    errors.add(desk.call(appointments::Start{.id = booked.id}, context));
    errors.add(desk.call(appointments::List{.cursor = canary}));
    errors.add(hospital.sign_in(canary, canary, canary));
    errors.add(hospital.sign_in("quetzalstaff@canary.example", canary + "?"));
    errors.add(hospital.complete_invitation(canary, canary, canary));
    errors.add(desk.call(patients::List{.limit = 0, .cursor = canary}));
    errors.add(desk.call(patients::List{.cursor = canary}));
    errors.add(admin.call(patients::Delete{.id = holder.id, .reason = canary.substr(0, 5)}));
    errors.add(clerk.call(
        coverages::Create{.patient_id = holder.id, .payer_id = {}, .member_id = canary, .policy_no = bad}, context));
    errors.add(clerk.call(
        invoices::Create{.patient_id = holder.id,
                         .lines = {{.description = canary, .price_micro = 1, .tax_code = canary.substr(0, 20)}},
                         .discount = Discount{.kind = DiscountKind::fixed, .value = 1'000, .reason = canary}},
        context));
    errors.add(clerk.call(write_offs::Request{.invoice_id = billed.id, .amount = 1'000'000, .reason = canary + canary},
                          context));
    errors.add(clerk.call(invoices::Void{.id = billed.id, .revision = 99, .reason = canary + canary}, context));
    errors.add(admin.call(users::Invite{
        .email = canary + " nowhere", .display_name = canary, .roles = {Role::nurse}, .facilities = {hospital.home}}));
    errors.add(
        admin.call(imports::Patients{.content = Content::of("text/csv", "Id,BIRTHDATE\n" + canary + ",\"" + canary)}));
    for (const std::string& text :
         {"{\"names\":\"" + canary + "\"}", "{\"names\":[{\"family\":7}],\"sex_admin\":\"" + canary + "\"}",
          "{\"birth\":{\"date\":\"" + canary + "\"}}", "{\"emails\":[\"" + canary + "\"", "[\"" + canary + "\"]"}) {
      Value request(*find_operation("patients.register")->request);
      Error error;
      REQUIRE_FALSE(json::decode(text, *find_operation("patients.register")->request, request.data(), error));
      errors.add(error);
    }
  }
  CHECK(errors.count() > 500);
  CHECK(joined(errors.found()) == "");
}
