// Every route, asked by everybody for what is theirs, another's, another tenant's and nobody's, over HTTP (RBA-3, R9).
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "adapters/json/examples.hpp"
#include "adapters/json/openapi.hpp"
#include "tests/access/world.hpp"
#include "tests/adapters/http/walk.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// Whose the object of a request is.
enum class Whose { nobodys, own, others, elsewhere, absent };
constexpr std::string_view whose_words[] = {"none", "own", "another's", "another tenant's", "absent"};

/// Tokens are the words of roles: sessions as the world gives them, of identities that a host vouches for.
class WorldBackend final : public http::Backend {
 public:
  explicit WorldBackend(World& world) : world_(world), inner_(http::platform_backend(world.hospital.platform)) {}

  Session visit(std::string_view tenant) override { return inner_->visit(tenant); }
  Result<Session> authenticate(std::string_view token) override {
    for (std::size_t role = 0; role <= static_cast<std::size_t>(Role::auditor); ++role)
      if (token == World::word(static_cast<Role>(role))) return world_.as(static_cast<Role>(role));
    return Error{.code = codes::unauthenticated};
  }
  void submit(const Session& session, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context) override {
    inner_->submit(session, row, std::move(request), std::move(done), std::move(context));
  }

 private:
  World& world_;
  std::unique_ptr<http::Backend> inner_;
};

