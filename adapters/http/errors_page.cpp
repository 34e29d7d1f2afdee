#include "adapters/http/errors_page.hpp"

#include <algorithm>
#include <vector>

#include "adapters/http/problems.hpp"
#include "medflow/codes.hpp"

namespace medflow::http {
namespace {

struct Advice {
  std::string_view name{};
  std::string_view cause{};
  std::string_view fix{};
};

/// On what only HTTP has.
constexpr Advice advice[] = {
    {"header_too_large", "The header has more than 32 KiB or 64 fields.", "Send fewer or shorter fields."},
    {"http.framing", "A header line or the framing of the content is not as RFC 9112 has it.",
     "Correct the client; the connection was closed."},
    {"http.host", "The Host header names no host that this server serves.", "Use the address that the operator gave."},
    {"http.target", "The request's target is not in origin form, or holds a broken or forbidden escape.",
     "Escape the path and the query as RFC 3986 has it, once."},
    {"http.version", "The request is in another version of HTTP.", "Speak HTTP/1.1."},
    {"if_match.malformed", "If-Match is not one entity tag in quotes, or the operation knows no revisions.",
     "Send the ETag of what was read."},
    {"if_none_match.malformed", "If-None-Match came with a request that writes.", "Send If-Match instead."},
    {"method_not_allowed", "The path exists, the method does not on it.", "Use one that the header Allow names."},
    {"not_implemented", "There is no such method.", "Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS."},
    {"query.repeated_parameter", "A parameter that takes one value was given twice.", "Give it once."},
    {"query.unknown_parameter", "The operation has no such parameter; none is ever ignored.",
     "The OpenAPI document lists what there is."},
    {"rate_limited", "More requests came from this address or account than the limit allows.",
     "Wait for the seconds that Retry-After names."},
    {"reason.malformed", "Medflow-Reason is neither plain ASCII nor as RFC 8187 has it.",
     "Write UTF-8'', then the text with its escapes."},
    {"server.busy", "All places for connections or memory for requests are taken.",
     "Try again after the seconds that the answer names."},
    {"server.late", "The answer took longer than 10 seconds; whether the request had its effect is not known.",
     "Read before trying again, or send an Idempotency-Key with every try."},
    {"server.stopping", "The server is going down.", "Try again after the seconds that the answer names."},
    {"timeout", "The request came too slowly.", "Send it again, faster."},
    {"unsupported_media", "The content is of a type that the operation does not take.",
     "Send application/json in UTF-8, or the type that the operation names."},
    {"uri_too_long", "The target has more than 8 KiB.", "Use the list's search form, whose query is in the body."},
};

const Advice* advice_on(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(advice), std::end(advice), [&](const Advice& one) { return one.name == name; });
  return found == std::end(advice) ? nullptr : found;
}

std::vector<ErrorRow> make_catalogue() {
  std::vector<ErrorRow> rows;
  for (const CodeRow& row : error_codes())
    rows.push_back(
        {.code = row.code, .status = describe(row.code.kind).http_status, .cause = row.cause, .fix = row.fix});
  for (const Problem& problem : all_problems()) {
    const bool told =
        std::any_of(rows.begin(), rows.end(), [&](const ErrorRow& row) { return row.code == problem.code; });
    if (told) continue;
    const Advice* on = advice_on(problem.code.name);
    rows.push_back({.code = problem.code,
                    .status = problem.status,
                    .cause = on == nullptr ? std::string_view{} : on->cause,
                    .fix = on == nullptr ? std::string_view{} : on->fix});
  }
  std::sort(rows.begin(), rows.end(), [](const ErrorRow& a, const ErrorRow& b) { return a.code.name < b.code.name; });
  return rows;
}

void add_text(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out.push_back(c);
    }
  }
}

/// Cells of a table's row whose place is named by the first of them.
void add_row(std::string_view anchor, std::initializer_list<std::string_view> cells, std::string& out) {
  out += "<tr id=\"";
  add_text(anchor, out);
  out += "\">";
  for (const std::string_view cell : cells) {
    out += "<td>";
    add_text(cell, out);
    out += "</td>";
  }
  out += "</tr>\n";
}

std::string make_page() {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>MedFlow: "
      "errors</title></head>\n<body>\n"
      "<h1>Errors</h1>\n<p>Every answer that is not a success is <code>application/problem+json</code> (RFC 9457). "
      "Its <code>code</code> is one of these.</p>\n"
      "<table>\n<tr><th>Code</th><th>Status</th><th>C value</th><th>Meaning</th><th>Cause</th><th>What to "
      "do</th></tr>\n";
  for (const ErrorRow& row : error_catalogue())
    add_row(row.code.name,
            {row.code.name, std::to_string(row.status), std::to_string(static_cast<int>(row.code.kind)), row.code.text,
             row.cause, row.fix},
            out);
  out +=
      "</table>\n<h2>Fields</h2>\n<p>Each of <code>errors</code> has a code of its own.</p>\n"
      "<table>\n<tr><th>Code</th><th>Cause</th><th>What to do</th></tr>\n";
  for (const FieldCodeRow& row : field_codes())
    add_row("field." + std::string(row.name), {row.name, row.cause, row.fix}, out);
  out +=
      "</table>\n<h2>Kinds</h2>\n<p>Each code is of a <code>kind</code>.</p>\n"
      "<table>\n<tr><th>Kind</th><th>Status</th><th>C value</th><th>Meaning</th></tr>\n";
  for (const ErrcRow& kind : error_kinds()) {
    const auto rows = error_catalogue();
    const bool told =
        std::any_of(rows.begin(), rows.end(), [&](const ErrorRow& row) { return row.code.name == kind.name; });
    add_row(told ? "kind." + std::string(kind.name) : std::string(kind.name),
            {kind.name, std::to_string(kind.http_status), std::to_string(static_cast<int>(kind.kind)), kind.text}, out);
  }
  out += "</table>\n</body>\n</html>\n";
  return out;
}

}  // namespace

std::span<const ErrorRow> error_catalogue() {
  static const std::vector<ErrorRow> rows = make_catalogue();
  return rows;
}

const std::string& errors_page() {
  static const std::string page = make_page();
  return page;
}

}  // namespace medflow::http
