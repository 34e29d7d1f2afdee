#include "adapters/http/router.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/adapters/http/fake.hpp"

using namespace medflow;
using http::HeaderField;

namespace {

struct Site {
  explicit Site(http::RouterOptions options = {}) : Site(std::make_unique<things::FakeBackend>(), std::move(options)) {}
  Site(std::unique_ptr<things::FakeBackend> owned, http::RouterOptions options)
      : backend(*owned), router(std::move(owned), things::rows(), std::move(options)) {
    backend.on<things::Get>(
        [](things::Get& get) { return things::Thing{.id = get.id, .revision = 7, .name = "lamp"}; });
    backend.on<things::Make>(
        [](things::Make& make) { return things::Thing{.id = things::some_id(), .revision = 1, .name = make.name}; });
    backend.on<things::Update>([this](things::Update& update) -> Result<things::Thing> {
      expected_revision = update.revision;
      if (update.revision && *update.revision != 7) return Error{.code = codes::revision, .revision = 7};
      return things::Thing{.id = update.id, .revision = 8, .name = update.name};
    });
    backend.on<things::Delete>([this](things::Delete& del) -> Result<Done> {
      reason = del.reason;
      reason_code = del.reason_code;
      return Done{};
    });
    backend.on<things::Login>([](things::Login& login) -> Result<things::Thing> {
      if (login.password.reveal() != "right") return Error{.code = codes::unauthenticated};
      return things::Thing{.name = login.email};
    });
    backend.on<things::Logout>([](things::Logout&) { return Done{}; });
    backend.on<things::Import>([](things::Import& import) -> Result<things::Thing> {
      auto bytes = import.content.read_all(1000);
      if (!bytes.ok()) return bytes.error();
      return things::Thing{.revision = import.first_line, .name = import.content.media_type + ":" + *bytes};
    });
    backend.on<things::Search>([](things::Search& search) {
      Page<things::Thing> page;
      page.data.push_back({.name = search.name});
      page.page.next = "more";
      return page;
    });
    const auto list_page = [this](auto& list) {
      tags = list.tags;
      Page<things::Thing> page;
      page.data.push_back({.name = list.name});
      page.page = {.next = "n+1", .prev = "p", .limit = list.limit};
      return page;
    };
    backend.on<things::List>(list_page);
    backend.on<things::ListParts>(list_page);
  }

  http::Response ask(std::string_view method, std::string_view target, std::vector<HeaderField> fields = {},
                     std::string body = {}) {
    if (signed_in) fields.push_back({"Authorization", "Bearer good"});
    if (!body.empty() && json) fields.push_back({"Content-Type", "application/json"});
    std::optional<http::Response> answer;
    router.handle(
        {.method = method, .target = target, .fields = fields, .body = std::move(body), .address = "192.0.2.7"},
        [&](http::Answer made) { answer = std::move(made).render(); });
    REQUIRE(answer);
    return std::move(*answer);
  }

