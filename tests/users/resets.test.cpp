#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/events.hpp"
#include "tests/support/messages.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr const char* fresh = "quite another lantern 58";

Result<Done> ask(const Hospital& hospital, std::string_view email) {
  return hospital.visitor().call(auth::RequestReset{.email = std::string(email)});
}

Result<Done> reset(const Hospital& hospital, std::string_view token, std::string_view password = fresh) {
  return hospital.visitor().call(auth::Reset{.token = Hospital::secret(token), .password = Hospital::secret(password)});
}

Result<users::User> confirm(const Hospital& hospital, std::string_view token,
                            std::string_view password = Hospital::password) {
  return hospital.visitor().call(
      auth::Verify{.token = Hospital::secret(token), .password = Hospital::secret(password)});
}

std::vector<Message> of_kind(std::vector<Message> messages, std::string_view kind) {
  std::erase_if(messages, [&](const Message& message) { return message.kind != kind; });
  return messages;
}

std::string everything(const Result<Done>& result) {
  if (result.ok()) return "ok";
  const Error& error = result.error();
  return std::string(error.code.name) + error.detail + std::to_string(error.retry_after_s.value_or(0));
}

}  // namespace

TEST_CASE("USR-7: a link sets a new password once, and ends all sessions, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Posted posted{engine};
    Hospital& hospital = posted.hospital;
    const Member nurse = hospital.member(Role::nurse);
    const Session at_work = hospital.as(Role::nurse);
    posted.post();
    must(ask(hospital, "ROLE3@example.org"));
    const auto sent = posted.post();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].kind == "auth.reset");
    CHECK(sent[0].to == nurse.email);
    CHECK(sent[0].tenant == hospital.slug());
    CHECK(sent[0].text.find("https://clinic.example/reset#tenant=saint-mary&token=") != std::string::npos);
    const std::string token = token_in(sent[0]);
    CHECK(token.size() == 43);
    CHECK(posted.post().empty());

    CHECK(fields_of(reset(hospital, token, "short")) == "/password:password.short");
    CHECK(at_work.call(profile::Get{}).ok());
    must(reset(hospital, token));
    CHECK(code_of(at_work.call(profile::Get{})) == "unauthenticated");
    CHECK(code_of(hospital.visitor().call(
              auth::Refresh{.refresh_token = Hospital::secret(nurse.tokens.refresh_token)})) == "auth.failed");
    CHECK(code_of(hospital.sign_in(nurse.email)) == "auth.failed");
    CHECK(hospital.sign_in(nurse.email, fresh).ok());
    CHECK(code_of(reset(hospital, token, "yet another lantern 59")) == "link.expired");
    CHECK(hospital.sign_in(nurse.email, fresh).ok());
    const auto log = events(hospital.as(Role::auditor));
    const ReadEvent* event = last_of(log, "auth.reset");
    REQUIRE(event != nullptr);
    CHECK(std::any_of(log.begin(), log.end(), [&](const ReadEvent& one) {
      return one.text() == "auth.reset ok" && one.event.object == nurse.id.uuid && one.event.actor == nurse.id.uuid;
    }));
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-7: a reset link is good for thirty minutes, and using one ends the others") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  const Member nurse = hospital.member(Role::nurse);
  posted.post();
  must(ask(hospital, nurse.email));
  const std::string first = token_in(posted.post().at(0));
  hospital.clock->advance_s(30 * 60);
  CHECK(code_of(reset(hospital, first)) == "link.expired");
  must(ask(hospital, nurse.email));
  const std::string second = token_in(posted.post().at(0));
  must(ask(hospital, nurse.email));
  const std::string third = token_in(posted.post().at(0));
  hospital.clock->advance_s(30 * 60 - 1);
  must(reset(hospital, third));
  CHECK(code_of(reset(hospital, second)) == "link.expired");
  CHECK(code_of(reset(hospital, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) == "link.expired");
  CHECK(code_of(reset(hospital, "no token")) == "link.expired");
}

