#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::uint32_t minute_s = 60;
constexpr std::uint32_t hour_s = 60 * minute_s;
constexpr std::uint32_t day_s = 24 * hour_s;

bool alive(const Session& session) {
  const auto answer = session.call(profile::Get{});
  if (!answer.ok()) REQUIRE(code_of(answer) == "unauthenticated");
  return answer.ok();
}

Result<auth::Tokens> refresh(const Hospital& hospital, const auth::Tokens& tokens) {
  return hospital.visitor().call(auth::Refresh{.refresh_token = Hospital::secret(tokens.refresh_token)});
}

/// Calls each ten minutes for so long.
auth::Tokens work_on(Hospital& hospital, auth::Tokens tokens, std::uint32_t seconds) {
  for (std::uint32_t past_s = 0; past_s < seconds; past_s += 10 * minute_s) {
    hospital.clock->advance_s(10 * minute_s);
    tokens = must(refresh(hospital, tokens));
    REQUIRE(alive(must(hospital.platform.authenticate(tokens.access_token))));
  }
  return tokens;
}

/// A text, before whose first byte something else happens.
template <class Before>
documents::Upload interrupted(const PatientId& patient, Before before) {
  documents::Upload request{.patient_id = patient, .file_name = "note.txt", .content = {.media_type = "text/plain"}};
  request.content.pull = [before, sent = false](std::span<std::byte> out) mutable -> Result<std::size_t> {
    if (std::exchange(sent, true)) return std::size_t{0};
    before();
    constexpr std::string_view text = "Slept well.";
    std::transform(text.begin(), text.end(), out.begin(), [](char c) { return static_cast<std::byte>(c); });
    return text.size();
  };
  return request;
}

}  // namespace

TEST_CASE("USR-5: a session of staff ends after fifteen minutes without a call, by every way in, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const auto tokens = hospital.member(Role::nurse).tokens;
    const Session session = must(hospital.platform.authenticate(tokens.access_token));
    hospital.clock->advance_s(15 * minute_s - 1);
    CHECK(alive(session));  // a use: the time counts from here
    hospital.clock->advance_s(15 * minute_s - 1);
    CHECK(alive(session));
    hospital.clock->advance_s(15 * minute_s);
    CHECK_FALSE(alive(session));
    CHECK(code_of(refresh(hospital, tokens)) == "auth.failed");
    CHECK(hospital.sign_in(hospital.member(Role::nurse).email).ok());
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-5: a call keeps the refresh token good, and renewing counts as one") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  auto tokens = hospital.member(Role::nurse).tokens;
  hospital.clock->advance_s(14 * minute_s);
  tokens = must(refresh(hospital, tokens));
  hospital.clock->advance_s(14 * minute_s);
  const Session session = must(hospital.platform.authenticate(tokens.access_token));
  CHECK(alive(session));
  hospital.clock->advance_s(14 * minute_s);
  CHECK(refresh(hospital, tokens).ok());
}

TEST_CASE("USR-5: a session of staff lasts twelve hours at most, however busy it is") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const auto last = work_on(hospital, hospital.member(Role::nurse).tokens, 12 * hour_s - 10 * minute_s);
  const Session session = must(hospital.platform.authenticate(last.access_token));
  hospital.clock->advance_s(10 * minute_s - 1);
  CHECK(alive(session));
  hospital.clock->advance_s(1);
  CHECK_FALSE(alive(session));
  CHECK(code_of(hospital.platform.authenticate(last.access_token)) == "unauthenticated");
  CHECK(code_of(refresh(hospital, last)) == "auth.failed");
}

TEST_CASE("USR-5: patients have thirty minutes and seven days, and no idle limit where the tenant sets none") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  auto tokens = hospital.member(Role::patient).tokens;
  hospital.clock->advance_s(30 * minute_s - 1);
  tokens = must(refresh(hospital, tokens));
  hospital.clock->advance_s(30 * minute_s);
  CHECK(code_of(refresh(hospital, tokens)) == "auth.failed");

  hospital.configure({.patient_idle_s = std::uint32_t{0}});
  tokens = must(hospital.sign_in(hospital.member(Role::patient).email));
  hospital.clock->advance_s(3 * day_s);
  tokens = must(refresh(hospital, tokens));
  hospital.clock->advance_s(4 * day_s - 1);
  tokens = must(refresh(hospital, tokens));
  hospital.clock->advance_s(1);
  CHECK(code_of(refresh(hospital, tokens)) == "auth.failed");
}

