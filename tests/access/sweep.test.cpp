// Every route, asked by everybody for what is theirs, another's, another tenant's and nobody's, over HTTP (RBA-3, R9).
#include <doctest/doctest.h>

#include <map>

#include "adapters/json/examples.hpp"
#include "adapters/json/openapi.hpp"
#include "tests/access/world.hpp"
#include "tests/adapters/http/walk.hpp"

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
                                                            .roles = {Role::receptionist},
                                                            .facilities = {facility}})));
    const auto role =
        must(admin.call(roles::Create{.name = "Elsewhere", .grants = {{.permission = "record.read", .scope = "C"}}}));
    ids_ = {
        {"user", desk.user_id().text()},
        {"facility", facility.text()},
        {"session", must(desk.call(sessions::List{})).data.front().id.text()},
        {"role", role.id->text()},
        {"role_proposal", role.proposal_id->text()},
        {"patient",
         must(desk.call(patients::Register{.names = {{.family = "Elsewhere"}}, .sex_admin = patients::Sex::unknown}))
             .id.text()}};
  }

  const std::string& id(const std::string& object) const { return ids_.at(object); }

 private:
  std::map<std::string, std::string> ids_{};
};

/// The kind of the object that a route names, which is not always the one that it is about.
std::string named_object(const Operation& operation) {
  if (operation.path.starts_with("/admin/tenants/")) return "tenant";
  return std::string(operation.object);
}

class Sweep {
 public:
  Sweep() : router_(std::make_unique<WorldBackend>(world_), operations(), {}), server_(router_) {}

  World& world() { return world_; }

  /// What a route can be asked for: nothing, or objects of each kind of owner that there is.
  static std::vector<Whose> asked(const Operation& operation) {
    const bool listed_by_user = operation.name == "sessions.list";
    if (operation.path.find("{id}") == std::string_view::npos && !listed_by_user) return {Whose::nobodys};
    const std::string object = listed_by_user ? "user" : named_object(operation);
    if (object == "tenant") return {Whose::others, Whose::absent};
    if (object == "role" || object == "role_proposal" || object == "session")
      return {Whose::others, Whose::elsewhere, Whose::absent};
    return {Whose::own, Whose::others, Whose::elsewhere, Whose::absent};
  }

  /// What the object is to the caller, in the interpreter's words.
  static Relation relation_of(const Operation& operation, Whose whose) {
    if (whose == Whose::nobodys) return operation.name.starts_with("profile.") ? Relation::own : Relation::none;
    if (whose == Whose::elsewhere || whose == Whose::absent) return Relation::foreign;
    const bool by_place = operation.object == "patient" || operation.object == "facility";
    if (whose == Whose::others) return by_place ? Relation::other_facility : Relation::own_facility;
    return operation.object == "facility" ? Relation::own_facility : Relation::own;
  }

  things::Received ask(const Operation& operation, std::string_view token, Whose whose) {
    prepare(operation, token, whose);
    std::string target = "/api/v1" + things::filled(json::example_path(*find_operation(operation.name)), variables_);
    std::string body = body_of(operation);
    std::string query = query_of(operation);
    if (operation.name == "sessions.list") query = "user_id=" + variables_["user_id"];
    if (!query.empty()) target += "?" + query;
    return send(things::Walk::method_of(*find_operation(operation.name)), target, token, body,
                operation.name == "imports.patients" ? "text/csv" : "application/json");
  }

 private:
  things::Received send(const std::string& method, const std::string& target, std::string_view token,
                        const std::string& body, std::string_view content_type) const {
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: clinic.test\r\n";
    if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
    if (!body.empty())
      request.append("Content-Type: ").append(content_type) +=
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
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
    const json::Example* example = example_of(operation);
    return example == nullptr ? std::string() : things::filled(example->query, variables_);
  }