/// One object of each kind in a tenant of its own, on the same platform.
class Elsewhere {
 public:
  explicit Elsewhere(World& world) {
    Platform& platform = world.hospital.platform;
    const Session root = world.hospital.root();
    const auto tenant = must(root.call(tenants::Provision{.slug = "elsewhere",
                                                          .name = "Elsewhere",
                                                          .default_zone = {"Europe/London"},
                                                          .currency = *Currency::parse("GBP")}));
    const Session visitor = platform.visit("elsewhere");
    const auto join = [&](const users::Invitation& invitation) {
      must(visitor.call(auth::Register{.invitation = Hospital::secret(invitation.token),
                                       .password = Hospital::secret(Hospital::password)}));
      return must(
          platform.authenticate(must(visitor.call(auth::Login{.email = *invitation.user.email,
                                                              .password = Hospital::secret(Hospital::password)}))
                                    .access_token));
    };
    const Session admin = join(must(root.call(
        users::InviteFirstAdmin{.id = tenant.id, .email = "admin@elsewhere.example", .display_name = "Admin"})));
    const FacilityId facility = must(admin.call(facilities::List{})).data.front().id;
    const Session desk = join(must(admin.call(users::Invite{.email = "desk@elsewhere.example",
                                                            .display_name = "Desk",
                                                            .roles = {Role::receptionist, Role::billing_clerk},
                                                            .facilities = {facility}})));
    const auto role =
        must(admin.call(roles::Create{.name = "Elsewhere", .grants = {{.permission = "record.read", .scope = "C"}}}));
    const auto doctor = must(admin.call(doctors::Create{.name = "Elsewhere", .facilities = {facility}}));
    schedules::Set always{.id = doctor.id.uuid};
    for (int weekday = 0; weekday < 7; ++weekday)
      always.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = facility});
    must(admin.call(std::move(always)));
    const auto service = must(admin.call(services::Create{.code = "E", .name = "Elsewhere"}));
    const auto patient =
        must(desk.call(patients::Register{.names = {{.family = "Elsewhere"}}, .sex_admin = patients::Sex::unknown}));
    const auto visit = must(desk.call(appointments::Book{.patient_id = patient.id,
                                                         .service_id = service.id,
                                                         .resources = {{.id = doctor.id.uuid}},
                                                         .start = world.hospital.clock->now().plus_s(3600)}));
    const auto series = must(
        desk.call(series::Book{.patient_id = patient.id,
                               .service_id = service.id,
                               .resources = {{.id = doctor.id.uuid}},
                               .wall_start = local_in(Zone{"Europe/London"}, world.hospital.clock->now().plus_s(7200)),
                               .rrule = "FREQ=DAILY;COUNT=1"}));
    const auto settings = must(admin.call(settings::Get{}));
    must(admin.call(settings::Update{.revision = settings.revision,
                                     .trusted_issuers = std::vector<std::string>{"https://elsewhere.example"}}));
    const Session seer = must(platform.session("elsewhere", {.issuer = "https://elsewhere.example",
                                                             .subject = "seer",
                                                             .display_name = "Seer",
                                                             .roles = {Role::doctor},
                                                             .facilities = {facility},
                                                             .practitioner_id = doctor.id}));
    const auto feed = must(seer.call(calendars::CreateFeed{})).feed;
    const Date today = date_in({"UTC"}, world.hospital.clock->now());
    const auto waits = must(desk.call(waitlists::Join{.patient_id = patient.id,
                                                      .service_id = service.id,
                                                      .facility_id = facility,
                                                      .earliest = today,
                                                      .latest = Date::from_days(today.days() + 30)}));
    const Instant from{1'800'000'000'000'000};
    const auto away = must(admin.call(leaves::Add{.resource_id = doctor.id.uuid,
                                                  .from = from,
                                                  .to = from.plus_s(60),
                                                  .on_affected = leaves::OnAffected::move}))
                          .leave;
    ids_ = {
        {"series", series.series->id.text()},
        {"feed", feed.id.text()},
        {"doctor", doctor.id.text()},
        {"schedule", doctor.id.text()},
        {"service", service.id.text()},
        {"code_system", must(admin.call(code_systems::Import{.system = "urn:example:elsewhere",
                                                             .version = "1",
                                                             .content = Content::of("text/csv", "code,display\n")}))
                            .system.id.text()},
        {"appointment", visit.id.text()},
        {"waitlist_entry", waits.id.text()},
        {"resource", must(admin.call(resources::Create{.name = "Elsewhere", .facility_id = facility})).id.text()},
        {"leave", away.id.text()},
        {"job", away.job_id.value().text()},
        {"document", must(desk.call(documents::Upload{.patient_id = patient.id,
                                                      .category = documents::Category::administrative,
                                                      .file_name = "letter.pdf",
                                                      .content = World::letter()}))
                         .id.text()},
        {"user", desk.user_id().text()},
        {"facility", facility.text()},
        {"session", must(desk.call(sessions::List{})).data.front().id.text()},
        {"role", role.id->text()},
        {"role_proposal", role.proposal_id->text()},
        {"encounter", must(seer.call(encounters::Open{.patient_id = patient.id})).id.text()},
        {"record",
         must(seer.call(records::Create{.patient_id = patient.id, .content = note_content("elsewhere"), .sign = true}))
             .id.text()},
        {"patient", patient.id.text()}};
    add_money(admin, desk, patient.id, facility);
  }

  const std::string& id(const std::string& object) const { return ids_.at(object); }

 private:
  void add_money(const Session& admin, const Session& desk, PatientId patient, FacilityId facility) {
    const Date day{.year = 2020, .month = 1, .day = 1};
    ids_["tax_code"] = must(admin.call(tax_codes::Create{.code = "S", .name = "Elsewhere"})).id.text();
    ids_["price_item"] = must(admin.call(prices::Create{.code = "E", .name = "Elsewhere"})).id.text();
    ids_["fee_rule"] =
        must(admin.call(fee_rules::Create{.name = "Elsewhere", .kind = fee_rules::RuleKind::exemption, .age_below = 6}))
            .id.text();
    const auto payer = must(admin.call(payers::Create{.code = "E", .name = "Elsewhere"})).id;
    ids_["payer"] = payer.text();
    ids_["coverage"] =
        must(desk.call(coverages::Create{.patient_id = patient, .payer_id = payer, .valid_from = day, .valid_to = day}))
            .id.text();
    const auto draft = must(desk.call(invoices::Create{
        .patient_id = patient, .facility_id = facility, .lines = {{.description = "x", .price_micro = 10'000'000}}}));
    const auto invoice =
        must(desk.call(invoices::Issue{.id = draft.id, .revision = draft.revision}, {.idempotency_key = "1"})).id;
    ids_["invoice"] = invoice.text();
    ids_["credit_note"] = must(desk.call(credit_notes::Issue{.invoice_id = invoice,
                                                             .lines = {{.line = 1, .net = 1}},
                                                             .reason = "a penny too many"},
                                         {.idempotency_key = "1"}))
                              .id.text();
    ids_["write_off"] =
        must(desk.call(write_offs::Request{.invoice_id = invoice, .amount = 1, .reason = "less than the postage"}))
            .id.text();
    const auto payment = must(desk.call(payments::RecordPayment{.patient_id = patient,
                                                                .facility_id = facility,
                                                                .method = payments::PaymentMethod::card,
                                                                .amount = 1'000,
                                                                .keep_as_deposit = true},
                                        {.idempotency_key = "1"}))
                             .id;
    ids_["payment"] = payment.text();
    ids_["refund"] = must(desk.call(refunds::Request{.payment_id = payment, .amount = 1, .reason = "a penny too many"},
                                    {.idempotency_key = "1"}))
                         .id.text();
    ids_["cash_shift"] = must(desk.call(cash_shifts::Open{.facility_id = facility})).id.text();
  }

  std::map<std::string, std::string> ids_{};
};

/// The kind of the object that a route names, which is not always the one that it is about.
std::string named_object(const Operation& operation) {
  if (operation.path.starts_with("/admin/tenants/")) return "tenant";
  if (operation.name == "records.list" || operation.name == "encounters.list") return "patient";
  if (operation.path == "/patients/{patient_id}/documents" || operation.name == "coverages.list") return "patient";
  if (operation.path.starts_with("/invoices/{invoice_id}/")) return "invoice";
  if (operation.path.starts_with("/payments/{payment_id}/")) return "payment";
  if (operation.path.find("/{resource_id}/") != std::string_view::npos || operation.object == "queue")
    return "schedule";
  return std::string(operation.object);
}

