#include "adapters/http/errors_page.hpp"

#include <set>
#include <string_view>

#include "adapters/http/problems.hpp"
#include "medflow/error.hpp"

namespace medflow::http {
namespace {

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

void add_row(std::string_view code, int status, std::string_view text, std::string& out) {
  out += "<tr id=\"";
  add_text(code, out);
  out += "\"><td><code>";
  add_text(code, out);
  out.append("</code></td><td>").append(std::to_string(status)).append("</td><td>");
  add_text(text, out);
  out += "</td></tr>\n";
}

std::string make_page() {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>MedFlow: "
      "errors</title></head>\n<body>\n"
      "<h1>Errors</h1>\n<p>Every answer that is not a success is <code>application/problem+json</code> (RFC 9457). "
      "Its <code>code</code> is one of these.</p>\n"
      "<table>\n<tr><th>Code</th><th>Status</th><th>Meaning</th></tr>\n";
  std::set<std::string_view> seen;
  for (const Problem& problem : all_problems())
    if (seen.insert(problem.code.name).second) add_row(problem.code.name, problem.status, problem.code.text, out);
  for (const ErrcRow& kind : error_kinds())
    if (seen.insert(kind.name).second) add_row(kind.name, kind.http_status, kind.text, out);
  out += "</table>\n</body>\n</html>\n";
  return out;
}

}  // namespace

const std::string& errors_page() {
  static const std::string page = make_page();
  return page;
}

}  // namespace medflow::http