  /// As in the worked example, about this object; a link that is no good where that has none.
  std::string body_of(const Operation& operation) const {
    if (operation.name == "auth.verify") return R"({"tenant":")" + variables_.at("tenant") + R"(","token":"none"})";
    if (operation.name == "auth.reset")
      return R"({"tenant":")" + variables_.at("tenant") + R"(","token":"none","password":")" +
             std::string(Hospital::password) + R"("})";
    if (operation.name == "patients.update")  // what a patient may change of their own chart, and nothing else
      return things::filled(R"({"revision":{{patient_revision}},"names":[{"family":"Field","given":["Finn"]}],)"
                            R"("sex_admin":"unknown","language":"en"})",
                            variables_);
    if (operation.name == "roles.update")
      return things::filled(R"({"revision":{{role_revision}},"name":"Renamed"})", variables_);
    const json::Example* example = example_of(operation);
    REQUIRE_MESSAGE(example != nullptr, "no body is known for ", operation.name);
    return things::filled(example->body, variables_);
  }

  void prepare(const Operation& operation, std::string_view token, Whose whose) {
    variables_ = {{"run", "r" + std::to_string(++run_)},
                  {"tenant", world_.hospital.slug()},
                  {"password", std::string(Hospital::password)},
                  {"admin_email", world_.hospital.member(Role::nurse).email},  // a sixth sign-in ends the first
                  {"user_email", world_.fresh_address()},
                  {"facility_id", world_.hospital.home.text()}};
    for (const char* object : {"user", "patient", "facility", "setting", "role"})
      variables_[std::string(object) + "_revision"] = "1";
    if (operation.name == "auth.refresh")
      variables_["nurse_refresh"] =
          must(world_.hospital.sign_in(world_.hospital.member(Role::nurse).email)).refresh_token;
    if (operation.name == "auth.register") variables_["invitation"] = world_.invited().token;
    variables_["setting_revision"] = std::to_string(must(world_.admin.call(settings::Get{})).revision);
    if (operation.name.starts_with("profile.") && !token.empty() && token != "super_admin")
      variables_["user_revision"] = std::to_string(world_.revision_of(session_of(token).user_id()));
    if (whose != Whose::nobodys)
      name_object(operation.name == "sessions.list" ? "user" : named_object(operation), token, whose);
  }

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
    } else if (object == "tenant") {
      id = world_.spare.id.text();
    } else if (object == "facility") {
      const FacilityId facility = whose == Whose::own ? world_.hospital.home : world_.hospital.away;
      id = facility.text();
      revision = std::to_string(must(world_.admin.call(facilities::Get{.id = facility})).revision);
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

  World world_{};
  Elsewhere elsewhere_{world_};
  http::Router router_;
  things::RunningServer server_;
  std::map<std::string, std::string> variables_{};
  std::size_t run_ = 0;
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
          .makes = operation.status == 201};
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

/// The local operator is nobody's account and signs in nowhere; the chart that is somebody's own is the patient's.
bool asks_nothing(const Operation& operation, std::string_view role, Whose whose) {
  const bool own = whose == Whose::own || operation.name.starts_with("profile.");
  if (role.empty()) return own;
  if (role == "super_admin")
    return own || operation.permission == Permission::session || operation.permission == Permission::anonymous;
  return whose == Whose::own && operation.object == "patient" && role != "patient";
}

}  // namespace

TEST_CASE(
    "RBA-3: every route answers every role, about its own, another's, another tenant's and no object, as the matrix "
    "says") {
  Sweep sweep;
  std::size_t requests = 0;
  std::vector<std::string> callers = spec().roles();
  callers.emplace_back();  // and a visitor
  for (const OperationRow& row : operations()) {
    const Operation& operation = *row.operation;
    CAPTURE(operation.name);
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
        const Verdict expected = spec().decide({.role = role, .on_platform = root}, call_of(operation, relation));
        const auto& received = answers[whose] = sweep.ask(operation, role, whose);
        ++requests;
        CAPTURE(received.status);
        CAPTURE(received.body);
        if (expected == Verdict::allowed) {
          CHECK(lets_in(received.status));
        } else if (expected == Verdict::missing) {
          CHECK(received.status == 404);
        } else {
          CHECK(received.status == (role.empty() ? 401 : 403));
        }
      }
      // Another tenant's object is as one that is not there, to the byte.
      if (!answers.contains(Whose::elsewhere)) continue;
      CHECK(without_id(answers[Whose::elsewhere]) == without_id(answers[Whose::absent]));
    }
  }
  MESSAGE(requests, " requests, ", operations().size(), " operations");
}
