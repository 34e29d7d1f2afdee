#include "adapters/http/exchange.hpp"

#include <cstdint>
#include <utility>

#include "adapters/http/uri.hpp"
#include "adapters/json/binding.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/page.hpp"

namespace medflow::http {
namespace {

const Operation& operation(const Exchange& exchange) { return *exchange.route->row->operation; }

Response render_error(const Exchange& exchange) {
  Error error = exchange.result->error();
  // The same state of affairs has a status of its own where the revision came by header (R8).
  if (exchange.if_match && error.code == codes::revision) error.code = codes::if_match;
  return respond(error, exchange.id);
}

void add_etag(const Exchange& exchange, const void* output, Response& response) {
  const Field* field = exchange.route->output_revision;
  if (field == nullptr) return;
  response.headers.append("ETag: \"")
      .append(std::to_string(field->type->get_integer(field->at_const(output))))
      .append("\"\r\n");
}

void add_location(const Exchange& exchange, const void* output, Response& response) {
  const Field* field = exchange.route->output_id;
  if (field == nullptr) return;
  const auto* id = static_cast<const Uuid*>(field->at_const(output));
  response.add("Location", exchange.place + "/" + id->text());
}

// The page's own query with another cursor. A URL of ours holds no PHI (R15): none is made of a query that does.
std::optional<std::string> neighbour_query(const Exchange& exchange) {
  const auto pairs = query_pairs(exchange.query);
  if (!pairs) return std::nullopt;
  std::string query = "?";
  for (const auto& [name, value] : *pairs) {
    const Field* field = json::find_field(*exchange.route->row->request, name);
    if (field == nullptr || field->is(FieldFlag::phi)) return std::nullopt;
    if (name != "cursor") query.append(percent_encoded(name)).append("=").append(percent_encoded(value)).append("&");
  }
  return query;
}

// RFC 8288. What was asked for in a body has no URL, and so no links.
void add_links(const Exchange& exchange, const void* output, Response& response) {
  const Field* field = json::find_field(*exchange.route->row->output, "page");
  if (field == nullptr || operation(exchange).method != Method::get) return;
  const auto& page = *static_cast<const PageInfo*>(field->at_const(output));
  if (!page.next && !page.prev) return;
  const auto query = neighbour_query(exchange);
  if (!query) return;
  const auto link = [&](const std::string& cursor, std::string_view relation) {
    return "<" + exchange.place + *query + "cursor=" + percent_encoded(cursor) + ">; rel=\"" + std::string(relation) +
           "\"";
  };
  std::string links;
  if (page.next) links = link(*page.next, "next");
  if (page.prev) links.append(links.empty() ? "" : ", ").append(link(*page.prev, "prev"));
  response.add("Link", links);
}

bool is_safe_in_quotes(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void render_stream(Stream& stream, Response& response) {
  response.content_type_own = stream.media_type.empty() ? "application/octet-stream" : stream.media_type;
  std::string name;
  for (const char c : stream.file_name)
    if (is_safe_in_quotes(c)) name.push_back(c);
  if (!name.empty()) response.add("Content-Disposition", "attachment; filename=\"" + name + "\"");  // RFC 6266
  response.stream = std::move(stream);
}

}  // namespace

Response render(Exchange& exchange) {
  if (!exchange.result->ok()) return render_error(exchange);
  Reply& reply = exchange.result->value();
  Response response{.status = operation(exchange).status, .request_id = exchange.id};
  if (reply.replayed) response.add("Idempotency-Replayed", "true");
  if (exchange.route->signs_out) response.add("Clear-Site-Data", R"("cache", "cookies", "storage")");
  const OperationRow& row = *exchange.route->row;
  if (row.shape == Shape::stream) {
    render_stream(*static_cast<Stream*>(reply.output.data()), response);
    return response;
  }
  if (response.status == 204 || row.output->fields.empty()) {
    response.status = 204;
    return response;
  }
  response.content_type = json_type;
  json::encode(*row.output, reply.output.data(), response.body);
  add_etag(exchange, reply.output.data(), response);
  add_location(exchange, reply.output.data(), response);
  if (row.shape == Shape::page) add_links(exchange, reply.output.data(), response);
  return response;
}

}  // namespace medflow::http
