#include "adapters/http/router.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "adapters/http/cors.hpp"
#include "adapters/http/docs_page.hpp"
#include "adapters/http/errors_page.hpp"
#include "adapters/http/exchange.hpp"
#include "adapters/http/intake.hpp"
#include "adapters/http/request_ids.hpp"
#include "adapters/http/routes.hpp"
#include "adapters/json/openapi.hpp"
#include "adapters/json/postman.hpp"
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

/// What /readyz says: degraded is ready all the same. The words are our own.
std::string readiness(const std::vector<std::string>& degradations) {
  if (degradations.empty()) return R"({"status":"ready"})";
  std::string text = R"({"status":"degraded","degradations":[)";
  for (const std::string& word : degradations) text += (text.ends_with('[') ? "\"" : ",\"") + word + '"';
  return text + "]}";
}

bool is_document(std::string_view path) {
  constexpr std::string_view documents[] = {"/api/docs", "/api/docs/openapi.json", "/api/docs/postman.json",
                                            "/api/docs/errors"};
  return std::find(std::begin(documents), std::end(documents), path) != std::end(documents);
}

void write_document(std::string_view path, Response& response) {
  if (path == "/api/docs/openapi.json") {
    response.body = json::openapi_document();
  } else if (path == "/api/docs/postman.json") {
    response.body = json::postman_collection();
  } else {
    response.content_type = "text/html; charset=utf-8";
    if (path == "/api/docs/errors") {
      response.body = errors_page();
    } else {
      response.body = docs_page().html;
      response.policy = docs_page().policy;
    }
  }
}

std::string_view host_without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// The token that names the session of a renewal; none where the operation is no such thing.
std::optional<RateKey> renewed_session(const Route& route, Value& request) {
  if (route.refresh_token == nullptr) return std::nullopt;
  return rate_key_of_token(static_cast<const Secret*>(route.refresh_token->at(request.data()))->reveal());
}

}  // namespace

Answer::Answer(Response response) : response_(std::move(response)) {}