/// Whether it adds to a chart: of the patient whom it names in its body.
bool adds_to_chart(const Operation& operation) {
  return (operation.object == "record" || operation.object == "encounter") && operation.status == 201 &&
         operation.path.find("/{") == std::string_view::npos;
}

/// Whether it is about a patient whom it names in its body, for whom something is billed or paid.
bool bills(const Operation& operation) {
  return operation.name == "invoices.create" || operation.name == "invoices.bill" ||
         operation.name == "payments.record" || operation.name == "coverages.create";
}

bool is_of_prices(std::string_view object) {
  return object == "tax_code" || object == "price_item" || object == "fee_rule" || object == "payer";
}

bool is_of_bills(std::string_view object) {
  return object == "coverage" || object == "invoice" || object == "credit_note" || object == "write_off" ||
         object == "payment" || object == "refund";
}

bool is_of_chart(std::string_view object) { return object == "record" || object == "encounter"; }

/// Whether it is about a doctor or a doctor's calendar.
bool is_of_doctor(std::string_view object) { return object == "doctor" || object == "schedule" || object == "leave"; }

class Sweep {
 public:
  Sweep() : router_(std::make_unique<WorldBackend>(world_), operations(), {}), server_(router_) {}

  World& world() { return world_; }

  /// What a route can be asked for: nothing, or objects of each kind of owner that there is.
  static std::vector<Whose> asked(const Operation& operation) {
    const bool listed_by_user = operation.name == "sessions.list";
    if (matrix::Roles::books(operation.name) || adds_to_chart(operation) || bills(operation))
      return {Whose::own, Whose::others};
    if (operation.path.find("id}") == std::string_view::npos && !listed_by_user) return {Whose::nobodys};
    const std::string object = listed_by_user ? "user" : named_object(operation);
    if (object == "tenant") return {Whose::others, Whose::absent};
    if (object == "role" || object == "role_proposal" || object == "session" || object == "service" ||
        object == "code_system" || is_of_prices(object))
      return {Whose::others, Whose::elsewhere, Whose::absent};
    return {Whose::own, Whose::others, Whose::elsewhere, Whose::absent};
  }

  /// What the object is to the caller, in the interpreter's words.
  static Relation relation_of(const Operation& operation, Whose whose) {
    if (whose == Whose::nobodys)
      return operation.name.starts_with("profile.") || operation.object == "feed" ? Relation::own : Relation::none;
    if (whose == Whose::elsewhere || whose == Whose::absent) return Relation::foreign;
    const std::string object = named_object(operation);
    const bool of_place = object == "facility" || object == "resource" || object == "cash_shift";
    // What the caller has written in a chart where they work, or what somebody else has elsewhere.
    if (is_of_chart(object) && !adds_to_chart(operation))
      return whose == Whose::own ? Relation::authored : Relation::other_facility;
    if (adds_to_chart(operation)) return whose == Whose::own ? Relation::own_facility : Relation::other_facility;
    const bool by_place = of_place || object == "patient" || object == "document" || object == "appointment" ||
                          object == "series" || object == "waitlist_entry" || is_of_doctor(object) ||
                          is_of_bills(object);
    if (whose == Whose::others) return by_place ? Relation::other_facility : Relation::own_facility;
    return of_place ? Relation::own_facility : Relation::own;
  }

  /// Whether it is asked about an invoice that is not issued yet.
  static bool of_draft(const Operation& operation) {
    return operation.name == "invoices.update" || operation.name == "invoices.discard" ||
           operation.name == "invoices.issue";
  }

  /// The kind of the record that it is asked about.
  static std::string_view kind_of(const Operation& operation) {
    if (of_draft(operation)) return "draft invoice";
    if (operation.object != "record") return "";
    const bool drafted =
        operation.name == "records.update" || operation.name == "records.sign" || operation.name == "records.discard";
    return drafted ? "draft note" : "note";
  }

  things::Received ask(const Operation& operation, std::string_view token, Whose whose) {
    prepare(operation, token, whose);
    std::string target = "/api/v1" + things::filled(json::example_path(*find_operation(operation.name)), variables_);
    std::string body = body_of(operation);
    std::string query = query_of(operation);
    if (operation.name == "sessions.list") query = "user_id=" + variables_["user_id"];
    if (!query.empty()) target += "?" + query;
    auto received =
        send(*find_operation(operation.name), target, token, body,
             operation.form ? "multipart/form-data; boundary=medflow"
             : operation.name.starts_with("imports.") || operation.name == "code_systems.import" ? "text/csv"
                                                                                                 : "application/json");
    if (matrix::Roles::books(operation.name) && received.status == 201) {
      const auto answer = boost::json::parse(received.body);
      const auto* held = answer.as_object().if_contains("appointment");
      if (operation.name == "series.book") {
        const auto& visit = answer.at("occurrences").at(0);
        world_.made(*AppointmentId::parse(std::string(visit.at("appointment_id").as_string())));
        return received;
      }
      if (operation.name == "waitlists.join") {
        world_.made(*WaitlistEntryId::parse(std::string(answer.at("id").as_string())));
        return received;
      }
      world_.made(*AppointmentId::parse(std::string((held != nullptr ? *held : answer).at("id").as_string())));
    }
    return received;
  }

