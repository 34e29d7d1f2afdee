#include "tests/adapters/http/hospital.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "adapters/http/routes.hpp"
#include "adapters/json/openapi.hpp"

using namespace medflow;
using things::HttpHospital;
using things::RawClient;
using things::Received;
using things::text_of;

namespace {

constexpr std::string_view ann =
    R"({"names":[{"family":"Lee","given":["Ann"]}],"birth":{"date":"1980-05-12"},"sex_admin":"female"})";

bool says(const Received& received, std::string_view what) { return received.body.find(what) != std::string::npos; }

std::string path_with_values(std::string_view path) {
  std::string out = "/api/v1";
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '{') {
      out.push_back(path[i]);
      continue;
    }
    out += "0190b8a0-1234-7000-8000-00000000abcd";
    i = path.find('}', i);
  }
  return out;
}

std::string_view method_of(const OperationRow& row) {
  constexpr std::string_view names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  return names[static_cast<std::size_t>(row.operation->method)];
}

constexpr std::string_view hospital_password = testing::Hospital::password;

std::string email_of_admin() { return testing::Hospital::email_of(Role::tenant_admin); }
std::string email_of_desk() { return testing::Hospital::email_of(Role::receptionist); }

/// Names no tenant where it is empty.
std::string login(std::string_view tenant, std::string_view email, std::string_view password) {
  boost::json::object body{{"email", std::string(email)}, {"password", std::string(password)}};
  if (!tenant.empty()) body["tenant"] = std::string(tenant);
  return boost::json::serialize(body);
}

}  // namespace

TEST_CASE("API-1: every operation of the registry has its route, and it is the one that is reached") {
  const http::Routes routes(operations());
  std::size_t forms = 0;
  for (const OperationRow& row : operations()) {
    CAPTURE(row.operation->name);
    if (json::has_search_form(row, operations())) {
      ++forms;
      const auto form = routes.find("POST", path_with_values(row.operation->path).substr(7) + "/search");
      REQUIRE(form.route != nullptr);
      CHECK(form.route->row == &row);
      CHECK(form.route->is_search_form);
    }
    const auto match = routes.find(method_of(row), path_with_values(row.operation->path).substr(7));
    REQUIRE(match.route != nullptr);
    CHECK(match.route->row == &row);
    CHECK_FALSE(match.route->is_search_form);
  }
  CHECK(routes.size() == operations().size() + forms);
}

TEST_CASE("API-1, API-4, USR-4: a patient's way through a hospital, over HTTP") {
  HttpHospital hospital;
  const std::string admin = hospital.token(Role::tenant_admin);
  hospital.token(Role::receptionist);
  const Received in =
      hospital.ask("POST", "/api/v1/auth/login", {}, login(hospital.inside.slug(), email_of_desk(), hospital_password));
  REQUIRE_MESSAGE(in.status == 200, in.body);
  const std::string desk = text_of(in, "access_token");

  const Received made = hospital.ask("POST", "/api/v1/patients", desk, ann);
  REQUIRE_MESSAGE(made.status == 201, made.body);
  const std::string id = text_of(made, "id");
  const std::string place = "/api/v1/patients/" + id;
  CHECK(made.header("Location") == place);
  CHECK(made.header("ETag") == "\"1\"");
  CHECK_FALSE(text_of(made, "mrn").empty());

  const Received found = hospital.ask("POST", "/api/v1/patients/search", desk, R"({"name":"le ann"})");
  CHECK(found.status == 200);
  CHECK(says(found, id));
  CHECK(says(hospital.ask("GET", "/api/v1/patients?name=lee", desk), id));

  const Received read = hospital.ask("GET", place, desk);
  CHECK(read.status == 200);
  CHECK(read.body == made.body);
  CHECK(read.header("ETag") == "\"1\"");

  const std::string changed =
      R"({"names":[{"family":"Lee","given":["Anna"]}],"birth":{"date":"1980-05-12"},"sex_admin":"female"})";
  const Received unconditional = hospital.ask("PUT", place, desk, changed);
  CHECK(unconditional.status == 428);
  const Received updated = hospital.ask("PUT", place, desk, changed, "If-Match: \"1\"\r\n");
  REQUIRE_MESSAGE(updated.status == 200, updated.body);
  CHECK(updated.header("ETag") == "\"2\"");
  CHECK(says(updated, "Anna"));
  const Received stale = hospital.ask("PUT", place, desk, changed, "If-Match: \"1\"\r\n");
  CHECK(stale.status == 412);
  CHECK(says(stale, "\"revision\":2"));
  CHECK(hospital.ask("PATCH", place, desk, R"({"language":"de","revision":1})").status == 409);

  const Received patched = hospital.ask("PATCH", place, desk, R"({"language":"de"})", "If-Match: \"2\"\r\n");
  REQUIRE_MESSAGE(patched.status == 200, patched.body);
  CHECK(says(patched, "\"language\":\"de\""));
  CHECK(says(patched, "Anna"));

  CHECK(hospital.ask("DELETE", place, desk, {}, "Medflow-Reason: entered twice by mistake\r\n").status == 403);
  CHECK(hospital.ask("DELETE", place, admin).status == 422);
  const Received deleted =
      hospital.ask("DELETE", place, admin, {}, "Medflow-Reason: UTF-8''doppelt%20angelegt%20%C3%BCber%20Nacht\r\n");
  CHECK(deleted.status == 204);
  CHECK(deleted.header("Content-Type").empty());
  CHECK(hospital.ask("GET", place, desk).status == 404);

  const Received restored = hospital.ask("POST", place + "/restore", admin, R"({"reason":"deleted the wrong one"})");
  REQUIRE_MESSAGE(restored.status == 200, restored.body);
  CHECK(says(restored, "Anna"));
  CHECK(hospital.ask("GET", place, desk).status == 200);

  const Received out = hospital.ask("POST", "/api/v1/auth/logout", desk);
  CHECK(out.status == 204);
  CHECK(out.header("Clear-Site-Data") == R"("cache", "cookies", "storage")");
  const Received after = hospital.ask("GET", place, desk);
  CHECK(after.status == 401);
  CHECK(after.has("WWW-Authenticate: Bearer error=\"invalid_token\""));
}

