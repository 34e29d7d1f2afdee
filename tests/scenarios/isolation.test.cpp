// Two hospitals with equal data. Whoever works in the one tries every operation with every id of the other, by every
// door: the answer is byte for byte the one for an id that nobody ever gave.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/http/router.hpp"
#include "adapters/json/codec.hpp"
#include "adapters/json/problem.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/platform.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "tests/support/postgres_server.hpp"
#endif

#if __has_include("adapters/c/medflow.h") && defined(MEDFLOW_LIBRARY)
#include "adapters/c/medflow.h"
#define MEDFLOW_HAS_C 1
#endif

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::array<std::byte, 32> root_key{std::byte{7}};
constexpr std::string_view csv =
    "Id,BIRTHDATE,FIRST,LAST,GENDER\n019a0000-0000-7000-8000-0000000c5e00,1980-01-02,Im,Ported,F\n";

/// Of a real clock: tomorrow at noon, so that nothing happens by itself meanwhile.
const Instant visit_start = [] {
  constexpr std::int64_t day_us = 86'400'000'000;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Instant{(std::chrono::duration_cast<std::chrono::microseconds>(now).count() / day_us + 1) * day_us +
                 day_us / 2};
}();

/// A folder, or a database of PostgreSQL with all tenants in it, or beside which each has one.
std::shared_ptr<storage::Engine> engine_at(const std::string& place) {
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
  if (place.starts_with("postgresql ")) {
    PostgresServer::shared();  // outlives the databases
    static std::map<std::string, PostgresDatabase> databases;
    return storage::make_postgres_engine(databases[place].options(
        place == "postgresql shared" ? storage::Isolation::shared : storage::Isolation::tenant_database));
  }
#endif
  return storage::sqlite_engine(place);
}

PlatformOptions options_of(const std::string& place) {
  return {.engine = engine_at(place),
          .root_key = memory_root_key(root_key),
          .create = true,
          .access_ttl_s = 86'400,
          .password_memory_kib = 19 * 1024,
          .password_passes = 2};
}

/// One hospital: the tokens of who works there, and all ids that it has.
struct House {
  std::string slug{};
  std::map<std::string, std::string> tokens{};  ///< admin, desk, doctor
  std::map<std::string, std::string> ids{};     ///< tenant, facility, patient, patient2, admin, desk, doctor …
};

class Builder {
 public:
  Builder(const Platform& platform, std::string slug) : platform_(platform) { house_.slug = std::move(slug); }