 private:
  things::Received send(const OperationRow& row, const std::string& target, std::string_view token,
                        const std::string& body, std::string_view content_type) const {
    const std::string method = things::Walk::method_of(row);
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: clinic.test\r\n";
    if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
    if (!body.empty())
      request.append("Content-Type: ").append(content_type) +=
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    request += things::Walk::key_header(row);
    things::RawClient client(server_.port());
    client.send(request + "\r\n" + body);
    return witness(method, target, client.read(false));
  }

  static const json::Example* example_of(const Operation& operation) {
    for (const json::Example& example : json::examples())
      if (example.operation == operation.name) return &example;
    return nullptr;
  }

  std::string query_of(const Operation& operation) const {
    if (operation.name == "records.diff") return "from=1&to=1";  // there is one version
    const json::Example* example = example_of(operation);
    return example == nullptr ? std::string() : things::filled(example->query, variables_);
  }

  /// As in the worked example, about this object; a link that is no good where that has none.
  std::string body_of(const Operation& operation) const {
    if (operation.name == "auth.verify" || operation.name == "auth.reset")
      return R"({"tenant":")" + variables_.at("tenant") + R"(","token":"none","password":")" +
             std::string(Hospital::password) + R"("})";
    if (operation.name == "patients.update")  // what a patient may change of their own chart, and nothing else
      return things::filled(R"({"revision":{{patient_revision}},"names":[{"family":"Field","given":["Finn"]}],)"
                            R"("sex_admin":"unknown","language":"en"})",
                            variables_);
    if (operation.name == "doctors.update")  // what doctors may change of themselves, and nothing else
      return things::filled(R"({"revision":{{doctor_revision}},"name":"Dana Doyle","languages":["cy"],)"
                            R"("facilities":["{{away_id}}"]})",
                            variables_);
    if (operation.name == "schedules.set")
      return things::filled(R"({"revision":{{schedule_revision}},"rules":[{"capacity":2}]})", variables_);
    if (operation.name == "roles.update")
      return things::filled(R"({"revision":{{role_revision}},"name":"Renamed"})", variables_);
    if (operation.name == "series.book")  // one visit, which the next call takes away again
      return things::filled(R"({"patient_id":"{{patient_id}}","service_id":"{{service_id}}",)"
                            R"("resources":[{"id":"{{doctor_id}}"}],"wall_start":"{{series_start}}",)"
                            R"("rrule":"FREQ=DAILY;COUNT=1"})",
                            variables_);
    if (operation.name == "series.reschedule") return R"({"revision":1,"shift_days":1})";
    if (bills(operation) || is_of_prices(operation.object) || is_of_bills(operation.object) ||
        operation.object == "cash_shift")
      return body_of_money(operation);
    if (adds_to_chart(operation) && operation.object == "record") return draft_of(operation);
    const json::Example* example = example_of(operation);
    REQUIRE_MESSAGE(example != nullptr, "no body is known for ", operation.name);
    return things::filled(example->body, variables_);
  }

  /// Without what the example names beside the object: prices are said, and nothing is divided.
  std::string body_of_money(const Operation& operation) const {
    static const std::map<std::string_view, std::string_view> bodies{
        {"tax_codes.update", R"({"revision":{{tax_code_revision}},"name":"Renamed"})"},
        {"prices.update", R"({"revision":{{price_item_revision}},"name":"Renamed"})"},
        {"coverages.create",
         R"({"patient_id":"{{patient_id}}","payer_id":"{{payer_id}}","valid_from":"2020-01-01","valid_to":"2020-01-01"})"},
        {"coverages.update", R"({"revision":{{coverage_revision}},"valid_from":"2020-01-01","valid_to":"2020-01-01"})"},
        {"invoices.create", R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}",)"
                            R"("lines":[{"item_id":"{{dressing_id}}"}]})"},
        {"invoices.bill", R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}",)"
                          R"("lines":[{"item_id":"{{dressing_id}}"}]})"},
        {"invoices.update",
         R"({"revision":{{invoice_revision}},"lines":[{"item_id":"{{dressing_id}}","quantity":20000}]})"},
        {"credit_notes.issue", R"({"reason":"it was not used at all"})"},
        {"payments.record",
         R"({"patient_id":"{{patient_id}}","facility_id":"{{home_id}}","method":"card","amount":100,)"
         R"("keep_as_deposit":true})"},
        {"payments.allocate", R"({"revision":{{payment_revision}},"allocations":[]})"},
        {"refunds.request", R"({"amount":100,"reason":"paid twice by mistake"})"},
        {"cash_shifts.open", R"({"facility_id":"{{facility_id}}","opening":0})"},
        {"cash_shifts.close", R"({"revision":{{cash_shift_revision}},"counted":0})"}};
    const auto own = bodies.find(operation.name);
    const json::Example* example = example_of(operation);
    REQUIRE(example != nullptr);
    return things::filled(own == bodies.end() ? example->body : own->second, variables_);
  }

  std::string filled_in(std::string_view text) const { return things::filled(text, variables_); }

  /// A draft for a doctor to sign, who may sign any.
  std::string draft_of(const Operation& operation) const {
    std::string_view content = R"("kind":"note","content":{"title":"Round","note":{"text":"as it is"}})";
    if (operation.name.starts_with("vitals."))
      content =
          R"("content":{"vital":{"measurements":[{"sign":"heart_rate","quantity":{"value":"70","unit":"/min"}}]}})";
    if (operation.name.starts_with("lab_results.")) content = R"("content":{"lab_result":{"conclusion":"fine"}})";
    if (operation.name == "medications.order")
      content = R"("content":{"code":{"display":"Aspirin"},"medication_order":{"route":"oral"}})";
    if (operation.name == "medications.dispense")
      content = R"("based_on":"{{order_id}}","content":{"dispense":{"quantity":{"value":"1","unit":"{box}"}}})";
    return filled_in(
        std::string(R"({"patient_id":"{{patient_id}}","signers":["{{signer_id}}"],)").append(content).append("}"));
  }

  /// A patient to whose chart something is added, whose drug was ordered there.
  void name_chart(const Operation& operation, std::string_view token, Whose whose) {
    const Relation relation = whose == Whose::own ? Relation::own_facility : Relation::other_facility;
    if (operation.name == "medications.dispense") {
      const auto order = world_.record(session_of(token.empty() || token == "super_admin" ? "doctor" : token), relation,
                                       "medication_order");
      variables_["order_id"] = order.id.text();
      variables_["patient_id"] = order.patient_id.text();
    } else {
      variables_["patient_id"] = world_.patient(relation).text();
    }
    variables_["signer_id"] = world_.hospital.member(Role::doctor).id.text();
  }

  void prepare(const Operation& operation, std::string_view token, Whose whose) {
    operation_ = operation.name;
    variables_ = {{"noon_zone", "Europe/London"},
                  {"run", "r" + std::to_string(++run_)},
                  {"tenant", world_.hospital.slug()},
                  {"password", std::string(Hospital::password)},
                  {"admin_email", world_.hospital.member(Role::nurse).email},  // a sixth sign-in ends the first
                  {"user_email", world_.fresh_address()},
                  {"facility_id", world_.hospital.home.text()},
                  {"away_id", world_.hospital.away.text()},
                  {"service_id", world_.new_service().id.text()}};
    for (const char* object :
         {"user",     "patient",     "facility",  "setting", "role",     "doctor",     "service",  "resource",
          "schedule", "appointment", "encounter", "record",  "tax_code", "price_item", "fee_rule", "payer",
          "coverage", "invoice",     "write_off", "payment", "refund",   "cash_shift"})
      variables_[std::string(object) + "_revision"] = "1";
    if (operation.name == "auth.refresh")
      variables_["nurse_refresh"] =
          must(world_.hospital.sign_in(world_.hospital.member(Role::nurse).email)).refresh_token;
    if (operation.name == "auth.register") variables_["invitation"] = world_.invited().token;
    variables_["document_revision"] = "1";
    variables_["setting_revision"] = std::to_string(must(world_.admin.call(settings::Get{})).revision);
    if (operation.name.starts_with("profile.") && !token.empty() && token != "super_admin")
      variables_["user_revision"] = std::to_string(world_.revision_of(session_of(token).user_id()));
    say_visit({.patient_id = world_.own_chart.id,
               .service_id = *ServiceId::parse(variables_["service_id"]),
               .resources = {{.id = world_.own_doctor.id.uuid}},
               .start = world_.hospital.clock->now()});
    if (operation.path.starts_with("/upload/")) {
      variables_["patient_id"] = world_.new_patient(world_.hospital.home).id.text();
      variables_["record_id"] = world_.nowhere.text();
    }
    variables_["hold_token"] = "none";
    variables_["dressing_id"] = world_.dressing().text();
    if (operation.object == "code") {
      world_.code_system(Relation::own_facility);
      variables_["code"] = "A00.0";
    }
    variables_["third"] = world_.hospital.clock->now().plus_s(3600).text();
    variables_["token_no"] = "1";
    variables_["home_id"] = world_.hospital.away.text();  // where the doctors and patients of these trials are
    if (operation.object == "queue" && (whose == Whose::own || whose == Whose::others)) {
      const bool called = operation.name == "queues.skip" || operation.name == "queues.recall";
      const auto queued = world_.queued(calendar_of(whose), called);
      variables_["resource_id"] = queued.resource.text();
      variables_["token_no"] = std::to_string(queued.number);
      return;
    }
    if (matrix::Roles::books(operation.name)) return name_visit(operation, whose);
    variables_["n"] = "1";
    if (adds_to_chart(operation)) return name_chart(operation, token, whose);
    if (bills(operation)) {
      variables_["patient_id"] = world_.patient(calendar_of(whose)).text();
      variables_["payer_id"] = world_.new_payer().id.text();
      return;
    }
    variables_["token"] = feed_token_;
    if ((named_object(operation) == "appointment" || operation.name == "series.book") &&
        (whose == Whose::own || whose == Whose::others))
      return name_visit(operation, whose);
    if (whose != Whose::nobodys)
      name_object(operation.name == "sessions.list" ? "user" : named_object(operation), token, whose);
    if (operation.path.find("{resource_id}") != std::string_view::npos)
      variables_["resource_id"] = variables_["schedule_id"];
  }

  /// What an example says of a visit: of one that there is, or of one that could be.
  void say_visit(const appointments::Book& booking) {
    variables_["patient_id"] = booking.patient_id.text();
    variables_["service_id"] = variables_["review_id"] = booking.service_id.text();
    variables_["doctor_id"] = booking.resources.front().id.text();
    for (const char* start : {"now", "first", "third"}) variables_[start] = booking.start->text();
    variables_["second"] = booking.start->plus_s(1800).text();
    variables_["series_start"] = local_in(Zone{"Europe/London"}, *booking.start).text();
  }

  void name_visit(const Operation& operation, Whose whose) {
    const Relation relation = calendar_of(whose);
    if (matrix::Roles::books(operation.name)) {
      world_.clear_visit();
      return say_visit(world_.booking(relation));
    }
    using enum appointments::AppointmentStatus;
    const auto visit = world_.visit(relation, operation.name == "appointments.confirm" ? held : booked);
    say_visit({.patient_id = visit.patient_id,
               .service_id = visit.service_id,
               .resources = visit.resources,
               .start = visit.start});
    variables_["appointment_id"] = visit.id.text();
    variables_["appointment_revision"] = std::to_string(visit.revision);
    variables_["hold_token"] = world_.hold_token();
  }

  static Relation calendar_of(Whose whose) { return whose == Whose::own ? Relation::own : Relation::other_facility; }

  static Relation chart_of(Whose whose) { return whose == Whose::own ? Relation::authored : Relation::other_facility; }

  Session session_of(std::string_view token) {
    for (std::size_t role = 1; role <= static_cast<std::size_t>(Role::auditor); ++role)
      if (token == World::word(static_cast<Role>(role))) return world_.as(static_cast<Role>(role));
    throw std::runtime_error("nobody of the tenant");
  }

  void name_object(const std::string& object, std::string_view token, Whose whose) {
    std::string& id = variables_[object + "_id"];
    std::string& revision = variables_[object + "_revision"];
    if (whose == Whose::absent) {
      id = world_.nowhere.text();
    } else if (whose == Whose::elsewhere) {
      id = elsewhere_.id(object);
    } else if (object == "waitlist_entry") {
      const bool answers = operation_ == "waitlists.accept" || operation_ == "waitlists.decline";
      id = world_.entry(calendar_of(whose), answers).id.text();
    } else if (object == "encounter") {
      using enum encounters::EncounterStatus;
      const bool begins = operation_ == "encounters.start" || operation_ == "encounters.cancel";
      const auto made =
          world_.encounter(session_of(token.empty() || token == "super_admin" ? "doctor" : token), chart_of(whose),
                           begins                            ? planned
                           : operation_ == "encounters.sign" ? finished
                                                             : in_progress);
      id = made.id.text();
      revision = std::to_string(made.revision);
    } else if (object == "record") {
      const auto made = world_.record(session_of(token.empty() || token == "super_admin" ? "doctor" : token),
                                      chart_of(whose), kind_of(*find_operation(operation_)->operation));
      id = made.id.text();
      revision = std::to_string(made.revision);
    } else if (object == "tenant") {
      id = world_.spare.id.text();
    } else if (object == "facility") {
      const FacilityId facility = whose == Whose::own ? world_.hospital.home : world_.hospital.away;
      id = facility.text();
      revision = std::to_string(must(world_.admin.call(facilities::Get{.id = facility})).revision);
    } else if (object == "doctor") {
      const auto doctor = world_.doctor(calendar_of(whose));
      id = doctor.text();
      revision = std::to_string(must(world_.admin.call(doctors::Get{.id = doctor})).revision);
    } else if (object == "schedule") {
      const auto schedule = world_.schedule(calendar_of(whose));
      id = schedule.id.text();
      revision = std::to_string(schedule.revision);
    } else if (object == "leave") {
      id = world_.leave(calendar_of(whose)).text();
    } else if (object == "code_system") {
      id = world_.code_system(Relation::own_facility).text();
    } else if (object == "service") {
      id = world_.new_service().id.text();
    } else if (is_of_prices(object) || is_of_bills(object) || object == "cash_shift") {
      const auto [named, at] =
          named_money(object, session_of(token.empty() || token == "super_admin" ? "doctor" : token),
                      object == "cash_shift" && whose == Whose::own ? Relation::own_facility : calendar_of(whose));
      id = named;
      revision = std::to_string(at);
    } else if (object == "resource") {
      id = world_.resource(whose == Whose::own ? Relation::own_facility : Relation::other_facility).text();
    } else if (object == "series") {
      id = world_.series(calendar_of(whose)).text();
      revision = "1";
    } else if (object == "feed") {
      const bool own_one = whose == Whose::own;
      id = medflow::testing::World::feed(own_one ? session_of(token)
                                                 : world_.as(token == "doctor" ? Role::patient : Role::doctor))
               .text();
    } else if (object == "job") {
      id = (whose == Whose::own ? world_.job(session_of(token))
                                : world_.job(world_.as(token == "doctor" ? Role::receptionist : Role::doctor)))
               .text();
    } else if (object == "document") {
      id = (whose == Whose::own
                ? world_.document(session_of(token), Relation::own, documents::Category::administrative)
                : world_.document(world_.admin, Relation::other_facility, documents::Category::administrative))
               .text();
      revision = "1";
    } else if (object == "session") {
      id = world_.session(Relation::own_facility).text();
    } else if (object == "role") {
      id = world_.new_role().id->text();
    } else if (object == "role_proposal") {
      id = world_.proposal(Relation::own_facility).text();
    } else if (object == "patient") {
      const PatientId patient = whose == Whose::own ? world_.own_chart.id : world_.new_patient(world_.hospital.away).id;
      id = patient.text();
      revision = std::to_string(world_.revision_of(patient));
    } else if (object == "user") {
      const UserId user = whose == Whose::own ? session_of(token).user_id() : world_.new_user();
      id = user.text();
      revision = std::to_string(world_.revision_of(user));
    } else {
      FAIL("nobody has said what a ", object, " is to its caller");  // a new kind of object needs an expectation
    }
  }

  /// The id and the revision of one that is of this relation to the caller.
  std::pair<std::string, std::uint64_t> named_money(const std::string& object, const Session& caller,
                                                    Relation relation) {
    const auto named = [](const auto& made) { return std::pair(made.id.text(), made.revision); };
    if (object == "tax_code")
      return named(must(world_.admin.call(tax_codes::Create{.code = world_.fresh_word(), .name = "Standard"})));
    if (object == "price_item")
      return named(must(world_.admin.call(prices::Create{.code = world_.fresh_word(), .name = "Visit"})));
    if (object == "fee_rule")
      return named(must(world_.admin.call(
          fee_rules::Create{.name = "Children", .kind = fee_rules::RuleKind::exemption, .age_below = 6})));
    if (object == "payer") return named(world_.new_payer());
    if (object == "coverage") return named(world_.coverage(relation));
    if (object == "invoice")
      return named(world_.invoice(caller, relation, of_draft(*find_operation(operation_)->operation)));
    if (object == "credit_note") return named(world_.credit_note(caller, relation));
    if (object == "write_off") return named(world_.write_off(caller, relation));
    if (object == "payment") return named(world_.payment(caller, relation, operation_ == "payments.resolve"));
    if (object == "refund") return named(world_.refund(caller, relation, operation_ == "refunds.complete"));
    return named(world_.cash_shift(relation));
  }

  World world_{};
  Elsewhere elsewhere_{world_};
  http::Router router_;
  things::RunningServer server_;
  std::map<std::string, std::string> variables_{};
  std::size_t run_ = 0;
  std::string_view operation_{};  ///< that is asked for
  std::string feed_token_ = must(world_.as(Role::doctor).call(calendars::CreateFeed{})).token;
};

