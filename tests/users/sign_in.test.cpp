#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/events.hpp"
#include "tests/support/messages.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

Result<auth::Tokens> refresh(const Hospital& hospital, std::string_view token) {
  return hospital.visitor().call(auth::Refresh{.refresh_token = Hospital::secret(token)});
}

bool works(const Hospital& hospital, std::string_view access_token) {
  const auto session = hospital.platform.authenticate(access_token);
  return session.ok() && session->call(profile::Get{}).ok();
}

std::string everything(const Error& error) {
  std::string text = std::string(error.code.name) + "|" + std::string(error.code.text) + "|" + error.detail;
  for (const auto& field : error.fields) text += field.pointer + field.code + field.message;
  for (const auto& id : error.ids) text += id;
  return text + (error.revision ? "r" : "") + (error.retry_after_s ? "t" : "") + (error.retryable() ? "y" : "n");
}

}  // namespace

TEST_CASE("USR-4: a sign-in gives a session that does what its user may, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Member nurse = hospital.member(Role::nurse);
    const auto tokens = must(hospital.sign_in("ROLE3@example.ORG"));  // an address has no case
    CHECK(tokens.token_type == "Bearer");
    CHECK(tokens.expires_in == 15 * 60);
    CHECK(tokens.user_id == nurse.id);
    CHECK(tokens.roles == std::vector{Role::nurse});
    const Session session = must(hospital.platform.authenticate(tokens.access_token));
    CHECK_FALSE(session.anonymous());
    CHECK(session.user_id() == nurse.id);
    CHECK(session.tenant() == hospital.slug());
    CHECK(must(session.call(profile::Get{})).last_login_at == hospital.clock->now());
    CHECK(code_of(session.call(users::Invite{.email = "x@example.org", .display_name = "X", .roles = {Role::nurse}})) ==
          "forbidden");
    const auto verified = must(hospital.as(Role::auditor).call(audit::Verify{}));
    CHECK(verified.intact);
    CHECK(verified.findings.empty());
  }
}

TEST_CASE("USR-4: whatever is wrong with a sign-in, the answer is the same") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Member doctor = hospital.member(Role::doctor);
  must(hospital.as(Role::tenant_admin).call(users::Disable{.id = doctor.id}));
  must(hospital.as(Role::tenant_admin)
           .call(users::Invite{.email = "invited@example.org", .display_name = "Ivy", .roles = {Role::nurse}}));
  const auto in_tenant = [&](std::string_view tenant, std::string_view email, std::string_view password) {
    return hospital.platform.visit(tenant).call(
        auth::Login{.email = std::string(email), .password = Hospital::secret(password)});
  };
  std::set<std::string> answers;
  for (const auto& answer : {in_tenant(hospital.slug(), nurse.email, "not the password at all"),
                             in_tenant(hospital.slug(), "nobody@example.org", Hospital::password),
                             in_tenant(hospital.slug(), "no address", Hospital::password),
                             in_tenant(hospital.slug(), doctor.email, Hospital::password),
                             in_tenant(hospital.slug(), "invited@example.org", Hospital::password),
                             in_tenant("no-such-tenant", nurse.email, Hospital::password),
                             in_tenant("platform", nurse.email, Hospital::password)}) {
    REQUIRE_FALSE(answer.ok());
    answers.insert(everything(answer.error()));
  }
  CHECK(answers.size() == 1);
  CHECK(answers.begin()->starts_with("auth.failed|"));
  CHECK(
      code_of(hospital.platform.visit("no-such-tenant").call(auth::Refresh{.refresh_token = Hospital::secret("x")})) ==
      code_of(refresh(hospital, "x")));
}