  House build() {
    const auto root = platform_.local_operator("test");
    const auto tenant = must(root.call(tenants::Provision{
        .slug = house_.slug, .name = "Equal", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
    house_.ids["tenant"] = tenant.id.text();
    complete(
        "admin",
        must(root.call(users::InviteFirstAdmin{.id = tenant.id, .email = email("admin"), .display_name = "Admin"})));
    const Session admin = session("admin");
    const auto facility = must(admin.call(facilities::List{})).data.at(0).id;
    house_.ids["facility"] = facility.text();
    const std::pair<const char*, std::vector<Role>> staff[] = {{"desk", {Role::receptionist, Role::billing_clerk}},
                                                               {"doctor", {Role::doctor, Role::lab, Role::pharmacist}}};
    for (const auto& [name, roles] : staff)
      complete(name, must(admin.call(users::Invite{
                         .email = email(name), .display_name = name, .roles = roles, .facilities = {facility}})));
    const auto role =
        must(admin.call(roles::Create{.name = "Equal", .grants = {{.permission = "record.read", .scope = "C"}}}));
    house_.ids["role"] = role.id->text();
    house_.ids["proposal"] = role.proposal_id->text();
    const auto doctor = must(admin.call(doctors::Create{.name = "Equal", .facilities = {facility}}));
    house_.ids["practitioner"] = doctor.id.text();
    schedules::Set always{.id = doctor.id.uuid};
    for (int weekday = 0; weekday < 7; ++weekday)
      always.windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = facility});
    must(admin.call(std::move(always)));
    house_.ids["service"] =
        must(admin.call(services::Create{.code = "EQUAL", .name = "Equal", .capacity = 100})).id.text();
    house_.ids["code_system"] =
        must(admin.call(code_systems::Import{.system = "urn:example:codes",
                                             .version = "1",
                                             .content = Content::of("text/csv", "code,display\nE1,Equal\n")}))
            .system.id.text();
    house_.ids["room"] = must(admin.call(resources::Create{.name = "Equal", .facility_id = facility})).id.text();
    const Instant from{1'800'000'000'000'000};
    const auto away = must(admin.call(leaves::Add{.resource_id = doctor.id.uuid,
                                                  .from = from,
                                                  .to = from.plus_s(60),
                                                  .on_affected = leaves::OnAffected::move}))
                          .leave;
    house_.ids["leave"] = away.id.text();
    house_.ids["job"] = away.job_id.value().text();
    const Session desk = session("desk");
    for (const char* name : {"patient", "patient2"}) {
      patients::Register request{.names = {{.family = "Equal", .given = {name}}}, .sex_admin = patients::Sex::female};
      request.identifiers = {{.system = "urn:test:national", .value = name}};
      house_.ids[name] = must(desk.call(request)).id.text();
    }
    house_.ids["visit"] = add_visit(desk).text();
    house_.ids["series"] = add_series(desk).text();
    add_chart(session("doctor"));
    house_.ids["document"] =
        must(session("desk").call(documents::Upload{
                 .patient_id = id_of<PatientId>("patient"),
                 .category = documents::Category::administrative,
                 .file_name = "a.pdf",
                 .content = Content::of("application/pdf", "%PDF-1.4\nxref\ntrailer\nstartxref\n9\n%%EOF\n")}))
            .id.text();
    add_money(session("admin"), session("desk"));
    return house_;
  }

 private:
  /// A draft and an issued invoice, and what stands on it; a deposit, of which something is asked back.
  void add_money(const Session& admin, const Session& desk) {
    const auto patient = id_of<PatientId>("patient");
    const auto facility = id_of<FacilityId>("facility");
    const Date day{.year = 2020, .month = 1, .day = 1};
    const auto keyed = [&](auto request) {
      return must(desk.call(std::move(request), {.idempotency_key = "ready-" + std::to_string(++keys_)}));
    };
    house_.ids["tax_code"] = must(admin.call(tax_codes::Create{.code = "S", .name = "Equal"})).id.text();
    house_.ids["price_item"] = must(admin.call(prices::Create{.code = "EQUAL", .name = "Equal"})).id.text();
    house_.ids["fee_rule"] =
        must(admin.call(fee_rules::Create{.name = "Equal", .kind = fee_rules::RuleKind::exemption, .age_below = 6}))
            .id.text();
    const auto payer = must(admin.call(payers::Create{.code = "EQUAL", .name = "Equal"})).id;
    house_.ids["payer"] = payer.text();
    house_.ids["coverage"] = must(desk.call(coverages::Create{.patient_id = patient,
                                                              .payer_id = payer,
                                                              .valid_from = day,
                                                              .valid_to = Date{.year = 2020, .month = 12, .day = 31}}))
                                 .id.text();
    const invoices::Create drafted{.patient_id = patient,
                                   .facility_id = facility,
                                   .lines = {{.description = "Equal", .price_micro = 100'000'000}}};
    house_.ids["invoice"] = must(desk.call(drafted)).id.text();
    const auto issued = keyed(invoices::Issue{.id = must(desk.call(drafted)).id, .revision = 1}).id;
    house_.ids["issued"] = issued.text();
    house_.ids["credit_note"] =
        keyed(credit_notes::Issue{.invoice_id = issued, .lines = {{.line = 1, .net = 1}}, .reason = "a penny too many"})
            .id.text();
    house_.ids["write_off"] =
        must(desk.call(write_offs::Request{.invoice_id = issued, .amount = 1, .reason = "less than the postage"}))
            .id.text();
    const auto payment = keyed(payments::RecordPayment{.patient_id = patient,
                                                       .facility_id = facility,
                                                       .method = payments::PaymentMethod::card,
                                                       .amount = 10'000,
                                                       .keep_as_deposit = true})
                             .id;
    house_.ids["payment"] = payment.text();
    house_.ids["refund"] =
        keyed(refunds::Request{.payment_id = payment, .amount = 1, .reason = "a penny too many"}).id.text();
    house_.ids["cash_shift"] = must(desk.call(cash_shifts::Open{.facility_id = facility, .opening = 0})).id.text();
  }

  /// An encounter under way, a draft, and an order that can be dispensed.
  void add_chart(const Session& doctor) {
    const auto patient = id_of<PatientId>("patient");
    house_.ids["encounter"] = must(doctor.call(encounters::Open{.patient_id = patient})).id.text();
    house_.ids["record"] =
        must(doctor.call(records::Create{.patient_id = patient, .content = note_content("Equal")})).id.text();
    house_.ids["order"] =
        must(doctor.call(medications::Order{.patient_id = patient, .content = order_content("161"), .sign = true}))
            .id.text();
  }
  SeriesId add_series(const Session& desk) const {
    return must(desk.call(series::Book{.patient_id = id_of<PatientId>("patient2"),
                                       .service_id = id_of<ServiceId>("service"),
                                       .resources = {{.id = id_of<PractitionerId>("practitioner").uuid}},
                                       .wall_start = local_in(Zone{"Europe/London"}, visit_start),
                                       .rrule = "FREQ=DAILY;COUNT=2"}))
        .series->id;
  }
  AppointmentId add_visit(const Session& desk) const {
    return must(desk.call(appointments::Book{.patient_id = id_of<PatientId>("patient"),
                                             .service_id = id_of<ServiceId>("service"),
                                             .resources = {{.id = id_of<PractitionerId>("practitioner").uuid}},
                                             .start = visit_start}))
        .id;
  }
  template <class Id>
  Id id_of(const std::string& name) const {
    return *Id::parse(house_.ids.at(name));
  }

  static std::string email(const std::string& name) { return name + "@example.org"; }
  Session session(const std::string& name) const { return must(platform_.authenticate(house_.tokens.at(name))); }
  void complete(const std::string& name, const users::Invitation& invitation) {
    const Session visitor = platform_.visit(house_.slug);
    must(visitor.call(
        auth::Register{.invitation = Secret(invitation.token), .password = Secret(std::string(Hospital::password))}));
    house_.tokens[name] =
        must(visitor.call(auth::Login{.email = email(name), .password = Secret(std::string(Hospital::password))}))
            .access_token;
    house_.ids[name] = invitation.user.id.text();
  }

  const Platform& platform_;
  House house_{};
  std::size_t keys_ = 0;
};

/// Both hospitals, closed.
struct Town {
  House ours{};
  House theirs{};

  explicit Town(const std::string& place) {
    const Platform platform = must(Platform::open(options_of(place)));
    ours = Builder(platform, "ours").build();
    theirs = Builder(platform, "theirs").build();
  }
};

/// One whose files are copied for each door.
struct CopiedTown {
  TemporaryFolder folder{};
  Town town{folder / "data"};

  static const CopiedTown& get() {
    static const CopiedTown town;
    return town;
  }
  std::string copy(const std::string& name) const {
    std::filesystem::copy(folder / "data", folder / name, std::filesystem::copy_options::recursive);
    return folder / name;
  }
};

/// A way in. `members` are the request's members with their JSON; the answer is all that comes back.
using Members = std::map<std::string, std::string>;
class Door {
 public:
  virtual ~Door() = default;
  virtual std::string ask(const std::string& token, const OperationRow& row, const Members& members) = 0;
};

std::string object_of(const Members& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
  return text + "}";
}

/// A key that nobody has used, for what needs one; else none.
std::string key_for(const OperationRow& row) {
  static std::size_t keys = 0;
  return row.operation->key_required ? "door-" + std::to_string(++keys) : std::string();
}

class CppDoor final : public Door {
 public:
  explicit CppDoor(const std::string& folder) : platform(must(Platform::open(options_of(folder)))) {}
  std::string ask(const std::string& token, const OperationRow& row, const Members& members) override {
    // Nobody's token: the process itself, which stands on the platform.
    const Session session = token.empty() ? platform.local_operator("test") : must(platform.authenticate(token));
    Value request(*row.request);
    std::string answer;
    Error error;
    json::Given given;
    if (row.content != nullptr) {
      *static_cast<Content*>(row.content->at(request.data())) = Content::of("text/csv", std::string(csv));
      given.add(*row.request, *row.content);
    }
    const bool read = json::merge(object_of(members), *row.request, request.data(), given, error) &&
                      json::require(*row.request, given, error);
    if (!read) {
      json::encode_error(error, answer);
      return answer;
    }
    auto reply = session.call(row, std::move(request), {.idempotency_key = key_for(row)});
    if (reply.ok())
      json::encode(*row.output, reply->output.data(), answer);
    else
      json::encode_error(reply.error(), answer);
    return answer;
  }

  Platform platform;
};

class HttpDoor final : public Door {
 public:
  explicit HttpDoor(const std::string& folder)
      : platform_(must(Platform::open(options_of(folder)))), router_(platform_, {}) {}
  std::string ask(const std::string& token, const OperationRow& row, const Members& members) override {
    static constexpr std::string_view methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    const Method method = row.operation->method;
    Members left = members;
    std::string target = "/api/v1" + path_of(row.operation->path, left);
    const bool form = row.operation->form;
    const bool in_query = !form && (method == Method::get || method == Method::del || row.content != nullptr);
    if (in_query) target += query_of(left);
    const std::string authorization = "Bearer " + token;
    std::vector<http::HeaderField> fields = {{.name = "Host", .value = "clinic.test"},
                                             {.name = "Authorization", .value = authorization}};
    if (form)
      fields.push_back({.name = "Content-Type", .value = "multipart/form-data; boundary=b"});
    else if (row.content != nullptr)
      fields.push_back({.name = "Content-Type", .value = "text/csv"});
    else if (!in_query)
      fields.push_back({.name = "Content-Type", .value = "application/json"});
    const std::string key = key_for(row);
    if (!key.empty()) fields.push_back({.name = "Idempotency-Key", .value = key});
    std::promise<http::Response> promised;
    router_.handle({.method = methods[static_cast<std::size_t>(method)],
                    .target = target,
                    .fields = fields,
                    .body = form                     ? form_of(left)
                            : row.content != nullptr ? std::string(csv)
                            : in_query               ? std::string()
                                                     : object_of(left)},
                   [&](http::Answer answer) { promised.set_value(std::move(answer).render()); });
    const http::Response response = promised.get_future().get();
    std::string bytes = std::to_string(response.status) + "\n" + response.headers + "\n" + response.body;
    replace(bytes, response.request_id.text(), "REQUEST");
    return bytes;
  }

  static void replace(std::string& text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
      text.replace(at, what.size(), by);
  }

 private:
  static std::string bare(const std::string& json) {
    return json.starts_with('"') ? json.substr(1, json.size() - 2) : json;
  }
  static std::string path_of(std::string_view path, Members& members) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] != '{') {
        out += path[i];
        continue;
      }
      const std::size_t end = path.find('}', i);
      const auto member = members.find(std::string(path.substr(i + 1, end - i - 1)));
      REQUIRE(member != members.end());
      out += bare(member->second);
      members.erase(member);
      i = end;
    }
    return out;
  }
  static std::string form_of(const Members& members) {
    std::string form;
    for (const auto& [name, value] : members)
      form += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + bare(value) + "\r\n";
    return form +
           "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: "
           "text/csv\r\n\r\n" +
           std::string(csv) + "\r\n--b--\r\n";
  }
  static std::string query_of(const Members& members) {
    std::string query;
    for (const auto& [name, value] : members) query += (query.empty() ? "?" : "&") + name + "=" + bare(value);
    replace(query, " ", "%20");
    return query;
  }

  Platform platform_;
  http::Router router_;
};

#ifdef MEDFLOW_HAS_C
class CDoor final : public Door {
 public:
  explicit CDoor(const std::string& folder) {
    const std::string options = R"({"engine":"sqlite:)" + folder + R"("})";
    REQUIRE(medflow_open(options.c_str(), root_key.data(), root_key.size(), &platform_, nullptr) == MEDFLOW_OK);
  }
  ~CDoor() override { medflow_release(platform_); }
  CDoor(const CDoor&) = delete;
  CDoor& operator=(const CDoor&) = delete;

  std::string ask(const std::string& token, const OperationRow& row, const Members& members) override {
    medflow_handle session = 0;
    REQUIRE(medflow_authenticate(platform_, token.c_str(), &session, nullptr) == MEDFLOW_OK);
    char* out = nullptr;
    const std::string name(row.operation->name);
    const std::string request = object_of(members);
    const std::string key = key_for(row);
    const int status =
        row.content != nullptr
            ? medflow_call_content(session, name.c_str(), request.c_str(), "text/csv", csv.data(), csv.size(), &out)
            : medflow_call_keyed(session, name.c_str(), request.c_str(), key.empty() ? nullptr : key.c_str(), &out);
    std::string bytes = std::to_string(status) + "\n" + (out == nullptr ? "" : std::string(out, medflow_size(out)));
    medflow_free(out);
    medflow_release(session);
    return bytes;
  }

