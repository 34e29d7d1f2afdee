// Eight threads at work in one hospital, and in eight of them: reads, registrations, changes, searches, sign-ins, calls that wait and
// calls that do not, and a platform that is closed meanwhile. To be run under ThreadSanitizer too (preset tsan).
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::size_t threads_made = 8;

patients::Register newcomer(std::size_t who, std::size_t number) {
  return {.names = {{.family = "Busy", .given = {"N" + std::to_string(who)}}},
          .sex_admin = patients::Sex::unknown,
          .identifiers = {{.system = "urn:test:busy", .value = std::to_string(who) + "-" + std::to_string(number)}}};
}

/// Waits for what was submitted.
class Pending {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void done(bool ok) {
    const std::lock_guard lock(mutex_);
    failed_ += ok ? 0U : 1U;
    if (--count_ == 0) none_.notify_all();
  }
  std::size_t wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [&] { return count_ == 0; });
    return failed_;
  }

 private:
  std::mutex mutex_{};
  std::condition_variable none_{};
  std::size_t count_ = 0;
  std::size_t failed_ = 0;
};

/// What one thread has seen; compared at the end with what is stored.
struct Seen {
  std::size_t registered = 0;
  std::size_t changed = 0;
  std::size_t lost_race = 0;
  std::string wrong{};
};

struct Worker {
  Hospital& hospital;
  Session desk;
  PatientId shared{};
  std::size_t who = 0;
  Pending& pending;
  Seen seen{};

  void note(const std::string& code) {
    if (seen.wrong.empty()) seen.wrong = code;
  }