TEST_CASE(
    "USR-4: a tenant that is not there refuses just as one that is, with an event of the platform, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const auto refusals = [&](std::string_view tenant) {
      const Session visitor = hospital.platform.visit(tenant);
      const auto token = [] { return Hospital::secret(std::string(43, 'A')); };
      const auto password = [] { return Hospital::secret(Hospital::password); };
      std::vector<std::string> answers;
      const auto ask = [&](auto request) {
        const auto answer = visitor.call(std::move(request));
        REQUIRE_FALSE(answer.ok());
        answers.push_back(everything(answer.error()));
      };
      ask(auth::Refresh{.refresh_token = token()});
      ask(auth::Reset{.token = token(), .password = password()});
      ask(auth::Reset{.token = token(), .password = Hospital::secret(std::string(tenant) + std::string(tenant))});
      ask(auth::Verify{.token = token(), .password = password()});
      ask(auth::Register{.invitation = token(), .password = password()});
      ask(auth::Register{.display_name = "Nora", .email = "nora@example.org", .password = password()});
      ask(calendars::ReadFeed{.token = std::string(43, 'A')});
      ask(profile::Get{});
      return answers;
    };
    const auto refused = [](const Session& reader) {
      std::vector<std::string> texts;
      for (const ReadEvent& event : events(reader))
        if (event.event.outcome != audit::Outcome::ok) texts.push_back(event.text());
      return texts;
    };
    CHECK(refusals(hospital.slug()) == refusals("saint-nobody-of-nowhere"));
    const auto there = refused(hospital.as(Role::auditor));
    CHECK(there.size() == 7);  // a password that is too easy leaves none
    CHECK(refused(hospital.root()) == there);
  }
}

TEST_CASE("USR-4: a refused sign-in is in the audit log with the account that was tried, a sign-in with who it was") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  CHECK(code_of(hospital.sign_in(nurse.email, "not the password at all")) == "auth.failed");
  auto log = events(hospital.as(Role::auditor));
  const auto refused = [&] {
    for (auto event = log.rbegin(); event != log.rend(); ++event)
      if (event->text() == "auth.login denied auth.failed") return event->event.object;
    return Uuid{};
  };
  CHECK(refused() == nurse.id.uuid);
  CHECK(code_of(hospital.sign_in("nobody@example.org")) == "auth.failed");
  must(hospital.sign_in(nurse.email));
  log = events(hospital.as(Role::auditor));
  CHECK(refused().is_nil());
  const ReadEvent* login = last_of(log, "auth.login");
  REQUIRE(login != nullptr);
  CHECK(login->text() == "auth.login ok");
  CHECK(login->event.actor == nurse.id.uuid);
  CHECK(login->event.roles == 1U << static_cast<unsigned>(Role::nurse));
  CHECK(login->event.session == login->event.object);
}

TEST_CASE("USR-4: of a suspended tenant only its administrator is let in") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Member admin = hospital.member(Role::tenant_admin);
  hospital.configure({.self_registration = true});
  const auto invited =
      must(hospital.as(Role::tenant_admin)
               .call(users::Invite{.email = "invited@example.org", .display_name = "Ivy", .roles = {Role::nurse}}));
  must(hospital.root().call(tenants::Suspend{.id = hospital.tenant.id}));
  CHECK(code_of(hospital.sign_in(nurse.email)) == "auth.failed");
  CHECK(code_of(refresh(hospital, nurse.tokens.refresh_token)) == "auth.failed");
  CHECK(hospital.sign_in(admin.email).ok());
  // Nor does anybody come to have an account of it.
  CHECK(code_of(hospital.complete_invitation(invited.token)) == "invitation.expired");
  CHECK(code_of(hospital.visitor().call(auth::Register{
            .display_name = "Pat", .email = "pat@example.org", .password = Hospital::secret(Hospital::password)})) ==
        "registration.closed");
  CHECK(code_of(hospital.root().call(users::InviteFirstAdmin{
            .id = hospital.tenant.id, .email = "second@example.org", .display_name = "Sam"})) == "tenant.suspended");
  must(hospital.root().call(tenants::Resume{.id = hospital.tenant.id}));
  CHECK(hospital.complete_invitation(invited.token).ok());
  CHECK(hospital.sign_in(nurse.email).ok());
}