TEST_CASE("USR-4: a wrong password, an unknown address and an unknown tenant answer alike") {
  HttpHospital hospital;
  const std::string slug = hospital.inside.slug();
  const std::string wrong = "not the password at all";
  std::set<std::string> answers;
  for (const std::string& body : {login(slug, email_of_admin(), wrong), login(slug, "nobody@example.org", wrong),
                                  login("nowhere", email_of_admin(), wrong), login("", email_of_admin(), wrong)}) {
    const Received received = hospital.ask("POST", "/api/v1/auth/login", {}, body);
    CHECK(received.status == 401);
    auto problem = boost::json::parse(received.body).as_object();
    problem.erase("instance");
    answers.insert(boost::json::serialize(problem));
  }
  CHECK(answers.size() == 1);
}

TEST_CASE("USR-4: the tenant may be named by a header instead") {
  HttpHospital hospital;
  const Received received =
      hospital.ask("POST", "/api/v1/auth/login", {}, login("", email_of_admin(), hospital_password),
                   "Medflow-Tenant: " + hospital.inside.slug() + "\r\n");
  CHECK(received.status == 200);
  CHECK(received.header("Cache-Control") == "no-store");
}

TEST_CASE("USR-4: without a session every operation but the public ones answers 401, whatever is sent") {
  HttpHospital hospital;
  for (const OperationRow& row : operations()) {
    if (row.operation->permission == Permission::anonymous) continue;
    CAPTURE(row.operation->name);
    const Received received =
        hospital.ask(method_of(row), path_with_values(row.operation->path), {}, method_of(row) == "GET" ? "" : "{}");
    CHECK(received.status == 401);
    CHECK(received.has("WWW-Authenticate: Bearer"));
  }
}

TEST_CASE("R11: what moves money is refused without an Idempotency-Key") {
  HttpHospital hospital;
  const std::string clerk = hospital.token(Role::billing_clerk);
  const std::string nowhere = "019a0000-0000-7000-8000-00000000dead";
  const std::pair<std::string, std::string> calls[] = {
      {"/invoices/" + nowhere + "/issue", "{}"},
      {"/invoices/" + nowhere + "/credit_notes", R"({"reason":"it was not used"})"},
      {"/payments/" + nowhere + "/refunds", R"({"amount":1,"reason":"paid twice over"})"},
      {"/refunds/" + nowhere + "/complete", "{}"}};
  int tried = 0;
  for (const auto& call : calls) {
    CAPTURE(call.first);
    const auto ask = [&](const std::string& header) {
      return hospital.ask("POST", "/api/v1" + call.first, clerk, call.second, header);
    };
    const Received refused = ask("");
    CHECK(refused.status == 400);
    CHECK(says(refused, "idempotency.required"));
    CHECK(ask("Idempotency-Key: key-" + std::to_string(++tried) + "\r\n").status == 404);
  }
}

TEST_CASE("API-3: all that is wrong with a registration is said at once") {
  HttpHospital hospital;
  const std::string desk = hospital.token(Role::receptionist);
  const Received received =
      hospital.ask("POST", "/api/v1/patients", desk,
                   R"({"names":[{"family":"Lee"},{"famly":"x"}],"sex_admin":"often","birth":{"date":"1980-13-01"}})");
  CHECK(received.status == 422);
  for (const char* pointer : {"/names/1/famly", "/sex_admin", "/birth/date"}) {
    CAPTURE(pointer);
    CHECK(says(received, "\"pointer\":\"" + std::string(pointer) + "\""));
  }
  CHECK_FALSE(says(received, "1980-13-01"));
}

