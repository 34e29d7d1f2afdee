// The hospital of the tests, served over HTTP.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "adapters/http/router.hpp"
#include "adapters/http/server.hpp"
#include "medflow/operations.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/witness.hpp"

namespace things {

using namespace medflow;

/// The platform, with one token more: that of its operator, who signs in nowhere else but on the machine itself.
class WithOperator final : public http::Backend {
 public:
  static constexpr std::string_view token = "the-operator";

  explicit WithOperator(Platform& platform) : platform_(platform), inner_(http::platform_backend(platform)) {}

  Session visit(std::string_view tenant) override { return inner_->visit(tenant); }
  Result<Session> authenticate(std::string_view access_token) override {
    if (access_token == token) return platform_.local_operator("test");
    return inner_->authenticate(access_token);
  }
  void submit(const Session& session, const OperationRow& row, Value request, std::function<void(Result<Reply>)> done,
              CallContext context) override {
    inner_->submit(session, row, std::move(request), std::move(done), std::move(context));
  }

 private:
  Platform& platform_;
  std::unique_ptr<http::Backend> inner_;
};

/// Every answer is held against the OpenAPI document.
class HttpHospital {
 public:
  HttpHospital()
      : inside(make(sender)),
        router(std::make_unique<WithOperator>(inside.platform), operations(), {}),
        running(router) {}

  std::uint16_t port() const { return running.port(); }
  std::string token(Role role) { return inside.member(role).tokens.access_token; }

  /// Asks, on a connection of its own, as whoever holds `token`; as nobody where it is empty.
  Received ask(std::string_view method, std::string_view path, std::string_view token, std::string_view body = {},
               std::string_view more_headers = {}, std::string_view content_type = "application/json") const {
    std::string request = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: clinic.test\r\n";
    if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
    if (!body.empty())
      request.append("Content-Type: ").append(content_type) +=
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    request.append(more_headers).append("\r\n").append(body);
    RawClient client(port());
    client.send(request);
    return testing::witness(method, path, client.read(method == "HEAD"));
  }

  std::shared_ptr<testing::RecordingSender> sender = std::make_shared<testing::RecordingSender>();
  testing::Hospital inside;
  http::Router router;
  RunningServer running;

 private:
  static testing::Hospital make(std::shared_ptr<testing::RecordingSender> sender) {
    auto clock = std::make_shared<testing::FakeClock>();
    PlatformOptions options = testing::test_options(testing::TestEngine("memory"), clock);
    options.messages = std::move(sender);
    options.link_base = "https://clinic.example";
    return testing::Hospital(std::move(options), std::move(clock));
  }
};

/// A text member of an answer's outermost object.
inline std::string text_of(const Received& received, std::string_view member) {
  return std::string(boost::json::parse(received.body).at(member).as_string());
}

}  // namespace things