Answer::Answer(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Response Answer::render() && {
  if (!exchange_) return std::move(response_);
  try {
    Response response = http::render(*exchange_);
    response.headers += exchange_->lines;
    return response;
  } catch (const std::exception&) {  // what it says may quote the data
    return respond(problems::internal, exchange_->id);
  }
}

namespace {

/// A request that outlives its connection's buffer.
struct KeptRequest {
  explicit KeptRequest(const Request& request)
      : method(request.method), target(request.target), address(request.address), stream(request.stream) {
    texts.reserve(request.fields.size());
    for (const HeaderField& field : request.fields) texts.emplace_back(field.name, field.value);
    for (const auto& [name, value] : texts) fields.push_back({.name = name, .value = value});
  }
  KeptRequest(const KeptRequest&) = delete;

  Request request() const {
    return {.method = method, .target = target, .fields = fields, .address = address, .stream = stream};
  }

  std::string method;
  std::string target;
  std::string address;
  Pull stream;
  std::vector<std::pair<std::string, std::string>> texts{};
  std::vector<HeaderField> fields{};
};

/// The two sides of a target's question mark.
struct Target {
  explicit Target(std::string_view whole) : path(whole.substr(0, whole.find('?'))), query(whole.substr(path.size())) {
    if (!query.empty()) query.remove_prefix(1);
  }
  std::string_view path;
  std::string_view query;
};

}  // namespace

struct Router::State : std::enable_shared_from_this<State> {
  State(std::unique_ptr<Backend> from, std::span<const OperationRow> rows, RouterOptions wanted)
      : backend(std::move(from)),
        routes(rows),
        options(with_defaults(std::move(wanted))),
        cors(options.origins),
        ids(*options.clock, *options.rng),
        uploads(options.uploads) {
    if (options.rates) rates.emplace(*options.rates, options.clock, *options.rng);
  }

  void handle(Request& request, const RequestId& id, std::function<void(Answer)>& done);
  void run(const Match& match, Request& request, const RequestId& id, std::string& lines,
           std::function<void(Answer)>& done);
  void upload(const Request& request, const Session& session, const RequestId& id, std::string& lines,
              std::function<void(Answer)>& done);
  void proceed(const Match& match, Request& request, std::optional<Session> session, const RequestId& id,
               std::string& lines, std::function<void(Answer)>& done, bool waits);
  std::string cors_lines(const Match& match, std::string_view path, const Request& request) const;
  std::optional<Response> excess(std::initializer_list<RateClass> of, const RateKey& key, const RequestId& id,
                                 std::string& lines);
  std::optional<Response> excess_of(const OperationRow& row, const Session& session, const RequestId& id,
                                    std::string& lines);
  void hand_on(const Exchange& exchange, const Reply& reply);
  Match match(std::string_view method, std::string_view path) const;
  std::optional<Response> page(std::string_view method, std::string_view path, const RequestId& id) const;
  std::string tenant_of(const Request& request, const Intake& intake) const;

  std::unique_ptr<Backend> backend;
  Routes routes;
  RouterOptions options;
  Cors cors;
  RequestIds ids;
  std::optional<Rates> rates{};
  std::atomic<bool> ready{true};
  Uploads uploads;
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

Match Router::State::match(std::string_view method, std::string_view path) const {
  const std::string_view base = options.base_path;
  if (!path.starts_with(base) || path.size() <= base.size() || path[base.size()] != '/') return {};
  return routes.find(method, path.substr(base.size()));
}

std::string Router::State::cors_lines(const Match& found, std::string_view path, const Request& request) const {
  if (options.origins.empty()) return {};
  const std::string_view asked = Cors::preflight_method(request);
  const Route* route = asked.empty() ? found.route : match(asked, path).route;
  return cors.lines(request, route != nullptr && route->takes_cookies);
}

// Takes a token from each bucket, the narrowest last: that one, or the first that is empty, is what the answer tells of.
std::optional<Response> Router::State::excess(std::initializer_list<RateClass> of, const RateKey& key,
                                              const RequestId& id, std::string& lines) {
  if (!rates) return std::nullopt;
  Standing standing;
  for (const RateClass one : of) {
    standing = rates->take(one, key);
    if (!standing.allowed) break;
  }
  lines.resize(std::min(lines.size(), lines.find("RateLimit-Policy: ")));  // of one bucket only
  lines += rates->fields(standing);
  if (standing.allowed) return std::nullopt;
  return respond(Error{.code = problems::rate_limited.code, .retry_after_s = standing.retry_after_s}, id);
}

std::optional<Response> Router::State::excess_of(const OperationRow& row, const Session& session, const RequestId& id,
                                                 std::string& lines) {
  if (!rates) return std::nullopt;
  const RateKey key = backend->principal(session);
  if (row.shape == Shape::page) return excess({RateClass::user, RateClass::search}, key, id, lines);
  // A file of a chart and an invoice on paper are read as often as anything else is; whole histories are exported.
  if (row.operation->name.ends_with(".export")) return excess({RateClass::user, RateClass::exports}, key, id, lines);
  return excess({RateClass::user}, key, id, lines);
}

// The session goes by another token from here on.
void Router::State::hand_on(const Exchange& exchange, const Reply& reply) {
  const Field& field = *exchange.route->new_refresh_token;
  const auto& token = *static_cast<const std::string*>(field.at_const(reply.output.data()));
  if (rates) rates->hand_on(RateClass::refresh, *exchange.renewed, rate_key_of_token(token));
}

void Router::State::handle(Request& request, const RequestId& id, std::function<void(Answer)>& done) {
  std::string lines;
  const auto finish = [&](Response response) {
    response.headers += lines;
    std::exchange(done, nullptr)(Answer(std::move(response)));
  };
  const std::string_view path = Target(request.target).path;
  const Match found = match(request.method, path);
  lines = cors_lines(found, path, request);
  const bool is_allowed_origin = !lines.empty();
  if (found.route != nullptr) return run(found, request, id, lines, done);
  const bool is_free = request.method == "OPTIONS" || path == "/healthz" || path == "/readyz";
  if (!is_free)
    if (auto refused = excess({RateClass::address}, rate_key_of_address(request.address), id, lines))
      return finish(std::move(*refused));
  if (auto answer = page(request.method, path, id)) return finish(std::move(*answer));
  if (found.allow.empty()) return finish(respond(problems::not_found, id));
  Response response = request.method == "OPTIONS" ? Response{.status = 204, .request_id = id}
                                                  : respond(problems::method_not_allowed, id);
  response.add("Allow", found.allow);
  if (is_allowed_origin && !Cors::preflight_method(request).empty())
    response.headers += Cors::preflight_lines(found.allow);
  finish(std::move(response));
}

void Router::State::run(const Match& match, Request& request, const RequestId& id, std::string& lines,
                        std::function<void(Answer)>& done) {
  const auto finish = [&](Response response) {
    response.headers += lines;
    std::exchange(done, nullptr)(Answer(std::move(response)));
  };
  const auto excess_of_address = [&] {
    return excess({RateClass::address}, rate_key_of_address(request.address), id, lines);
  };
  const OperationRow& row = *match.route->row;
  std::optional<Session> session;
  if (row.operation->permission != Permission::anonymous) {
    const auto token = bearer_token(request);
    auto opened = token ? backend->authenticate(*token) : Result<Session>(Error{.code = codes::unauthenticated});
    if (!opened.ok()) {
      if (auto refused = excess_of_address()) return finish(std::move(*refused));
      Response response = respond(opened.error(), id);
      if (response.status == 401)
        response.add("WWW-Authenticate", token ? R"(Bearer error="invalid_token")" : "Bearer");
      return finish(std::move(response));
    }
    session = std::move(opened.value());
    if (auto refused = excess_of(row, *session, id, lines)) return finish(std::move(*refused));
  } else if (auto refused = excess_of_address()) {
    return finish(std::move(*refused));
  }
  // Whoever may not is told so at once: no byte of the file is waited for.
  if (request.stream && session && backend->may(*session, row)) return upload(request, *session, id, lines, done);
  proceed(match, request, std::move(session), id, lines, done, false);
}

// Reading its body waits for the client.
void Router::State::upload(const Request& request, const Session& session, const RequestId& id, std::string& lines,
                           std::function<void(Answer)>& done) {
  Uploads::Full full{};
  auto place = uploads.enter(backend->principal(session), full);
  if (!place) {
    const Code& code = full == Uploads::Full::user ? problems::rate_limited.code : problems::busy.code;
    Response response = respond(Error{.code = code, .retry_after_s = 1}, id);
    response.headers += lines;
    return std::exchange(done, nullptr)(Answer(std::move(response)));
  }
  auto kept = std::make_shared<KeptRequest>(request);
  std::function<void(Answer)> leave = [place = std::move(place),
                                       then = std::exchange(done, nullptr)](Answer answer) mutable {
    place.reset();  // first: whoever has the answer may send the next file at once
    then(std::move(answer));
  };
  uploads.post(
      [this, self = shared_from_this(), kept = std::move(kept), session, id, lines, done = std::move(leave)]() mutable {
        try {
          Request again = kept->request();
          proceed(match(again.method, Target(again.target).path), again, session, id, lines, done, true);
        } catch (const std::exception&) {  // what it says may quote the data
          if (done) std::exchange(done, nullptr)(Answer(respond(problems::internal, id)));
        }
      });
}

void Router::State::proceed(const Match& match, Request& request, std::optional<Session> session, const RequestId& id,
                            std::string& lines, std::function<void(Answer)>& done, bool waits) {
  const auto [path, query] = Target(request.target);
  const auto finish = [&](Response response) {
    response.headers += lines;
    std::exchange(done, nullptr)(Answer(std::move(response)));
  };
  const OperationRow& row = *match.route->row;
  Intake intake;
  if (request.stream && !waits) {  // it is refused, whatever is in it
    intake = {.value = Value(*row.request), .context = context_of(request, id)};
  } else if (auto refused = take_in(match, query, request, id, intake)) {
    return finish(std::move(*refused));
  }
  const auto renewed = renewed_session(*match.route, intake.value);
  if (renewed)
    if (auto refused = excess({RateClass::refresh}, *renewed, id, lines)) return finish(std::move(*refused));
  if (!session) session = backend->visit(tenant_of(request, intake));

  auto exchange = std::make_shared<Exchange>();
  exchange->route = match.route;
  exchange->routes = shared_from_this();
  exchange->id = id;
  exchange->lines = std::move(lines);
  exchange->renewed = renewed;
  exchange->if_match = intake.if_match;
  if (match.route->output_id != nullptr || row.shape == Shape::page) exchange->place = path;
  if (row.shape == Shape::page) exchange->query = query;
  if (match.route->output_revision != nullptr && row.operation->method == Method::get) {
    exchange->tags_wanted = request.header("If-Match").value_or("");
    exchange->tags_unwanted = request.header("If-None-Match").value_or("");
  }
  exchange->done = std::exchange(done, nullptr);
  if (waits) {
    try {
      exchange->result = backend->call(*session, row, std::move(intake.value), std::move(intake.context));
    } catch (...) {
      done = std::move(exchange->done);  // the caller answers
      throw;
    }
    return std::exchange(exchange->done, nullptr)(Answer(exchange));
  }
  try {
    backend->submit(
        *session, row, std::move(intake.value),
        [this, exchange](Result<Reply> result) {
          if (exchange->renewed && result.ok()) hand_on(*exchange, *result);
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

bool Router::streams(std::string_view method, std::string_view target) const {
  const Route* route = state_->match(method, Target(target).path).route;
  return route != nullptr && route->row->operation->form && route->row->operation->permission != Permission::anonymous;
}

Router::~Router() { state_->uploads.stop(); }

// What is no operation: health and the documentation.
std::optional<Response> Router::State::page(std::string_view method, std::string_view path, const RequestId& id) const {
  const bool is_health = path == "/healthz";
  if (!is_health && path != "/readyz" && !(options.docs && is_document(path))) return std::nullopt;
  Response response{.status = 200, .content_type = json_type, .request_id = id};
  if (method != "GET" && method != "HEAD") {
    response =
        method == "OPTIONS" ? Response{.status = 204, .request_id = id} : respond(problems::method_not_allowed, id);
    response.add("Allow", page_methods);
  } else if (is_health) {
    response.body = R"({"status":"ok"})";
  } else if (is_document(path)) {
    write_document(path, response);
  } else if (ready) {
    response.body = readiness(backend->degradations());
  } else {
    response = respond(problems::stopping, id);
  }
  return response;
}

}  // namespace medflow::http