  things::FakeBackend& backend;
  http::Router router;
  bool signed_in = true;
  bool json = true;
  std::optional<std::uint64_t> expected_revision{};
  std::string reason{};
  std::string reason_code{};
  std::vector<std::string> tags{};
};

const std::string path = "/api/v1/things/0190b8a0-1234-7000-8000-00000000abcd";

bool has_header(const http::Response& response, std::string_view line) {
  return response.headers.find(std::string(line) + "\r\n") != std::string::npos;
}

bool says(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

/// A problem has its status, code and request everywhere it should.
void check_problem(const http::Response& response, int status, std::string_view code) {
  CHECK(response.status == status);
  CHECK(response.content_type == "application/problem+json; charset=utf-8");
  CHECK(says(response, "\"code\":\"" + std::string(code) + "\""));
  CHECK(says(response, "\"type\":\"/api/docs/errors#" + std::string(code) + "\""));
  CHECK(says(response, "\"status\":" + std::to_string(status)));
  CHECK(says(response, "\"instance\":\"/requests/" + response.request_id.text() + "\""));
}

}  // namespace

TEST_CASE("API-1: a request reaches its operation and its answer comes back") {
  Site site;
  const auto response = site.ask("GET", path, {{"User-Agent", "test/1"}});
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json; charset=utf-8");
  CHECK(response.body == R"({"id":"0190b8a0-1234-7000-8000-00000000abcd","revision":7,"name":"lamp"})");
  CHECK(site.backend.called == "things.get");
  CHECK(site.backend.context.request_id == response.request_id);
  CHECK(site.backend.context.address == "192.0.2.7");
  CHECK(site.backend.context.user_agent == "test/1");
}

TEST_CASE("API-1: fixed segments go before parameters, and HEAD is GET") {
  Site site;
  CHECK(site.ask("POST", "/api/v1/things/search", {}, "{}").status == 200);
  CHECK(site.backend.called == "things.search");
  CHECK(site.ask("HEAD", path).status == 200);
  CHECK(site.backend.called == "things.get");
}

TEST_CASE("API-2: a path that is not known is 404, a method that is not known on it 405 with Allow") {
  Site site;
  for (const char* target : {"/", "/api/v1", "/api/v1x/things", "/api/v1/thing", "/api/v1/things/1/2", "/api/v2/things",
                             "/things", "/api/docs/", "/healthz/x"}) {
    CAPTURE(target);
    check_problem(site.ask("GET", target), 404, "not_found");
  }
  auto response = site.ask("PATCH", path);
  check_problem(response, 405, "method_not_allowed");
  CHECK(has_header(response, "Allow: GET, HEAD, PUT, DELETE, OPTIONS"));
  response = site.ask("GET", "/api/v1/auth/login");
  check_problem(response, 405, "method_not_allowed");
  CHECK(has_header(response, "Allow: POST, OPTIONS"));
  response = site.ask("DELETE", "/healthz");
  check_problem(response, 405, "method_not_allowed");
  CHECK(has_header(response, "Allow: GET, HEAD, OPTIONS"));
}

TEST_CASE("API-8: OPTIONS says what a path knows and allows no other site anything") {
  Site site;
  site.signed_in = false;
  for (const std::string& target : {path, std::string("/healthz")}) {
    const auto response =
        site.ask("OPTIONS", target, {{"Origin", "https://evil.test"}, {"Access-Control-Request-Method", "PUT"}});
    CHECK(response.status == 204);
    CHECK(response.headers.starts_with("Allow: GET, HEAD, "));
    CHECK(response.headers.find("Access-Control") == std::string::npos);
  }
}

TEST_CASE("USR-4: without a good access token an operation is not run, and the answer says how to sign in") {
  Site site;
  site.signed_in = false;
  auto response = site.ask("GET", path);
  check_problem(response, 401, "unauthenticated");
  CHECK(has_header(response, "WWW-Authenticate: Bearer"));
  for (const char* value : {"Bearer bad", "bearer bad", "Bearer goo", "Bearer good "}) {
    response = site.ask("GET", path, {{"Authorization", value}});
    check_problem(response, 401, "unauthenticated");
    CHECK(has_header(response, "WWW-Authenticate: Bearer error=\"invalid_token\""));
  }
  for (const char* value : {"", "Bearer", "Bearer ", "Basic good", "good"})
    check_problem(site.ask("GET", path, {{"Authorization", value}}), 401, "unauthenticated");
  CHECK(site.backend.called.empty());
  CHECK(site.ask("GET", path, {{"authorization", "bearer good"}}).status == 200);
}

TEST_CASE("USR-4: who is not signed in learns nothing about the body it sent") {
  Site site;
  site.signed_in = false;
  check_problem(site.ask("POST", "/api/v1/things", {}, "{\"nonsense"), 401, "unauthenticated");
  check_problem(site.ask("GET", path + "?x=1"), 401, "unauthenticated");
}

TEST_CASE(
    "USR-4: before a session the tenant is named by the body, a header, the host, or is the only one, in this order") {
  Site site({.only_tenant = "single", .tenant_hosts = {{"south.test", "south"}}});
  site.signed_in = false;
  const std::string plain = R"({"email":"a@b.test","password":"right"})";
  const std::string named = R"({"email":"a@b.test","tenant":"north","password":"right"})";
  const HeaderField header{"Medflow-Tenant", "west"};
  const HeaderField host{"Host", "South.test:3001"};
  const auto tenant_of = [&](const std::string& body, std::vector<HeaderField> fields) {
    CHECK(site.ask("POST", "/api/v1/auth/login", std::move(fields), body).status == 200);
    return site.backend.visited;
  };
  CHECK(tenant_of(named, {header, host}) == "north");
  CHECK(tenant_of(plain, {header, host}) == "west");
  CHECK(tenant_of(plain, {host}) == "south");
  CHECK(tenant_of(plain, {{"Host", "elsewhere.test"}}) == "single");
  CHECK(Site().backend.visited == "(nobody)");
}

TEST_CASE("USR-4: the tenant is a member of the body only where there is no session yet") {
  Site site;
  const auto response = site.ask("POST", "/api/v1/things", {}, R"({"name":"a","tenant":"north"})");
  check_problem(response, 422, "invalid");
  CHECK(says(response, "\"pointer\":\"/tenant\""));
}

TEST_CASE("API-3: everything that is wrong with a body is said at once, with its place") {
  Site site;
  const auto response = site.ask("POST", "/api/v1/things", {},
                                 R"({"size":"big","parts":[{"label":"ok"},{"lable":"x"},{"label":3}],"colour":1})");
  check_problem(response, 422, "invalid");
  for (const char* pointer : {"/size", "/parts/1/lable", "/parts/1/label", "/parts/2/label", "/colour", "/name"}) {
    CAPTURE(pointer);
    CHECK(says(response, "\"pointer\":\"" + std::string(pointer) + "\""));
  }
  CHECK(site.backend.called.empty());
  CHECK_FALSE(says(response, "big"));
}

TEST_CASE("API-2: what is no JSON is 400, what is not called JSON 415") {
  Site site;
  check_problem(site.ask("POST", "/api/v1/things", {}, "{\"name\":"), 400, "malformed");
  check_problem(site.ask("POST", "/api/v1/things", {}, "[]"), 422, "invalid");
  site.json = false;
  check_problem(site.ask("POST", "/api/v1/things", {}, R"({"name":"a"})"), 415, "unsupported_media");
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
        "application/json; charset=latin1", "application/json, text/plain", "application/merge-patch+json", ""})
    check_problem(site.ask("POST", "/api/v1/things", {{"Content-Type", type}}, R"({"name":"a"})"), 415,
                  "unsupported_media");
  for (const char* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=\"UTF-8\""})
    CHECK(site.ask("POST", "/api/v1/things", {{"Content-Type", type}}, R"({"name":"a"})").status == 201);
  check_problem(site.ask("POST", "/api/v1/auth/logout", {{"Content-Type", "text/plain"}}), 415, "unsupported_media");
  CHECK(site.ask("POST", "/api/v1/auth/logout").status == 204);
  check_problem(site.ask("GET", path, {}, "{}"), 400, "malformed");
}

