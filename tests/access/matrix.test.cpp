#include <doctest/doctest.h>

#include <set>

#include "tests/access/world.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

const matrix::Roles& spec() {
  static const matrix::Roles read(MEDFLOW_SOURCE_DIR "/tests/access/roles.csv");
  return read;
}

constexpr std::string_view realm_words[] = {"tenant", "platform", "any"};
constexpr std::string_view verdict_words[] = {"allowed", "denied", "missing"};
constexpr std::string_view relation_words[] = {"no object", "own facility", "other facility",
                                               "own",       "nowhere",      "authored"};

matrix::Call call_of(const Operation& operation, Relation relation) {
  const std::string name(operation.name);
  // One's own account is a user, but the permission for it is another than that for users.
  const bool profile = name.starts_with("profile.");
  return {.operation = name,
          .permission = std::string(permission_name(operation.permission)),
          .realm = std::string(realm_words[static_cast<std::size_t>(operation.realm)]),
          .object = profile ? "profile" : std::string(operation.object),
          .relation = relation,
          .makes = matrix::makes(operation.status, operation.path)};
}

/// Whether it is about a doctor or a doctor's calendar.
bool is_of_doctor(const Operation& operation) {
  return operation.object == "doctor" || operation.object == "schedule" || operation.object == "leave";
}

/// Questions that make no sense: a chart of one's own for who is no patient, a calendar for who is no doctor, and an account for the local
/// operator.
bool asks_nothing(const Operation& operation, std::string_view role, Relation relation) {
  const bool root = role == "super_admin";
  if (relation == Relation::own && operation.object == "patient") return role != "patient";
  // A feed is of one's own calendar.
  if (relation == Relation::own && operation.object == "feed" && operation.name != "calendars.list_feeds")
    return role != "doctor" && role != "patient";
  if (relation == Relation::own && is_of_doctor(operation)) return role != "doctor";
  if (relation == Relation::own || operation.permission == Permission::session) return root;
  // The platform has no users of its own to sign in.
  return root && operation.permission == Permission::anonymous;
}

/// On the platform all that belongs to a tenant is nowhere.
Relation seen_from(std::string_view role, const Operation& operation, Relation relation) {
  const bool of_a_tenant = operation.realm != Realm::platform && relation != Relation::none;
  return role == "super_admin" && of_a_tenant ? Relation::foreign : relation;
}

}  // namespace

TEST_CASE("RBA-2: the library decides every operation for every role and relation as the matrix says") {
  World world;
  std::set<std::string_view> tried;
  std::size_t questions = 0;
  for (const Trial& trial : trials()) {
    const OperationRow* row = find_operation(trial.operation);
    REQUIRE_MESSAGE(row != nullptr, trial.operation);
    tried.insert(trial.operation);
    for (const Relation relation : trial.relations) {
      const auto ask = [&](const std::string& role, const Session& session) {
        CAPTURE(trial.operation);
        CAPTURE(role);
        CAPTURE(relation_words[static_cast<std::size_t>(relation)]);
        CAPTURE(trial.kind);
        const Operation& operation = *row->operation;
        if (asks_nothing(operation, role, relation)) return;
        const matrix::Caller caller{.role = role, .on_platform = role == "super_admin"};
        matrix::Call call = call_of(operation, seen_from(role, operation, relation));
        call.kind = trial.kind;
        const Verdict expected = spec().decide(caller, call);
        const std::string outcome = trial.run(world, session, relation);
        CAPTURE(outcome);
        CHECK(verdict_words[static_cast<std::size_t>(verdict_of(outcome))] ==
              verdict_words[static_cast<std::size_t>(expected)]);
        ++questions;
      };
      for (std::size_t role = 0; role < spec().roles().size(); ++role) {
        REQUIRE(spec().roles()[role] == World::word(static_cast<Role>(role)));
        ask(spec().roles()[role], world.as(static_cast<Role>(role)));
      }
      const bool own_user = relation == Relation::own && row->operation->path.find("id}") != std::string_view::npos;
      if (!own_user) ask("", world.hospital.visitor());  // who is nobody has nothing of their own to name
    }
  }
  for (const OperationRow& row : operations())
    CHECK_MESSAGE(tried.contains(row.operation->name), "no trial of ", row.operation->name);
  MESSAGE(questions, " questions, ", tried.size(), " operations");
}