 private:
  medflow_handle platform_ = 0;
};
#endif

std::string quoted(const std::string& id) { return "\"" + id + "\""; }

/// One field of one operation that holds an id, and the other members of a request that is else in order. "@" stands
/// for the id.
struct Try {
  std::string_view operation{};
  std::string_view field{};
  Members members{};
  std::string_view only{};    ///< of their ids only this one
  std::string_view except{};  ///< all but this one
};

/// What is drafted and issued in one step is told what a draft is.
std::vector<Try> with_bills(std::vector<Try> attempts) {
  for (std::size_t i = 0, count = attempts.size(); i < count; ++i) {
    if (attempts[i].operation != "invoices.create") continue;
    Try bill = attempts[i];
    bill.operation = "invoices.bill";
    attempts.push_back(std::move(bill));
  }
  return attempts;
}

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<Try>& tries() {
  const std::string revision = "1";
  const std::string reason = "\"because the test wants it\"";
  const std::string name = R"([{"family":"Probe"}])";
  const std::string hours = R"("start":"09:00","end":"10:00","facility_id":@)";
  const std::string window = R"([{"weekday":"mon",)" + hours + "}]";
  const std::string window_for = R"([{"weekday":"mon",)" + hours + R"(,"services":[@]}])";
  const std::string day = R"([{"date":"2026-01-05","windows":[{)" + hours + "}]}]";
  const std::string day_for = R"([{"date":"2026-01-05","windows":[{)" + hours + R"(,"services":[@]}]}])";
  const std::string begin = R"("2026-01-01T00:00:00Z")";
  const std::string end = R"("2026-01-02T00:00:00Z")";
  const std::string start = quoted(visit_start.plus_s(3600).text());
  const std::string later = quoted(visit_start.plus_s(7200).text());
  const std::string with = R"([{"id":"OWN practitioner"}])";
  const std::string wall = quoted(local_in(Zone{"Europe/London"}, visit_start.plus_s(7200)).text());
  const std::string first_day = quoted(visit_start.plus_s(3 * 86'400).text().substr(0, 10));
  const std::string rule = R"("FREQ=DAILY;COUNT=2")";
  const std::string line = R"([{"description":"x","price_micro":1000000}])";
  const auto line_with = [](std::string_view field) {
    return R"([{"description":"x","price_micro":1000000,")" + std::string(field) + R"(":@}])";
  };
  static const std::vector<Try> all = with_bills({
      {"tenants.get", "id", {{"id", "@"}}},
      {"tenants.suspend", "id", {{"id", "@"}}},
      {"tenants.resume", "id", {{"id", "@"}}},
      {"tenants.move", "id", {{"id", "@"}, {"placement", R"("default")"}}},
      {"tenants.migrate", "id", {{"id", "@"}}},
      {"users.invite_first_admin", "id", {{"id", "@"}, {"email", R"("x@example.org")"}, {"display_name", R"("X")"}}},
      {"users.get", "id", {{"id", "@"}}},
      {"users.invite",
       "facilities",
       {{"email", R"("probe@example.org")"},
        {"display_name", R"("X")"},
        {"roles", R"(["nurse"])"},
        {"facilities", "[@]"}}},
      {"users.invite",
       "custom_roles",
       {{"email", R"("probe@example.org")"}, {"display_name", R"("X")"}, {"custom_roles", "[@]"}}},
      {"users.invite",
       "patient_id",
       {{"email", R"("probe@example.org")"},
        {"display_name", R"("X")"},
        {"roles", R"(["patient"])"},
        {"patient_id", "@"}}},
      {"users.set_patient", "id", {{"id", "@"}, {"revision", revision}}},
      {"users.set_patient", "patient_id", {{"id", "OWN desk"}, {"revision", "2"}, {"patient_id", "@"}}},
      {"users.update", "id", {{"id", "@"}, {"revision", revision}, {"display_name", R"("X")"}}},
      {"users.set_roles", "id", {{"id", "@"}, {"revision", revision}, {"roles", R"(["nurse"])"}}},
      {"users.set_roles", "custom_roles", {{"id", "OWN desk"}, {"revision", "2"}, {"custom_roles", "[@]"}}},
      {"users.set_facilities", "id", {{"id", "@"}, {"revision", revision}, {"facilities", "[]"}}},
      {"users.set_facilities", "facilities", {{"id", "OWN desk"}, {"revision", "2"}, {"facilities", "[@]"}}},
      {"users.disable", "id", {{"id", "@"}}},
      {"users.enable", "id", {{"id", "@"}}},
      {"users.clear_throttle", "id", {{"id", "@"}}},
      {"users.start_reset", "id", {{"id", "@"}}},
      {"sessions.list", "user_id", {{"user_id", "@"}}},
      {"sessions.revoke", "id", {{"id", "@"}}},
      {"roles.get", "id", {{"id", "@"}}},
      {"roles.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"roles.delete", "id", {{"id", "@"}}},
      {"role_proposals.approve", "id", {{"id", "@"}}},
      {"role_proposals.reject", "id", {{"id", "@"}}},
      {"facilities.get", "id", {{"id", "@"}}},
      {"facilities.update",
       "id",
       {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}, {"zone", R"("Europe/Paris")"}}},
      {"facilities.update",
       "parent_id",
       {{"id", "OWN facility"},
        {"revision", revision},
        {"name", R"("X")"},
        {"zone", R"("Europe/Paris")"},
        {"parent_id", "@"}}},
      {"facilities.create", "parent_id", {{"name", R"("X")"}, {"zone", R"("Europe/Paris")"}, {"parent_id", "@"}}},
      {"doctors.list", "facility", {{"facility", "@"}}},
      {"doctors.get", "id", {{"id", "@"}}},
      {"doctors.create", "user_id", {{"name", R"("X")"}, {"user_id", "@"}}},
      {"doctors.create", "facilities", {{"name", R"("X")"}, {"facilities", "[@]"}}},
      {"doctors.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"doctors.update",
       "user_id",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"name", R"("X")"}, {"user_id", "@"}}},
      {"doctors.update",
       "facilities",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"name", R"("X")"}, {"facilities", "[@]"}}},
      {"code_systems.get", "id", {{"id", "@"}}},
      {"code_systems.activate", "id", {{"id", "@"}}},
      {"code_systems.import", "id", {{"id", "@"}, {"system", R"("urn:example:codes")"}, {"version", R"("1")"}}},
      {"services.get", "id", {{"id", "@"}}},
      {"services.create", "price_item_id", {{"code", R"("X")"}, {"name", R"("X")"}, {"price_item_id", "@"}}},
      {"services.update",
       "price_item_id",
       {{"id", "OWN service"},
        {"revision", revision},
        {"code", R"("EQUAL")"},
        {"name", R"("X")"},
        {"price_item_id", "@"}}},
      {"settings.update",
       "facility_prefixes/facility_id",
       {{"revision", "0"}, {"facility_prefixes", R"([{"facility_id":@,"invoice_prefix":"X"}])"}}},
      {"services.update", "id", {{"id", "@"}, {"revision", revision}, {"code", R"("X")"}, {"name", R"("X")"}}},
      {"resources.list", "facility", {{"facility", "@"}}},
      {"resources.get", "id", {{"id", "@"}}},
      {"resources.create", "facility_id", {{"name", R"("X")"}, {"facility_id", "@"}}},
      {"resources.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"schedules.get", "id", {{"id", "@"}}},
      {"schedules.set", "id", {{"id", "@"}, {"revision", revision}}},
      {"schedules.set",
       "windows/facility_id",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"windows", window}}},
      {"schedules.set",
       "windows/services",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"windows", window_for}}},
      {"schedules.set",
       "overrides/windows/facility_id",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"overrides", day}}},
      {"schedules.set",
       "overrides/windows/services",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"overrides", day_for}}},
      {"schedules.set",
       "rules/service_id",
       {{"id", "OWN practitioner"}, {"revision", revision}, {"rules", R"([{"service_id":@,"capacity":2}])"}}},
      {"schedules.get_effective", "id", {{"id", "@"}, {"service_id", "OWN service"}}},
      {"schedules.get_effective", "service_id", {{"id", "OWN practitioner"}, {"service_id", "@"}}},
      {"leaves.list", "resource_id", {{"resource_id", "@"}}},
      {"leaves.add", "resource_id", {{"resource_id", "@"}, {"from", begin}, {"to", end}}},
      {"leaves.get", "id", {{"id", "@"}}},
      {"leaves.remove", "id", {{"id", "@"}}},
      {"jobs.get", "id", {{"id", "@"}}},
      {"jobs.cancel", "id", {{"id", "@"}}},
      {"patients.register", "facilities", {{"names", name}, {"sex_admin", R"("male")"}, {"facilities", "[@]"}}},
      {"patients.get", "id", {{"id", "@"}}},
      {"patients.update", "id", {{"id", "@"}, {"revision", revision}, {"names", name}, {"sex_admin", R"("male")"}}},
      {"patients.patch", "id", {{"id", "@"}, {"revision", revision}, {"names", name}}},
      {"patients.delete", "id", {{"id", "@"}, {"reason", reason}}},
      {"patients.restore", "id", {{"id", "@"}, {"reason", reason}}},
      {"imports.patients", "facility", {{"facility", "@"}}},
      {"slots.list",
       "service_id",
       {{"service_id", "@"}, {"resource_id", "OWN practitioner"}, {"from", start}, {"to", later}}},
      {"slots.list",
       "resource_id",
       {{"service_id", "OWN service"}, {"resource_id", "@"}, {"from", start}, {"to", later}}},
      {"slots.list",
       "with/id",
       {{"service_id", "OWN service"},
        {"resource_id", "OWN practitioner"},
        {"with", R"([{"kind":"room","id":@}])"},
        {"from", start},
        {"to", later}}},
      {"slots.find_first",
       "service_id",
       {{"service_id", "@"}, {"doctors", R"(["OWN practitioner"])"}, {"from", start}}},
      {"slots.find_first", "doctors", {{"service_id", "OWN service"}, {"doctors", "[@]"}, {"from", start}}},
      {"slots.find_first",
       "with/id",
       {{"service_id", "OWN service"},
        {"doctors", R"(["OWN practitioner"])"},
        {"with", R"([{"kind":"room","id":@}])"},
        {"from", start}}},
      {"slots.find_first", "facility", {{"service_id", "OWN service"}, {"facility", "@"}, {"from", start}}},
      {"appointments.check",
       "patient_id",
       {{"patient_id", "@"}, {"service_id", "OWN service"}, {"resources", with}, {"start", start}}},
      {"appointments.check",
       "service_id",
       {{"patient_id", "OWN patient"}, {"service_id", "@"}, {"resources", with}, {"start", start}}},
      {"appointments.check",
       "resources/id",
       {{"patient_id", "OWN patient"}, {"service_id", "OWN service"}, {"resources", "[{\"id\":@}]"}, {"start", start}}},
      {"appointments.hold",
       "patient_id",
       {{"patient_id", "@"}, {"service_id", "OWN service"}, {"resources", with}, {"start", start}}},
      {"appointments.hold",
       "service_id",
       {{"patient_id", "OWN patient"}, {"service_id", "@"}, {"resources", with}, {"start", start}}},
      {"appointments.hold",
       "resources/id",
       {{"patient_id", "OWN patient"}, {"service_id", "OWN service"}, {"resources", "[{\"id\":@}]"}, {"start", start}}},
      {"appointments.book",
       "patient_id",
       {{"patient_id", "@"}, {"service_id", "OWN service"}, {"resources", with}, {"start", start}}},
      {"appointments.book",
       "service_id",
       {{"patient_id", "OWN patient"}, {"service_id", "@"}, {"resources", with}, {"start", start}}},
      {"appointments.book",
       "resources/id",
       {{"patient_id", "OWN patient"}, {"service_id", "OWN service"}, {"resources", "[{\"id\":@}]"}, {"start", start}}},
      {"appointments.confirm", "id", {{"id", "@"}, {"token", R"("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")"}}},
      {"appointments.list", "patient", {{"patient", "@"}}},
      {"appointments.list", "resource", {{"resource", "@"}}},
      {"appointments.list", "facility", {{"facility", "@"}}},
      {"appointments.get", "id", {{"id", "@"}}},
      {"appointments.update", "id", {{"id", "@"}, {"revision", revision}, {"reason", R"("X")"}}},
      {"appointments.update",
       "resources/id",
       {{"id", "OWN visit"}, {"revision", revision}, {"resources", "[{\"id\":@}]"}, {"reason", R"("X")"}}},
      {"appointments.reschedule", "id", {{"id", "@"}, {"revision", revision}, {"start", start}}},
      {"appointments.reschedule",
       "resources/id",
       {{"id", "OWN visit"}, {"revision", revision}, {"start", start}, {"resources", "[{\"id\":@}]"}}},
      {"appointments.cancel", "id", {{"id", "@"}}},
      {"appointments.approve", "id", {{"id", "@"}}},
      {"appointments.check_in", "id", {{"id", "@"}}},
      {"appointments.undo_check_in", "id", {{"id", "@"}, {"reason", reason}}},
      {"appointments.start", "id", {{"id", "@"}}},
      {"appointments.undo_start", "id", {{"id", "@"}, {"reason", reason}}},
      {"appointments.complete", "id", {{"id", "@"}}},
      {"appointments.mark_no_show", "id", {{"id", "@"}}},
      {"appointments.restore", "id", {{"id", "@"}}},
      {"appointments.mark_error", "id", {{"id", "@"}, {"reason", reason}}},
      {"series.book",
       "patient_id",
       {{"patient_id", "@"},
        {"service_id", "OWN service"},
        {"resources", with},
        {"wall_start", wall},
        {"rrule", rule}}},
      {"series.book",
       "service_id",
       {{"patient_id", "OWN patient"},
        {"service_id", "@"},
        {"resources", with},
        {"wall_start", wall},
        {"rrule", rule}}},
      {"series.book",
       "resources/id",
       {{"patient_id", "OWN patient"},
        {"service_id", "OWN service"},
        {"resources", "[{\"id\":@}]"},
        {"wall_start", wall},
        {"rrule", rule}}},
      {"queues.walk_in", "patient_id", {{"patient_id", "@"}, {"service_id", "OWN service"}, {"resources", with}}},
      {"queues.walk_in", "service_id", {{"patient_id", "OWN patient"}, {"service_id", "@"}, {"resources", with}}},
      {"queues.walk_in",
       "resources/id",
       {{"patient_id", "OWN patient"}, {"service_id", "OWN service"}, {"resources", "[{\"id\":@}]"}}},
      {"queues.get", "resource_id", {{"resource_id", "@"}}},
      {"queues.display", "resource_id", {{"resource_id", "@"}}},
      {"queues.call_next", "resource_id", {{"resource_id", "@"}}},
      {"queues.skip", "resource_id", {{"resource_id", "@"}, {"number", "1"}}},
      {"queues.recall", "resource_id", {{"resource_id", "@"}, {"number", "1"}}},
      {"waitlists.join",
       "patient_id",
       {{"patient_id", "@"}, {"service_id", "OWN service"}, {"earliest", first_day}, {"latest", first_day}}},
      {"waitlists.join",
       "service_id",
       {{"patient_id", "OWN patient"}, {"service_id", "@"}, {"earliest", first_day}, {"latest", first_day}}},
      {"waitlists.join",
       "resources_any",
       {{"patient_id", "OWN patient"},
        {"service_id", "OWN service"},
        {"resources_any", "[@]"},
        {"earliest", first_day},
        {"latest", first_day}}},
      {"waitlists.join",
       "facility_id",
       {{"patient_id", "OWN patient"},
        {"service_id", "OWN service"},
        {"facility_id", "@"},
        {"earliest", first_day},
        {"latest", first_day}}},
      {"waitlists.list", "patient", {{"patient", "@"}}},
      {"waitlists.list", "service", {{"service", "@"}}},
      {"waitlists.get", "id", {{"id", "@"}}},
      {"waitlists.accept", "id", {{"id", "@"}}},
      {"waitlists.decline", "id", {{"id", "@"}}},
      {"waitlists.leave", "id", {{"id", "@"}}},
      {"series.get", "id", {{"id", "@"}}},
      {"series.reschedule", "id", {{"id", "@"}, {"revision", revision}, {"shift_days", "1"}}},
      {"series.reschedule",
       "resources/id",
       {{"id", "OWN series"}, {"revision", revision}, {"resources", "[{\"id\":@}]"}}},
      {"series.cancel", "id", {{"id", "@"}}},
      {"calendars.revoke_feed", "id", {{"id", "@"}}},
      {"encounters.open", "patient_id", {{"patient_id", "@"}}},
      {"encounters.open", "appointment_id", {{"patient_id", "OWN patient"}, {"appointment_id", "@"}}},
      {"encounters.open", "practitioner_id", {{"patient_id", "OWN patient"}, {"practitioner_id", "@"}}},
      {"encounters.open", "facility_id", {{"patient_id", "OWN patient"}, {"facility_id", "@"}}},
      {"encounters.list", "patient_id", {{"patient_id", "@"}}},
      {"encounters.get", "id", {{"id", "@"}}},
      {"encounters.update", "id", {{"id", "@"}, {"revision", revision}}},
      {"encounters.update",
       "practitioner_id",
       {{"id", "OWN encounter"}, {"revision", revision}, {"practitioner_id", "@"}}},
      {"encounters.start", "id", {{"id", "@"}, {"revision", revision}}},
      {"encounters.finish", "id", {{"id", "@"}, {"revision", revision}}},
      {"encounters.sign", "id", {{"id", "@"}, {"revision", revision}}},
      {"encounters.cancel", "id", {{"id", "@"}, {"revision", revision}, {"reason", reason}}},
      {"encounters.mark_error", "id", {{"id", "@"}, {"revision", revision}, {"reason", reason}}},
      {"records.create",
       "patient_id",
       {{"patient_id", "@"}, {"content", R"({"title":"x","note":{"text":"x"}})"}, {"kind", R"("note")"}}},
      {"records.create",
       "encounter_id",
       {{"patient_id", "OWN patient"},
        {"content", R"({"title":"x","note":{"text":"x"}})"},
        {"kind", R"("note")"},
        {"encounter_id", "@"}}},
      {"records.create",
       "based_on",
       {{"patient_id", "OWN patient"},
        {"content", R"({"title":"x","note":{"text":"x"}})"},
        {"kind", R"("note")"},
        {"based_on", "@"}}},
      {"records.create",
       "signers",
       {{"patient_id", "OWN patient"},
        {"content", R"({"title":"x","note":{"text":"x"}})"},
        {"kind", R"("note")"},
        {"signers", "[@]"}}},
      {"vitals.record",
       "patient_id",
       {{"patient_id", "@"},
        {"content", R"({"vital":{"measurements":[{"sign":"heart_rate","quantity":{"value":"70","unit":"/min"}}]}})"}}},
      {"vitals.record",
       "encounter_id",
       {{"patient_id", "OWN patient"},
        {"content", R"({"vital":{"measurements":[{"sign":"heart_rate","quantity":{"value":"70","unit":"/min"}}]}})"},
        {"encounter_id", "@"}}},
      {"vitals.record",
       "signers",
       {{"patient_id", "OWN patient"},
        {"content", R"({"vital":{"measurements":[{"sign":"heart_rate","quantity":{"value":"70","unit":"/min"}}]}})"},
        {"signers", "[@]"}}},
      {"lab_results.record",
       "patient_id",
       {{"patient_id", "@"}, {"content", R"({"lab_result":{"conclusion":"fine"}})"}}},
      {"lab_results.record",
       "encounter_id",
       {{"patient_id", "OWN patient"}, {"content", R"({"lab_result":{"conclusion":"fine"}})"}, {"encounter_id", "@"}}},
      {"lab_results.record",
       "based_on",
       {{"patient_id", "OWN patient"}, {"content", R"({"lab_result":{"conclusion":"fine"}})"}, {"based_on", "@"}}},
      {"lab_results.record",
       "signers",
       {{"patient_id", "OWN patient"}, {"content", R"({"lab_result":{"conclusion":"fine"}})"}, {"signers", "[@]"}}},
      {"medications.order",
       "patient_id",
       {{"patient_id", "@"}, {"content", R"({"code":{"display":"Aspirin"},"medication_order":{"route":"oral"}})"}}},
      {"medications.order",
       "encounter_id",
       {{"patient_id", "OWN patient"},
        {"content", R"({"code":{"display":"Aspirin"},"medication_order":{"route":"oral"}})"},
        {"encounter_id", "@"}}},
      {"medications.order",
       "signers",
       {{"patient_id", "OWN patient"},
        {"content", R"({"code":{"display":"Aspirin"},"medication_order":{"route":"oral"}})"},
        {"signers", "[@]"}}},
      {"medications.dispense",
       "patient_id",
       {{"patient_id", "@"},
        {"content", R"({"dispense":{"quantity":{"value":"1","unit":"{box}"}}})"},
        {"based_on", "OWN order"}}},
      {"medications.dispense",
       "based_on",
       {{"patient_id", "OWN patient"},
        {"content", R"({"dispense":{"quantity":{"value":"1","unit":"{box}"}}})"},
        {"based_on", "@"}}},
      {"medications.dispense",
       "signers",
       {{"patient_id", "OWN patient"},
        {"content", R"({"dispense":{"quantity":{"value":"1","unit":"{box}"}}})"},
        {"based_on", "OWN order"},
        {"signers", "[@]"}}},
      {"records.create",
       "content/referral/practitioner_id",
       {{"patient_id", "OWN patient"},
        {"kind", R"("referral")"},
        {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"records.update",
       "content/referral/practitioner_id",
       {{"id", "OWN record"}, {"revision", revision}, {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"records.amend",
       "content/referral/practitioner_id",
       {{"id", "OWN order"},
        {"revision", revision},
        {"reason", reason},
        {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"vitals.record",
       "content/referral/practitioner_id",
       {{"patient_id", "OWN patient"}, {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"lab_results.record",
       "content/referral/practitioner_id",
       {{"patient_id", "OWN patient"}, {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"medications.order",
       "content/referral/practitioner_id",
       {{"patient_id", "OWN patient"}, {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"medications.dispense",
       "content/referral/practitioner_id",
       {{"patient_id", "OWN patient"},
        {"based_on", "OWN order"},
        {"content", R"({"referral":{"practitioner_id":@}})"}}},
      {"records.list", "patient_id", {{"patient_id", "@"}}},
      {"records.list", "encounter_id", {{"patient_id", "OWN patient"}, {"encounter_id", "@"}}},
      {"records.get", "id", {{"id", "@"}}},
      {"records.update",
       "id",
       {{"id", "@"}, {"revision", revision}, {"content", R"({"title":"x","note":{"text":"x"}})"}}},
      {"records.update",
       "signers",
       {{"id", "OWN record"},
        {"revision", revision},
        {"content", R"({"title":"x","note":{"text":"x"}})"},
        {"signers", "[@]"}}},
      {"records.sign", "id", {{"id", "@"}, {"revision", revision}}},
      {"records.discard", "id", {{"id", "@"}, {"revision", revision}}},
      {"records.release", "id", {{"id", "@"}, {"revision", revision}}},
      {"records.amend",
       "id",
       {{"id", "@"}, {"revision", revision}, {"content", R"({"title":"x","note":{"text":"x"}})"}, {"reason", reason}}},
      {"records.append", "id", {{"id", "@"}, {"revision", revision}, {"text", R"("x")"}}},
      {"records.retract", "id", {{"id", "@"}, {"revision", revision}, {"reason", reason}}},
      {"records.list_versions", "id", {{"id", "@"}}},
      {"records.get_version", "id", {{"id", "@"}, {"n", "1"}}},
      {"records.diff", "id", {{"id", "@"}, {"from", "1"}, {"to", "1"}}},
      {"patients.export", "id", {{"id", "@"}, {"reason", reason}}},
      {"users.set_labels", "id", {{"id", "@"}, {"revision", revision}, {"labels", "[]"}}},
      {"tax_codes.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"prices.get", "id", {{"id", "@"}}},
      {"prices.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"prices.set",
       "id",
       {{"id", "@"}, {"revision", revision}, {"price_micro", "1"}, {"valid_from", R"("2020-01-01")"}}},
      {"fee_rules.create", "service_ids", {{"name", R"("X")"}, {"days", "1"}, {"service_ids", "[@]"}}},
      {"fee_rules.create", "practitioner_ids", {{"name", R"("X")"}, {"days", "1"}, {"practitioner_ids", "[@]"}}},
      {"fee_rules.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"payers.get", "id", {{"id", "@"}}},
      {"payers.update", "id", {{"id", "@"}, {"revision", revision}, {"name", R"("X")"}}},
      {"coverages.list", "patient_id", {{"patient_id", "@"}}},
      {"coverages.get", "id", {{"id", "@"}}},
      {"coverages.create",
       "patient_id",
       {{"patient_id", "@"}, {"payer_id", "OWN payer"}, {"valid_from", R"("2020-01-01")"}}},
      {"coverages.create",
       "payer_id",
       {{"patient_id", "OWN patient"}, {"payer_id", "@"}, {"valid_from", R"("2020-01-01")"}}},
      {"coverages.update", "id", {{"id", "@"}, {"revision", revision}, {"valid_from", R"("2020-01-01")"}}},
      {"invoices.create", "patient_id", {{"patient_id", "@"}, {"lines", line}}},
      {"invoices.create", "facility_id", {{"patient_id", "OWN patient"}, {"facility_id", "@"}, {"lines", line}}},
      {"invoices.create", "appointment_id", {{"patient_id", "OWN patient"}, {"appointment_id", "@"}, {"lines", line}}},
      {"invoices.create", "lines/item_id", {{"patient_id", "OWN patient"}, {"lines", line_with("item_id")}}},
      {"invoices.create",
       "lines/practitioner_id",
       {{"patient_id", "OWN patient"}, {"lines", line_with("practitioner_id")}}},
      {"invoices.create",
       "lines/appointment_id",
       {{"patient_id", "OWN patient"}, {"lines", line_with("appointment_id")}}},
      {"invoices.create", "lines/record_id", {{"patient_id", "OWN patient"}, {"lines", line_with("record_id")}}},
      {"invoices.create",
       "shares/payer_id",
       {{"patient_id", "OWN patient"}, {"lines", line}, {"shares", R"([{"payer_id":@,"amount":1}])"}}},
      {"invoices.create",
       "shares/coverage_id",
       {{"patient_id", "OWN patient"},
        {"lines", line},
        {"shares", R"([{"payer_id":"OWN payer","coverage_id":@,"amount":1}])"}}},
      {"invoices.list", "patient_id", {{"patient_id", "@"}}},
      {"invoices.list", "facility_id", {{"facility_id", "@"}}},
      {"invoices.get", "id", {{"id", "@"}}},
      {"invoices.update", "id", {{"id", "@"}, {"revision", revision}, {"lines", line}}},
      {"invoices.update",
       "lines/item_id",
       {{"id", "OWN invoice"}, {"revision", revision}, {"lines", line_with("item_id")}}},
      {"invoices.update",
       "lines/practitioner_id",
       {{"id", "OWN invoice"}, {"revision", revision}, {"lines", line_with("practitioner_id")}}},
      {"invoices.update",
       "lines/appointment_id",
       {{"id", "OWN invoice"}, {"revision", revision}, {"lines", line_with("appointment_id")}}},
      {"invoices.update",
       "lines/record_id",
       {{"id", "OWN invoice"}, {"revision", revision}, {"lines", line_with("record_id")}}},
      {"invoices.update",
       "shares/payer_id",
       {{"id", "OWN invoice"}, {"revision", revision}, {"lines", line}, {"shares", R"([{"payer_id":@,"amount":1}])"}}},
      {"invoices.update",
       "shares/coverage_id",
       {{"id", "OWN invoice"},
        {"revision", revision},
        {"lines", line},
        {"shares", R"([{"payer_id":"OWN payer","coverage_id":@,"amount":1}])"}}},
      {"invoices.discard", "id", {{"id", "@"}, {"reason", reason}}},
      {"invoices.issue", "id", {{"id", "@"}}},
      {"invoices.void", "id", {{"id", "@"}, {"reason", reason}}},
      {"invoices.print", "id", {{"id", "@"}, {"format", R"("text")"}}},
      {"credit_notes.issue", "invoice_id", {{"invoice_id", "@"}, {"reason", reason}}},
      {"credit_notes.list", "invoice_id", {{"invoice_id", "@"}}},
      {"credit_notes.print", "id", {{"id", "@"}, {"format", R"("text")"}}},
      {"write_offs.request", "invoice_id", {{"invoice_id", "@"}, {"amount", "1"}, {"reason", reason}}},
      {"write_offs.request",
       "payer_id",
       {{"invoice_id", "OWN issued"}, {"payer_id", "@"}, {"amount", "1"}, {"reason", reason}}},
      {"write_offs.approve", "id", {{"id", "@"}}},
      {"write_offs.reject", "id", {{"id", "@"}}},
      {"payments.record", "patient_id", {{"patient_id", "@"}, {"method", R"("card")"}, {"amount", "1"}}},
      {"payments.record",
       "payer_id",
       {{"payer_id", "@"},
        {"method", R"("payer")"},
        {"amount", "1"},
        {"allocations", R"([{"invoice_id":"OWN issued","amount":1}])"}}},
      {"payments.record",
       "facility_id",
       {{"patient_id", "OWN patient"}, {"facility_id", "@"}, {"method", R"("card")"}, {"amount", "1"}}},
      {"payments.record",
       "allocations/invoice_id",
       {{"patient_id", "OWN patient"},
        {"method", R"("card")"},
        {"amount", "1"},
        {"allocations", R"([{"invoice_id":@,"amount":1}])"}}},
      {"payments.list", "patient_id", {{"patient_id", "@"}}},
      {"payments.list", "payer_id", {{"payer_id", "@"}}},
      {"payments.get", "id", {{"id", "@"}}},
      {"payments.resolve", "id", {{"id", "@"}, {"state", R"("succeeded")"}}},
      {"payments.allocate", "id", {{"id", "@"}, {"revision", revision}, {"allocations", "[]"}}},
      {"payments.allocate",
       "allocations/invoice_id",
       {{"id", "OWN payment"}, {"revision", revision}, {"allocations", R"([{"invoice_id":@,"amount":1}])"}}},
      {"payments.print", "id", {{"id", "@"}, {"format", R"("text")"}}},
      {"refunds.request", "payment_id", {{"payment_id", "@"}, {"amount", "1"}, {"reason", reason}}},
      {"refunds.request",
       "invoice_id",
       {{"payment_id", "OWN payment"}, {"invoice_id", "@"}, {"amount", "1"}, {"reason", reason}}},
      {"refunds.list", "payment_id", {{"payment_id", "@"}}},
      {"refunds.get", "id", {{"id", "@"}}},
      {"refunds.approve", "id", {{"id", "@"}}},
      {"refunds.reject", "id", {{"id", "@"}}},
      {"refunds.complete", "id", {{"id", "@"}}},
      {"cash_shifts.open", "facility_id", {{"facility_id", "@"}, {"opening", "0"}}},
      {"cash_shifts.close", "id", {{"id", "@"}, {"counted", "0"}}},
      {"cash_shifts.get", "id", {{"id", "@"}}},
      {"ledger.list_entries", "ref_id", {{"ref_id", "@"}}},
      {"reports.statement", "patient_id", {{"patient_id", "@"}}},
      {"reports.print_statement", "patient_id", {{"patient_id", "@"}, {"format", R"("text")"}}},
      {"documents.upload", "patient_id", {{"patient_id", "@"}, {"file_name", R"("a.pdf")"}}},
      {"documents.upload",
       "record_id",
       {{"patient_id", "OWN patient"}, {"record_id", "@"}, {"file_name", R"("a.pdf")"}}},
      {"documents.upload_patient", "patient_id", {{"patient_id", "@"}, {"file_name", R"("a.pdf")"}}},
      {"documents.upload_medical",
       "patient_id",
       {{"patient_id", "@"}, {"record_id", "@"}, {"file_name", R"("a.pdf")"}}},
      {"documents.upload_medical",
       "record_id",
       {{"patient_id", "OWN patient"}, {"record_id", "@"}, {"file_name", R"("a.pdf")"}}},
      {"documents.list", "patient_id", {{"patient_id", "@"}}},
      {"documents.get", "id", {{"id", "@"}}},
      {"documents.download", "id", {{"id", "@"}}},
      {"documents.replace", "id", {{"id", "@"}, {"revision", revision}, {"file_name", R"("a.pdf")"}}},
      {"documents.list_versions", "id", {{"id", "@"}}},
      {"documents.release_quarantine", "id", {{"id", "@"}, {"revision", revision}, {"reason", reason}}},
  });
  return all;
}

/// The caller's own id for what it makes: another tenant's is as free as any. These come last, since they make what was
/// missing.
const std::vector<Try>& making() {
  static const std::vector<Try> all = {
      {"facilities.create", "id", {{"id", "@"}, {"name", R"("X")"}, {"zone", R"("Europe/Paris")"}}},
      {"roles.create", "id", {{"id", "@"}, {"name", "@"}}},
      // A calendar's id is a doctor's or a room's, not both: each is made under other ids.
      {"doctors.create", "id", {{"id", "@"}, {"name", R"("X")"}}, {}, "room"},
      {"services.create", "id", {{"id", "@"}, {"code", "@"}, {"name", R"("X")"}}},
      {"resources.create", "id", {{"id", "@"}, {"name", R"("X")"}, {"facility_id", "OWN facility"}}, "room"},
      {"leaves.add",
       "id",
       {{"id", "@"},
        {"resource_id", "OWN practitioner"},
        {"from", R"("2026-01-01T00:00:00Z")"},
        {"to", R"("2026-01-02T00:00:00Z")"}}},
      {"encounters.open", "id", {{"id", "@"}, {"patient_id", "OWN patient"}, {"start", R"("2026-01-01T00:00:00Z")"}}},
      // A record is of one kind: each is made under another id.
      {"records.create",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"content", R"({"title":"x","note":{"text":"x"}})"},
        {"effective_at", R"("2026-01-01T00:00:00Z")"},
        {"kind", R"("note")"}},
       "record"},
      {"vitals.record",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"content", R"({"vital":{"measurements":[{"sign":"heart_rate","quantity":{"value":"70","unit":"/min"}}]}})"},
        {"effective_at", R"("2026-01-01T00:00:00Z")"}},
       "series"},
      {"lab_results.record",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"content", R"({"lab_result":{"conclusion":"fine"}})"},
        {"effective_at", R"("2026-01-01T00:00:00Z")"}},
       "document"},
      {"medications.order",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"content", R"({"code":{"display":"Aspirin"},"medication_order":{"route":"oral"}})"},
        {"effective_at", R"("2026-01-01T00:00:00Z")"}},
       "leave"},
      {"medications.dispense",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"content", R"({"dispense":{"quantity":{"value":"1","unit":"{box}"}}})"},
        {"effective_at", R"("2026-01-01T00:00:00Z")"},
        {"based_on", "OWN order"}},
       "job"},
      {"tax_codes.create", "id", {{"id", "@"}, {"code", "~"}, {"name", R"("X")"}}},
      {"prices.create", "id", {{"id", "@"}, {"code", "~"}, {"name", R"("X")"}}},
      {"fee_rules.create", "id", {{"id", "@"}, {"name", R"("X")"}, {"kind", R"("exemption")"}, {"age_below", "6"}}},
      {"payers.create", "id", {{"id", "@"}, {"code", "~"}, {"name", R"("X")"}}},
      {"coverages.create",
       "id",
       {{"id", "@"}, {"patient_id", "OWN patient"}, {"payer_id", "OWN payer"}, {"valid_from", R"("2020-01-01")"}}},
      // What is billed was no draft before: each is made under other ids.
      {"invoices.create",
       "id",
       {{"id", "@"}, {"patient_id", "OWN patient"}, {"lines", R"([{"description":"x","price_micro":1000000}])"}},
       {},
       "issued"},
      {"invoices.bill",
       "id",
       {{"id", "@"}, {"patient_id", "OWN patient"}, {"lines", R"([{"description":"x","price_micro":1000000}])"}},
       "issued"},
      {"credit_notes.issue",
       "id",
       {{"id", "@"},
        {"invoice_id", "OWN issued"},
        {"lines", R"([{"line":1,"net":1}])"},
        {"reason", R"("because the test wants it")"}}},
      {"write_offs.request",
       "id",
       {{"id", "@"}, {"invoice_id", "OWN issued"}, {"amount", "1"}, {"reason", R"("because the test wants it")"}}},
      {"payments.record",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"method", R"("card")"},
        {"amount", "1"},
        {"keep_as_deposit", "true"}}},
      {"refunds.request",
       "id",
       {{"id", "@"}, {"payment_id", "OWN payment"}, {"amount", "1"}, {"reason", R"("because the test wants it")"}}},
      {"cash_shifts.open", "id", {{"id", "@"}, {"opening", "0"}}},
      {"documents.upload", "id", {{"id", "@"}, {"patient_id", "OWN patient"}, {"file_name", R"("a.pdf")"}}},
      {"documents.upload_patient", "id", {{"id", "@"}, {"patient_id", "OWN patient"}, {"file_name", R"("a.pdf")"}}},
      {"documents.upload_medical",
       "id",
       {{"id", "@"}, {"patient_id", "OWN patient"}, {"record_id", "OWN record"}, {"file_name", R"("a.pdf")"}}},
      {"patients.register", "id", {{"id", "@"}, {"names", R"([{"family":"Probe"}])"}, {"sex_admin", R"("male")"}}},
      {"appointments.book",
       "id",
       {{"id", "@"},
        {"patient_id", "OWN patient"},
        {"service_id", "OWN service"},
        {"resources", R"([{"id":"OWN practitioner"}])"},
        {"start", quoted(visit_start.text())},
        {"override", "true"},
        {"override_reason", R"("one more of the same")"}}},
  };
  return all;
}