TEST_CASE("API-5: query parameters are the members of a read; one that is not known is never ignored") {
  Site site;
  auto response = site.ask("GET", "/api/v1/things?name=ann+lee%21&limit=5&tags=a,b&tags=c");
  CHECK(response.status == 200);
  CHECK(says(response, "ann lee!"));
  CHECK(says(response, "\"limit\":5"));
  CHECK(site.tags == std::vector<std::string>{"a", "b", "c"});
  check_problem(site.ask("GET", "/api/v1/things?colour=red"), 400, "query.unknown_parameter");
  check_problem(site.ask("GET", "/api/v1/things?Name=a"), 400, "query.unknown_parameter");
  check_problem(site.ask("GET", "/api/v1/things?limit=5&limit=6"), 400, "query.repeated_parameter");
  check_problem(site.ask("GET", path + "?id=0190b8a0-1234-7000-8000-00000000abcd"), 400, "query.unknown_parameter");
  check_problem(site.ask("POST", "/api/v1/things?name=a", {}, R"({"name":"a"})"), 400, "query.unknown_parameter");
  check_problem(site.ask("POST", "/api/v1/auth/login?password=x", {}, R"({"email":"a"})"), 400,
                "query.unknown_parameter");
  response = site.ask("GET", "/api/v1/things?limit=many");
  check_problem(response, 422, "invalid");
  CHECK(says(response, "\"pointer\":\"/limit\""));
}