TEST_CASE("USR-7: asking does not tell whether there is such an account or tenant, three times an hour") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  const Member nurse = hospital.member(Role::nurse);
  const Member doctor = hospital.member(Role::doctor);
  must(hospital.as(Role::tenant_admin).call(users::Disable{.id = doctor.id}));
  must(hospital.as(Role::tenant_admin)
           .call(users::Invite{.email = "invited@example.org", .display_name = "Ivy", .roles = {Role::nurse}}));
  posted.post();
  const auto answers = [&](const std::string& tenant, const std::string& email) {
    std::string text;
    for (int i = 0; i < 5; ++i)
      text += everything(hospital.platform.visit(tenant).call(auth::RequestReset{.email = email})) + ", ";
    return text;
  };
  const std::string known = answers(hospital.slug(), nurse.email);
  CHECK(known == "ok, ok, ok, auth.throttled3600, auth.throttled3600, ");
  CHECK(answers(hospital.slug(), "nobody@example.org") == known);
  CHECK(answers(hospital.slug(), doctor.email) == known);
  CHECK(answers(hospital.slug(), "invited@example.org") == known);
  CHECK(answers(hospital.slug(), "no address") == known);
  CHECK(answers("no-such-tenant", nurse.email) == known);
  CHECK(posted.post().size() == 3);  // to the nurse, and to nobody else
  hospital.clock->advance_s(60 * 60);
  CHECK(everything(ask(hospital, nurse.email)) == "ok");
}

TEST_CASE("USR-7: an administrator starts a reset, and never learns the token") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  const Member nurse = hospital.member(Role::nurse);
  const Session admin = hospital.as(Role::tenant_admin);
  posted.post();
  must(admin.call(users::StartReset{.id = nurse.id}));
  const auto sent = posted.post();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].to == nurse.email);
  must(reset(hospital, token_in(sent[0])));
  CHECK(hospital.sign_in(nurse.email, fresh).ok());

  const auto invited =
      must(admin.call(users::Invite{.email = "invited@example.org", .display_name = "Ivy", .roles = {Role::nurse}}));
  CHECK(code_of(admin.call(users::StartReset{.id = invited.user.id})) == "transition.illegal");
  must(admin.call(users::StartReset{.id = nurse.id}));
  const std::string late = token_in(of_kind(posted.post(), "auth.reset").at(0));
  must(admin.call(users::Disable{.id = nurse.id}));
  CHECK(code_of(reset(hospital, late, "yet another lantern 59")) == "link.expired");
}

TEST_CASE("USR-3: a reset opens an account that a hundred failures have shut") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  const Member nurse = hospital.member(Role::nurse);
  for (int failures = 0; failures < 100;) {
    if (code_of(hospital.sign_in(nurse.email, "not the password at all")) == "auth.failed") {
      ++failures;
    } else {
      hospital.clock->advance_s(900);
    }
  }
  hospital.clock->advance_s(30 * 24 * 60 * 60);
  CHECK(code_of(hospital.sign_in(nurse.email)) == "auth.throttled");
  posted.post();
  must(ask(hospital, nurse.email));
  must(reset(hospital, token_in(posted.post().at(0))));
  CHECK(hospital.sign_in(nurse.email, fresh).ok());
}

