// A hospital that is made and served by the built program over PostgreSQL, for campaigns that ask it over HTTP.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "tests/adapters/cli/process.hpp"
#include "tests/adapters/http/raw_client.hpp"

namespace medflow::campaign {

namespace json = boost::json;

inline constexpr std::string_view hospital = "northfield";
inline constexpr std::string_view password = "seven quiet herons wade at dawn";

/// Braces alone do not tell an object from a list.
inline json::object object_of(std::initializer_list<std::pair<json::string_view, json::value_ref>> members) {
  return json::object(members);
}
template <class T>
json::array list_of(T one) {
  json::array list;
  list.emplace_back(std::move(one));
  return list;
}

struct Answer {
  int status = 0;  ///< 0: the connection ended instead
  json::value body{};
  std::string request{};  ///< its id, which its event carries

  bool good() const { return status >= 200 && status < 300; }
  /// A member of the body that is text, empty where there is none.
  std::string text(std::string_view name) const {
    const auto* object = body.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(name);
    return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
  }
};

/// A connection to one server, which is made anew where it has ended. Used by one thread.
class Caller {
 public:
  explicit Caller(std::uint16_t port) : port_(port) {}

  Answer ask(std::string_view method, std::string_view target, const std::string& token = {},
             const std::string& body = {}, std::uint64_t if_match = 0, const std::string& idempotency_key = {}) {
    std::string bytes = std::string(method) + " /api/v1" + std::string(target) + " HTTP/1.1\r\nHost: clinic.test\r\n";
    bytes +=
        token.empty() ? "Medflow-Tenant: " + std::string(hospital) + "\r\n" : "Authorization: Bearer " + token + "\r\n";
    if (if_match != 0) bytes += "If-Match: \"" + std::to_string(if_match) + "\"\r\n";
    if (!idempotency_key.empty()) bytes += "Idempotency-Key: " + idempotency_key + "\r\n";
    if (!body.empty())
      bytes += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return answer_of(send(bytes + "\r\n" + body));
  }

 private:
  things::Received send(const std::string& bytes) {
    if (!client_ || !client_->connected() || has_ended()) client_ = std::make_unique<things::RawClient>(port_);
    auto received = client_->ask(bytes);
    if (received.status == 0 || received.has("Connection: close")) client_.reset();
    return received;
  }

  /// The server ends connections on which nothing is asked for a while.
  bool has_ended() const {
    char byte = 0;
    return ::recv(client_->descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

  static Answer answer_of(const things::Received& received) {
    Answer answer{.status = received.status, .request = received.header("X-Request-Id")};
    if (!received.body.empty()) answer.body = json::parse(received.body);
    return answer;
  }

  std::uint16_t port_;
  std::unique_ptr<things::RawClient> client_{};
};

/// The text of an answer's member, or what went wrong.
inline std::string must_have(const Answer& answer, std::string_view name) {
  std::string text = answer.text(name);
  if (!answer.good() || text.empty())
    throw std::runtime_error("status " + std::to_string(answer.status) + " " + answer.text("code") + ", no " +
                             std::string(name));
  return text;
}

/// The program's home with its keys, and what its commands and servers are told.
class Served {
 public:
  explicit Served(tests::Environment environment) : environment_(std::move(environment)) {
    environment_["MEDFLOW_RATE_LIMITS"] = "off";
    environment_["JWT_EXPIRES_IN"] = "1d";
  }

  /// Makes the hospital; gives the invitation of its administrator.
  std::string make() const {
    const auto made = tests::run(
        home_, {"init", "--json", "--tenant", std::string(hospital), "--email", "head@north.example"}, environment_);
    if (made.exit != 0) throw std::runtime_error("the hospital could not be made: " + made.err);
    return std::string(json::parse(made.out).at("invitation").as_string());
  }

  /// A server; its port is known once it listens.
  std::unique_ptr<tests::Process> serve() const {
    return std::make_unique<tests::Process>(home_, std::vector<std::string>{"serve", "--port", "0", "--quiet"},
                                            environment_);
  }
  static std::uint16_t port_of(const tests::Process& server) {
    const std::string url = server.first_line();
    if (url.empty()) throw std::runtime_error("a server did not start");
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

  const tests::Home& home() const { return home_; }
  const tests::Environment& environment() const { return environment_; }

 private:
  tests::Home home_{};
  tests::Environment environment_;
};

/// Who completes an invitation can sign in from then on.
inline void complete(Caller& caller, const std::string& invitation) {
  const auto body = object_of({{"invitation", invitation}, {"display_name", "Somebody"}, {"password", password}});
  if (const Answer answer = caller.ask("POST", "/auth/register", {}, json::serialize(body)); !answer.good())
    throw std::runtime_error("an invitation could not be completed: " + answer.text("code"));
}

inline Answer sign_in(Caller& caller, std::string_view email) {
  return caller.ask("POST", "/auth/login", {}, json::serialize(object_of({{"email", email}, {"password", password}})));
}

/// A new member of the staff.
inline void invite(Caller& caller, const std::string& admin, const std::string& email, std::string_view role) {
  const Answer facilities = caller.ask("GET", "/facilities", admin);
  if (!facilities.good()) throw std::runtime_error("no facilities: " + facilities.text("code"));
  const auto body = object_of({{"email", email},
                               {"display_name", "Staff"},
                               {"roles", list_of(role)},
                               {"facilities", list_of(facilities.body.at("data").at(0).at("id"))}});
  complete(caller, must_have(caller.ask("POST", "/users/invite", admin, json::serialize(body)), "token"));
}

}  // namespace medflow::campaign