/// The fields of a request that hold ids, however deep.
void id_fields(const Type& type, const std::string& name, std::set<std::string>& found) {
  switch (type.kind) {
    case Kind::uuid:
      found.insert(name);
      return;
    case Kind::list:
    case Kind::optional:
    case Kind::change:
      return id_fields(*type.element, name, found);
    case Kind::object:
      for (const Field& field : type.fields)
        id_fields(*field.type, name.empty() ? std::string(field.name) : name + "/" + std::string(field.name), found);
      return;
    default:
      return;
  }
}

/// The end of an id, for codes that have no room for all of it.
std::string tail_of(const std::string& id) { return id.substr(24); }

Members filled(const Town& town, const Try& attempt, const std::string& id) {
  Members members = attempt.members;
  for (auto& [name, value] : members) {
    if (name != "email") HttpDoor::replace(value, "@", quoted(id));
    if (value == "~") value = quoted(tail_of(id));
    if (value.starts_with("OWN ")) value = quoted(town.ours.ids.at(value.substr(4)));
    for (const auto& [own, own_id] : town.ours.ids) HttpDoor::replace(value, quoted("OWN " + own), quoted(own_id));
  }
  return members;
}

/// Without what a new object is given: its id, number and time, and the hash of the paper that says them.
std::string comparable(std::string answer, const std::string& id) {
  HttpDoor::replace(answer, id, "ID");
  HttpDoor::replace(answer, quoted(tail_of(id)), "TAIL");
  for (std::size_t at = answer.find("\"sequence\":"); at != std::string::npos;
       at = answer.find("\"sequence\":", at + 1))
    answer.erase(at + 11, answer.find_first_not_of("0123456789", at + 11) - at - 11);
  for (const std::string key :
       {"\"mrn\":\"", "\"number\":\"", "\"created_at\":\"", "\"updated_at\":\"", "\"confirmed_at\":\"",
        "\"issued_at\":\"", "\"recorded_at\":\"", "\"received_at\":\"", "\"doc_hash\":\""}) {
    for (std::size_t at = answer.find(key); at != std::string::npos; at = answer.find(key, at + key.size())) {
      const std::size_t from = at + key.size();
      answer.erase(from, answer.find('"', from) - from);
    }
  }
  return answer;
}