TEST_CASE("API-5: a page links to its neighbours, but in no URL that would hold PHI") {
  Site site;
  CHECK(has_header(site.ask("GET", "/api/v1/things?limit=5&cursor=old&tags=a%26b"),
                   "Link: </api/v1/things?limit=5&tags=a%26b&cursor=n%2B1>; rel=\"next\", "
                   "</api/v1/things?limit=5&tags=a%26b&cursor=p>; rel=\"prev\""));
  const auto named = site.ask("GET", "/api/v1/things?name=ann");
  CHECK(named.headers.find("Link") == std::string::npos);
  CHECK(says(named, "\"next\":\"n+1\""));
  CHECK(site.ask("POST", "/api/v1/things/search", {}, R"({"name":"ann"})").headers.find("Link") == std::string::npos);
}

TEST_CASE("API-1: the path names the object; a body may repeat it, not contradict it") {
  Site site;
  CHECK(site.ask("PUT", path, {}, R"({"id":"0190b8a0-1234-7000-8000-00000000abcd","name":"a"})").status == 200);
  const auto response = site.ask("PUT", path, {}, R"({"id":"0190b8a0-1234-7000-8000-00000000abce","name":"a"})");
  check_problem(response, 422, "invalid");
  CHECK(says(response, "\"pointer\":\"/id\""));
  check_problem(site.ask("GET", "/api/v1/things/not-an-id"), 422, "invalid");
}

TEST_CASE("API-4: an answer with a revision has it as its ETag, and what was made says where it is") {
  Site site;
  CHECK(has_header(site.ask("GET", path), "ETag: \"7\""));
  const auto made = site.ask("POST", "/api/v1/things", {}, R"({"name":"lamp"})");
  CHECK(made.status == 201);
  CHECK(has_header(made, "ETag: \"1\""));
  CHECK(has_header(made, "Location: " + path));
  CHECK(site.ask("GET", path).headers.find("Location") == std::string::npos);
}

TEST_CASE("API-4: a read is answered 304 where the client has the revision already") {
  Site site;
  for (const char* tags : {"\"7\"", "W/\"7\"", "\"6\" ,\t\"7\"", "*"}) {
    CAPTURE(tags);
    const auto response = site.ask("GET", path, {{"If-None-Match", tags}});
    CHECK(response.status == 304);
    CHECK(response.body.empty());
    CHECK(response.content_type.empty());
    CHECK(has_header(response, "ETag: \"7\""));
  }
  CHECK(site.ask("HEAD", path, {{"If-None-Match", "\"7\""}}).status == 304);
  for (const char* tags : {"\"6\"", "7", "\"77\"", "", "\"6\",\"8\""})
    CHECK(site.ask("GET", path, {{"If-None-Match", tags}}).status == 200);
  check_problem(site.ask("PUT", path, {{"If-None-Match", "*"}}, R"({"name":"a","revision":7})"), 400,
                "if_none_match.malformed");
}

TEST_CASE("API-4: a read of a revision that is gone is 412") {
  Site site;
  CHECK(site.ask("GET", path, {{"If-Match", "\"6\", \"7\""}}).status == 200);
  CHECK(site.ask("GET", path, {{"If-Match", "*"}}).status == 200);
  check_problem(site.ask("GET", path, {{"If-Match", "\"6\""}}), 412, "precondition.failed");
  check_problem(site.ask("GET", path, {{"If-Match", "W/\"7\""}}), 412, "precondition.failed");  // strong only
}