const matrix::Roles& spec() {
  static const matrix::Roles read(MEDFLOW_SOURCE_DIR "/tests/access/roles.csv");
  return read;
}

matrix::Call call_of(const Operation& operation, Relation relation) {
  static constexpr std::string_view realms[] = {"tenant", "platform", "any"};
  const bool profile = operation.name.starts_with("profile.");
  return {.operation = std::string(operation.name),
          .permission = std::string(permission_name(operation.permission)),
          .realm = std::string(realms[static_cast<std::size_t>(operation.realm)]),
          .object = profile ? "profile" : std::string(operation.object),
          .relation = relation,
          .makes = matrix::makes(operation.status, operation.path)};
}

/// All of an answer but its request id, and the second at which it came.
std::string without_id(const things::Received& received) {
  std::string text = received.head + received.body;
  for (const std::string& own : {received.header("X-Request-Id"), received.header("Date")})
    for (std::size_t at = text.find(own); !own.empty() && at != std::string::npos; at = text.find(own, at))
      text.erase(at, own.size());
  return text;
}

/// Who was let in may still hear that the object is in another state.
bool lets_in(int status) { return (status >= 200 && status < 300) || status == 409 || status == 410; }

/// How often the tenant's log says since this event that an operation was denied; it is read up to now.
std::size_t denials(Hospital& hospital, std::string_view operation, std::uint64_t& from_seq) {
  const auto log = events(hospital.as(Role::auditor), from_seq);
  if (!log.empty()) from_seq = log.back().event.seq + 1;
  return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [&](const ReadEvent& each) {
    return each.event.action == operation && each.event.outcome == audit::Outcome::denied;
  }));
}

