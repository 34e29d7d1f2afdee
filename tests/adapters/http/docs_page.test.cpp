#include "adapters/http/docs_page.hpp"

#include <doctest/doctest.h>

#include "adapters/json/utf8.hpp"
#include "tests/adapters/http/hospital.hpp"

using namespace medflow;
using http::make_docs_page;

TEST_CASE("API-7: the page of the API allows its own script and style by their hashes, and nothing else") {
  const http::Page page = make_docs_page("alert(1)", "p{}");
  CHECK(page.html.find("<script>alert(1)</script>") != std::string::npos);
  CHECK(page.html.find("<style>p{}</style>") != std::string::npos);
  // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
  CHECK(page.policy.find("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='") != std::string::npos);
  // printf 'p{}' | openssl dgst -sha256 -binary | base64
  CHECK(page.policy.find("style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='") != std::string::npos);
  CHECK(page.policy.find("default-src 'none'") != std::string::npos);
  CHECK(page.policy.find("unsafe") == std::string::npos);
}

TEST_CASE("API-7: without Swagger UI, or with one that cannot stand in HTML, the page says how to get it") {
  for (const char* script : {"", "a='</script>'", "a='<!-- <script>'"}) {
    CAPTURE(script);
    const http::Page page = make_docs_page(script, "p{}");
    CHECK(page.html.find("MEDFLOW_SWAGGER_UI") != std::string::npos);
    CHECK(page.html.find("/api/docs/openapi.json") != std::string::npos);
    CHECK(page.html.find("<script") == std::string::npos);
    CHECK(page.policy.find("script-src") == std::string::npos);
  }
  CHECK(make_docs_page("a='<!-- -->'+'<script>'", "p{}").html.find("MEDFLOW_SWAGGER_UI") == std::string::npos);
}

TEST_CASE("API-7: /api/docs is a page in UTF-8 with a policy of its own; docs=false takes all of it away") {
  things::HttpHospital hospital;
  for (const char* path : {"/api/docs"}) {
    const auto page = hospital.ask("GET", path, {});
    CHECK(page.status == 200);
    CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.header("Content-Security-Policy") == http::docs_page().policy);
    CHECK(page.header("X-Content-Type-Options") == "nosniff");
    CHECK(page.body == http::docs_page().html);
    CHECK(json::valid_utf8(page.body));
  }
  const bool has_swagger = !http::swagger_script().empty();
  CHECK((http::docs_page().html.find("SwaggerUIBundle") != std::string::npos) == has_swagger);
  if (!has_swagger) MESSAGE("this build has no Swagger UI in it: ./dev build fetches it with npm");
  const auto collection = hospital.ask("GET", "/api/docs/postman.json", {});
  CHECK(collection.header("Content-Type") == "application/json; charset=utf-8");
  CHECK(collection.body.find("v2.1.0/collection.json") != std::string::npos);
  CHECK(hospital.ask("POST", "/api/docs", {}).header("Allow") == "GET, HEAD, OPTIONS");

  http::Router closed(hospital.inside.platform, {.docs = false});
  things::RunningServer server(closed);
  for (const char* path : {"/api/docs", "/api/docs/openapi.json", "/api/docs/postman.json", "/api/docs/errors"}) {
    things::RawClient client(server.port());
    CHECK(client.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n").status == 404);
  }
}
