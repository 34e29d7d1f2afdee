// The worked example, made over HTTP: each call succeeds, and its answer is as the OpenAPI document says (`HttpHospital`).
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/adapters/http/walk.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using things::HttpHospital;
using things::Received;
using things::Walk;

TEST_CASE("API-7: the worked example can be made from its beginning to its end, and again") {
  HttpHospital hospital;
  for (const char* run : {"1", "2"}) {
    Walk walk(hospital, run);
    for (const json::Example& example : json::examples()) {
      CAPTURE(example.operation);
      const OperationRow* row = find_operation(example.operation);
      REQUIRE(row != nullptr);
      const Received received = walk.make(example);
      REQUIRE_MESSAGE(received.status == row->operation->status, received.body);
    }
  }
}

TEST_CASE("AUD-1: each operation of the interface leaves an event that says that it went well") {
  HttpHospital hospital;
  Walk walk(hospital);
  std::map<std::string_view, std::size_t> made;
  for (const json::Example& example : json::examples()) {
    CAPTURE(example.operation);
    if (walk.make(example).status == find_operation(example.operation)->operation->status) ++made[example.operation];
  }
  std::map<std::string, std::size_t> told;
  for (const Session& session : {hospital.inside.as(Role::auditor), hospital.inside.root()})
    for (const testing::ReadEvent& each : testing::events(session))
      if (each.event.outcome == audit::Outcome::ok) ++told[std::string(each.event.action)];
  for (const OperationRow& row : operations()) {
    const std::string_view name = row.operation->name;
    CAPTURE(name);
    // What these take comes in a message.
    CHECK((made[name] > 0 || name == "auth.verify" || name == "auth.reset"));
    CHECK(told[std::string(name)] >= made[name]);
  }
}

TEST_CASE("R12: every list can be asked for by POST as by GET") {
  HttpHospital hospital;
  Walk walk(hospital);
  for (const json::Example& example : json::examples()) {
    CAPTURE(example.operation);
    const Received got = walk.make(example);
    const OperationRow& row = *find_operation(example.operation);
    if (!json::has_search_form(row, operations())) continue;
    boost::json::object query;
    if (example.query == "limit=5" || example.query == "name=field&limit=5") query["limit"] = 5;
    if (example.query == "status=pending&limit=5") query = {{"status", "pending"}, {"limit", 5}};
    if (example.query == "status=active&limit=5") query = {{"status", "active"}, {"limit", 5}};
    if (example.operation == "waitlists.list") query = {{"service", walk.filled("{{service_id}}")}, {"limit", 5}};
    const std::string target = walk.target_of({.operation = example.operation}) + "/search";
    const Received posted = hospital.ask("POST", target, walk.token_of(example), boost::json::serialize(query));
    REQUIRE_MESSAGE(posted.status == 200, posted.body);
    CHECK(boost::json::parse(posted.body).at("data") == boost::json::parse(got.body).at("data"));
    CHECK(hospital.ask("POST", target, walk.token_of(example), R"({"no_such_member":1})").status == 422);
    CHECK(
        hospital
            .ask("GET", walk.target_of({.operation = example.operation}) + "?no_such_member=1", walk.token_of(example))
            .status == 400);
  }
}

TEST_CASE("API-4, R8: an update that names no revision is refused, whatever it is of") {
  HttpHospital hospital;
  Walk walk(hospital);
  int tried = 0;
  for (const json::Example& example : json::examples()) {
    const OperationRow& row = *find_operation(example.operation);
    if (example.body.find("\"revision\":") != std::string_view::npos) {
      CAPTURE(example.operation);
      auto body = boost::json::parse(walk.filled(example.body)).as_object();
      const auto revision = body.at("revision").to_number<std::int64_t>();
      body.erase("revision");
      const std::string text = boost::json::serialize(body);
      const auto ask = [&](std::string_view header) {
        return hospital.ask(Walk::method_of(row), walk.target_of(example), walk.token_of(example), text,
                            Walk::key_header(row).append(header));
      };
      CHECK(ask("").status == 428);
      CHECK(ask("If-Match: \"99\"\r\n").status == 412);
      const Received changed = ask("If-Match: \"" + std::to_string(revision) + "\"\r\n");
      CHECK_MESSAGE(changed.status == row.operation->status, changed.body);
      // What is answered about a series is its visits, and a retracted record with what stands on it: no object with a revision of its own.
      const auto& answered = row.output->fields;
      if (std::any_of(answered.begin(), answered.end(), [](const Field& field) { return field.name == "revision"; }))
        CHECK(changed.header("ETag") == "\"" + std::to_string(revision + 1) + "\"");
      walk.variable(std::string(row.operation->object) + "_revision") = std::to_string(revision + 1);
      ++tried;
      continue;
    }
    walk.make(example);
  }
  CHECK(tried >= 8);
}

TEST_CASE("API-4: whoever has the revision is told so instead of being sent it again") {
  HttpHospital hospital;
  Walk walk(hospital);
  int tried = 0;
  for (const json::Example& example : json::examples()) {
    const Received got = walk.make(example);
    const std::string tag = got.header("ETag");
    if (tag.empty() || find_operation(example.operation)->operation->method != Method::get) continue;
    CAPTURE(example.operation);
    const auto again = [&](const std::string& header) {
      return hospital.ask("GET", walk.target_of(example), walk.token_of(example), {}, header);
    };
    const Received same = again("If-None-Match: " + tag + "\r\n");
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(same.header("ETag") == tag);
    CHECK(same.header("Content-Type").empty());
    CHECK(again("If-None-Match: \"99\"\r\n").body == got.body);
    CHECK(again("If-Match: \"99\"\r\n").status == 412);
    ++tried;
  }
  CHECK(tried >= 5);
}
