#include <httplib.h>

#include <algorithm>
#include <utility>

#include "adapters/cli/connection.hpp"
#include "adapters/cli/text.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/binding.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/stream.hpp"

namespace medflow::cli {
namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::size_t content_limit = std::size_t{1} << 30U;  // R13, the largest that any operation takes

/// The path with its parameters filled in.
std::string path_of(const OperationRow& row, const Value& request) {
  std::string path;
  std::string_view rest = row.operation->path;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    const Field* field = json::find_field(*row.request, rest.substr(open + 1, close - open - 1));
    path.append(rest.substr(0, open))
        .append(percent_encoded(scalar_text(*field->type, field->at_const(request.data()))));
    rest.remove_prefix(close + 1);
  }
  return path.append(rest);
}

bool in_path(const OperationRow& row, const Field& field) {
  return row.operation->path.find("{" + std::string(field.name) + "}") != std::string_view::npos;
}

/// The members that differ from a request that says nothing, as a query.
std::string query_of(const OperationRow& row, Value& request) {
  const Value silent(*row.request);
  std::string query;
  const auto add = [&](std::string_view name, const std::string& text) {
    query.append(query.empty() ? "?" : "&").append(name).append("=").append(percent_encoded(text));
  };
  for (const Field& field : row.request->fields) {
    void* at = field.at(request.data());
    if (in_path(row, field)) continue;
    if (is_scalar(*field.type)) {
      const std::string text = scalar_text(*field.type, at);
      if (text != scalar_text(*field.type, field.at_const(silent.data()))) add(field.name, text);
    } else if (field.type->kind == Kind::list && is_scalar(*field.type->element)) {
      for (std::size_t i = 0; i < field.type->size(at); ++i)
        add(field.name, scalar_text(*field.type->element, field.type->item(at, i)));
    }
  }
  return query;
}

/// The form of a list that takes its members in a body, so that they stand in no URL (R12).
const OperationRow* body_form(const OperationRow& row) {
  if (row.operation->method != Method::get || row.shape != Shape::page) return nullptr;
  const std::string path = std::string(row.operation->path) + "/search";
  const auto rows = operations();
  const auto it = std::ranges::find_if(rows, [&](const OperationRow& one) {
    return one.operation->method == Method::post && one.operation->path == path;
  });
  return it == rows.end() ? nullptr : &*it;
}

std::string body_of(const OperationRow& row, const Value& request) {
  std::string body;
  json::encode(*row.request, request.data(), body, json::Secrets::write);
  return body;
}

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

  httplib::Result send(const OperationRow& row, Value& request, const Caller& caller) {
    const httplib::Headers headers = headers_of(caller);
    std::string target = base_ + path_of(row, request);
    if (row.operation->form) return send_form(row, request, target, headers);
    if (row.content != nullptr) return send_content(row, request, target + query_of(row, request), headers);
    if (const OperationRow* body = body_form(row))
      return client_.Post(base_ + std::string(body->operation->path), headers, body_of(row, request),
                          std::string(json_type));
    const std::string type(json_type);
    switch (row.operation->method) {
      case Method::get:
        return client_.Get(target + query_of(row, request), headers);
      case Method::post:
        return client_.Post(target, headers, body_of(row, request), type);
      case Method::put:
        return client_.Put(target, headers, body_of(row, request), type);
      case Method::patch:
        return client_.Patch(target, headers, body_of(row, request), type);
      case Method::del:
        return client_.Delete(target, headers, body_of(row, request), type);
    }
    return client_.Get(target, headers);
  }

  /// Texts, then the file: what is in them stands in no URL.
  httplib::Result send_form(const OperationRow& row, Value& request, const std::string& target,
                            const httplib::Headers& headers) {
    const Value silent(*row.request);
    httplib::MultipartFormDataItems items;
    const auto add = [&](std::string_view name, const std::string& text) {
      items.push_back({.name = std::string(name), .content = text, .filename = {}, .content_type = {}});
    };
    for (const Field& field : row.request->fields) {
      if (in_path(row, field) || &field == row.content) continue;
      void* at = field.at(request.data());
      if (is_scalar(*field.type)) {
        const std::string text = scalar_text(*field.type, at);
        if (text != scalar_text(*field.type, field.at_const(silent.data()))) add(field.name, text);
      } else if (field.type->kind == Kind::list && is_scalar(*field.type->element)) {
        for (std::size_t i = 0; i < field.type->size(at); ++i)
          add(field.name, scalar_text(*field.type->element, field.type->item(at, i)));
      }
    }
    const auto& content = *static_cast<const Content*>(row.content->at(request.data()));
    auto bytes = content.read_all(content_limit);
    if (!bytes.ok()) throw Trouble(bytes.error());
    items.push_back({.name = "file",
                     .content = std::move(*bytes),
                     .filename = "file",  // its name is a field
                     .content_type = content.media_type});
    return client_.Post(target, headers, items);
  }

  httplib::Result send_content(const OperationRow& row, Value& request, const std::string& target,
                               const httplib::Headers& headers) {
    const auto& content = *static_cast<const Content*>(row.content->at(request.data()));
    auto bytes = content.read_all(content_limit);
    if (!bytes.ok()) throw Trouble(bytes.error());
    if (row.operation->method == Method::put) return client_.Put(target, headers, *bytes, content.media_type);
    return client_.Post(target, headers, *bytes, content.media_type);
  }

  std::string stream(const OperationRow& row, Value& request, const Caller& caller, const ByteSink& sink) {
    int status = 0;
    std::string refusal;
    const auto result = client_.Get(
        base_ + path_of(row, request) + query_of(row, request), headers_of(caller),
        [&](const httplib::Response& response) {
          status = response.status;
          return true;
        },
        [&](const char* data, std::size_t size) {
          if (status / 100 == 2) {
            sink(std::as_bytes(std::span(data, size)));
          } else if (refusal.size() + size <= json::bytes_max) {
            refusal.append(data, size);
          }
          return true;
        });
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