TEST_CASE("RBA-2: lists and searches show exactly the patients that the matrix lets their caller see") {
  World world;
  const std::pair<Relation, PatientId> charts[] = {
      {Relation::own_facility, world.new_patient(world.hospital.home).id},
      {Relation::other_facility, world.new_patient(world.hospital.away).id},
      {Relation::own, world.own_chart.id}};
  for (std::size_t i = 1; i < spec().roles().size(); ++i) {
    const std::string& role = spec().roles()[i];
    CAPTURE(role);
    const Session session = world.as(static_cast<Role>(i));
    const auto listed = session.call(patients::List{});
    const auto found = session.call(patients::Search{.name = "field"});
    if (!listed.ok()) {
      CHECK(code_of(listed) == "forbidden");
      CHECK(code_of(found) == "forbidden");
      continue;
    }
    for (const auto& [relation, id] : charts) {
      const Relation seen = relation == Relation::own && role != "patient" ? Relation::other_facility : relation;
      CAPTURE(relation_words[static_cast<std::size_t>(seen)]);
      const auto expected = spec().decide({.role = role}, {.operation = "patients.list",
                                                           .permission = "patient.search",
                                                           .realm = "tenant",
                                                           .object = "patient",
                                                           .relation = seen});
      const auto has = [wanted = id](const Page<patients::Patient>& page) {
        for (const auto& patient : page.data)
          if (patient.id == wanted) return true;
        return false;
      };
      CHECK(has(*listed) == (expected == Verdict::allowed));
      CHECK(has(must(session.call(patients::Search{.name = "field"}))) == (expected == Verdict::allowed));
    }
  }
}

TEST_CASE("RBA-2: the library's matrix and the copy in the tests are the same, cell by cell") {
  World world;
  std::map<std::string, std::string> held;
  for (const auto& role : must(world.hospital.root().call(medflow::roles::List{})).data)
    for (const auto& grant : role.grants)
      held[grant.permission + " " + role.name] =
          grant.scope + (grant.condition.empty() ? "" : "(" + grant.condition + ")");
  std::size_t cells = 0;
  for (const auto& [permission, row] : spec().rows())
    for (const auto& [role, cell] : row.cells) {
      const std::string name = permission + " " + role;
      CAPTURE(name);
      const auto there = held.find(name);
      CHECK((there == held.end() ? "-" : there->second) == cell);
      if (there != held.end()) held.erase(there);
      ++cells;
    }
  CHECK(cells == 111 * 10);
  CHECK(held.empty());
}

TEST_CASE("RBA-2: a grant on some fields reaches no others") {
  World world;
  const Session patient = world.as(Role::patient);
  const auto revision = must(patient.call(patients::Get{.id = world.own_chart.id})).revision;
  const std::vector<patients::PersonName> renamed{{.family = "Meadow"}};
  CHECK(code_of(patient.call(patients::Patch{.id = world.own_chart.id, .revision = revision, .names = renamed})) ==
        "field.forbidden");
  CHECK(
      must(patient.call(patients::Patch{.id = world.own_chart.id, .revision = revision, .language = std::string("cy")}))
          .language == "cy");
}

TEST_CASE("RBA-2: the local operator is nobody's account") {
  World world;
  CHECK(code_of(world.hospital.root().call(profile::Get{})) == "forbidden");
  CHECK(code_of(world.hospital.root().call(profile::Update{.revision = 1, .display_name = "X"})) == "forbidden");
  CHECK(code_of(world.hospital.root().call(auth::Logout{})) == "unauthenticated");
}