TEST_CASE("R12: a list has a second form, by POST with its query in the body") {
  Site site;
  const auto found =
      site.ask("POST", "/api/v1/parts/search", {}, R"({"name":"Söhne, Smith","tags":["a","b"],"limit":7})");
  REQUIRE(found.status == 200);
  CHECK(says(found, "Söhne, Smith"));
  CHECK(says(found, "\"limit\":7"));
  CHECK(site.tags == std::vector<std::string>{"a", "b"});
  CHECK(found.headers.find("Link") == std::string::npos);  // it has no URL to link to
  CHECK(site.ask("POST", "/api/v1/parts/search").status == 200);
  check_problem(site.ask("POST", "/api/v1/parts/search", {}, R"({"colour":"red"})"), 422, "invalid");
  check_problem(site.ask("POST", "/api/v1/parts/search?limit=7", {}, "{}"), 400, "query.unknown_parameter");
  check_problem(site.ask("GET", "/api/v1/parts/search"), 405, "method_not_allowed");
  CHECK(site.ask("POST", "/api/v1/things/search", {}, R"({"name":"x"})").status == 200);
  CHECK(site.backend.called == "things.search");  // an operation of its own comes first
}

TEST_CASE("R8: a revision that does not match is 412 where it came by If-Match, else 409") {
  Site site;
  CHECK(site.ask("PUT", path, {{"If-Match", "\"7\""}}, R"({"name":"a"})").status == 200);
  CHECK(site.expected_revision == 7);
  check_problem(site.ask("PUT", path, {{"If-Match", "\"6\""}}, R"({"name":"a"})"), 412, "precondition.failed");
  const auto conflict = site.ask("PUT", path, {}, R"({"name":"a","revision":6})");
  check_problem(conflict, 409, "conflict.revision");
  CHECK(says(conflict, "\"revision\":7"));
  check_problem(site.ask("PUT", path, {{"If-Match", "W/\"7\""}}, R"({"name":"a"})"), 412, "precondition.failed");
  check_problem(site.ask("PUT", path, {{"If-Match", "\"abc\""}}, R"({"name":"a"})"), 412, "precondition.failed");
  CHECK(site.ask("PUT", path, {{"If-Match", "*"}}, R"({"name":"a"})").status == 200);
  CHECK_FALSE(site.expected_revision);
  for (const char* bad : {"7", "\"7", "\"7\", \"8\"", "", "\""})
    check_problem(site.ask("PUT", path, {{"If-Match", bad}}, R"({"name":"a"})"), 400, "if_match.malformed");
  check_problem(site.ask("PUT", path, {{"If-Match", "\"7\""}}, R"({"name":"a","revision":6})"), 422, "invalid");
  check_problem(site.ask("POST", "/api/v1/things", {{"If-Match", "\"7\""}}, R"({"name":"a"})"), 400,
                "if_match.malformed");
}

TEST_CASE("API-1: a deletion takes its reason by header or as a code in the query") {
  Site site;
  auto response = site.ask("DELETE", path, {{"Medflow-Reason", "UTF-8''doppelt%20angelegt%20%C3%BCber%20Nacht"}});
  CHECK(response.status == 204);
  CHECK(response.body.empty());
  CHECK(response.content_type.empty());
  CHECK(site.reason ==
        "doppelt angelegt \xC3\xBC"
        "ber Nacht");
  CHECK(site.ask("DELETE", path + "?reason_code=duplicate").status == 204);
  CHECK(site.reason_code == "duplicate");
  check_problem(site.ask("DELETE", path, {}, R"({"reason":"in the body"})"), 400, "malformed");
  check_problem(site.ask("DELETE", path, {{"Medflow-Reason", "UTF-8''%zz"}}), 400, "reason.malformed");
  check_problem(site.ask("DELETE", path + "?reason=one", {{"Medflow-Reason", "two"}}), 422, "invalid");
}

TEST_CASE("API-1: signing out clears what a browser keeps of the site") {
  Site site;
  const auto response = site.ask("POST", "/api/v1/auth/logout");
  CHECK(response.status == 204);
  CHECK(has_header(response, R"(Clear-Site-Data: "cache", "cookies", "storage")"));
}

