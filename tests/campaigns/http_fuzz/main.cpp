// 100,000 requests that are nearly right, against a hospital: through the reader and the router, and every tenth over a socket too.
//   campaign_http_fuzz --size N [--seed S] [--first I] [--plant 1]
// Finds an answer that is a 500, a problem that is no valid problem document, a status in no table. The request of number I is made from
// seed and I, so a finding is run again alone by --first I --size 1. With --plant the router answers 500 to one word in one header, and
// the run fails unless that is found.
#include <cstdio>
#include <exception>
#include <future>
#include <map>
#include <optional>
#include <string>

#include "adapters/http/reader.hpp"
#include "adapters/http/router.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/campaigns/http_fuzz/generator.hpp"
#include "tests/campaigns/http_fuzz/oracle.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/platform.hpp"

namespace medflow::fuzz {
namespace {

constexpr std::uint64_t requests_per_hospital = 4000;
constexpr std::uint64_t requests_per_sign_in = 25;
constexpr std::size_t findings_shown = 20;
constexpr Role roles[] = {Role::receptionist, Role::nurse, Role::doctor, Role::tenant_admin, Role::auditor};

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

/// A hospital with somebody of each role and a patient, behind a router and a server.
class Site {
 public:
  explicit Site(bool planted)
      : hospital_(testing::make_platform(testing::TestEngine("memory"))),
        router_(backend(hospital_.platform, planted), operations(), {.clock = hospital_.clock}),
        running_(router_) {
    const auto patient = testing::must(
        hospital_.as(Role::receptionist)
            .call(patients::Register{.names = {{.family = "Lee", .given = {"Ann"}}}, .birth = {{{1980, 5, 12}}}}));
    world_.tenant = hospital_.slug();
    world_.ids = {patient.id.text(), hospital_.home.text(), hospital_.away.text(), hospital_.tenant.id.text()};
    for (const Role role : roles) world_.ids.push_back(hospital_.member(role).id.text());
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
  static std::unique_ptr<http::Backend> backend(Platform& platform, bool planted) {
    auto real = http::platform_backend(platform);
    return planted ? std::make_unique<Planted>(std::move(real)) : std::move(real);
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

  testing::Hospital hospital_;
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
    if (!site || i % requests_per_hospital == 0) site.emplace(run.planted);
    if (i % requests_per_sign_in == 0 && !site->renew()) site.emplace(run.planted);
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
  std::printf("\n");
  if (run.planted) {
    std::printf(run.findings > 0 ? "the planted bug was found\n" : "the planted bug was NOT found\n");
    return run.findings > 0 ? 0 : 1;
  }
  return run.findings == 0 ? 0 : 1;
}

}  // namespace
}  // namespace medflow::fuzz

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_http_fuzz", count, words, medflow::fuzz::run);
}
