// 100,000 requests that are nearly right, against a hospital: through the reader and the router, and every tenth over a socket too.
//   campaign_http_fuzz --size N [--seed S] [--first I] [--plant 1]
// Finds an answer that is a 500, a problem that is no valid problem document, a status in no table; and, from 100,000 requests on, an operation of a
// tenant that let nobody in, so that nothing behind the door of it was tried. The request of number I is made from
// seed and I, so a finding is run again alone by --first I --size 1. With --plant the router answers 500 to one word in one header, and
// the run fails unless that is found.
#include <cstdio>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/reader.hpp"
#include "adapters/http/router.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/campaigns/http_fuzz/generator.hpp"
#include "tests/campaigns/http_fuzz/oracle.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/till.hpp"

namespace medflow::fuzz {
namespace {

constexpr std::uint64_t requests_per_hospital = 4000;
constexpr std::uint64_t requests_per_sign_in = 25;
constexpr std::size_t findings_shown = 20;
/// In so many requests every operation is let in at least once, but for those few that want what chance hardly makes: another's proposal, a whole
/// table as content, a month that has begun.
constexpr std::uint64_t whole_size = 600'000;
constexpr std::size_t missed_max = 10;
constexpr std::int64_t day_s = 86'400;
constexpr Role roles[] = {Role::receptionist,  Role::nurse, Role::doctor,     Role::tenant_admin, Role::auditor,
                          Role::billing_clerk, Role::lab,   Role::pharmacist, Role::patient};

/// Breaks where a header says the planted word.
class Planted final : public http::Backend {
 public:
  explicit Planted(std::unique_ptr<http::Backend> inner) : inner_(std::move(inner)) {}
  Session visit(std::string_view tenant) override { return inner_->visit(tenant); }
  Result<Session> authenticate(std::string_view token) override { return inner_->authenticate(token); }
  void submit(const Session& session, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context) override {
    if (context.user_agent == planted_word) throw std::runtime_error("planted");
    inner_->submit(session, row, std::move(request), std::move(done), std::move(context));
  }

 private:
  std::unique_ptr<http::Backend> inner_;
};

/// How often each operation was let in: what it answered is neither that the caller may not, nor that its object is not there. One for
/// everybody lets everybody in.
class Reached {
 public:
  void count(const Operation& operation, const Result<Reply>& result) {
    const bool kept_out = !result.ok() && operation.permission != Permission::anonymous &&
                          (result.error().kind() == Errc::unauthenticated || result.error().kind() == Errc::forbidden ||
                           result.error().kind() == Errc::not_found);
    if (kept_out) return;
    const std::lock_guard lock(mutex_);
    ++counts_[operation.name];
  }
  /// Operations of a tenant that were never let in.
  std::vector<std::string_view> missed() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string_view> all;
    for (const OperationRow& row : operations())
      if (row.operation->realm != Realm::platform && !counts_.contains(row.operation->name))
        all.push_back(row.operation->name);
    return all;
  }

 private:
  mutable std::mutex mutex_{};
  std::map<std::string_view, std::uint64_t> counts_{};
};

class Counting final : public http::Backend {
 public:
  Counting(std::unique_ptr<http::Backend> inner, std::shared_ptr<Reached> reached)
      : inner_(std::move(inner)), reached_(std::move(reached)) {}
  Session visit(std::string_view tenant) override { return inner_->visit(tenant); }
  Result<Session> authenticate(std::string_view token) override { return inner_->authenticate(token); }
  void submit(const Session& session, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context) override {
    auto counted = [reached = reached_, operation = row.operation, then = std::move(done)](Result<Reply> result) {
      reached->count(*operation, result);
      then(std::move(result));
    };
    inner_->submit(session, row, std::move(request), std::move(counted), std::move(context));
  }
  Result<Reply> call(const Session& session, const OperationRow& row, Value request, CallContext context) override {
    auto result = inner_->call(session, row, std::move(request), std::move(context));
    reached_->count(*row.operation, result);
    return result;
  }
  std::vector<std::string> degradations() override { return inner_->degradations(); }