TEST_CASE("API-1: many clients at once are served, each its own answer") {
  HttpHospital hospital;
  const std::string desk = hospital.token(Role::receptionist);
  std::vector<std::thread> clients;
  std::vector<int> good(8);
  for (std::size_t c = 0; c < good.size(); ++c)
    clients.emplace_back([&, c] {
      RawClient client(hospital.port());
      for (int i = 0; i < 20; ++i) {
        const std::string family = "Client" + std::string(1, static_cast<char>('a' + c)) + "x" +
                                   std::string(static_cast<std::size_t>(i) + 1, 'y');
        const std::string body = R"({"names":[{"family":")" + family + R"("}],"sex_admin":"unknown"})";
        const Received made = client.ask(
            "POST /api/v1/patients HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + desk +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        good[c] += made.status == 201 && says(made, "\"" + family + "\"") ? 1 : 0;
      }
    });
  for (auto& client : clients) client.join();
  CHECK(good == std::vector<int>(8, 20));
}

TEST_CASE("API-1: a page of patients links to the next; the walk meets each patient once") {
  HttpHospital hospital;
  const std::string desk = hospital.token(Role::receptionist);
  for (int i = 0; i < 5; ++i)
    REQUIRE(hospital.ask("POST", "/api/v1/patients", desk, R"({"unidentified":true,"sex_admin":"unknown"})").status ==
            201);
  std::set<std::string> seen;
  std::string next = "/api/v1/patients?limit=2";
  for (int pages = 0; pages < 4 && !next.empty(); ++pages) {
    const Received page = hospital.ask("GET", next, desk);
    REQUIRE(page.status == 200);
    const auto body = boost::json::parse(page.body);
    for (const auto& patient : body.at("data").as_array())
      CHECK(seen.insert(std::string(patient.at("id").as_string())).second);
    const std::string link = page.header("Link");
    const std::size_t end = link.find(">; rel=\"next\"");
    next = end == std::string::npos ? "" : link.substr(1, end - 1);
  }
  CHECK(seen.size() == 5);
}

TEST_CASE("AUD-3: the audit log goes out as a stream, one event a line") {
  HttpHospital hospital;
  const std::string auditor = hospital.token(Role::auditor);
  const Received exported = hospital.ask("GET", "/api/v1/audit/export", auditor);
  REQUIRE_MESSAGE(exported.status == 200, exported.body);
  CHECK(exported.has("Transfer-Encoding: chunked"));
  std::size_t lines = 0;
  for (std::size_t at = 0; at < exported.body.size(); ++lines) {
    const std::size_t end = exported.body.find('\n', at);
    REQUIRE(end != std::string::npos);
    REQUIRE(boost::json::parse(exported.body.substr(at, end - at)).is_object());
    at = end + 1;
  }
  CHECK(lines >= 4);
  CHECK_FALSE(says(exported, "@example.org"));
}

TEST_CASE("API-7: the description of this interface names every route") {
  HttpHospital hospital;
  const Received received = hospital.ask("GET", "/api/docs/openapi.json", {});
  CHECK(received.status == 200);
  CHECK(received.header("Content-Type") == "application/json; charset=utf-8");
  const auto document = boost::json::parse(received.body);
  CHECK(document.at("openapi").as_string().starts_with("3.1"));
  for (const OperationRow& row : operations()) CHECK(says(received, row.operation->name));
}

TEST_CASE("USR-7: a registration is confirmed and a lost password replaced by the links that are sent") {
  HttpHospital hospital;
  hospital.inside.configure({.self_registration = true});
  const std::string tenant = R"({"tenant":")" + hospital.inside.slug() + "\",";
  const std::string password(testing::Hospital::password);
  const auto mailed = [&] {
    hospital.sender->messages.clear();
    hospital.inside.platform.tick(hospital.inside.clock->now());
    return testing::token_in(hospital.sender->messages.at(hospital.sender->messages.size() - 1));
  };
  const auto post = [&](std::string_view path, const std::string& members) {
    return hospital.ask("POST", "/api/v1/auth/" + std::string(path), "", tenant + members + "}").status;
  };
  const std::string address = R"("email":"self@example.org")";
  CHECK(post("register", address + R"(,"display_name":"Sela Self","password":")" + password + '"') == 201);
  CHECK(post("login", address + R"(,"password":")" + password + '"') == 401);
  const std::string link = mailed();
  const std::string confirmed = R"("token":")" + link + R"(","password":")";
  CHECK(post("verify", R"("token":")" + link + '"') == 422);
  CHECK(post("verify", confirmed + R"(another violet tundra 9")") == 401);
  CHECK(post("verify", confirmed + password + '"') == 200);
  CHECK(post("verify", confirmed + password + '"') == 410);
  CHECK(post("login", address + R"(,"password":")" + password + '"') == 200);

  CHECK(post("request_reset", address) == 204);
  const std::string reset = R"("token":")" + mailed() + R"(","password":"another lantern, another 58")";
  CHECK(post("reset", reset) == 204);
  CHECK(post("reset", reset) == 410);
  CHECK(post("login", address + R"(,"password":"another lantern, another 58")") == 200);
  CHECK(post("login", address + R"(,"password":")" + password + '"') == 401);
}