TEST_CASE("USR-4: an access token lives for fifteen minutes, a refresh token for seven days") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  constexpr std::uint32_t long_s = 90 * 24 * 3600;
  hospital.configure({.staff_idle_s = long_s, .staff_session_s = long_s});
  const Member nurse = hospital.member(Role::nurse);
  hospital.clock->advance_s(15 * 60 - 1);
  CHECK(works(hospital, nurse.tokens.access_token));
  hospital.clock->advance_s(1);
  CHECK_FALSE(works(hospital, nurse.tokens.access_token));
  hospital.clock->advance_s(7 * 24 * 3600 - 15 * 60 - 1);
  const auto renewed = must(refresh(hospital, nurse.tokens.refresh_token));
  CHECK(works(hospital, renewed.access_token));
  hospital.clock->advance_s(7 * 24 * 3600);
  CHECK(code_of(refresh(hospital, renewed.refresh_token)) == "auth.failed");
}

TEST_CASE("USR-4: a refresh token is good for one renewal; used again it ends the session, which the audit log tells") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Member nurse = hospital.member(Role::nurse);
    const auto second = must(refresh(hospital, nurse.tokens.refresh_token));
    hospital.clock->advance_s(11);
    const auto third = must(refresh(hospital, second.refresh_token));
    CHECK(second.refresh_token != nurse.tokens.refresh_token);
    const Session session = must(hospital.platform.authenticate(third.access_token));
    CHECK(session.call(profile::Get{}).ok());

    CHECK(code_of(refresh(hospital, nurse.tokens.refresh_token)) == "auth.failed");
    CHECK(code_of(session.call(profile::Get{})) == "unauthenticated");  // also of whoever holds it already
    CHECK_FALSE(works(hospital, third.access_token));
    CHECK_FALSE(works(hospital, nurse.tokens.access_token));
    CHECK(code_of(refresh(hospital, third.refresh_token)) == "auth.failed");

    const auto log = events(hospital.as(Role::auditor));
    const ReadEvent* reuse = last_of(log, "token.reuse");
    REQUIRE(reuse != nullptr);
    CHECK(reuse->event.rows.size() == 1);
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-4: whose refresh token is used twice is told so by a message, once, and with no token in it") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Posted posted{engine};
    Hospital& hospital = posted.hospital;
    const Member nurse = hospital.member(Role::nurse);
    const auto second = must(refresh(hospital, nurse.tokens.refresh_token));
    hospital.clock->advance_s(11);
    posted.post();
    for (int times = 0; times < 2; ++times)
      CHECK(code_of(refresh(hospital, nurse.tokens.refresh_token)) == "auth.failed");
    const auto sent = posted.post();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].kind == "auth.token_reuse");
    CHECK(sent[0].to == nurse.email);
    CHECK(sent[0].subject == "You have been signed out");
    for (const std::string& token : {nurse.tokens.refresh_token, second.refresh_token, std::string("token=")})
      CHECK(sent[0].text.find(token) == std::string::npos);
    CHECK(code_of(refresh(hospital, second.refresh_token)) == "auth.failed");
    CHECK(posted.post().empty());
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-4: within ten seconds the token before gives the same successor, while that is unused") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const auto second = must(refresh(hospital, nurse.tokens.refresh_token));
  hospital.clock->advance_s(10);
  const auto again = must(refresh(hospital, nurse.tokens.refresh_token));
  CHECK(again.refresh_token == second.refresh_token);
  CHECK(works(hospital, again.access_token));

  SUBCASE("after ten seconds it is reuse") {
    hospital.clock->advance_s(1);
    CHECK(code_of(refresh(hospital, nurse.tokens.refresh_token)) == "auth.failed");
    CHECK(code_of(refresh(hospital, second.refresh_token)) == "auth.failed");
  }
  SUBCASE("once the successor was used it is reuse at any time") {
    const auto third = must(refresh(hospital, second.refresh_token));
    CHECK(code_of(refresh(hospital, nurse.tokens.refresh_token)) == "auth.failed");
    CHECK_FALSE(works(hospital, third.access_token));
  }
  SUBCASE("the successor goes on") {
    const auto third = must(refresh(hospital, second.refresh_token));
    CHECK(must(refresh(hospital, second.refresh_token)).refresh_token == third.refresh_token);
    CHECK(works(hospital, must(refresh(hospital, third.refresh_token)).access_token));
  }
}