 private:
  std::unique_ptr<http::Backend> inner_;
  std::shared_ptr<Reached> reached_;
};

/// A hospital with somebody of each role and something of each kind that there is, behind a router and a server.
class Site {
 public:
  Site(bool planted, std::shared_ptr<Reached> reached)
      : house_(testing::TestEngine("memory")),
        router_(backend(hospital_.platform, planted, std::move(reached)), operations(), {.clock = hospital_.clock}),
        running_(router_) {
    world_.tenant = hospital_.slug();
    add("tenant", hospital_.tenant);
    add("facility", hospital_.home);
    add("facility", hospital_.away);
    for (const Role role : roles) add("user", hospital_.member(role));
    for (const auto& patient : house_.patients) add("patient", patient);
    set_up();
    add_visits();
    add_chart();
    add_money();
    renew();
  }

  const World& world() const { return world_; }

  /// Signs in whoever was signed out meanwhile. False: somebody cannot any more.
  bool renew() {
    try {
      world_.tokens.clear();
      for (const Role role : roles) {
        hospital_.as(role);
        world_.tokens.push_back(hospital_.member(role).tokens.access_token);
      }
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  std::uint16_t port() const { return running_.port(); }

  /// The answer to the first request in `bytes`; none where it waits for more.
  std::optional<Answered> ask(std::string_view bytes) {
    using Event = http::Reader::Event;
    http::Reader reader(limits_);
    while (true) {
      switch (reader.advance()) {
        case Event::header:
          break;
        case Event::refused:
          return answered(router_.refuse(*reader.refusal().problem, reader.refusal().detail));
        case Event::request:
          return route(reader);
        case Event::need_more: {
          if (bytes.empty()) return std::nullopt;
          const auto space = reader.space();
          const std::size_t count = std::min(space.size(), bytes.size());
          std::copy_n(bytes.data(), count, space.data());
          reader.filled(count);
          bytes.remove_prefix(count);
          break;
        }
      }
    }
  }

 private:
  static std::unique_ptr<http::Backend> backend(Platform& platform, bool planted, std::shared_ptr<Reached> reached) {
    std::unique_ptr<http::Backend> real =
        std::make_unique<Counting>(http::platform_backend(platform), std::move(reached));
    return planted ? std::make_unique<Planted>(std::move(real)) : std::move(real);
  }

  void add(const std::string& kind, const Uuid& id) {
    world_.ids.push_back(id.text());
    world_.ids_of[kind].push_back(id.text());
  }
  void add(const std::string& kind, const FacilityId& id) { add(kind, id.uuid); }
  template <class T>
  void add(const std::string& kind, const T& object) {
    add(kind, object.id.uuid);
  }

  /// Who works there with what, by which roles, and what it costs.
  void set_up() {
    const Session admin = house_.admin();
    const auto own = testing::must(admin.call(users::Get{.id = hospital_.member(Role::patient).id}));
    testing::must(
        admin.call(users::SetPatient{.id = own.id, .revision = own.revision, .patient_id = house_.patient.id}));
    add("service", house_.service);
    for (const char* kind : {"doctor", "practitioner", "schedule"}) add(kind, house_.doctor);
    // What names its resources by this means doctors, as a visit does where it says no kind.
    add("resource", house_.doctor.id.uuid);
    add("resource", testing::must(admin.call(resources::Create{.name = "Room", .facility_id = hospital_.home})));
    const auto role = testing::must(
        admin.call(roles::Create{.name = "Own", .grants = {{.permission = "record.read", .scope = "C"}}}));
    add("role", role.id->uuid);
    add("role_proposal", role.proposal_id->uuid);
    const auto leave = testing::must(admin.call(leaves::Add{.resource_id = house_.doctor.id.uuid,
                                                            .from = house_.now().plus_s(30 * day_s),
                                                            .to = house_.now().plus_s(31 * day_s),
                                                            .on_affected = leaves::OnAffected::move}))
                           .leave;
    add("leave", leave);
    add("job", leave.job_id->uuid);
    add("code_system",
        testing::must(admin.call(code_systems::Import{.system = "urn:example:codes",
                                                      .version = "1",
                                                      .content = Content::of("text/csv", "code,display\nE1,Eel\n")}))
            .system);
    add("tax_code", testing::must(admin.call(tax_codes::Create{.code = "R", .name = "Reduced"})));
    add("fee_rule", testing::must(admin.call(fee_rules::Create{
                        .name = "Children", .kind = fee_rules::RuleKind::exemption, .age_below = 6})));
    for (const char* kind : {"price_item", "item"}) add(kind, house_.visit);
    add("payer", house_.payer);
    const auto feed = testing::must(hospital_.as(Role::patient).call(calendars::CreateFeed{})).feed;
    add("feed", feed);
    add("session", testing::must(hospital_.as(Role::nurse).call(sessions::List{})).data.front());
    world_.ids_of["system"] = {"urn:example:codes"};
    world_.ids_of["code"] = {"E1"};
    world_.ids_of["n"] = {"1"};
  }

  void add_visits() {
    const Session desk = house_.desk();
    for (const char* start : {"2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"}) add("appointment", house_.book(start));
    const auto series =
        testing::must(desk.call(series::Book{.patient_id = house_.patients[1].id,
                                             .service_id = house_.service.id,
                                             .resources = {testing::Clinic::taking_part(house_.doctor)},
                                             .wall_start = {testing::day("2026-11-25"), testing::clock_time("10:00")},
                                             .rrule = "FREQ=WEEKLY;COUNT=2"}));
    add("series", series.series->id.uuid);
    add("waitlist_entry", testing::must(desk.call(waitlists::Join{.patient_id = house_.patients[2].id,
                                                                  .service_id = house_.service.id,
                                                                  .facility_id = hospital_.home,
                                                                  .earliest = testing::day("2026-11-23"),
                                                                  .latest = testing::day("2026-12-23")})));
  }

  void add_chart() {
    const Session doctor = hospital_.as(Role::doctor);
    const PatientId patient = house_.patient.id;
    add("encounter", testing::must(doctor.call(encounters::Open{.patient_id = patient})));
    for (const bool sign : {false, true})
      add("record", testing::must(doctor.call(records::Create{
                        .patient_id = patient, .content = testing::note_content("a round"), .sign = sign})));
    add("record", testing::must(doctor.call(medications::Order{
                      .patient_id = patient, .content = testing::order_content("161"), .sign = true})));
    add("document", testing::must(house_.desk().call(documents::Upload{
                        .patient_id = patient,
                        .category = documents::Category::administrative,
                        .file_name = "a.pdf",
                        .content = Content::of("application/pdf", "%PDF-1.4\nxref\ntrailer\nstartxref\n9\n%%EOF\n")})));
  }

  void add_money() {
    using testing::keyed;
    using testing::must;
    const Session clerk = house_.clerk();
    add("coverage",
        must(clerk.call(coverages::Create{
            .patient_id = house_.patient.id, .payer_id = house_.payer.id, .valid_from = testing::day("2020-01-01")})));
    add("invoice", house_.draft({testing::Till::line(house_.visit)}));
    const auto issued = house_.issued();
    add("invoice", issued);
    add("credit_note", must(keyed(clerk, credit_notes::Issue{.invoice_id = issued.id,
                                                             .lines = {{.line = 1, .net = 1}},
                                                             .reason = "a penny too many"})));
    add("write_off",
        must(clerk.call(write_offs::Request{
            .invoice_id = issued.id, .payer_id = house_.payer.id, .amount = 1, .reason = "less than the postage"})));
    auto paying = house_.paying(10'000);
    paying.keep_as_deposit = true;
    const auto payment = must(keyed(clerk, std::move(paying)));
    add("payment", payment);
    add("refund",
        must(keyed(clerk, refunds::Request{.payment_id = payment.id, .amount = 1, .reason = "a penny too many"})));
    add("cash_shift", must(clerk.call(cash_shifts::Open{.facility_id = hospital_.home, .opening = 0})));
  }

  static Answered answered(http::Response response) {
    return {
        .status = response.status,
        .content_type = std::string(response.content_type.empty() ? response.content_type_own : response.content_type),
        .request_id = response.request_id.text(),
        .body = std::move(response.body)};
  }

  Answered route(http::Reader& reader) {
    const http::Head& head = reader.head();
    std::promise<http::Response> promise;
    router_.handle({.method = head.method,
                    .target = head.target,
                    .fields = head.fields,
                    .body = std::move(reader.body()),
                    .address = "192.0.2.7"},
                   [&](http::Answer made) { promise.set_value(std::move(made).render()); });
    return answered(promise.get_future().get());
  }

  testing::Till house_;
  testing::Hospital& hospital_ = house_.hospital;
  http::Router router_;
  things::RunningServer running_;
  http::ReaderLimits limits_{};
  World world_{};
};

std::optional<Answered> ask_over_socket(std::uint16_t port, const std::string& bytes) {
  things::RawClient client(port);
  client.send(bytes);
  client.finish_sending();
  const bool is_head = bytes.starts_with("HEAD");
  things::Received received = client.read(is_head);
  if (received.status == 100) received = client.read(is_head);
  if (received.status == 0 || is_head) return std::nullopt;
  return Answered{.status = received.status,
                  .content_type = received.header("Content-Type"),
                  .request_id = received.header("X-Request-Id"),
                  .body = received.body};
}

struct Run {
  std::uint64_t seed = 1;
  bool planted = false;
  Oracle oracle{};
  std::shared_ptr<Reached> reached = std::make_shared<Reached>();
  std::map<int, std::uint64_t> statuses{};
  std::uint64_t unfinished = 0;
  std::uint64_t over_sockets = 0;
  std::uint64_t findings = 0;

  void one(Site& site, std::uint64_t number) {
    Dice dice(seed * 0x100000001B3ULL + number);
    const std::string bytes = make_request(dice, site.world());
    const bool over_socket = number % 10 == 0;
    const auto answer = over_socket ? ask_over_socket(site.port(), bytes) : site.ask(bytes);
    over_sockets += over_socket ? 1 : 0;
    if (!answer) return void(++unfinished);
    ++statuses[answer->status];
    const std::string complaint = oracle.complaint(*answer);
    if (complaint.empty()) return;
    if (++findings <= findings_shown && !planted)
      std::printf("finding at %llu: %s\n--- request\n%s\n--- answer %d\n%s\n", static_cast<unsigned long long>(number),
                  complaint.c_str(), bytes.substr(0, 2000).c_str(), answer->status,
                  answer->body.substr(0, 500).c_str());
  }
};

int run(const campaign::Arguments& arguments) {
  Run run{.seed = arguments.number("seed", 1), .planted = arguments.number("plant", 0) != 0};
  const std::uint64_t first = arguments.number("first", 0);
  const std::uint64_t size = arguments.number("size", 2000);
  std::optional<Site> site;
  for (std::uint64_t i = first; i < first + size; ++i) {
    if (!site || i % requests_per_hospital == 0) site.emplace(run.planted, run.reached);
    if (i % requests_per_sign_in == 0 && !site->renew()) site.emplace(run.planted, run.reached);
    run.one(*site, i);
    if ((i + 1) % 10'000 == 0)
      std::printf("%llu requests, %llu findings\n", static_cast<unsigned long long>(i + 1 - first),
                  static_cast<unsigned long long>(run.findings));
  }
  std::printf("requests %llu, over sockets %llu, unfinished %llu, findings %llu\nstatuses:",
              static_cast<unsigned long long>(size), static_cast<unsigned long long>(run.over_sockets),
              static_cast<unsigned long long>(run.unfinished), static_cast<unsigned long long>(run.findings));
  for (const auto& [status, count] : run.statuses)
    std::printf(" %d:%llu", status, static_cast<unsigned long long>(count));
  const auto missed = run.reached->missed();
  std::printf("\noperations that let nobody in: %zu", missed.size());
  for (const std::string_view name : missed) std::printf(" %.*s", static_cast<int>(name.size()), name.data());
  std::printf("\n");
  if (run.planted) {
    std::printf(run.findings > 0 ? "the planted bug was found\n" : "the planted bug was NOT found\n");
    return run.findings > 0 ? 0 : 1;
  }
  return run.findings == 0 && (size < whole_size || missed.size() <= missed_max) ? 0 : 1;
}

}  // namespace
}  // namespace medflow::fuzz

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_http_fuzz", count, words, medflow::fuzz::run);
}