TEST_CASE("USR-5: the tenant's limits go for the sessions that there are, at once") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session nurse = hospital.as(Role::nurse);
  hospital.configure({.staff_idle_s = minute_s});
  hospital.clock->advance_s(minute_s - 1);
  CHECK(alive(nurse));
  hospital.clock->advance_s(minute_s);
  CHECK_FALSE(alive(nurse));
  const auto refused = [&](settings::Update update) {
    const Session admin = hospital.as(Role::tenant_admin);
    update.revision = must(admin.call(settings::Get{})).revision;
    return fields_of(admin.call(std::move(update)));
  };
  CHECK(refused({.staff_idle_s = std::uint32_t{0}}) == "/staff_idle_s:number.out_of_range");
  CHECK(refused({.patient_idle_s = std::uint32_t{59}}) == "/patient_idle_s:number.out_of_range");
  CHECK(refused({.staff_session_s = 91 * day_s}) == "/staff_session_s:number.out_of_range");
}

TEST_CASE("USR-5: a host's session lasts seven days without being asked for anew, and is made again then") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
  const Principal principal{
      .issuer = "https://host.example", .subject = "7", .display_name = "Hal", .roles = {Role::nurse}};
  const Session session = must(hospital.platform.session(hospital.slug(), principal));
  hospital.clock->advance_s(7 * day_s - 1);
  CHECK(alive(session));
  hospital.clock->advance_s(1);
  CHECK_FALSE(alive(session));
  CHECK(alive(must(hospital.platform.session(hospital.slug(), principal))));
}

TEST_CASE("USR-5: the last use is written down at most once a minute, and outlasts the process") {
  TestEngine engine("sqlite");
  const std::shared_ptr<storage::Engine> shared = engine;
  std::optional<Hospital> hospital(make_platform(shared));
  const auto tokens = hospital->member(Role::nurse).tokens;
  const auto clock = hospital->clock;
  const auto written = [&] {
    int count = 0;
    for (const ReadEvent& event : events(hospital->as(Role::auditor))) count += event.event.action == "sessions.use";
    return count;
  };
  static_cast<void>(written());
  {
    const Session session = must(hospital->platform.authenticate(tokens.access_token));
    const int before = written();
    for (int second = 0; second < 150; ++second) {
      clock->advance_s(1);
      CHECK(alive(session));
      CHECK(hospital->platform.tick(clock->now()).empty());
    }
    CHECK(written() == before + 2);
  }
  hospital.reset();
  // It was last used 150 s after the sign-in, and that is known to the minute.
  clock->advance_s(15 * minute_s - 60);
  const Platform again = must(Platform::open(test_options(shared, clock)));
  CHECK(again.visit("saint-mary").call(auth::Refresh{.refresh_token = Hospital::secret(tokens.refresh_token)}).ok());
}

TEST_CASE("USR-8: everybody sees where they are signed in, and ends one of those sessions, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Member nurse = hospital.member(Role::nurse);
    hospital.clock->advance_s(60);
    const auto tokens = must(hospital.visitor().call(
        auth::Login{.email = nurse.email, .password = Hospital::secret(Hospital::password), .device = "ward tablet"},
        {.address = "10.1.2.3"}));
    const Session here = must(hospital.platform.authenticate(tokens.access_token));
    const auto listed = must(here.call(sessions::List{})).data;
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].device == "ward tablet");
    CHECK(listed[0].network == sessions::Network::local);
    CHECK(listed[0].issued_at == hospital.clock->now());
    CHECK(listed[0].last_used_at == hospital.clock->now());
    CHECK(listed[0].expires_at == hospital.clock->now().plus_s(12 * hour_s));
    CHECK(listed[0].current);
    CHECK(listed[1].device == "test");
    CHECK(listed[1].network == sessions::Network::unknown);
    CHECK_FALSE(listed[1].current);

    const Session there = must(hospital.platform.authenticate(nurse.tokens.access_token));
    CHECK(alive(there));
    must(here.call(sessions::Revoke{.id = listed[1].id}));
    CHECK_FALSE(alive(there));
    CHECK(code_of(refresh(hospital, nurse.tokens)) == "auth.failed");
    CHECK(must(here.call(sessions::List{})).data.size() == 1);
    must(here.call(sessions::Revoke{.id = listed[1].id}));  // again: nothing more happens
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-8: other people's sessions are an administrator's to see and to end, and an auditor's to see") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Session at_work = hospital.as(Role::nurse);
  const auto own = must(at_work.call(sessions::List{})).data.at(0).id;

  CHECK(code_of(hospital.as(Role::doctor).call(sessions::List{.user_id = nurse.id})) == "not_found");
  CHECK(code_of(hospital.as(Role::doctor).call(sessions::Revoke{.id = own})) == "not_found");
  CHECK(must(hospital.as(Role::auditor).call(sessions::List{.user_id = nurse.id})).data.at(0).id == own);
  CHECK(code_of(hospital.as(Role::auditor).call(sessions::Revoke{.id = own})) == "forbidden");
  CHECK(alive(at_work));
  const Session admin = hospital.as(Role::tenant_admin);
  CHECK(must(admin.call(sessions::List{.user_id = nurse.id})).data.size() == 1);
  must(admin.call(sessions::Revoke{.id = own}));
  CHECK_FALSE(alive(at_work));
  CHECK(must(admin.call(sessions::List{.user_id = nurse.id})).data.empty());
  const auto log = events(hospital.as(Role::auditor));
  const ReadEvent* event = last_of(log, "sessions.revoke");
  REQUIRE(event != nullptr);
  CHECK(event->text() == "sessions.revoke ok");
  CHECK(event->event.object == own.uuid);
}

