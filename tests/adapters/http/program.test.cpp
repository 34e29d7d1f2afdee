// The built server: what its log tells of hostile requests, its certificate renewed by a signal, its limits as the settings say.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "medflow/operations.hpp"
#include "tests/adapters/cli/process.hpp"
#include "tests/adapters/http/tls_client.hpp"

using medflow::tests::Home;
using medflow::tests::Process;
using things::RawClient;
using things::TlsClient;

namespace {

constexpr std::string_view canary = "Quetzal";
const std::string health = "GET /healthz HTTP/1.1\r\nHost: clinic.test\r\n\r\n";

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

void make_hospital(const Home& home) {
  const auto made = medflow::tests::run(
      home, {"init", "--data", "sqlite:" + (home / "data"), "--tenant", "northfield", "--email", "head@north.example"});
  REQUIRE_MESSAGE(made.exit == 0, made.err);
}

std::vector<std::string> serving(const Home& home, std::vector<std::string> more) {
  std::vector<std::string> words{"serve", "--data", "sqlite:" + (home / "data"), "--port", "0"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A request of this operation with the canary in every place where a client can put something.
std::string hostile(const medflow::OperationRow& row) {
  constexpr std::string_view names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  std::string path;
  for (std::size_t i = 0; i < row.operation->path.size(); ++i) {
    if (row.operation->path[i] != '{') {
      path += row.operation->path[i];
      continue;
    }
    path += "Quetzal-id";
    i = row.operation->path.find('}', i);
  }
  const std::string_view method = names[static_cast<std::size_t>(row.operation->method)];
  const std::string body =
      method == "GET" || method == "DELETE"
          ? ""
          : R"({"Quetzal":"Quetzal","tenant":"Quetzal","email":"Quetzal@x.example","password":"Quetzal","names":"Quetzal"})";
  return std::string(method) + " /api/v1" + path + "?Quetzal=Quetzal HTTP/1.1\r\nHost: Quetzal.test\r\n" +
         "Authorization: Bearer Quetzal.Quetzal.Quetzal\r\nCookie: Quetzal=Quetzal\r\nUser-Agent: Quetzal\r\nOrigin: "
         "https://Quetzal\r\n" +
         "X-Forwarded-For: Quetzal\r\nX-Request-Id: Quetzal\r\nMedflow-Tenant: Quetzal\r\nMedflow-Reason: "
         "Quetzal\r\nQuetzal: Quetzal\r\n" +
         "Idempotency-Key: Quetzal\r\nIf-Match: \"Quetzal\"\r\nReferer: https://Quetzal/\r\nContent-Type: "
         "application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A line of the log holds these members and no other, and a route is one of ours with its parameters' names.
void check_line(const std::string& line) {
  CAPTURE(line);
  static const std::set<std::string_view> members{"at",     "event", "address",    "method", "route",
                                                  "status", "us",    "request_id", "code"};
  static const auto routes = [] {
    std::set<std::string_view> all;
    for (const medflow::OperationRow& row : medflow::operations()) all.insert(row.operation->path);
    return all;
  }();
  const auto entry = boost::json::parse(line).as_object();
  for (const auto& [name, value] : entry) CHECK(members.contains(std::string_view(name.data(), name.size())));
  if (const auto* route = entry.if_contains("route"))
    CHECK(routes.contains(std::string_view(route->as_string().data(), route->as_string().size())));
}

}  // namespace

TEST_CASE(
    "R15: of a hostile request the log holds the route, the outcome and the request's id, and nothing that it said") {
  const Home home;
  make_hospital(home);
  Process server(home, serving(home, {"--rate-limits", "off"}));
  const std::uint16_t port = port_of(server.first_line());
  for (const medflow::OperationRow& row : medflow::operations()) {
    CAPTURE(row.operation->name);
    const auto answer = RawClient(port).ask(hostile(row));
    CHECK(answer.status >= 400);
    CHECK(answer.body.find(canary) == std::string::npos);
  }
  const std::string login =
      R"({"tenant":"northfield","email":"Quetzal@x.example","password":"Quetzal","device":"Quetzal"})";
  CHECK(RawClient(port)  // this one reaches its operation
            .ask("POST /api/v1/auth/login HTTP/1.1\r\nHost: Quetzal\r\nUser-Agent: Quetzal\r\nContent-Type: "
                 "application/json\r\n"
                 "Content-Length: " +
                 std::to_string(login.size()) + "\r\n\r\n" + login)
            .status == 401);
  for (const std::string& bytes :
       {std::string("Quetzal Quetzal\r\n\r\n"), std::string("QUETZAL /Quetzal HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /Quetzal%00Quetzal HTTP/1.1\r\nHost: Quetzal\r\n\r\n"),
        std::string("GET /Quetzal HTTP/1.1\r\nHost: a\r\nQuetzal: \x01Quetzal\r\n\r\n"),
        std::string("POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n5;Quetzal=Quetzal\r\nQuetz\r\n0\r\n"
                    "Quetzal: Quetzal\r\n\r\n")}) {
    const auto answer = RawClient(port).ask(bytes);
    CHECK(answer.status >= 400);
    CHECK(answer.body.find(canary) == std::string::npos);
    CHECK(answer.head.find(canary) == std::string::npos);
  }
  server.end();
  const auto ended = server.wait();
  CHECK(ended.exit == 0);
  CHECK(ended.err.find(canary) == std::string::npos);
  CHECK(ended.out.find(canary) == std::string::npos);
  std::size_t requests = 0;
  for (std::size_t at = 0; at < ended.err.size();) {
    const std::size_t end = ended.err.find('\n', at);
    REQUIRE(end != std::string::npos);
    check_line(ended.err.substr(at, end - at));
    requests += ended.err.substr(at, end - at).find("\"route\"") != std::string::npos ? 1 : 0;
    at = end + 1;
  }
  CHECK(requests > 0);
}

TEST_CASE("API-8: the server speaks TLS where it has a certificate, and SIGHUP renews it without dropping anybody") {
  const Home home;
  make_hospital(home);
  const std::string certificate = home / "certificate.pem";
  const std::string key = home / "key.pem";
  things::write_pair(certificate, key, "first");
  Process server(home, serving(home, {"--tls-certificate", certificate, "--tls-key", key}));
  const std::string url = server.first_line();
  REQUIRE(url.starts_with("https://127.0.0.1:"));
  TlsClient before(port_of(url));
  REQUIRE(before.ask(health).status == 200);
  things::write_pair(certificate, key, "second");
  ::kill(server.pid(), SIGHUP);
  std::string met;
  for (int i = 0; i < 2000 && met != "second"; ++i) {
    TlsClient client(port_of(url));
    met = client.connected() ? client.met() : "nobody";
  }
  CHECK(met == "second");
  CHECK(before.ask(health).status == 200);
  server.end();
  const auto ended = server.wait();
  CHECK(ended.exit == 0);
  CHECK(ended.err.find("certificate renewed") != std::string::npos);
}

TEST_CASE("API-8: a certificate that cannot be used stops the start, and the file is named") {
  const Home home;
  make_hospital(home);
  const std::string certificate = home.write("certificate.pem", "nothing of the kind");
  const auto ran =
      medflow::tests::run(home, serving(home, {"--tls-certificate", certificate, "--tls-key", certificate}));
  CHECK(ran.exit != 0);
  CHECK(ran.err.find(certificate) != std::string::npos);
  const auto half = medflow::tests::run(home, serving(home, {"--tls-certificate", certificate}));
  CHECK(half.exit != 0);
  CHECK(half.err.find("MEDFLOW_TLS_KEY") != std::string::npos);
}

TEST_CASE("USR-4: the server knows a tenant by the host, and else as the only one, as its settings say") {
  const Home home;
  const auto made = medflow::tests::run(home, {"init", "--json", "--data", "sqlite:" + (home / "data"), "--tenant",
                                               "northfield", "--email", "head@north.example"});
  REQUIRE_MESSAGE(made.exit == 0, made.err);
  const auto invitation = boost::json::parse(made.out).at("invitation").as_string();
  const auto post = [](std::uint16_t port, const std::string& host, const std::string& path, const std::string& body) {
    return RawClient(port).ask("POST /api/v1/auth/" + path + " HTTP/1.1\r\nHost: " + host +
                               "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                               "\r\n\r\n" + body);
  };
  const std::string account =
      R"({"email":"head@north.example","password":"seven quiet herons wade at dawn","device":"x"})";
  {
    Process server(home, serving(home, {"--tenant-hosts", "north.test=northfield"}));
    const std::uint16_t port = port_of(server.first_line());
    const auto joined = post(port, "NORTH.test:3001", "register",
                             R"({"invitation":")" + std::string(invitation) +
                                 R"(","password":"seven quiet herons wade at dawn","display_name":"Heather Head"})");
    CHECK_MESSAGE(joined.status == 201, joined.body);
    CHECK(post(port, "north.test", "login", account).status == 200);
    CHECK(post(port, "south.test", "login", account).status == 401);
    server.end();
    CHECK(server.wait().exit == 0);
  }
  Process server(home, serving(home, {"--only-tenant", "northfield", "--tenant-hosts", "south.test=southfield"}));
  const std::uint16_t port = port_of(server.first_line());
  CHECK(post(port, "anywhere.test", "login", account).status == 200);
  CHECK(post(port, "south.test", "login", account).status == 401);
  server.end();
  CHECK(server.wait().exit == 0);

  const auto wrong = medflow::tests::run(home, serving(home, {"--tenant-hosts", "north.test"}));
  CHECK(wrong.exit == 2);
  CHECK(wrong.err.find("MEDFLOW_TENANT_HOSTS") != std::string::npos);
  CHECK(medflow::tests::run(home, serving(home, {"--only-tenant", "North"})).err.find("MEDFLOW_ONLY_TENANT") !=
        std::string::npos);
}

TEST_CASE("API-8: the server counts requests and allows origins as its settings say") {
  const Home home;
  make_hospital(home);
  Process server(home, serving(home, {"--rate-address", "3", "--frontend-url", "https://clinic.example",
                                      "--allowed-hosts", "clinic.test", "--connections-per-address", "2"}));
  const std::uint16_t port = port_of(server.first_line());
  RawClient client(port);
  const std::string ask =
      "GET /api/v1/patients HTTP/1.1\r\nHost: clinic.test\r\nOrigin: https://clinic.example\r\n\r\n";
  for (int i = 0; i < 3; ++i) CHECK(client.ask(ask).status == 401);
  const auto refused = client.ask(ask);
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "20");
  CHECK(refused.has("Access-Control-Allow-Origin: https://clinic.example"));
  CHECK(client.ask(health).status == 200);
  RawClient second(port);
  CHECK(second.ask(health).status == 200);
  CHECK(RawClient(port).ask(health).status == 0);  // one too many
  CHECK(second.ask("GET /healthz HTTP/1.1\r\nHost: other.test\r\n\r\n").status == 400);
  server.end();
  CHECK(server.wait().exit == 0);
}
