#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "kernel/access.hpp"
#include "tests/access/world.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::string_view realm_words[] = {"tenant", "platform", "any"};
constexpr std::string_view verdict_words[] = {"allowed", "denied", "missing"};
constexpr std::string_view relation_words[] = {"no object", "own facility", "other facility",
                                               "own",       "nowhere",      "authored"};

const matrix::Roles& spec() {
  static const matrix::Roles read(MEDFLOW_SOURCE_DIR "/tests/access/roles.csv");
  return read;
}

/// A cell of the matrix as a grant has it.
roles::Grant grant_of(const std::string& permission, const std::string& cell) {
  return {.permission = permission,
          .scope = cell.substr(0, 1),
          .condition = cell.size() > 3 ? cell.substr(2, cell.size() - 3) : ""};
}

/// Everything that some built-in role of a tenant holds.
std::vector<std::pair<std::string, std::string>> all_cells() {
  std::vector<std::pair<std::string, std::string>> cells;
  for (const auto& [permission, row] : spec().rows())
    for (const auto& [role, cell] : row.cells)
      if (role != "super_admin" && cell != "-" &&
          std::find(cells.begin(), cells.end(), std::pair(permission, cell)) == cells.end())
        cells.emplace_back(permission, cell);
  return cells;
}

using Cells = std::vector<std::pair<std::string, std::string>>;

bool has(const Cells& cells, const std::string& permission) {
  return std::any_of(cells.begin(), cells.end(), [&](const auto& one) { return one.first == permission; });
}

std::string read_of(const std::string& permission) { return permission.substr(0, permission.find('.')) + ".read"; }

/// What can be a role: without what changes things that the others do not let it read.
Cells closed(Cells cells) {
  std::erase_if(cells, [&](const auto& one) {
    const std::string read = read_of(one.first);
    const bool looks = one.first == read || one.first.ends_with(".search");
    if (looks || !spec().rows().contains(read) || has(cells, read)) return false;
    // Unless a built-in role does without, as who releases documents from quarantine.
    const auto& holders = spec().rows().at(one.first).cells;
    return std::none_of(holders.begin(), holders.end(), [&](const auto& holder) {
      return holder.first != "super_admin" && holder.second == one.second &&
             spec().rows().at(read).cells.at(holder.first) == "-";
    });
  });
  return cells;
}

std::vector<roles::Grant> grants_of(const Cells& cells) {
  std::vector<roles::Grant> grants;
  for (const auto& [permission, cell] : cells) grants.push_back(grant_of(permission, cell));
  return grants;
}

/// Asks for every operation on every relation; calls `see` with what was answered.
template <class See>
void ask_all(World& world, const std::string& role, See&& see) {
  for (const Trial& trial : trials()) {
    const Operation& operation = *find_operation(trial.operation)->operation;
    for (const Relation relation : trial.relations) {
      const bool elsewhere = operation.realm == Realm::platform && relation != Relation::none;
      const matrix::Call call{
          .operation = std::string(operation.name),
          .permission = std::string(permission_name(operation.permission)),
          .realm = std::string(realm_words[static_cast<std::size_t>(operation.realm)]),
          .object = operation.name.starts_with("profile.") ? "profile" : std::string(operation.object),
          .relation = elsewhere ? Relation::none : relation,
          .makes = matrix::makes(operation.status, operation.path),
          .kind = std::string(trial.kind)};
      see(call, relation, trial.run(world, world.holding(role), relation));
    }
  }
}

/// The place of an answer among others: operation, kind and relation.
using Place = std::tuple<std::string, std::string, Relation>;

/// Holds each answer against the matrix; answers what was allowed.
std::set<Place> allowed_to(World& world, const std::string& role, const Cells& cells) {
  std::set<Place> allowed;
  ask_all(world, role, [&](const matrix::Call& call, Relation relation, const std::string& outcome) {
    CAPTURE(call.operation);
    CAPTURE(call.kind);
    CAPTURE(relation_words[static_cast<std::size_t>(relation)]);
    CAPTURE(outcome);
    const Verdict expected = spec().decide({.grants = cells}, call);
    CHECK(verdict_words[static_cast<std::size_t>(verdict_of(outcome))] ==
          verdict_words[static_cast<std::size_t>(expected)]);
    if (verdict_of(outcome) == Verdict::allowed) allowed.emplace(call.operation, call.kind, relation);
  });
  return allowed;
}

Cells random_cells(std::mt19937& chance, const Cells& all) {
  Cells cells;
  const auto of_ten = 1 + chance() % 6;
  for (const auto& cell : all)
    if (chance() % 10 < of_ten) cells.push_back(cell);
  return closed(std::move(cells));
}

}  // namespace

TEST_CASE("RBA-8: a role of the tenant's own may do what the matrix says of its grants; with one less, never more") {
  for (const std::string_view engine_name : {"memory", "sqlite"}) {
    CAPTURE(engine_name);
    World world(engine_name);
    std::mt19937 chance(8);
    const Cells all = all_cells();
    const int rounds = engine_name == "memory" ? 8 : 2;
    for (int round = 0; round < rounds; ++round) {
      CAPTURE(round);
      const Cells cells = random_cells(chance, all);
      REQUIRE_FALSE(cells.empty());
      Cells fewer = cells;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(chance() % fewer.size()));
      fewer = closed(std::move(fewer));
      const std::string name = "role " + std::to_string(round);
      world.custom_role(name, grants_of(cells));
      world.custom_role(name + " less", grants_of(fewer));
      const auto with = allowed_to(world, name, cells);
      const auto without = allowed_to(world, name + " less", fewer);
      CHECK(std::includes(with.begin(), with.end(), without.begin(), without.end()));
    }
  }
}