/// Whether an id, or an object of an operation, is of prices, bills or money.
bool is_of_money(std::string_view object) {
  static const std::set<std::string_view> all{"tax_code", "price_item", "fee_rule",      "payer",  "coverage",
                                              "invoice",  "issued",     "credit_note",   "refund", "write_off",
                                              "payment",  "cash_shift", "journal_entry", "report"};
  return all.contains(object);
}

/// Of the ids of money each is tried where money moves, and of the others those that stand there too.
bool is_worth_a_try(std::string_view object, std::string_view what) {
  static const std::set<std::string_view> everywhere{"patient", "facility", "practitioner", "visit",
                                                     "record",  "service",  "desk"};
  if (is_of_money(object)) return is_of_money(what) || everywhere.contains(what);
  return !is_of_money(what) || (object == "service" && what == "price_item");
}

/// The outermost member that a field or a pointer names: "lines" of "lines/item_id" and of "/lines/0/item_id".
std::string_view outermost(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

/// Whether the caller got as far as the id in this field: neither was the operation forbidden, nor only something else in the request wrong.
bool reaches_id(std::string_view answer, std::string_view field) {
  if (answer.find(R"("code":"forbidden")") != std::string_view::npos) return false;
  if (answer.find(R"("kind":"invalid")") == std::string_view::npos) return true;
  if (answer.find(R"("code":"amount.exceeds")") != std::string_view::npos)
    return true;  // so much is not owed by that payer
  static constexpr std::string_view key = R"("pointer":")";
  bool others = false;
  for (std::size_t at = answer.find(key); at != std::string_view::npos; at = answer.find(key, at)) {
    at += key.size();
    if (outermost(answer.substr(at, answer.find('"', at) - at)) == outermost(field)) return true;
    others = true;
  }
  return !others;
}