TEST_CASE("USR-7: who registers has an account once they have shown that the address is theirs") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  hospital.configure({.self_registration = true});
  const auto pat = must(hospital.visitor().call(auth::Register{
      .display_name = "Pat", .email = "Pat@example.org", .password = Hospital::secret(Hospital::password)}));
  CHECK(code_of(hospital.sign_in("pat@example.org")) == "auth.failed");
  const auto sent = of_kind(posted.post(), "auth.verify");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].to == "Pat@example.org");
  CHECK(sent[0].text.find("Pat,") == std::string::npos);  // what a stranger says goes to nobody
  const auto verify = [&](std::string_view token) { return confirm(hospital, token); };
  CHECK(code_of(reset(hospital, token_in(sent[0]))) == "link.expired");  // it is good for this alone
  const auto verified = must(verify(token_in(sent[0])));
  CHECK(verified.id == pat.id);
  CHECK(verified.roles == std::vector{Role::patient});
  CHECK(verified.status == users::UserStatus::active);
  CHECK(must(hospital.sign_in("pat@example.org")).user_id == pat.id);
  CHECK(code_of(verify(token_in(sent[0]))) == "link.expired");

  // Of two who register with one address, the first to show that it is theirs has it.
  const auto again = [&] {
    must(hospital.visitor().call(auth::Register{
        .display_name = "Two", .email = "two@example.org", .password = Hospital::secret(Hospital::password)}));
    return token_in(of_kind(posted.post(), "auth.verify").at(0));
  };
  const std::string first = again();
  const std::string second = again();
  must(verify(second));
  CHECK(code_of(verify(first)) == "link.expired");
  hospital.clock->advance_s(24 * 60 * 60);
  CHECK(code_of(verify("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) == "link.expired");
}

TEST_CASE("USR-7: a registration is confirmed by who has the mail and chose the password, and by nobody else") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Posted posted{engine};
    Hospital& hospital = posted.hospital;
    hospital.configure({.self_registration = true});
    must(hospital.visitor().call(auth::Register{
        .display_name = "Pat", .email = "pat@example.org", .password = Hospital::secret(Hospital::password)}));
    const std::string token = token_in(of_kind(posted.post(), "auth.verify").at(0));
    CHECK(fields_of(confirm(hospital, token, "")) == "/password:required");
    for (int i = 0; i < 5; ++i) CHECK(code_of(confirm(hospital, token, fresh)) == "auth.failed");
    const auto shut = confirm(hospital, token);
    REQUIRE(code_of(shut) == "auth.throttled");
    CHECK(shut.error().retry_after_s == 1);
    CHECK(code_of(hospital.sign_in("pat@example.org")) == "auth.failed");  // which has counts of its own
    hospital.clock->advance_s(1);
    CHECK(must(confirm(hospital, token)).status == users::UserStatus::active);
    CHECK(hospital.sign_in("pat@example.org").ok());
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

namespace {

/// A stranger who has yet to confirm it.
void register_pat(Hospital& hospital) {
  hospital.configure({.self_registration = true});
  must(hospital.visitor().call(auth::Register{
      .display_name = "Pat", .email = "pat@example.org", .password = Hospital::secret(Hospital::password)}));
}

}  // namespace

TEST_CASE("USR-7: strangers who guess at an address do not keep its owner from confirming it") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  register_pat(hospital);
  for (int i = 0; i < 5; ++i) CHECK(code_of(hospital.sign_in("pat@example.org", fresh)) == "auth.failed");
  CHECK(code_of(hospital.sign_in("pat@example.org", fresh)) == "auth.throttled");
  CHECK(code_of(confirm(hospital, token_in(of_kind(posted.post(), "auth.verify").at(0)))) == "ok");
}

TEST_CASE("USR-4, USR-7: a registration is confirmed only while the tenant is active and takes any") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  register_pat(hospital);
  const std::string token = token_in(of_kind(posted.post(), "auth.verify").at(0));
  must(hospital.root().call(tenants::Suspend{.id = hospital.tenant.id}));
  CHECK(code_of(confirm(hospital, token)) == "link.expired");
  must(hospital.root().call(tenants::Resume{.id = hospital.tenant.id}));
  hospital.configure({.self_registration = false});
  CHECK(code_of(confirm(hospital, token)) == "link.expired");
  hospital.configure({.self_registration = true});
  CHECK(code_of(confirm(hospital, token)) == "ok");
}

TEST_CASE("USR-7: an invitation goes out by message as well, and not once it is of no use") {
  const TestEngine engine("memory");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  posted.post();
  const Session admin = hospital.as(Role::tenant_admin);
  const users::Invite invite{.email = "nora@example.org", .display_name = "Nora", .roles = {Role::nurse}};
  const auto invited = must(admin.call(invite));
  const auto sent = posted.post();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].kind == "auth.invitation");
  CHECK(sent[0].to == "nora@example.org");
  CHECK(token_in(sent[0]) == invited.token);
  must(hospital.complete_invitation(must(admin.call(invite)).token));
  CHECK(posted.post().empty());
}

