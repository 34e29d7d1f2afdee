#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/access/interpreter.hpp"
#include "tests/access/permissions_page.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("RBA-1: every operation says all about itself") {
  const matrix::Roles roles(MEDFLOW_SOURCE_DIR "/tests/access/roles.csv");
  std::set<std::string_view> names;
  for (const OperationRow& row : operations()) {
    const Operation& operation = *row.operation;
    const std::string permission(permission_name(operation.permission));
    CAPTURE(operation.name);
    CHECK(names.insert(operation.name).second);
    CHECK(find_operation(operation.name) == &row);
    CHECK_FALSE(operation.summary.empty());
    CHECK_FALSE(operation.object.empty());
    CHECK(row.request != nullptr);
    CHECK(row.output != nullptr);
    CHECK((operation.status == 200 || operation.status == 201 || operation.status == 204));
    if (permission == "anonymous" || permission == "session") continue;
    const auto known = roles.rows().find(permission);
    REQUIRE(known != roles.rows().end());
    if (operation.name == "documents.list_quarantine")
      continue;  // the reason is that of a release, not of a look at ids
    CHECK(operation.reason_required == known->second.reason_required);
  }
}

TEST_CASE("RBA-1: these operations are open to a caller without a session, and no others") {
  std::set<std::string> open;
  for (const OperationRow& row : operations())
    if (row.operation->permission == Permission::anonymous) open.emplace(row.operation->name);
  CHECK(open == std::set<std::string>{"auth.login", "auth.refresh", "auth.register", "auth.verify",
                                      "auth.request_reset", "auth.reset", "calendars.read_feed"});
}

TEST_CASE("RBA-2: the published page of permissions is what the operations and roles say") {
  TestEngine engine("memory");
  const Hospital hospital = make_platform(engine);
  const std::string page = permissions_page(must(hospital.root().call(roles::List{})).data);
  const std::filesystem::path path = MEDFLOW_SOURCE_DIR "/docs/permissions.md";
  if (std::getenv("MEDFLOW_WRITE_DOCS") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << page;
  }
  std::stringstream committed;
  committed << std::ifstream(path, std::ios::binary).rdbuf();
  CHECK_MESSAGE(committed.str() == page, "docs/permissions.md is out of date: run this test with MEDFLOW_WRITE_DOCS=1");
}