TEST_CASE("RBA-8: a copy of a built-in role may do what that role may") {
  World world;
  for (std::size_t i = 1; i < spec().roles().size(); ++i) {
    const std::string& role = spec().roles()[i];
    CAPTURE(role);
    Cells cells;
    for (const auto& [permission, row] : spec().rows())
      if (row.cells.at(role) != "-") cells.emplace_back(permission, row.cells.at(role));
    CHECK(closed(cells) == cells);  // each built-in role can read what it changes
    world.custom_role("copy of " + role, grants_of(cells));
    allowed_to(world, "copy of " + role, cells);
  }
}

TEST_CASE("RBA-8: removing a grant never permits, whatever else is held") {
  std::mt19937 chance(88);
  const Cells all = all_cells();
  for (int round = 0; round < 300; ++round) {
    std::vector<roles::Grant> grants = grants_of(random_cells(chance, all));
    if (grants.empty()) continue;
    std::vector<Role> built_in;
    if (chance() % 2 == 0) built_in.push_back(static_cast<Role>(1 + chance() % 9));
    const kernel::Access with(built_in, grants);
    grants.erase(grants.begin() + static_cast<std::ptrdiff_t>(chance() % grants.size()));
    const kernel::Access without(built_in, grants);
    CHECK((without.classes() & ~with.classes()) == 0);
    for (std::size_t p = 0; p < kernel::permission_count; ++p) {
      const auto more = with.ways(static_cast<Permission>(p));
      for (const kernel::Granted& way : without.ways(static_cast<Permission>(p)))
        CHECK(std::any_of(more.begin(), more.end(), [&](const kernel::Granted& one) {
          return one.scope == way.scope && one.condition == way.condition;
        }));
    }
  }
}

TEST_CASE("RBA-8: a grant that no built-in role of a tenant holds gives nothing, even where it is stored") {
  using kernel::grant_of;
  CHECK(grant_of({.permission = "record.read", .scope = "C"}));
  CHECK(grant_of({.permission = "record.read", .scope = "C", .condition = "own orders"}));
  CHECK_FALSE(grant_of({.permission = "record.read", .scope = "A"}));
  CHECK_FALSE(grant_of({.permission = "record.read", .scope = "O"}));    // only with its condition
  CHECK_FALSE(grant_of({.permission = "tenant.create", .scope = "A"}));  // the platform's
  CHECK_FALSE(grant_of({.permission = "record.read", .scope = "-"}));
  CHECK_FALSE(grant_of({.permission = "session", .scope = "O"}));
  CHECK_FALSE(grant_of({.permission = "anonymous", .scope = "A"}));
  const std::vector<roles::Grant> invented{{.permission = "tenant.create", .scope = "A"}};
  CHECK_FALSE(kernel::Access({}, invented).holds(Permission::tenant_create));
}

TEST_CASE("RBA-8: whatever operation its holder tries, no role lets them change what they may do") {
  for (const std::string_view engine_name : engine_kinds) {
    CAPTURE(engine_name);
    World world(engine_name);
    // The most that a role of the tenant's own can be.
    const Cells everything = all_cells();
    const auto role = world.custom_role("everything", grants_of(everything));
    const Session holder = world.holding("everything");
    const auto account = [&] { return must(world.admin.call(users::Get{.id = holder.user_id()})); };
    const users::User before = account();
    const auto unchanged = [&] {
      const users::User now = account();
      CHECK(now.roles == before.roles);
      CHECK(now.custom_roles == before.custom_roles);
      CHECK(now.facilities == before.facilities);
      CHECK(now.status == users::UserStatus::active);
      CHECK(must(world.admin.call(roles::Get{.id = *role.id})).grants == role.grants);
    };
    for (const Trial& trial : trials()) {
      if (trial.operation == "auth.logout") continue;
      CAPTURE(trial.operation);
      for (const Relation relation : trial.relations) static_cast<void>(trial.run(world, holder, relation));
      unchanged();
    }
    const std::uint64_t revision = account().revision;
    CHECK(code_of(holder.call(users::SetRoles{
              .id = holder.user_id(), .revision = revision, .roles = {Role::tenant_admin}})) == "user.own_account");
    CHECK(code_of(holder.call(users::SetFacilities{
              .id = holder.user_id(), .revision = revision, .facilities = {world.hospital.away}})) ==
          "user.own_account");
    CHECK(code_of(holder.call(users::Disable{.id = holder.user_id()})) == "user.own_account");
    CHECK(code_of(holder.call(
              roles::Update{.id = *role.id, .revision = role.revision, .name = "more", .grants = role.grants})) ==
          "user.own_account");
    CHECK(code_of(holder.call(roles::Delete{.id = *role.id})) == "user.own_account");
    // Somebody else proposes it: the holder does not decide on their own role either.
    const auto small = world.custom_role(
        "small", {{.permission = "role.read", .scope = "A"}, {.permission = "role.manage", .scope = "A"}});
    const auto proposed = must(world.admin.call(
        roles::Update{.id = *small.id, .revision = small.revision, .name = "small", .grants = grants_of(everything)}));
    CHECK(code_of(world.holding("small").call(role_proposals::Approve{.id = *proposed.proposal_id})) ==
          "user.own_account");
    unchanged();
  }
}
