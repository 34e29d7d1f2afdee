#include "adapters/json/postman.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "adapters/json/examples.hpp"
#include "adapters/json/openapi.hpp"
#include "adapters/json/pretty.hpp"
#include "medflow/operation.hpp"

namespace medflow::json {
namespace {

std::string_view module_of(std::string_view operation) { return operation.substr(0, operation.find('.')); }

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

/// Calls `use` for each part of `text` between separators.
template <class F>
void each_part(std::string_view text, char separator, F use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

constexpr int ahead_ms = 1500;  ///< how far ahead `now` is: the call still has to be made

class Collection {
 public:
  std::string write() {
    out_.open_object().key("info").open_object().member("name", "MedFlow");
    out_.member(
        "description",
        "Every operation, in an order in which each call finds what it needs. Set base_url, tenant and password; "
        "the platform's calls need an operator_token as well.");
    out_.member("schema", "https://schema.getpostman.com/json/collection/v2.1.0/collection.json").close();
    variables();
    events();
    out_.key("item").open_list();
    shown();
    others();
    out_.close().close();
    return out_.take();
  }

 private:
  void variable(const std::string& key, std::string_view value) {
    out_.open_object().member("key", key).member("value", value).close();
  }

  void variables() {
    out_.key("variable").open_list();
    variable("base_url", "http://127.0.0.1:3001/api/v1");
    variable("tenant", "demo");
    variable("password", "");
    variable("run", "");
    variable("now", "");
    variable("noon_zone", "");
    for (const std::string_view who : example_staff)
      variable(std::string(who) + "_email", std::string(who) + "@demo.example");
    variable(std::string(example_operator) + "_token", "");
    out_.close();
  }

  void script(std::string_view when, const std::vector<std::string>& lines) {
    out_.open_object().member("listen", when).key("script").open_object().member("type", "text/javascript");
    out_.key("exec").open_list();
    for (const std::string& line : lines) out_.text(line);
    out_.close().close().close();
  }

  void events() {
    out_.key("event").open_list();
    script("prerequest",
           {"if (!pm.variables.get('run')) pm.collectionVariables.set('run', Date.now().toString(36));",
            "pm.collectionVariables.set('now', new Date(Date.now() + " + std::to_string(ahead_ms) + ").toISOString());",
            "const behind = new Date().getUTCHours() - 12;",
            "pm.collectionVariables.set('noon_zone', behind === 0 ? 'Etc/UTC' : 'Etc/GMT' + (behind > 0 ? '+' : '') + "
            "behind);"});
    out_.close();
  }

  /// Consecutive examples of one module are a folder.
  void shown() {
    std::string_view module;
    int folders = 0;
    for (const Example& example : examples()) {
      const OperationRow* row = find_operation(example.operation);
      if (row == nullptr) continue;
      if (module_of(example.operation) != module) {
        if (folders++ != 0) out_.close().close();
        module = module_of(example.operation);
        begin_folder((folders < 10 ? "0" : "") + std::to_string(folders) + " " + std::string(module));
      }
      request(*row, example, true);
      shown_.insert(example.operation);
    }
    if (folders != 0) out_.close().close();
  }

  /// What the worked example leaves out is there to be called by hand.
  void others() {
    std::vector<const OperationRow*> rows;
    for (const OperationRow& row : operations())
      if (!shown_.contains(row.operation->name)) rows.push_back(&row);
    if (rows.empty()) return;
    begin_folder("more");
    for (const OperationRow* row : rows) {
      const bool writes = row->operation->method != Method::get && row->operation->method != Method::del;
      const bool anonymous = row->operation->permission == Permission::anonymous;
      request(*row, {.operation = row->operation->name, .caller = anonymous ? "" : "admin", .body = writes ? "{}" : ""},
              false);
    }
    out_.close().close();
  }

  void begin_folder(const std::string& name) { out_.open_object().member("name", name).key("item").open_list(); }

  void request(const OperationRow& row, const Example& example, bool is_checked) {
    out_.open_object().member("name", row.operation->name);
    out_.key("event").open_list();
    if (example.waits) script("prerequest", {"setTimeout(() => {}, " + std::to_string(2 * ahead_ms) + ");"});
    script("test", is_checked ? checks(row, example)
                              : std::vector<std::string>{
                                    "pm.test('is answered', () => pm.expect(pm.response.code).to.be.below(500));"});
    out_.close();
    out_.key("request").open_object().member("method", upper(method_name(row.operation->method)));
    out_.member("description", row.operation->summary);
    auth(example.caller);
    out_.key("header").open_list();
    if (!example.body.empty())
      out_.open_object().member("key", "Content-Type").member("value", example.content_type).close();
    if (row.operation->key_required)
      out_.open_object().member("key", "Idempotency-Key").member("value", "{{$guid}}").close();  // another for each
    out_.close();
    if (!example.body.empty()) {
      out_.key("body").open_object().member("mode", "raw").member("raw", example.body);
      out_.key("options").open_object().key("raw").open_object();
      out_.member("language", example.content_type == "application/json" ? "json" : "text").close().close().close();
    }
    url(row, example);
    out_.close().close();
  }

  void auth(std::string_view caller) {
    out_.key("auth").open_object();
    if (caller.empty()) {
      out_.member("type", "noauth").close();
      return;
    }
    out_.member("type", "bearer").key("bearer").open_list().open_object();
    out_.member("key", "token").member("value", "{{" + std::string(caller) + "_token}}").member("type", "string");
    out_.close().close().close();
  }

  void url(const OperationRow& row, const Example& example) {
    const std::string path = example_path(row);
    std::string raw = "{{base_url}}" + path;
    if (!example.query.empty()) raw.append("?").append(example.query);
    out_.key("url").open_object().member("raw", raw).key("host").texts({"{{base_url}}"}).key("path").open_list();
    each_part(std::string_view(path).substr(1), '/', [&](std::string_view part) { out_.text(part); });
    out_.close();
    if (!example.query.empty()) {
      out_.key("query").open_list();
      each_part(example.query, '&', [&](std::string_view part) {
        const std::size_t equals = part.find('=');
        out_.open_object().member("key", part.substr(0, equals)).member("value", part.substr(equals + 1)).close();
      });
      out_.close();
    }
    out_.close();
  }

  static std::vector<std::string> checks(const OperationRow& row, const Example& example) {
    const std::string status = std::to_string(row.operation->status);
    std::vector<std::string> lines;
    if (example.caller == example_operator) {
      lines.push_back("const expected = pm.variables.get('operator_token') ? " + status + " : 401;");
    } else {
      lines.push_back("const expected = " + status + ";");
    }
    if (example.or_status == 0)
      lines.emplace_back("pm.test('answers ' + expected, () => pm.response.to.have.status(expected));");
    else
      lines.push_back("pm.test('answers ' + expected, () => pm.expect(pm.response.code).to.be.oneOf([expected, " +
                      std::to_string(example.or_status) + "]));");
    lines.emplace_back("pm.test('names the request', () => pm.response.to.have.header('X-Request-Id'));");
    if (row.shape == Shape::stream || row.operation->status == 204) return lines;
    lines.emplace_back("const body = pm.response.json();");
    const std::string object(row.operation->object);
    const auto keep = [&](const std::string& variable, const std::string& member) {
      lines.push_back("if (pm.response.code < 300 && body" + member + " !== undefined) pm.collectionVariables.set('" +
                      variable + "', body" + member + ");");
    };
    if (row.shape == Shape::value)
      for (const char* member : {"id", "revision"}) keep(object + "_" + member, std::string(".") + member);
    each_part(example.keeps, ' ', [&](std::string_view part) {
      const std::size_t equals = part.find('=');
      std::string member;
      each_part(part.substr(equals + 2), '/', [&](std::string_view name) {
        const bool is_index = name.find_first_not_of("0123456789") == std::string_view::npos;
        is_index ? member.append("[").append(name).append("]") : member.append(".").append(name);
      });
      keep(std::string(part.substr(0, equals)), member);
    });
    return lines;
  }

  Pretty out_{};
  std::set<std::string_view> shown_{};
};

}  // namespace

std::string postman_collection() { return Collection().write(); }

}  // namespace medflow::json
