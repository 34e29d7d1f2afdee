// The built server at work on a patient whose every word is known: what is then searched is all that the process has
// written, its log included.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/adapters/cli/process.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/scenarios/canaries.hpp"
#include "tests/support/witness.hpp"

using medflow::testing::joined;
using medflow::testing::search;
using medflow::tests::Home;
using medflow::tests::Process;
using things::RawClient;
using things::Received;

namespace {

constexpr std::string_view password = "seven quiet herons wade at dawn";
constexpr std::string_view patient =
    R"({"names":[{"family":"Quetzalfam","given":["Quetzalgiven"],"prefix":"Quetzalprefix"}],"birth":{"date":"1987-06-05"},)"
    R"("sex_admin":"female","gender_identity":"Quetzalgender","identifiers":[{"system":"urn:test:national","value":"QTZ-555-0199"}],)"
    R"("phones":[{"e164":"+445550198765"}],"emails":["quetzal@canary.example"],"addresses":[{"lines":["77 Quetzal Lane"],)"
    R"("city":"Quetzalville","region":"Quetzalcounty","postal":"QZ9 9QZ","country":"GB"}],"flags":[{"code":"QuetzalFlag"}],)"
    R"("extensions":[{"url":"urn:test:note","value":"QuetzalExtension"}]})";

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  REQUIRE_MESSAGE(at != std::string::npos, name);
  const std::size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

std::string say(const Home& home, const std::vector<std::string>& words) {
  const auto ran = medflow::tests::run(home, words);
  REQUIRE_MESSAGE(ran.exit == 0, ran.err);
  return ran.out;
}

/// A hospital with an administrator who is also its receptionist.
void make_hospital(const Home& home, const std::string& url) {
  const std::string made =
      say(home, {"init", "--json", "--data", url, "--tenant", "northfield", "--email", "head@north.example"});
  const auto complete = [&](const std::string& token) {
    say(home, {"auth", "register", "--data-dir", url, "--tenant", "northfield", "--invitation-file",
               home.write("invitation", token), "--password-file", home.write("password", std::string(password)),
               "--display-name", "Somebody"});
  };
  complete(member(made, "invitation"));
  say(home, {"login", "--tenant", "northfield", "--email", "head@north.example", "--password-file", home / "password",
             "--data", url});
  const std::string facility = member(say(home, {"facilities", "list", "--json"}), "id");
  complete(member(say(home, {"users", "invite", "--json", "--email", "desk@north.example", "--display-name", "Desk",
                             "--roles", "receptionist", "--facilities", facility}),
                  "token"));
}

class Caller {
 public:
  explicit Caller(const std::string& url)
      : port_(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)))) {}

  Received ask(std::string_view method, std::string_view target, std::string_view body = {}) const {
    std::string request = std::string(method) + " " + std::string(target) +
                          " HTTP/1.1\r\nHost: clinic.test\r\nUser-Agent: quetzal-agent\r\n";
    if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
    if (!body.empty())
      request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return medflow::testing::witness(method, target, raw(request + "\r\n" + std::string(body)));
  }
  Received raw(const std::string& bytes) const {
    RawClient client(port_);
    REQUIRE(client.connected());
    return client.ask(bytes);
  }

  std::string token{};

 private:
  std::uint16_t port_;
};

void sign_in(Caller& caller) {
  const auto login = [&](std::string_view email, std::string_view with) {
    return caller.ask(
        "POST", "/api/v1/auth/login",
        R"({"tenant":"northfield","email":")" + std::string(email) + R"(","password":")" + std::string(with) + "\"}");
  };
  CHECK(login("quetzal@canary.example", "quetzal wistful 93 parsnip").status == 401);
  const Received tokens = login("desk@north.example", password);
  REQUIRE(tokens.status == 200);
  caller.token = member(tokens.body, "access_token");
}

/// A day at the desk, and what goes wrong there.
// NOLINTNEXTLINE(readability-function-size): each check is dozens of statements
void work(Caller& caller) {
  sign_in(caller);
  const Received made = caller.ask("POST", "/api/v1/patients", patient);
  REQUIRE(made.status == 201);
  CHECK(made.body.find("Quetzalville") != std::string::npos);
  CHECK(caller.ask("GET", "/api/v1/patients?name=quetzalfam").body.find("Quetzalgiven") != std::string::npos);
  CHECK(caller.ask("GET", "/api/v1/patients?phone=%2B445550198765").status == 200);
  CHECK(caller.ask("POST", "/api/v1/patients/search", R"({"email":"quetzal@canary.example"})").status == 200);
  CHECK(caller.ask("POST", "/api/v1/patients", patient).status == 409);
  CHECK(caller.ask("GET", "/api/v1/patients/Quetzalfam").status >= 400);
  CHECK(caller.ask("GET", "/api/v1/Quetzalville?name=Quetzalfam").status == 404);
  CHECK(caller.ask("GET", "/api/v1/patients?Quetzalflag=QuetzalCause").status >= 400);
  CHECK(caller.ask("POST", "/api/v1/patients", R"({"names":"Quetzalfam"})").status == 422);
  CHECK(caller.ask("POST", "/api/v1/patients", R"({"Quetzalfam)").status == 400);
  CHECK(caller.ask("QUETZALVILLE", "/api/v1/patients").status >= 400);
  CHECK(caller.raw("GET / HTTP/1.1\r\nHost: clinic.test\r\nQuetzalfam: \x01QuetzalCause\r\n\r\n").status >= 400);
  CHECK(caller.raw("Quetzalfam Quetzalville\r\n\r\n").status >= 400);
}

}  // namespace

TEST_CASE("R15: neither the files nor the log of a server at work tell of a patient") {
  for (const std::string scheme : {"sqlite:", "sqlcipher:"}) {
    CAPTURE(scheme);
    const Home home;
    const std::string url = scheme + (home / "data");
    make_hospital(home, url);
    Process server(home, {"serve", "--data", url, "--port", "0"});
    const std::string address = server.first_line();
    REQUIRE(address.find("http://127.0.0.1:") == 0);
    Caller caller(address);
    work(caller);
    CHECK(joined(search(home / "").found) == "");
    server.end();
    const auto ended = server.wait();
    CHECK(ended.exit == 0);
    CHECK(ended.err.find("/patients") != std::string::npos);  // there is a log
    CHECK(joined(search(home / "").found) == "");
  }
}