TEST_CASE("USR-8: what has run out is not listed, and a sixth sign-in ends the oldest") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  hospital.clock->advance_s(15 * minute_s);
  const Session last = must(hospital.platform.authenticate(must(hospital.sign_in(nurse.email)).access_token));
  CHECK(must(last.call(sessions::List{})).data.size() == 1);
  for (int i = 0; i < 5; ++i) {
    hospital.clock->advance_s(1);
    must(hospital.sign_in(nurse.email));
  }
  CHECK_FALSE(alive(last));
  const Session newest = must(hospital.platform.authenticate(must(hospital.sign_in(nurse.email)).access_token));
  CHECK(must(newest.call(sessions::List{})).data.size() == 5);
}

TEST_CASE("USR-8: who is disabled while they send a file has not filed it, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    hospital.configure({.file_types = std::vector<std::string>{"txt"}});
    const PatientId patient = hospital.add_patients(1).at(0).id;
    const UserId id = hospital.member(Role::doctor).id;
    const Session doctor = hospital.as(Role::doctor);
    const Session admin = hospital.as(Role::tenant_admin);
    const auto sent = doctor.call(interrupted(patient, [&] { must(admin.call(users::Disable{.id = id})); }));
    CHECK(code_of(sent) == "unauthenticated");
    const auto log = events(hospital.as(Role::auditor));
    CHECK(std::any_of(log.begin(), log.end(), [](const ReadEvent& event) {
      return event.text() == "documents.upload denied unauthenticated";
    }));
    must(admin.call(users::Enable{.id = id}));
    CHECK(must(hospital.as(Role::doctor).call(documents::List{.patient_id = patient})).data.empty());
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-8: what was asked for before its session ended is not answered afterwards, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const auto executor = std::make_shared<QueuedExecutor>();  // a submitted call waits there
    PlatformOptions options = test_options(engine, clock);
    options.executor = executor;
    Hospital hospital(std::move(options), clock);
    std::vector<std::string> answers;
    const auto answered = [&](const auto& answer) { answers.push_back(code_of(answer)); };
    const Session nurse = hospital.as(Role::nurse);
    const Session admin = hospital.as(Role::tenant_admin);
    nurse.submit(profile::Get{}, answered);
    must(admin.call(users::Disable{.id = hospital.member(Role::nurse).id}));
    executor->run_all();
    CHECK(answers == std::vector<std::string>{"unauthenticated"});

    // Who ends it is told that it is done.
    answers.clear();
    const Session desk = hospital.as(Role::receptionist);
    desk.submit(auth::Logout{}, answered);
    desk.submit(profile::Get{}, answered);
    executor->run_all();
    CHECK(answers == std::vector<std::string>{"ok", "unauthenticated"});
  }
}

TEST_CASE("USR-5: what takes longer than the idle time is done all the same, unless its user is disabled meanwhile") {
  for (const bool disabled : {false, true}) {
    CAPTURE(disabled);
    TestEngine engine("memory");
    Hospital hospital = make_platform(engine);
    hospital.configure({.file_types = std::vector<std::string>{"txt"}});
    const PatientId patient = hospital.add_patients(1).at(0).id;
    const UserId id = hospital.member(Role::doctor).id;
    const Session doctor = hospital.as(Role::doctor);
    const auto sent = doctor.call(interrupted(patient, [&] {
      hospital.clock->advance_s(15 * minute_s);
      CHECK(hospital.platform.tick(hospital.clock->now()).empty());
      if (disabled) must(hospital.as(Role::tenant_admin).call(users::Disable{.id = id}));
    }));
    CHECK(code_of(sent) == (disabled ? "unauthenticated" : "ok"));
    CHECK_FALSE(alive(doctor));
  }
}

TEST_CASE("USR-13: signing in changes nobody's account") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Session admin = hospital.as(Role::tenant_admin);
  const auto before = must(admin.call(users::Get{.id = nurse.id}));
  hospital.clock->advance_s(60);
  must(hospital.sign_in(nurse.email));
  const auto after = must(admin.call(users::Get{.id = nurse.id}));
  CHECK(after.revision == before.revision);
  CHECK(after.updated_at == before.updated_at);
  CHECK(after.last_login_at == hospital.clock->now());
}