/// The local operator is nobody's account and signs in nowhere; the chart that is somebody's own is the patient's.
bool asks_nothing(const Operation& operation, std::string_view role, Whose whose) {
  const bool feed = operation.object == "feed" && operation.permission != Permission::anonymous;
  const bool own = whose == Whose::own || operation.name.starts_with("profile.") || (feed && whose == Whose::nobodys);
  if (role.empty()) return own;
  if (role == "super_admin")
    return own || operation.permission == Permission::session || operation.permission == Permission::anonymous;
  if (whose == Whose::own && operation.object == "job")
    return role != "doctor" && role != "receptionist" && role != "tenant_admin";
  if (whose == Whose::own && is_of_doctor(named_object(operation))) return role != "doctor";
  if (own && feed && operation.name != "calendars.list_feeds") return role != "doctor" && role != "patient";
  // What is sent by the seed's routes names its place in the form: of who may send it, these have one.
  if (operation.path.starts_with("/upload/") && role != "tenant_admin" && role != "auditor")
    return operation.name != "documents.upload_patient" || role != "receptionist";
  return whose == Whose::own && named_object(operation) == "patient" && role != "patient";
}

}  // namespace

TEST_CASE(
    "RBA-3: every route answers every role, about its own, another's, another tenant's and no object, as the matrix "
    "says") {
  Sweep sweep;
  std::size_t requests = 0;
  std::uint64_t from_seq = 1;
  std::vector<std::string> callers = spec().roles();
  callers.emplace_back();  // and a visitor
  for (const OperationRow& row : operations()) {
    const Operation& operation = *row.operation;
    CAPTURE(operation.name);
    std::size_t refused = 0;  // somebody of the tenant
    for (const std::string& role : callers) {
      CAPTURE(role);
      std::map<Whose, things::Received> answers;
      for (const Whose whose : Sweep::asked(operation)) {
        if (asks_nothing(operation, role, whose)) continue;
        CAPTURE(whose_words[static_cast<std::size_t>(whose)]);
        const bool root = role == "super_admin";
        Relation relation = Sweep::relation_of(operation, whose);
        // On the platform all that belongs to a tenant is nowhere.
        if (root && operation.realm != Realm::platform && relation != Relation::none) relation = Relation::foreign;
        matrix::Call call = call_of(operation, relation);
        call.kind = Sweep::kind_of(operation);
        const Verdict expected = spec().decide({.role = role, .on_platform = root}, call);
        const auto& received = answers[whose] = sweep.ask(operation, role, whose);
        ++requests;
        CAPTURE(received.status);
        CAPTURE(received.body);
        if (expected == Verdict::allowed) {
          // Whoever has no good token is let in, and told that there is no such feed.
          const bool no_feed = operation.name == "calendars.read_feed" && received.status == 404;
          CHECK((no_feed || lets_in(received.status)));
        } else if (expected == Verdict::missing) {
          // A patient is named in what is booked or written, which is wrong then.
          const bool named = matrix::Roles::books(operation.name) || adds_to_chart(operation) || bills(operation);
          CHECK(received.status == (named ? 422 : 404));
        } else {
          CHECK(received.status == (role.empty() ? 401 : 403));
        }
        if (expected != Verdict::allowed && !role.empty() && !root && received.status != 422) ++refused;
      }
      // Another tenant's object is as one that is not there, to the byte.
      if (!answers.contains(Whose::elsewhere)) continue;
      CHECK(without_id(answers[Whose::elsewhere]) == without_id(answers[Whose::absent]));
    }
    CHECK(denials(sweep.world().hospital, operation.name, from_seq) >= refused);
  }
  MESSAGE(requests, " requests, ", operations().size(), " operations");
}
