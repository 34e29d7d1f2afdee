// Two hospitals on one platform: what one of them was given is nothing in the other, and what one has does not keep the other from
// having it too (TEN-4).
#include <doctest/doctest.h>

#include <string>

#include "tests/support/messages.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr const char* nothing = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

template <class T>
std::string everything(const Result<T>& result) {
  if (result.ok()) return "ok";
  const Error& error = result.error();
  std::string text = std::string(error.code.name) + "|" + std::string(error.code.text) + "|" + error.detail;
  for (const auto& field : error.fields) text += field.pointer + field.code + field.message;
  for (const auto& id : error.ids) text += id;
  return text;
}

/// The second hospital, on the first one's platform.
class Second {
 public:
  explicit Second(Hospital& first) : first_(first) {
    const auto tenant = must(first.root().call(tenants::Provision{
        .slug = "second", .name = "Second", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
    const auto invited = must(
        first.root().call(users::InviteFirstAdmin{.id = tenant.id, .email = "ada@example.org", .display_name = "Ada"}));
    admin.emplace(enter(invited.token, "ada@example.org"));
    const auto home = must(admin->call(facilities::List{})).data.at(0).id;
    const auto sent = must(admin->call(users::Invite{.email = Hospital::email_of(Role::receptionist),
                                                     .display_name = "Desk",
                                                     .roles = {Role::receptionist},
                                                     .facilities = {home}}));
    desk.emplace(enter(sent.token, Hospital::email_of(Role::receptionist)));
  }

  Session visitor() const { return first_.platform.visit("second"); }
  std::optional<Session> admin{};
  std::optional<Session> desk{};
  auth::Tokens tokens{};

 private:
  Session enter(const std::string& token, const std::string& email) {
    must(visitor().call(auth::Register{.invitation = Secret(token), .password = Hospital::secret(Hospital::password)}));
    tokens = must(visitor().call(auth::Login{.email = email, .password = Hospital::secret(Hospital::password)}));
    return must(first_.platform.authenticate(tokens.access_token));
  }

  Hospital& first_;
};

patients::Register person(const std::string& family) {
  return {.names = {{.family = family, .given = {"Vera"}}},
          .sex_admin = patients::Sex::female,
          .identifiers = {{.system = "urn:test:national", .value = "4711"}}};
}

}  // namespace

TEST_CASE("TEN-4: tokens, links and cursors of one tenant are in the other as ones that never were, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Posted posted{engine};
    Hospital& first = posted.hospital;
    Second second(first);
    const Member nurse = first.member(Role::nurse);
    const Session desk = first.as(Role::receptionist);
    for (const char* family : {"One", "Two"}) {
      auto request = person(family);
      request.identifiers.clear();
      must(desk.call(request));
      must(second.desk->call(request));
    }

    // A refresh token: refused there, and good here all the same.
    const auto refresh = [](const Session& visitor, std::string_view token) {
      return visitor.call(auth::Refresh{.refresh_token = Hospital::secret(token)});
    };
    CHECK(everything(refresh(second.visitor(), nurse.tokens.refresh_token)) ==
          everything(refresh(second.visitor(), nothing)));
    CHECK(refresh(first.visitor(), nurse.tokens.refresh_token).ok());

    // An access token names its tenant; with another's name it is nobody's.
    const std::string ours = nurse.tokens.access_token;
    const std::string theirs = second.tokens.access_token;
    CHECK(must(first.platform.authenticate(ours)).tenant() == first.slug());
    const auto parts = [](const std::string& token) { return std::pair{token.find('.'), token.rfind('.')}; };
    const std::string mixed = theirs.substr(0, parts(theirs).second) + ours.substr(parts(ours).second);
    CHECK(everything(first.platform.authenticate(mixed)) == everything(first.platform.authenticate("x.y.z")));

    // An invitation.
    const auto invited =
        must(first.as(Role::tenant_admin)
                 .call(users::Invite{.email = "nora@example.org", .display_name = "Nora", .roles = {Role::nurse}}));
    const auto complete = [](const Session& visitor, std::string_view token) {
      return visitor.call(
          auth::Register{.invitation = Hospital::secret(token), .password = Hospital::secret(Hospital::password)});
    };
    CHECK(everything(complete(second.visitor(), invited.token)) == everything(complete(second.visitor(), nothing)));
    CHECK(complete(first.visitor(), invited.token).ok());

    // A reset link.
    posted.post();
    must(first.visitor().call(auth::RequestReset{.email = nurse.email}));
    const std::string link = token_in(posted.post().at(0));
    const auto reset = [](const Session& visitor, std::string_view token) {
      return visitor.call(
          auth::Reset{.token = Hospital::secret(token), .password = Hospital::secret(Hospital::password)});
    };
    CHECK(everything(reset(second.visitor(), link)) == everything(reset(second.visitor(), nothing)));
    CHECK(reset(first.visitor(), link).ok());

    // A cursor.
    const auto cursor = must(desk.call(patients::List{.limit = 1})).page.next;
    REQUIRE(cursor);
    CHECK(everything(second.desk->call(patients::List{.limit = 1, .cursor = *cursor})) ==
          everything(second.desk->call(patients::List{.limit = 1, .cursor = nothing})));
    CHECK(desk.call(patients::List{.limit = 1, .cursor = *cursor}).ok());

    // A session, and what stands for the device.
    const auto session = must(desk.call(sessions::List{}));
    CHECK(session.data.size() == 1);
    const UserId whose = first.member(Role::receptionist).id;
    CHECK(code_of(second.admin->call(sessions::List{.user_id = whose})) == "not_found");
    for (const auto& one : session.data)
      CHECK(code_of(second.admin->call(sessions::Revoke{.id = one.id})) == "not_found");
  }
}

TEST_CASE("TEN-4: what must be unique in one tenant may be in the other as well") {
  TestEngine engine("sqlite");
  Hospital first = make_platform(engine);
  Second second(first);
  first.configure({.mrn_strategy = settings::MrnStrategy::manual});
  const auto theirs = must(second.admin->call(settings::Get{}));
  must(
      second.admin->call(settings::Update{.revision = theirs.revision, .mrn_strategy = settings::MrnStrategy::manual}));

  auto request = person("Same");
  request.mrn = "A-1";
  const auto ours = must(first.as(Role::receptionist).call(request));
  const auto same = must(second.desk->call(request));
  CHECK(same.mrn == ours.mrn);
  CHECK(same.id != ours.id);
  CHECK(same.revision == 1);
  auto again = person("Another");
  again.mrn = "A-1";
  again.identifiers.clear();
  CHECK(code_of(second.desk->call(again)) == code_of(first.as(Role::receptionist).call(again)));  // taken, by its own

  // An id of the caller's own, an address and a row of an import are as free.
  auto chosen = person("Chosen");
  chosen.mrn = "A-2";
  chosen.identifiers.clear();
  chosen.id = ours.id;
  CHECK(must(second.desk->call(chosen)).id == ours.id);
  const users::Invite invite{.email = "nora@example.org", .display_name = "Nora", .roles = {Role::nurse}};
  must(first.as(Role::tenant_admin).call(invite));
  CHECK(must(second.admin->call(invite)).user.email == "nora@example.org");
}

TEST_CASE("TEN-4: a row that one tenant has imported is new to the other") {
  TestEngine engine("memory");
  Hospital first = make_platform(engine);
  Second second(first);
  const std::string csv =
      "Id,BIRTHDATE,FIRST,LAST,GENDER\n019a0000-0000-7000-8000-0000000c5e00,1980-01-02,Im,Ported,F\n";
  const auto import = [&](const Session& admin) {
    return must(admin.call(imports::Patients{.content = Content::of("text/csv", csv)}));
  };
  const auto ours = import(first.as(Role::tenant_admin));
  const auto theirs = import(*second.admin);
  CHECK(ours.created == 1);
  CHECK(theirs.created == ours.created);
  CHECK(import(*second.admin).unchanged == 1);
}
