#include "adapters/http/exchange.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "adapters/http/problems.hpp"
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

std::string etag_of(const Field& revision, const void* output) {
  return '"' + std::to_string(revision.type->get_integer(revision.at_const(output))) + '"';
}

// Whether a list of entity tags (RFC 9110, 8.8.3) holds this one of ours, or is "*". Ours hold no comma.
bool lists_tag(std::string_view list, std::string_view tag, bool weak_too) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (one.starts_with(' ') || one.starts_with('\t')) one.remove_prefix(1);
    while (one.ends_with(' ') || one.ends_with('\t')) one.remove_suffix(1);
    if (weak_too && one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

// The conditions of a read (RFC 9110, 13.2.2). What is answered instead of the object still names its tag.
bool meets_conditions(const Exchange& exchange, std::string_view tag, Response& response) {
  if (!exchange.tags_wanted.empty() && !lists_tag(exchange.tags_wanted, tag, false)) {
    response = respond(problems::not_current, exchange.id);
  } else if (!exchange.tags_unwanted.empty() && lists_tag(exchange.tags_unwanted, tag, true)) {
    response = {.status = 304, .request_id = exchange.id};
  } else {
    return true;
  }
  response.add("ETag", tag);
  return false;
}

void add_location(const Exchange& exchange, const void* output, Response& response) {
  const Field* field = exchange.route->output_id;
  if (field == nullptr) return;
  const void* at = field->at_const(output);
  if (field->type->kind == Kind::optional)
    at = field->type->has(at) ? field->type->get(const_cast<void*>(at)) : nullptr;
  if (at != nullptr) response.add("Location", exchange.place + "/" + static_cast<const Uuid*>(at)->text());
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
  if (field == nullptr || operation(exchange).method != Method::get || exchange.route->is_search_form) return;
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

// RFC 6266: the name in ASCII and, where that is not all of it, in UTF-8 (RFC 8187). What is sent is never shown in its place.
void add_disposition(const std::string& file_name, Response& response) {
  std::string name;
  for (const char c : file_name)
    if (is_safe_in_quotes(c)) name.push_back(c);
  std::string line = "attachment";
  if (!name.empty()) line += "; filename=\"" + name + "\"";
  const bool is_extended =
      std::any_of(file_name.begin(), file_name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (is_extended) line += "; filename*=UTF-8''" + percent_encoded(file_name);
  response.add("Content-Disposition", line);
}

void render_stream(Stream& stream, Response& response) {
  response.content_type_own = stream.media_type.empty() ? "application/octet-stream" : stream.media_type;
  if (!stream.file_name.empty() || stream.size_bytes) add_disposition(stream.file_name, response);
  if (stream.size_bytes) response.add("Accept-Ranges", "bytes");
  if (stream.part && stream.size_bytes) {
    const auto& [first, count] = *stream.part;
    response.status = count > 0 ? 206 : 416;
    const std::string which =
        count > 0 ? std::to_string(first) + "-" + std::to_string(first + count - 1) : std::string("*");
    response.add("Content-Range", "bytes " + which + "/" + std::to_string(*stream.size_bytes));
  }
  response.stream = std::move(stream);
}

}  // namespace

Response render(Exchange& exchange) {
  if (!exchange.result->ok()) return render_error(exchange);
  Reply& reply = exchange.result->value();
  if (auto error = reply.open()) {
    exchange.result = Result<Reply>(std::move(*error));
    return render_error(exchange);
  }
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
  if (const Field* revision = exchange.route->output_revision) {
    const std::string tag = etag_of(*revision, reply.output.data());
    if (!meets_conditions(exchange, tag, response)) return response;
    response.add("ETag", tag);
  }
  response.content_type = json_type;
  json::encode(*row.output, reply.output.data(), response.body);
  add_location(exchange, reply.output.data(), response);
  if (row.shape == Shape::page) add_links(exchange, reply.output.data(), response);
  return response;
}

}  // namespace medflow::http
