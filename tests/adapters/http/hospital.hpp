// The hospital of the tests, served over HTTP.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "adapters/http/server.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/support/platform.hpp"

namespace things {

using namespace medflow;

class HttpHospital {
 public:
  HttpHospital()
      : inside(testing::make_platform(testing::TestEngine("memory"))), router(inside.platform, {}), running(router) {}

  std::uint16_t port() const { return running.port(); }
  std::string token(Role role) { return inside.member(role).tokens.access_token; }

  /// Asks, on a connection of its own, as whoever holds `token`; as nobody where it is empty.
  Received ask(std::string_view method, std::string_view path, std::string_view token, std::string_view body = {},
               std::string_view more_headers = {}) const {
    std::string request = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: clinic.test\r\n";
    if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
    if (!body.empty())
      request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    request.append(more_headers).append("\r\n").append(body);
    RawClient client(port());
    return client.ask(request);
  }

  testing::Hospital inside;
  http::Router router;
  RunningServer running;
};

/// A text member of an answer's outermost object.
inline std::string text_of(const Received& received, std::string_view member) {
  return std::string(boost::json::parse(received.body).at(member).as_string());
}

}  // namespace things