/// Whether one object is read by its id, with nothing of it changed: an own id must be answered otherwise than one that nobody has.
bool reads_one(const OperationRow& row, const Try& attempt) {
  // There is nobody who waits in either house.
  return attempt.field == "id" && row.operation->method == Method::get && row.shape == Shape::value &&
         row.operation->realm != Realm::platform && row.operation->object != "waitlist_entry";
}

class Intruder {
 public:
  Intruder(const Town& town, Door& door) : town_(town), door_(door) {}

  /// Tries all ids of the others against one that nobody has, as each of these; "" is the process itself.
  void go(const std::vector<Try>& attempts, const std::vector<std::string>& callers) {
    for (const Try& attempt : attempts) {
      const OperationRow* row = find_operation(attempt.operation);
      REQUIRE(row != nullptr);
      CAPTURE(attempt.operation);
      CAPTURE(attempt.field);
      bool reached = row->operation->realm == Realm::platform;  // where nobody of a tenant is let in
      std::string last;
      for (const std::string& who : callers) {
        if (who.empty() && row->operation->realm != Realm::tenant) continue;
        CAPTURE(who);
        const std::string token = who.empty() ? std::string() : town_.ours.tokens.at(who);
        for (const auto& entry : town_.theirs.ids) {
          const std::string& what = entry.first;
          if (!is_worth_a_try(row->operation->object, what)) continue;
          if (what == attempt.except || (!attempt.only.empty() && what != attempt.only)) continue;
          const std::string& id = entry.second;
          CAPTURE(what);
          const std::string nobody = missing();
          const std::string theirs = comparable(door_.ask(token, *row, filled(town_, attempt, id)), id);
          CHECK(theirs == comparable(door_.ask(token, *row, filled(town_, attempt, nobody)), nobody));
          CHECK_FALSE(theirs.empty());
          reached = reached || reaches_id(theirs, attempt.field);
          answers_.insert(theirs);
          last = theirs;
          ++calls_;
        }
      }
      CAPTURE(last);
      CHECK(reached);
      if (reads_one(*row, attempt)) CHECK(finds_own(*row, attempt, callers));
    }
  }
  std::size_t calls() const { return calls_; }
  std::size_t kinds() const { return answers_.size(); }