TEST_CASE("USR-7: a message is there if and only if its cause is, and is tried again until it is sent or too old") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Posted posted{engine};
    Hospital& hospital = posted.hospital;
    const Member nurse = hospital.member(Role::nurse);
    posted.post();
    CHECK(code_of(hospital.as(Role::tenant_admin).call(users::StartReset{.id = UserId{hospital.tenant.id.uuid}})) ==
          "not_found");
    CHECK(posted.post().empty());

    int calls = 0;
    posted.sender->answer = [&](const Message&) -> Delivery {
      ++calls;
      if (calls == 1) throw std::runtime_error("no line");
      return calls < 4 ? Delivery::later : Delivery::sent;
    };
    must(hospital.as(Role::tenant_admin).call(users::StartReset{.id = nurse.id}));
    std::vector<Message> tries;
    for (int i = 0; i < 40 && calls < 4; ++i) {
      for (Message& message : posted.post()) tries.push_back(std::move(message));
      hospital.clock->advance_s(30);
    }
    REQUIRE(tries.size() == 4);
    for (const Message& message : tries) {
      CHECK(message.id == tries[0].id);
      CHECK(message.text == tries[0].text);
    }
    hospital.clock->advance_s(24 * 60 * 60);
    CHECK(posted.post().empty());

    posted.sender->answer = [&](const Message&) { return Delivery::later; };
    must(hospital.as(Role::tenant_admin).call(users::StartReset{.id = nurse.id}));
    CHECK(posted.post().size() == 1);
    hospital.clock->advance_s(30 * 60);
    CHECK(posted.post().empty());  // the link is too old by now
    posted.sender->answer = [&](const Message&) { return Delivery::refused; };
    must(hospital.as(Role::tenant_admin).call(users::StartReset{.id = nurse.id}));
    CHECK(posted.post().size() == 1);
    hospital.clock->advance_s(60);
    CHECK(posted.post().empty());
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-7: without a sender messages wait for one") {
  TestEngine engine("sqlite");
  const std::shared_ptr<storage::Engine> shared = engine;
  auto clock = std::make_shared<FakeClock>();
  Member nurse;
  std::string slug;
  {
    Hospital hospital(test_options(shared, clock), clock);
    nurse = hospital.member(Role::nurse);
    slug = hospital.slug();
    must(hospital.as(Role::tenant_admin).call(users::StartReset{.id = nurse.id}));
    CHECK(hospital.platform.tick(clock->now()).empty());
  }
  const auto sender = std::make_shared<RecordingSender>();
  PlatformOptions options = test_options(shared, clock);
  options.messages = sender;
  const Platform platform = must(Platform::open(std::move(options)));
  static_cast<void>(platform.visit(slug));
  CHECK(platform.tick(clock->now()).empty());
  const auto sent = of_kind(sender->messages, "auth.reset");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].to == nurse.email);
  CHECK(sent[0].text.find("code: ") != std::string::npos);  // no front end is known
}

TEST_CASE("USR-7: a message that was being handed over when the process died is handed over again, as the same one") {
  const TestEngine engine("sqlite");
  Posted posted{engine};
  Hospital& hospital = posted.hospital;
  const Member nurse = hospital.member(Role::nurse);
  posted.post();
  const TemporaryFolder wreck;
  posted.sender->answer = [&](const Message&) {
    // What would be found if it ended here.
    std::filesystem::copy(engine.folder() / "data", wreck / "data", std::filesystem::copy_options::recursive);
    return Delivery::sent;
  };
  must(hospital.as(Role::tenant_admin).call(users::StartReset{.id = nurse.id}));
  const auto first = posted.post();
  REQUIRE(first.size() == 1);

  const auto sender = std::make_shared<RecordingSender>();
  PlatformOptions options = test_options(storage::sqlite_engine(wreck / "data"), hospital.clock);
  options.messages = sender;
  options.link_base = "https://clinic.example";
  const Platform platform = must(Platform::open(std::move(options)));
  static_cast<void>(platform.visit(hospital.slug()));
  CHECK(platform.tick(hospital.clock->now()).empty());
  CHECK(sender->messages.empty());  // whoever has it may still be at it
  hospital.clock->advance_s(5 * 60);
  CHECK(platform.tick(hospital.clock->now()).empty());
  REQUIRE(sender->messages.size() == 1);
  CHECK(sender->messages[0].id == first[0].id);
  CHECK(sender->messages[0].text == first[0].text);
  CHECK(platform.tick(hospital.clock->now().plus_s(3600)).empty());
  CHECK(sender->messages.size() == 1);
}
