#include "tests/campaigns/http_fuzz/generator.hpp"

#include <algorithm>

#include "adapters/http/uri.hpp"
#include "adapters/json/binding.hpp"
#include "medflow/operations.hpp"

namespace medflow::fuzz {
namespace {

constexpr std::string_view texts[] = {"",
                                      "a",
                                      "Anna",
                                      "O'Keefe",
                                      "M\xC3\xBCller",
                                      "\xD8\xA7\xD8\xAD\xD9\x85\xD8\xAF",
                                      "\xF0\x9F\x98\x80",
                                      "'; DROP TABLE patients; --",
                                      "<script>alert(1)</script>",
                                      "../../etc/passwd",
                                      "%00",
                                      "\\u0000",
                                      "\xE2\x80\xAEtext",
                                      "null",
                                      "true",
                                      "0",
                                      "-1",
                                      "1e999",
                                      "9223372036854775808",
                                      "2026-02-30",
                                      "2026-11-22",
                                      "1985-03",
                                      "2026-11-22T10:00:00Z",
                                      "Europe/Berlin",
                                      "Mars/Base",
                                      "EUR",
                                      "male",
                                      "unknown",
                                      "a@b.example",
                                      "+445550100",
                                      "${jndi:ldap://x}",
                                      "{{7*7}}",
                                      "\xC0\xAF",
                                      "\xED\xA0\x80",
                                      "id",
                                      "*",
                                      "W/\"1\"",
                                      "\"1\""};
constexpr std::string_view methods[] = {"GET",     "POST",  "PUT",  "PATCH", "DELETE", "HEAD",
                                        "OPTIONS", "TRACE", "BREW", "get",   ""};
constexpr std::string_view method_names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::string_view content_types[] = {"application/json",
                                              "application/json; charset=utf-8",
                                              "application/json;charset=latin1",
                                              "text/plain",
                                              "text/csv",
                                              "application/x-www-form-urlencoded",
                                              "multipart/form-data",
                                              "application/merge-patch+json",
                                              "",
                                              "a/b/c",
                                              "APPLICATION/JSON"};
constexpr std::string_view headers[] = {"If-Match: \"1\"",
                                        "If-Match: *",
                                        "If-Match: W/\"1\"",
                                        "If-Match: \"1\", \"2\"",
                                        "If-Match: 1",
                                        "If-None-Match: \"1\"",
                                        "If-None-Match: *",
                                        "Medflow-Reason: entered twice",
                                        "Medflow-Reason: UTF-8''%C3%BCber",
                                        "Medflow-Reason: UTF-8''%ZZ",
                                        "Medflow-Tenant: saint-mary",
                                        "Medflow-Tenant: nowhere",
                                        "Idempotency-Key: abc-123",
                                        "Idempotency-Key: ",
                                        "Accept: application/xml",
                                        "Accept-Language: de",
                                        "Range: bytes=0-5",
                                        "Origin: https://evil.test",
                                        "Cookie: a=b",
                                        "User-Agent: xyzzy",
                                        "User-Agent: fuzz",
                                        "X-Forwarded-For: 1.2.3.4",
                                        "X-HTTP-Method-Override: DELETE",
                                        "Content-Encoding: gzip",
                                        "Expect: 100-continue",
                                        "Transfer-Encoding: chunked",
                                        "Trailer: X",
                                        "Upgrade: h2c",
                                        "TE: trailers",
                                        "Connection: keep-alive, X",
                                        "X-Empty:",
                                        "Host: other.test",
                                        "Content-Length: 3"};

const OperationRow& some_operation(Dice& dice) { return dice.of(operations()); }

/// Mostly of something that is there, and half the time of what the name says: "patient", "patient_id".
std::string some_id(Dice& dice, const World& world, std::string_view name = {}) {
  if (name.ends_with("_id")) name.remove_suffix(3);
  if (const auto kind = world.ids_of.find(name); kind != world.ids_of.end() && dice.one_in(2))
    return dice.of(kind->second);
  if (!dice.one_in(3) && !world.ids.empty()) return dice.of(world.ids);
  constexpr std::string_view others[] = {"0190b8a0-1234-7000-8000-00000000abcd", "00000000-0000-0000-0000-000000000000",
                                         "me", "1", "0190b8a0"};
  return std::string(dice.of(others));
}

std::string some_text(Dice& dice, const World& world) {
  if (dice.one_in(6)) return some_id(dice, world);
  if (dice.one_in(40)) return std::string(dice.below(3000), 'x');
  return std::string(dice.of(texts));
}

/// Half the time a word that leads to something in a member of this name, where there is one.
std::string known_text(std::string_view name, Dice& dice, const World& world) {
  return world.ids_of.contains(name) && dice.one_in(2) ? some_id(dice, world, name) : some_text(dice, world);
}

void quote(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void write_value(const Type& type, std::string_view name, Dice& dice, const World& world, int depth, std::string& out);

void write_object(const Type& type, Dice& dice, const World& world, int depth, std::string& out) {
  out += '{';
  bool first = true;
  for (const Field& field : type.fields) {
    if ((field.is(FieldFlag::required) ? dice.slips(12) : dice.one_in(2))) continue;
    out += first ? "" : ",";
    first = false;
    quote(dice.slips(60) ? "unknown_member" : field.name, out);
    out += ':';
    write_value(*field.type, field.name, dice, world, depth + 1, out);
  }
  if (dice.slips(30)) out += (first ? "" : ",") + std::string("\"tenant\":\"saint-mary\"");
  out += '}';
}

void write_wrong(Dice& dice, const World& world, std::string& out) {
  constexpr std::string_view wrong[] = {
      "null", "true", "[]", "{}", "-0", "1.5", "1e400", "[[[[]]]]", "{\"a\":{\"a\":1}}", "18446744073709551616"};
  dice.one_in(2) ? void(out += dice.of(wrong)) : quote(some_text(dice, world), out);
}

void write_value(const Type& type, std::string_view name, Dice& dice, const World& world, int depth, std::string& out) {
  if (depth > 12 || dice.slips(12)) return write_wrong(dice, world, out);
  switch (type.kind) {
    case Kind::boolean:
      return void(out += dice.one_in(2) ? "true" : "false");
    case Kind::integer:
      return void(out += std::to_string(dice.slips(5) ? type.max : static_cast<std::int64_t>(dice.below(100))));
    case Kind::enumeration:
      return quote(type.words.empty() ? "x" : dice.of(type.words), out);
    case Kind::uuid:
      return quote(some_id(dice, world, name), out);
    case Kind::date:
    case Kind::partial_date:
      return quote(dice.slips(3) ? "1985-13-01" : "1985-03-14", out);
    case Kind::time:
      return quote(dice.slips(3) ? "24:00" : "09:30", out);
    case Kind::local_date_time:
      return quote(dice.slips(3) ? "2026-11-31T09:30" : "2026-11-22T09:30", out);
    case Kind::instant:
      return quote("2026-11-22T10:00:00Z", out);
    case Kind::zone:
      return quote("Europe/London", out);
    case Kind::currency:
      return quote("GBP", out);
    case Kind::object:
      return write_object(type, dice, world, depth, out);
    case Kind::list: {
      const std::size_t count = dice.slips(50) ? 300 : dice.below(3);
      out += '[';
      for (std::size_t i = 0; i < count; ++i) {
        out += i == 0 ? "" : ",";
        write_value(*type.element, name, dice, world, depth + 1, out);
      }
      return void(out += ']');
    }
    case Kind::optional:
    case Kind::change:
      return dice.one_in(4) ? void(out += "null") : write_value(*type.element, name, dice, world, depth + 1, out);
    default:
      return quote(known_text(name, dice, world), out);
  }
}

std::string some_path(const OperationRow& row, Dice& dice, const World& world) {
  std::string path = dice.slips(40) ? "/api/v2" : "/api/v1";
  std::string_view rest = row.operation->path;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    path += rest.substr(0, open);
    const std::size_t close = rest.find('}');
    std::string_view name = rest.substr(open + 1, close - open - 1);
    if (name == "id") name = row.operation->object;
    path += dice.slips(4) ? http::percent_encoded(some_text(dice, world)) : some_id(dice, world, name);
    rest.remove_prefix(close + 1);
  }
  path += rest;
  if (dice.slips(60)) path += dice.one_in(2) ? "/" : "/extra";
  constexpr std::string_view others[] = {
      "/healthz", "/readyz", "/api/docs/errors", "/api/docs/openapi.json", "/", "*", "//", "/api/docs", "http://a/b"};
  if (dice.one_in(60)) path = dice.of(others);
  return path;
}

std::string some_query(const OperationRow& row, Dice& dice, const World& world) {
  std::string query;
  for (std::size_t i = dice.below(3); i > 0; --i) {
    const bool known = !row.request->fields.empty() && !dice.slips(6);
    const std::string name = known ? std::string(dice.of(row.request->fields).name) : some_text(dice, world);
    query += (query.empty() ? "?" : "&") + http::percent_encoded(name);
    if (!dice.slips(10)) query += "=" + (dice.slips(20) ? "%" : http::percent_encoded(known_text(name, dice, world)));
  }
  return query;
}

/// A form with a PDF of no pages; what stands in the path is not said again.
std::string some_form(const OperationRow& row, Dice& dice, const World& world) {
  std::string form;
  for (const Field& field : row.request->fields) {
    const std::string name(field.name);
    const bool told = &field == row.content || name == "file_name" ||
                      row.operation->path.find("{" + name + "}") != std::string_view::npos;
    if (told || (field.is(FieldFlag::required) ? dice.slips(12) : dice.one_in(2))) continue;
    std::string value;
    write_value(*field.type, name, dice, world, 0, value);
    if (value.size() > 1 && value.front() == '"') value = value.substr(1, value.size() - 2);
    form += "--fuzz\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  return form +
         "--fuzz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf"
         "\r\n\r\n%PDF-1.4\nxref\ntrailer\nstartxref\n9\n%%EOF\n\r\n--fuzz--\r\n";
}

std::string some_body(const OperationRow& row, Dice& dice, const World& world) {
  if (dice.slips(15)) return std::string(dice.of(texts));
  if (row.operation->form && !dice.slips(4)) return some_form(row, dice, world);
  if (row.content != nullptr && !dice.slips(4)) return "Id,FIRST,LAST\n" + some_id(dice, world) + ",Anna,Lee\n";
  std::string body;
  if (dice.slips(100)) return body.append(200, '[');
  write_object(*row.request, dice, world, 0, body);
  return body;
}

std::string framed(std::string_view body, Dice& dice) {
  std::string out;
  if (dice.one_in(8)) {
    out += "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t size = std::min(body.size() - at, 1 + dice.below(40));
      constexpr std::string_view digits = "0123456789abcdef";
      if (size >= 16) out += digits[size / 16];
      out.append(1, digits[size % 16])
          .append(dice.one_in(10) ? ";x=y\r\n" : "\r\n")
          .append(body.substr(at, size))
          .append("\r\n");
      at += size;
    }
    return out + "0\r\n\r\n";
  }
  if (!body.empty() || dice.one_in(3)) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return out.append("\r\n").append(body);
}

}  // namespace

std::string make_request(Dice& dice, const World& world) {
  constexpr std::size_t cares[] = {1, 4, 50};
  dice.care = dice.of(cares);
  const OperationRow& row = some_operation(dice);
  const std::string_view own = method_names[static_cast<std::size_t>(row.operation->method)];
  const std::string_view method = dice.slips(20) ? dice.of(methods) : own;
  const bool has_body = (own != "GET" && own != "DELETE") || dice.slips(20);
  std::string bytes(method);
  bytes += " " + some_path(row, dice, world);
  if (!has_body || dice.slips(10)) bytes += some_query(row, dice, world);
  bytes += " HTTP/1.1\r\nHost: clinic.test\r\n";
  if (!dice.slips(10)) {
    bytes += "Authorization: Bearer ";
    bytes += dice.slips(20) || world.tokens.empty() ? some_text(dice, world) : dice.of(world.tokens);
    bytes += "\r\n";
  }
  if (row.operation->key_required && !dice.slips(10))
    bytes += "Idempotency-Key: " + std::to_string(dice.below(1'000'000)) + "\r\n";
  const std::string_view type = row.operation->form      ? "multipart/form-data; boundary=fuzz"
                                : row.content != nullptr ? "text/csv"
                                                         : "application/json";
  if (has_body || dice.slips(20))
    bytes.append("Content-Type: ").append(dice.slips(15) ? dice.of(content_types) : type).append("\r\n");
  for (std::size_t i = dice.one_in(2) ? dice.below(3) : 0; i > 0; --i) bytes.append(dice.of(headers)).append("\r\n");
  bytes += framed(has_body ? some_body(row, dice, world) : std::string(), dice);
  if (dice.slips(8)) testing::spoil(bytes, dice);
  return bytes;
}

}  // namespace medflow::fuzz
