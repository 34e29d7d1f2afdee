#include <httplib.h>

#include <span>
#include <utility>

#include "adapters/cli/connection.hpp"
#include "adapters/cli/http_request.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/stream.hpp"

namespace medflow::cli {
namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::size_t content_limit = std::size_t{1} << 30U;  // R13, the largest that any operation takes

class Remote final : public Connection {
 public:
  Remote(const std::string& address, const std::string& api_version)
      : place_(server_place(address)), base_("/api/" + api_version), client_(place_) {
    client_.set_connection_timeout(10);
    client_.set_read_timeout(120);
    client_.set_write_timeout(120);
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
  }

  std::string call(const OperationRow& row, Value request, const Caller& caller, const ByteSink& sink) override {
    if (row.shape == Shape::stream) return stream(row, request, caller, sink);
    const auto result = send(row, request, caller);
    if (!result) unreachable(result.error());
    if (result->status / 100 != 2) throw Trouble::of_answer(result->status, result->body);
    return result->body;
  }

  const std::string& place() const override { return place_; }

 private:
  [[noreturn]] void unreachable(httplib::Error error) const {
    throw Trouble(exit_code::unavailable, place_ + ": no answer (" + httplib::to_string(error) + ")");
  }

  static httplib::Headers headers_of(const Caller& caller) {
    httplib::Headers headers{{"User-Agent", "medflow/" MEDFLOW_VERSION}, {"Accept", "application/json"}};
    if (!caller.access_token.empty()) headers.emplace("Authorization", "Bearer " + caller.access_token);
    if (caller.access_token.empty() && !caller.tenant.empty()) headers.emplace("Medflow-Tenant", caller.tenant);
    if (!caller.idempotency_key.empty()) headers.emplace("Idempotency-Key", caller.idempotency_key);
    return headers;
  }

  httplib::Request asked(const OperationRow& row, Value& request, const Caller& caller) const {
    HttpRequest made = http_request(row, request);
    httplib::Request out;
    out.method = made.method;
    out.path = base_ + made.target;
    out.headers = headers_of(caller);
    for (auto& [name, text] : made.headers) out.headers.emplace(std::move(name), std::move(text));
    if (!made.body) return out;
    out.body = std::move(*made.body);
    out.headers.emplace("Content-Type", json_type);
    return out;
  }

  httplib::Result send(const OperationRow& row, Value& request, const Caller& caller) {
    httplib::Request out = asked(row, request, caller);
    if (row.content == nullptr) return client_.send(out);
    const auto& content = *static_cast<const Content*>(row.content->at(request.data()));
    auto bytes = content.read_all(content_limit);
    if (!bytes.ok()) throw Trouble(bytes.error());
    if (row.operation->form)
      return client_.Post(out.path, out.headers, items_of(row, request, std::move(*bytes), content.media_type));
    out.body = std::move(*bytes);
    out.headers.emplace("Content-Type", content.media_type);
    return client_.send(out);
  }

  /// Texts, then the file: what is in them stands in no URL.
  static httplib::MultipartFormDataItems items_of(const OperationRow& row, Value& request, std::string content,
                                                  const std::string& media_type) {
    httplib::MultipartFormDataItems items;
    for (auto& [field, text] : texts_of(row, request, json::Place::body))
      items.push_back(
          {.name = std::string(field->name), .content = std::move(text), .filename = {}, .content_type = {}});
    items.push_back({.name = "file",
                     .content = std::move(content),
                     .filename = "file",  // its name is a field
                     .content_type = media_type});
    return items;
  }

  std::string stream(const OperationRow& row, Value& request, const Caller& caller, const ByteSink& sink) {
    int status = 0;
    std::string refusal;
    httplib::Request out = asked(row, request, caller);
    out.response_handler = [&](const httplib::Response& response) {
      status = response.status;
      return true;
    };
    out.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
      if (status / 100 == 2) {
        sink(std::as_bytes(std::span(data, size)));
      } else if (refusal.size() + size <= json::bytes_max) {
        refusal.append(data, size);
      }
      return true;
    };
    const auto result = client_.send(out);
    if (status != 0 && status / 100 != 2) throw Trouble::of_answer(status, refusal);
    if (!result) unreachable(result.error());
    return {};
  }

  std::string place_;
  std::string base_;
  httplib::Client client_;
};

}  // namespace

std::string server_place(const std::string& address) {
  const std::size_t host = address.starts_with("http://") ? 7 : (address.starts_with("https://") ? 8 : 0);
  const std::size_t end = address.find_last_not_of('/');
  const std::string place = address.substr(0, end == std::string::npos ? 0 : end + 1);
  if (host == 0 || place.size() <= host || place.find_first_of("/?#@ ", host) != std::string::npos)
    throw usage("--server takes an address such as https://clinic.example or http://127.0.0.1:3001");
  return place;
}

std::unique_ptr<Connection> connect_to(const std::string& address, const std::string& api_version) {
  return std::make_unique<Remote>(address, api_version);
}

}  // namespace medflow::cli