  void enrol(std::size_t round) {
    const auto result = desk.call(newcomer(who, round));
    if (!result.ok()) return note("register " + code_of(result));
    ++seen.registered;
    const auto read = desk.call(patients::Get{.id = result->id});
    if (code_of(read) != "ok") note("its own patient " + code_of(read));
  }
  void enrol_later(std::size_t round) {
    pending.add();
    ++seen.registered;
    desk.submit(newcomer(who, 10'000 + round),
                [&to = pending](const Result<patients::Patient>& result) { to.done(result.ok()); });
  }
  /// All threads change one patient: whoever comes second is told so.
  void change() {
    const auto now = desk.call(patients::Get{.id = shared});
    if (!now.ok()) return note("get " + code_of(now));
    const auto result =
        desk.call(patients::Patch{.id = shared, .revision = now->revision, .language = std::string("en")});
    if (result.ok()) {
      ++seen.changed;
    } else if (code_of(result) == "conflict.revision") {
      ++seen.lost_race;
    } else {
      note("patch " + code_of(result));
    }
  }
  void search() {
    const auto result = desk.call(patients::Search{.name = "busy", .limit = 200});
    if (!result.ok()) return note("search " + code_of(result));
    for (const auto& patient : result->data)
      if (patient.names.empty() || patient.names[0].family != "Busy") note("found somebody else");
  }
  void sign_in() {
    const auto tokens = hospital.sign_in(Hospital::email_of(Role::nurse));
    if (!tokens.ok()) return note("login " + code_of(tokens));
    const auto session = hospital.platform.authenticate(tokens->access_token);
    if (!session.ok()) return note("authenticate " + code_of(session));
    const auto out = session->call(auth::Logout{});
    if (!out.ok()) note("logout " + code_of(out));
    if (hospital.platform.authenticate(tokens->access_token).ok()) note("a session outlived its end");
  }
  void work(std::size_t rounds) {
    for (std::size_t round = 0; round < rounds; ++round) {
      enrol(round);
      enrol_later(round);
      change();
      search();
      if (round % 16 == who) sign_in();
    }
  }
};

void check_store(Hospital& hospital, const std::vector<Worker*>& workers) {
  std::size_t registered = 1, changed = 0;
  for (const Worker* worker : workers) {
    CHECK_MESSAGE(worker->seen.wrong.empty(), worker->seen.wrong);
    registered += worker->seen.registered;
    changed += worker->seen.changed;
  }
  const Session desk = hospital.as(Role::receptionist);
  CHECK(must(desk.call(patients::Get{.id = workers[0]->shared})).revision == changed + 1);
  std::size_t there = 0;
  patients::List list{.name = "busy", .limit = 200};
  for (std::size_t page = 0; page < 100; ++page) {
    const auto part = must(desk.call(list));
    there += part.data.size();
    if (!part.page.next) break;
    list.cursor = *part.page.next;
  }
  CHECK(there == registered);
  CHECK(must(hospital.as(Role::tenant_admin).call(audit::Verify{})).intact);
}

/// The receptionist of a hospital that is made for it: by the tenant's own issuer, which costs no password.
Session desk_of_new_house(const Platform& platform, const std::string& slug) {
  const Session root = platform.local_operator("test");
  const auto tenant = must(root.call(tenants::Provision{
      .slug = slug, .name = slug, .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
  const auto invitation =
      must(root.call(users::InviteFirstAdmin{.id = tenant.id, .email = "ada@example.org", .display_name = "Ada"}));
  const Session visitor = platform.visit(slug);
  must(visitor.call(auth::Register{.invitation = Hospital::secret(invitation.token),
                                   .password = Hospital::secret(Hospital::password)}));
  const auto tokens =
      must(visitor.call(auth::Login{.email = "ada@example.org", .password = Hospital::secret(Hospital::password)}));
  const Session admin = must(platform.authenticate(tokens.access_token));
  const auto settings = must(admin.call(settings::Get{}));
  must(admin.call(settings::Update{.revision = settings.revision,
                                   .trusted_issuers = std::vector<std::string>{"https://host.example"}}));
  const FacilityId home = must(admin.call(facilities::List{})).data.at(0).id;
  return must(platform.session(slug, Principal{.issuer = "https://host.example",
                                               .subject = "desk",
                                               .display_name = "Desk",
                                               .roles = {Role::receptionist},
                                               .facilities = {home}}));
}

void at_once(const std::vector<Worker*>& workers, std::size_t rounds) {
  std::vector<std::thread> threads;
  for (Worker* worker : workers) threads.emplace_back([worker, rounds] { worker->work(rounds); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("OPS-4: eight threads in one hospital lose nothing and break nothing") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Session desk = hospital.as(Role::receptionist);
    hospital.member(Role::nurse);
    const PatientId shared = must(desk.call(newcomer(99, 0))).id;
    Pending pending;
    std::vector<std::unique_ptr<Worker>> owned;
    std::vector<Worker*> workers;
    for (std::size_t i = 0; i < threads_made; ++i) {
      owned.push_back(std::make_unique<Worker>(
          Worker{.hospital = hospital, .desk = desk, .shared = shared, .who = i, .pending = pending}));
      workers.push_back(owned.back().get());
    }
    at_once(workers, 12);
    CHECK(pending.wait() == 0);
    check_store(hospital, workers);
  }
}

TEST_CASE("OPS-4: eight threads in eight hospitals of one platform keep to themselves") {
  const TestEngine engine("sqlite");
  auto clock = std::make_shared<FakeClock>();
  const Platform platform = must(Platform::open(test_options(engine, clock)));
  std::vector<Session> desks;
  for (std::size_t i = 0; i < threads_made; ++i)
    desks.push_back(desk_of_new_house(platform, "house-" + std::to_string(i)));
  std::vector<std::string> wrong(threads_made);
  std::vector<std::thread> threads;
  for (std::size_t who = 0; who < threads_made; ++who)
    threads.emplace_back([&, who] {
      Pending pending;
      for (std::size_t round = 0; round < 25; ++round) {
        const auto made = desks[who].call(newcomer(who, round));
        if (!made.ok()) wrong[who] = code_of(made);
        pending.add();
        desks[who].submit(newcomer(who, 1'000 + round),
                          [&](const Result<patients::Patient>& result) { pending.done(result.ok()); });
        // Another house's patient is nobody here.
        const auto other = desks[(who + 1) % threads_made].call(patients::List{.name = "n" + std::to_string(who)});
        if (!other.ok() || !other->data.empty()) wrong[who] = "saw into another house";
      }
      if (pending.wait() > 0) wrong[who] = "a submitted call failed";
      if (must(desks[who].call(patients::List{.limit = 200})).data.size() != 50) wrong[who] = "patients are missing";
    });
  for (auto& thread : threads) thread.join();
  for (const std::string& code : wrong) CHECK_MESSAGE(code.empty(), code);
}

TEST_CASE("OPS-4: a platform that is closed while it is busy answers every call once") {
  const TestEngine engine("sqlite");
  std::atomic<std::size_t> answered{0};
  constexpr std::size_t each = 40;
  {
    Hospital hospital = make_platform(engine);
    const Session desk = hospital.as(Role::receptionist);
    std::vector<std::thread> threads;
    for (std::size_t who = 0; who < threads_made; ++who)
      threads.emplace_back([&, who] {
        for (std::size_t i = 0; i < each; ++i)
          desk.submit(newcomer(who, i), [&](const Result<patients::Patient>&) { ++answered; });
      });
    for (auto& thread : threads) thread.join();
  }  // closed with much of it still to be done
  CHECK(answered == threads_made * each);
  const Platform again = must(Platform::open(test_options(engine, std::make_shared<FakeClock>())));
  CHECK(must(again.local_operator("test").call(audit::Verify{})).intact);
}