TEST_CASE("API-1: content of its own type goes to the operation as it is, its other members in the query") {
  Site site;
  site.json = false;
  const auto response = site.ask("POST", "/api/v1/things/import?first_line=9",
                                 {{"Content-Type", "text/csv; header=present"}}, "a,b\n1,2\n");
  CHECK(response.status == 200);
  CHECK(says(response, R"("name":"text/csv:a,b\n1,2\n")"));
  CHECK(says(response, R"("revision":9)"));
  for (const char* form : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"})
    check_problem(site.ask("POST", "/api/v1/things/import", {{"Content-Type", form}}, "a"), 415, "unsupported_media");
  check_problem(site.ask("POST", "/api/v1/things/import", {}, "a"), 415, "unsupported_media");
}

TEST_CASE("API-1: a stream keeps its type and is offered as a file") {
  Site site;
  site.backend.on<things::Export>([](things::Export&) {
    return Stream{.media_type = "application/x-ndjson", .file_name = "audit\"\r\n.ndjson", .pull = [](auto) {
                    return Result<std::size_t>(0);
                  }};
  });
  const auto response = site.ask("GET", "/api/v1/things/export");
  REQUIRE(response.stream);
  CHECK(response.content_type_own == "application/x-ndjson");
  CHECK(has_header(response, "Content-Disposition: attachment; filename=\"audit.ndjson\""));
}

TEST_CASE("R9: each kind of error has its status, and says when to come again") {
  Site site;
  for (const ErrcRow& kind : error_kinds()) {
    CAPTURE(kind.name);
    site.backend.on<things::Get>([&](things::Get&) -> Result<things::Thing> {
      return Error{.code = {"some.code", kind.kind, "Text."}};
    });
    check_problem(site.ask("GET", path), kind.http_status, "some.code");
  }
  site.backend.on<things::Get>([](things::Get&) -> Result<things::Thing> {
    return Error{.code = {"auth.busy", Errc::unavailable, "Busy.", true}, .retry_after_s = 3};
  });
  CHECK(has_header(site.ask("GET", path), "Retry-After: 3"));
}

TEST_CASE("R9: what goes wrong inside is 500 and says nothing") {
  Site site;
  site.backend.handler = [](const OperationRow&, Value&) -> Result<Reply> {
    throw std::runtime_error("SELECT secret");
  };
  const auto response = site.ask("GET", path);
  check_problem(response, 500, "internal");
  CHECK_FALSE(says(response, "SELECT"));
}

TEST_CASE("OPS-6: health and readiness need no session") {
  Site site;
  site.signed_in = false;
  CHECK(site.ask("GET", "/healthz").body == R"({"status":"ok"})");
  CHECK(site.ask("GET", "/readyz").status == 200);
  site.router.set_ready(false);
  check_problem(site.ask("GET", "/readyz"), 503, "server.stopping");
  CHECK(site.ask("GET", "/healthz").status == 200);
}

TEST_CASE("R9: the page that problems point to lists every code of this adapter and every kind") {
  Site site;
  site.signed_in = false;
  const auto page = site.ask("GET", "/api/docs/errors");
  CHECK(page.content_type == "text/html; charset=utf-8");
  for (const http::Problem& problem : http::all_problems())
    CHECK(says(page, "id=\"" + std::string(problem.code.name) + "\""));
  for (const ErrcRow& kind : error_kinds()) CHECK(says(page, "id=\"" + std::string(kind.name) + "\""));
  CHECK_FALSE(says(page, "<script"));
  CHECK_FALSE(says(page, "style="));

  Site closed({.docs = false});
  check_problem(closed.ask("GET", "/api/docs/errors"), 404, "not_found");
  check_problem(closed.ask("GET", "/api/docs/openapi.json"), 404, "not_found");
}

TEST_CASE("API-8: no two requests have one id") {
  Site site;
  std::vector<RequestId> ids;
  for (int i = 0; i < 2000; ++i) ids.push_back(site.ask("GET", "/healthz").request_id);
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  for (const RequestId& id : ids) REQUIRE(id.text()[14] == '7');  // RFC 9562, version 7
}
