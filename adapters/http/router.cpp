#include "adapters/http/router.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "adapters/http/errors_page.hpp"
#include "adapters/http/exchange.hpp"
#include "adapters/http/intake.hpp"
#include "adapters/http/request_ids.hpp"
#include "adapters/http/routes.hpp"
#include "adapters/json/openapi.hpp"
#include "medflow/ports.hpp"

namespace medflow::http {
namespace {

constexpr std::string_view page_methods = "GET, HEAD, OPTIONS";

RouterOptions with_defaults(RouterOptions options) {
  if (!options.clock) options.clock = system_clock();
  if (!options.rng) options.rng = system_rng();
  return options;
}

// The token of `Authorization: Bearer …` (RFC 6750, 2.1), none where there is no such thing.
std::optional<std::string_view> bearer_token(const Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto value = request.header("Authorization");
  if (!value || value->size() <= scheme.size() || !equal_ignoring_case(value->substr(0, scheme.size()), scheme))
    return std::nullopt;
  return value->substr(scheme.size());
}

std::string_view host_without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

Answer::Answer(Response response) : response_(std::move(response)) {}

Answer::Answer(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Response Answer::render() && {
  if (!exchange_) return std::move(response_);
  try {
    return http::render(*exchange_);
  } catch (const std::exception&) {  // what it says may quote the data
    return respond(problems::internal, exchange_->id);
  }
}

struct Router::State : std::enable_shared_from_this<State> {
  State(std::unique_ptr<Backend> from, std::span<const OperationRow> rows, RouterOptions wanted)
      : backend(std::move(from)),
        routes(rows),
        options(with_defaults(std::move(wanted))),
        ids(*options.clock, *options.rng) {}

  void handle(Request& request, const RequestId& id, std::function<void(Answer)>& done);
  void run(const Match& match, std::string_view path, std::string_view query, Request& request, const RequestId& id,
           std::function<void(Answer)>& done);
  std::optional<Response> page(std::string_view method, std::string_view path, const RequestId& id) const;
  std::string tenant_of(const Request& request, const Intake& intake) const;

  std::unique_ptr<Backend> backend;
  Routes routes;
  RouterOptions options;
  RequestIds ids;
  std::atomic<bool> ready{true};
};

Router::Router(std::unique_ptr<Backend> backend, std::span<const OperationRow> rows, RouterOptions options)
    : state_(std::make_shared<State>(std::move(backend), rows, std::move(options))) {}

Response Router::refuse(const Problem& problem, std::string_view detail) {
  return respond(problem, state_->ids.next(), detail);
}

void Router::set_ready(bool ready) { state_->ready = ready; }

void Router::handle(Request request, std::function<void(Answer)> done) {
  const RequestId id = state_->ids.next();
  try {
    state_->handle(request, id, done);
  } catch (const std::exception&) {  // what it says may quote the request
    if (done) done(Answer(respond(problems::internal, id)));
  }
}

void Router::State::handle(Request& request, const RequestId& id, std::function<void(Answer)>& done) {
  const auto finish = [&](Response response) { std::exchange(done, nullptr)(Answer(std::move(response))); };
  const std::size_t mark = request.target.find('?');
  const std::string_view path = request.target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? std::string_view{} : request.target.substr(mark + 1);

  Match match;
  if (path.starts_with(options.base_path) && path.size() > options.base_path.size() &&
      path[options.base_path.size()] == '/')
    match = routes.find(request.method, path.substr(options.base_path.size()));
  if (match.route != nullptr) return run(match, path, query, request, id, done);
  if (auto answer = page(request.method, path, id)) return finish(std::move(*answer));
  if (match.allow.empty()) return finish(respond(problems::not_found, id));
  Response response = request.method == "OPTIONS" ? Response{.status = 204, .request_id = id}
                                                  : respond(problems::method_not_allowed, id);
  response.add("Allow", match.allow);
  finish(std::move(response));
}

void Router::State::run(const Match& match, std::string_view path, std::string_view query, Request& request,
                        const RequestId& id, std::function<void(Answer)>& done) {
  const auto finish = [&](Response response) { std::exchange(done, nullptr)(Answer(std::move(response))); };
  const OperationRow& row = *match.route->row;
  std::optional<Session> session;
  if (row.operation->permission != Permission::anonymous) {
    const auto token = bearer_token(request);
    auto opened = token ? backend->authenticate(*token) : Result<Session>(Error{.code = codes::unauthenticated});
    if (!opened.ok()) {
      Response response = respond(opened.error(), id);
      if (response.status == 401)
        response.add("WWW-Authenticate", token ? R"(Bearer error="invalid_token")" : "Bearer");
      return finish(std::move(response));
    }
    session = std::move(opened.value());
  }
  Intake intake;
  if (auto refused = take_in(match, query, request, id, intake)) return finish(std::move(*refused));
  if (!session) session = backend->visit(tenant_of(request, intake));

  auto exchange = std::make_shared<Exchange>();
  exchange->route = match.route;
  exchange->routes = shared_from_this();
  exchange->id = id;
  exchange->if_match = intake.if_match;
  if (match.route->output_id != nullptr || row.shape == Shape::page) exchange->place = path;
  if (row.shape == Shape::page) exchange->query = query;
  exchange->done = std::exchange(done, nullptr);
  try {
    backend->submit(
        *session, row, std::move(intake.value),
        [exchange](Result<Reply> result) {
          exchange->result = std::move(result);
          std::exchange(exchange->done, nullptr)(Answer(exchange));
        },
        std::move(intake.context));
  } catch (...) {
    if (exchange->done) done = std::move(exchange->done);  // the caller answers
    throw;
  }
}

std::string Router::State::tenant_of(const Request& request, const Intake& intake) const {
  if (!intake.tenant.empty()) return intake.tenant;
  if (const auto named = request.header("Medflow-Tenant")) return std::string(*named);
  if (const auto host = request.header("Host"))
    for (const auto& [name, tenant] : options.tenant_hosts)
      if (equal_ignoring_case(name, host_without_port(*host))) return tenant;
  return options.only_tenant;
}

// What is no operation: health and the documentation.
std::optional<Response> Router::State::page(std::string_view method, std::string_view path, const RequestId& id) const {
  const bool is_document = options.docs && path.starts_with("/api/docs/");
  const bool is_openapi = is_document && path == "/api/docs/openapi.json";
  const bool is_errors = is_document && path == "/api/docs/errors";
  const bool is_health = path == "/healthz";
  if (!is_health && path != "/readyz" && !is_openapi && !is_errors) return std::nullopt;
  Response response{.status = 200, .content_type = json_type, .request_id = id};
  if (method != "GET" && method != "HEAD") {
    response =
        method == "OPTIONS" ? Response{.status = 204, .request_id = id} : respond(problems::method_not_allowed, id);
    response.add("Allow", page_methods);
  } else if (is_health) {
    response.body = R"({"status":"ok"})";
  } else if (is_openapi) {
    response.body = json::openapi_document();
  } else if (is_errors) {
    response.content_type = "text/html; charset=utf-8";
    response.body = errors_page();
  } else if (ready) {
    response.body = R"({"status":"ready"})";
  } else {
    response = respond(problems::stopping, id);
  }
  return response;
}

}  // namespace medflow::http