 private:
  /// Whether one of them finds something under an id of their own house.
  bool finds_own(const OperationRow& row, const Try& attempt, const std::vector<std::string>& callers) {
    const std::string nobody = missing();
    for (const std::string& who : callers) {
      if (who.empty()) continue;
      const std::string& token = town_.ours.tokens.at(who);
      const std::string none = comparable(door_.ask(token, row, filled(town_, attempt, nobody)), nobody);
      for (const auto& [what, id] : town_.ours.ids)
        if (comparable(door_.ask(token, row, filled(town_, attempt, id)), id) != none) return true;
    }
    return false;
  }

  std::string missing() {
    char text[37];
    std::snprintf(text, sizeof text, "019a0000-0000-7000-8000-%012zx", ++given_);
    return text;
  }

  const Town& town_;
  Door& door_;
  std::size_t given_ = 0;
  std::size_t calls_ = 0;
  std::set<std::string> answers_{};
};

/// All that the other hospital's own people see of it.
std::string all_of_theirs(const Town& town, const std::string& place) {
  CppDoor door(place);
  std::string text;
  for (const auto& [who, operation] : {std::pair{"desk", "patients.list"}, {"admin", "users.list"},
                                       {"admin", "facilities.list"},       {"admin", "roles.list"},
                                       {"admin", "doctors.list"},          {"admin", "services.list"},
                                       {"admin", "code_systems.list"},     {"admin", "resources.list"},
                                       {"desk", "appointments.list"},      {"admin", "tax_codes.list"},
                                       {"admin", "prices.list"},           {"admin", "fee_rules.list"},
                                       {"admin", "payers.list"},           {"desk", "invoices.list"},
                                       {"desk", "payments.list"},          {"desk", "refunds.list"},
                                       {"desk", "cash_shifts.list"},       {"admin", "write_offs.list"},
                                       {"admin", "ledger.list_entries"},   {"admin", "role_proposals.list"}})
    text += door.ask(town.theirs.tokens.at(who), *find_operation(operation), {}) + "\n";
  text += door.ask(town.theirs.tokens.at("desk"), *find_operation("coverages.list"),
                   {{"patient_id", quoted(town.theirs.ids.at("patient"))}});
  for (const char* operation : {"encounters.list", "records.list"})
    text += door.ask(town.theirs.tokens.at("doctor"), *find_operation(operation),
                     {{"patient_id", quoted(town.theirs.ids.at("patient"))}});
  for (const char* patient : {"patient", "patient2"})
    text += door.ask(town.theirs.tokens.at("desk"), *find_operation("patients.get"),
                     {{"id", quoted(town.theirs.ids.at(patient))}});
  const auto verified = must(must(door.platform.authenticate(town.theirs.tokens.at("admin"))).call(audit::Verify{}));
  CHECK(verified.intact);
  return text;
}