TEST_CASE("USR-4: a token that was never issued ends nobody's session") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  CHECK(code_of(refresh(hospital, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) == "auth.failed");
  CHECK(code_of(refresh(hospital, "short")) == "auth.failed");
  CHECK(code_of(refresh(hospital, "")) == "invalid");
  CHECK(works(hospital, nurse.tokens.access_token));
  CHECK(refresh(hospital, nurse.tokens.refresh_token).ok());
}

TEST_CASE("USR-4: signing out kills both tokens of this session at once and of no other") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const auto other = must(hospital.sign_in(nurse.email));
  const Session session = must(hospital.platform.authenticate(nurse.tokens.access_token));
  must(session.call(auth::Logout{}));
  CHECK(code_of(session.call(profile::Get{})) == "unauthenticated");
  CHECK_FALSE(works(hospital, nurse.tokens.access_token));
  CHECK(code_of(refresh(hospital, nurse.tokens.refresh_token)) == "auth.failed");
  CHECK(works(hospital, other.access_token));
}

TEST_CASE("USR-4: a sixth session ends the oldest") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  std::vector<auth::Tokens> sessions{nurse.tokens};
  for (int i = 1; i < 6; ++i) {
    hospital.clock->advance_s(1);
    sessions.push_back(must(hospital.sign_in(nurse.email)));
  }
  CHECK_FALSE(works(hospital, sessions[0].access_token));
  for (std::size_t i = 1; i < sessions.size(); ++i) CHECK(works(hospital, sessions[i].access_token));
}

TEST_CASE("USR-4: who signs in at the same time gets in, also twice as one user") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const std::string emails[] = {hospital.member(Role::nurse).email, hospital.member(Role::doctor).email};
  std::atomic<int> signed_in = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const auto tokens = hospital.sign_in(emails[i % 2]);
      if (tokens.ok() && works(hospital, tokens->access_token)) ++signed_in;
    });
  for (auto& thread : threads) thread.join();
  CHECK(signed_in == 8);
}

TEST_CASE("USR-4: sessions last over a restart, and ended ones stay ended") {
  for (const auto name : durable_engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    const std::shared_ptr<storage::Engine> shared = engine;
    std::optional<Hospital> hospital(make_platform(shared));
    const Member nurse = hospital->member(Role::nurse);
    const Member doctor = hospital->member(Role::doctor);
    must(must(hospital->platform.authenticate(doctor.tokens.access_token)).call(auth::Logout{}));
    const auto clock = hospital->clock;
    hospital.reset();
    const Platform again = must(Platform::open(test_options(shared, clock)));
    const auto session = again.authenticate(nurse.tokens.access_token);
    REQUIRE(session.ok());
    CHECK(must(session->call(profile::Get{})).id == nurse.id);
    CHECK(code_of(again.authenticate(doctor.tokens.access_token)) == "unauthenticated");
  }
}

TEST_CASE("USR-4: a token of one tenant opens no other, nor does one that was touched") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  Hospital other = make_platform(TestEngine("memory"));
  const Member nurse = hospital.member(Role::nurse);
  CHECK(code_of(other.platform.authenticate(nurse.tokens.access_token)) == "unauthenticated");
  std::string touched = nurse.tokens.access_token;
  touched[touched.size() / 2] = touched[touched.size() / 2] == 'A' ? 'B' : 'A';
  CHECK(code_of(hospital.platform.authenticate(touched)) == "unauthenticated");
  CHECK(code_of(hospital.platform.authenticate("")) == "unauthenticated");
  CHECK(code_of(hospital.platform.authenticate(nurse.tokens.refresh_token)) == "unauthenticated");
}