template <class Way>
void try_door_at(const Town& town, const std::string& place, const std::vector<std::string>& callers) {
  const std::string before = all_of_theirs(town, place);
  {
    Way door(place);
    Intruder intruder(town, door);
    intruder.go(tries(), callers);
    // One caller each: what has been made is there for the next one.
    for (const Try& attempt : making()) {
      const std::string_view object = find_operation(attempt.operation)->operation->object;
      const bool in_chart = object == "encounter" || object == "record" ||
                            (object == "document" && attempt.operation != "documents.upload_patient");
      const bool at_desk = attempt.operation == "patients.register" || attempt.operation == "appointments.book" ||
                           attempt.operation == "documents.upload_patient" ||
                           (is_of_money(object) &&
                            find_operation(attempt.operation)->operation->permission != Permission::catalog_manage);
      intruder.go({attempt}, {in_chart ? "doctor" : at_desk ? "desk" : "admin"});
    }
    CHECK(intruder.calls() > 400);
    CHECK(intruder.kinds() > 5);
    // The attempts are in order but for the id: with an id of one's own they reach something.
    const std::string own = door.ask(town.ours.tokens.at("desk"), *find_operation("patients.get"),
                                     {{"id", quoted(town.ours.ids.at("patient"))}});
    CHECK(own.find("Equal") != std::string::npos);
  }
  CHECK(all_of_theirs(town, place) == before);
}

template <class Way>
void try_door(const std::string& name, const std::vector<std::string>& callers) {
  try_door_at<Way>(CopiedTown::get().town, CopiedTown::get().copy(name), callers);
}

}  // namespace

TEST_CASE("TEN-2: each field of a request that holds an id is tried") {
  std::set<std::string> tried;
  for (const auto* attempts : {&tries(), &making()})
    for (const Try& attempt : *attempts)
      tried.insert(std::string(attempt.operation) + " " + std::string(attempt.field));
  std::set<std::string> there;
  for (const OperationRow& row : operations()) {
    std::set<std::string> fields;
    id_fields(*row.request, "", fields);
    for (const std::string& field : fields) there.insert(std::string(row.operation->name) + " " + field);
  }
  for (const std::string& field : there) CHECK_MESSAGE(tried.contains(field), "never tried: ", field);
  for (const std::string& field : tried) CHECK_MESSAGE(there.contains(field), "there is no such field: ", field);
}

TEST_CASE("TEN-2: another tenant's id answers as one that never was, over C++") {
  try_door<CppDoor>("cpp", {"admin", "desk", "doctor", ""});
}

TEST_CASE("TEN-2: another tenant's id answers as one that never was, over HTTP") {
  try_door<HttpDoor>("http", {"admin", "desk", "doctor"});
}

#ifdef MEDFLOW_TEST_ON_POSTGRESQL
TEST_CASE("TEN-2, TEN-3: the same in shared tables of PostgreSQL, and with a database for each tenant") {
  for (const std::string place : {"postgresql shared", "postgresql apart"}) {
    CAPTURE(place);
    try_door_at<CppDoor>(Town(place), place, {"admin", "desk", "doctor", ""});
  }
}
#endif

#ifdef MEDFLOW_HAS_C
TEST_CASE("TEN-2: another tenant's id answers as one that never was, over C") {
  try_door<CDoor>("c", {"admin", "desk", "doctor"});
}
#endif
