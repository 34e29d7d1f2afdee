#include "adapters/json/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "adapters/json/binding.hpp"
#include "adapters/json/problem.hpp"
#include "adapters/json/schema.hpp"
#include "medflow/error.hpp"
#include "medflow/operations.hpp"
#include "medflow/platform.hpp"

namespace medflow::json {

namespace {

constexpr std::string_view schemas = "#/components/schemas/";

std::string_view tag_of(const Operation& operation) { return operation.name.substr(0, operation.name.find('.')); }

bool is_anonymous(const Operation& operation) { return operation.permission == Permission::anonymous; }

bool has_body(const OperationRow& row) {
  return row.content != nullptr || std::any_of(row.request->fields.begin(), row.request->fields.end(),
                                               [&](const Field& field) { return place_of(row, field) == Place::body; });
}

/// Whether a list's search form has a body.
bool has_members(const OperationRow& row) {
  return std::any_of(row.request->fields.begin(), row.request->fields.end(),
                     [&](const Field& field) { return place_of(row, field) == Place::query; });
}

bool has_etag(const OperationRow& row) {
  return row.shape == Shape::value && find_field(*row.output, "revision") != nullptr;
}

/// Whether a read can be made conditional.
/// Whether it answers before its work is done. Of one that only asks for a job, nobody is sent elsewhere.
bool begins_job(const OperationRow& row) { return row.shape == Shape::job && row.operation->status == 202; }

bool needs_key(const OperationRow& row) { return row.operation->key_required; }

bool knows_tags(const OperationRow& row) { return row.operation->method == Method::get && has_etag(row); }

/// The member that says as what a paper is printed; none where nothing is.
const Field* print_format(const OperationRow& row) {
  const Field* field = row.shape == Shape::stream ? find_field(*row.request, "format") : nullptr;
  return field != nullptr && field->type->name == "PrintFormat" ? field : nullptr;
}

std::string_view media_type_of_paper(std::string_view format) {
  if (format == "text") return "text/plain";
  return format == "pdf" ? "application/pdf" : "text/html";
}

/// Of what is streamed. Any where the row does not tell.
std::vector<std::string_view> media_types(const OperationRow& row) {
  const Field* format = print_format(row);
  if (format == nullptr) return {"*/*"};
  std::vector<std::string_view> types;
  for (const std::string_view word : format->type->words) types.push_back(media_type_of_paper(word));
  if (find_field(*row.request, "csv") != nullptr) types.emplace_back("text/csv");
  return types;
}

/// The statuses that an operation may answer with besides its own.
std::set<int> error_statuses(const OperationRow& row) {
  const Operation& operation = *row.operation;
  std::set<int> statuses{400, 401, 403, 404, 422, 429, 500, 503};
  if (knows_tags(row)) statuses.insert(412);
  if (operation.effect == Effect::write) statuses.insert(409);
  if (operation.effect == Effect::write && find_field(*row.request, "revision") != nullptr) statuses.insert({412, 428});
  if (has_body(row)) statuses.insert({413, 415});
  if (print_format(row) != nullptr) statuses.insert(415);  // nothing prints PDF here
  if (is_anonymous(operation)) statuses.insert(410);
  const bool may_be_locked = operation.effect == Effect::write || row.shape == Shape::stream;
  if (may_be_locked && (operation.object == "record" || operation.object == "document")) statuses.insert(423);
  return statuses;
}

/// What an error status is called among the document's shared answers: the first kind that has it.
std::string response_name(int status) {
  for (const ErrcRow& kind : error_kinds())
    if (kind.http_status == status && kind.kind != Errc::integrity) return std::string(kind.name);
  return "internal";
}

class Document {
 public:
  std::string write() {
    out_.open_object().member("openapi", "3.1.0");
    info();
    out_.key("servers").open_list().open_object().member("url", "/api/v1").close().close();
    out_.key("security").open_list();
    bearer();
    out_.close();
    tags();
    paths();
    components();
    out_.close();
    return out_.take();
  }

 private:
  void info() {
    out_.key("info").open_object().member("title", "MedFlow").member("version", version());
    out_.member("description", "Hospital management. Every operation is also a C++ call, a C call and a command.");
    out_.key("license").open_object().member("name", "Apache 2.0").member("identifier", "Apache-2.0").close();
    out_.close();
  }

  void bearer() { out_.open_object().key("bearer").open_list().close().close(); }

  void tags() {
    std::set<std::string_view> names;
    for (const OperationRow& row : operations()) names.insert(tag_of(*row.operation));
    out_.key("tags").open_list();
    for (const std::string_view name : names)
      out_.open_object().member("name", name).member("description", "Operations on " + std::string(name) + ".").close();
    out_.close();
  }

  void paths() {
    std::map<std::string_view, std::vector<const OperationRow*>> by_path;
    for (const OperationRow& row : operations()) by_path[row.operation->path].push_back(&row);
    out_.key("paths").open_object();
    for (auto& [path, rows] : by_path) {
      std::sort(rows.begin(), rows.end(), [](const OperationRow* a, const OperationRow* b) {
        return a->operation->method < b->operation->method;
      });
      out_.key(path).open_object();
      for (const OperationRow* row : rows) operation(*row);
      out_.close();
      for (const OperationRow* row : rows)
        if (has_search_form(*row, operations())) search_form(*row);
    }
    out_.close();
  }

  void operation(const OperationRow& row) {
    const Operation& operation = *row.operation;
    out_.key(method_name(operation.method)).open_object();
    begin_operation(row, operation.name, operation.summary);
    parameters(row);
    body(row);
    responses(row, error_statuses(row));
    out_.close();
  }

  void begin_operation(const OperationRow& row, std::string_view id, std::string_view summary) {
    const Operation& operation = *row.operation;
    out_.member("operationId", id).member("summary", summary);
    out_.key("tags").texts({tag_of(operation)});
    out_.member("x-medflow-permission", permission_name(operation.permission));
    if (is_anonymous(operation)) out_.key("security").open_list().close();
  }

  /// The list again, by POST (R12).
  void search_form(const OperationRow& row) {
    out_.key(std::string(row.operation->path).append(search_form_path)).open_object().key("post").open_object();
    begin_operation(row, search_form_name(row), std::string(row.operation->summary) + ", with the query in the body");
    const auto in_path = [&](const Field& field) { return place_of(row, field) == Place::path; };
    if (std::any_of(row.request->fields.begin(), row.request->fields.end(), in_path)) {
      out_.key("parameters").open_list();
      for (const Field& field : row.request->fields)
        if (in_path(field)) parameter(field, field.name, "path", true);
      out_.close();
    }
    if (has_members(row)) {
      out_.key("requestBody").open_object().key("content").open_object();
      json_content("application/json", row.request->name);
      out_.close().close();
    }
    auto statuses = error_statuses(row);
    statuses.insert({413, 415});
    responses(row, statuses);
    out_.close().close();
  }

  void parameters(const OperationRow& row) {
    std::vector<std::string_view> shared;
    if (row.operation->key_required) {
      shared.emplace_back("needed_idempotency_key");
    } else if (row.operation->method == Method::post && row.content == nullptr) {
      // Content is read as it comes, so that a second call could not be told from another one: no answer is kept (R11).
      shared.emplace_back("idempotency_key");
    }
    if (row.operation->effect == Effect::write && find_field(*row.request, "revision") != nullptr)
      shared.emplace_back("if_match");
    if (knows_tags(row)) shared.emplace_back("if_none_match");
    if (is_anonymous(*row.operation)) shared.emplace_back("tenant");
    if (is_anonymous(*row.operation) && row.operation->method == Method::get) shared.emplace_back("tenant_in_query");
    const auto fields = row.request->fields;
    const bool own = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
      return field.is(header) || place_of(row, field) == Place::path || place_of(row, field) == Place::query;
    });
    if (shared.empty() && !own) return;
    out_.key("parameters").open_list();
    for (const Field& field : fields) {
      if (place_of(row, field) == Place::path) parameter(field, field.name, "path", true);
      if (place_of(row, field) == Place::query) parameter(field, field.name, "query", field.is(required));
      if (field.is(header)) parameter(field, header_name(field), "header", false);
    }
    for (const std::string_view name : shared) out_.reference("#/components/parameters/" + std::string(name));
    out_.close();
  }

  void parameter(const Field& field, std::string_view name, std::string_view in, bool needed) {
    out_.open_object().member("name", name).member("in", in);
    if (needed) out_.key("required").boolean(true);
    if (!field.rules.meaning.empty()) out_.member("description", field.rules.meaning);
    // Lists are separated by commas.
    if (field.type->kind == Kind::list) out_.key("explode").boolean(false);
    out_.key("schema");
    SchemaWriter(out_, schemas).value(*field.type, field.rules);
    out_.close();
  }

  void body(const OperationRow& row) {
    if (!has_body(row)) return;
    out_.key("requestBody").open_object();
    const auto fields = row.request->fields;
    const bool needed = row.content != nullptr || std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
                          return place_of(row, field) == Place::body && field.is(required);
                        });
    if (needed) out_.key("required").boolean(true);
    out_.key("content").open_object();
    if (row.operation->form) {
      form(row);
    } else if (row.content != nullptr) {
      out_.key("*/*").open_object().key("schema").open_object();
      out_.member("description", row.content->rules.meaning).close().close();
    } else {
      json_content("application/json", row.request->name);
      if (row.operation->method == Method::patch) json_content("application/merge-patch+json", row.request->name);
    }
    out_.close().close();
  }

  /// Texts, and the file as the last part.
  void form(const OperationRow& row) {
    out_.key("multipart/form-data").open_object().key("schema").open_object().member("type", "object");
    std::vector<std::string_view> needed;
    out_.key("properties").open_object();
    for (const Field& field : row.request->fields) {
      const Place place = place_of(row, field);
      // The file brings its name with it.
      if (field.is(required) && place != Place::path && field.name != "file_name") needed.push_back(field.name);
      if (place == Place::content) {
        out_.key(field.name)
            .open_object()
            .member("type", "string")
            .member("contentMediaType", "application/octet-stream");
        out_.member("description", field.rules.meaning).close();
      } else if (place == Place::body) {
        out_.key(field.name);
        SchemaWriter(out_, schemas).value(*field.type, field.rules);
      }
    }
    out_.close();
    out_.key("required").open_list();
    for (const std::string_view name : needed) out_.text(name);
    out_.close().close().close();
  }

  void json_content(std::string_view media_type, std::string_view name) {
    out_.key(media_type).open_object();
    out_.key("schema").reference(std::string(schemas).append(name)).close();
  }

  void responses(const OperationRow& row, const std::set<int>& errors) {
    out_.key("responses").open_object();
    out_.key(std::to_string(row.operation->status)).open_object();
    out_.member("description", row.operation->status == 204 ? "Done." : "The answer.");
    headers(row);
    if (row.operation->status != 204) {
      out_.key("content").open_object();
      if (row.shape == Shape::stream) {
        for (const std::string_view type : media_types(row))
          out_.key(type).open_object().key("schema").open_object().close().close();
      } else {
        json_content("application/json", row.output->name);
      }
      out_.close();
    }
    out_.close();
    if (row.shape == Shape::stream && find_field(*row.request, "range") != nullptr) {
      part("206", "The part that Range asked for.");
      part("416", "What Range asked for lies behind the end: nothing is sent.");
    }
    if (knows_tags(row)) {
      out_.key("304").open_object().member("description", "Not modified: If-None-Match names this revision.");
      out_.key("headers").open_object();
      for (const char* name : {"ETag", "X-Request-Id"})
        out_.key(name).reference("#/components/headers/" + std::string(name));
      out_.close().close();
    }
    for (const int status : errors)
      out_.key(std::to_string(status)).reference("#/components/responses/" + response_name(status));
    out_.close();
  }

  void part(std::string_view status, std::string_view description) {
    out_.key(status).open_object().member("description", description);
    out_.key("headers").open_object().key("Content-Range").open_object();
    out_.member("description", "Which part this is, of how much (RFC 9110, 14.4).");
    out_.key("schema").open_object().member("type", "string").close().close();
    out_.key("X-Request-Id").reference("#/components/headers/X-Request-Id").close();
    out_.key("content").open_object().key("*/*").open_object().key("schema").open_object().close().close().close();
    out_.close();
  }

  void headers(const OperationRow& row) {
    std::vector<std::string_view> names;
    if (has_etag(row)) names.emplace_back("ETag");
    if (row.shape == Shape::page) names.emplace_back("Link");
    if (row.operation->method == Method::post) names.emplace_back("Idempotency-Replayed");
    if (begins_job(row)) names.emplace_back("Location");
    if (row.shape == Shape::stream) names.emplace_back("Content-Disposition");
    out_.key("headers").open_object();
    for (const std::string_view name : names) out_.key(name).reference("#/components/headers/" + std::string(name));
    out_.key("X-Request-Id").reference("#/components/headers/X-Request-Id").close();
  }

  void components() {
    out_.key("components").open_object();
    out_.key("securitySchemes").open_object().key("bearer").open_object();
    out_.member("type", "http").member("scheme", "bearer").member("bearerFormat", "JWT");
    out_.member("description", "The access token of auth.login.").close().close();
    shared_parameters();
    shared_headers();
    shared_responses();
    component_schemas();
    out_.close();
  }

  void header_parameter(std::string_view key, std::string_view name, std::string_view meaning, std::int64_t max,
                        std::string_view pattern, bool needed = false) {
    shared_parameter(key, name, "header", meaning, max, pattern, needed);
  }

  void shared_parameter(std::string_view key, std::string_view name, std::string_view place, std::string_view meaning,
                        std::int64_t max, std::string_view pattern, bool needed = false) {
    out_.key(key).open_object().member("name", name).member("in", place).member("description", meaning);
    if (needed) out_.key("required").boolean(true);
    out_.key("schema").open_object().member("type", "string").key("maxLength").integer(max);
    out_.member("pattern", pattern).close().close();
  }

  void shared_parameters() {
    out_.key("parameters").open_object();
    header_parameter("idempotency_key", "Idempotency-Key",
                     "Makes the call repeatable for 24 hours: a second one with this key gets the first one's answer.",
                     255, "^[!-~]+$");
    if (std::any_of(operations().begin(), operations().end(), needs_key))
      header_parameter("needed_idempotency_key", "Idempotency-Key",
                       "Money moves once: a second call with this key within 24 hours gets the first one's answer.",
                       255, "^[!-~]+$", true);
    header_parameter("if_match", "If-Match", "The revision that the change is based on, as the ETag said it.", 22,
                     "^\"[0-9]{1,20}\"$");
    header_parameter("if_none_match", "If-None-Match",
                     "Answers 304 where the object is still at one of these revisions.", 1024, "^(\\*|[ -~]*)$");
    header_parameter(
        "tenant", "Medflow-Tenant",
        "The slug of the tenant; also by the member tenant, or by the host name. Not needed where there is one tenant.",
        40, "^[a-z0-9-]{3,40}$");
    shared_parameter("tenant_in_query", "tenant", "query", "The same, for programs that send no header of ours.", 40,
                     "^[a-z0-9-]{3,40}$");
    out_.close();
  }

  void shared_header(std::string_view name, std::string_view meaning) {
    out_.key(name).open_object().member("description", meaning);
    out_.key("schema").open_object().member("type", "string").close().close();
  }

  void shared_headers() {
    out_.key("headers").open_object();
    shared_header("Content-Disposition", "Of a file: that it is to be kept, and its name (RFC 6266).");
    shared_header("ETag", "The revision of the object, in quotes: for If-Match.");
    shared_header("Idempotency-Replayed", "true where the answer is that of an earlier call with the same key.");
    shared_header("Link", "The pages before and after this one (RFC 8288).");
    if (std::any_of(operations().begin(), operations().end(), begins_job))
      shared_header("Location", "Where the job that does the work can be asked for.");
    shared_header("Retry-After", "Seconds to wait before the next try.");
    shared_header("X-Request-Id", "The id of the request, as in the audit log.");
    out_.close();
  }

  void shared_responses() {
    out_.key("responses").open_object();
    std::set<int> due;
    for (const OperationRow& row : operations()) due.merge(error_statuses(row));
    for (const ErrcRow& kind : error_kinds()) {
      if (kind.kind == Errc::integrity || due.erase(kind.http_status) == 0) continue;
      out_.key(kind.name).open_object().member("description", kind.text);
      if (kind.kind == Errc::rate_limited || kind.kind == Errc::unavailable)
        out_.key("headers").open_object().key("Retry-After").reference("#/components/headers/Retry-After").close();
      out_.key("content").open_object().key("application/problem+json").open_object();
      out_.key("schema").reference(std::string(schemas).append("Problem")).close().close().close();
    }
    out_.close();
  }

  void component_schemas() {
    using Parts = std::set<std::pair<std::string_view, const Type*>>;
    Parts sent;
    Parts answered;
    for (const OperationRow& row : operations()) {
      // The request itself only where it is a body; what it is made of in any case.
      const bool is_form = has_search_form(row, operations()) && has_members(row);
      if ((has_body(row) && row.content == nullptr) || is_form) sent.insert({row.request->name, row.request});
      for (const Field& field : row.request->fields) collect(*field.type, sent);
      if (row.operation->status != 204 && row.shape != Shape::stream) collect(*row.output, answered);
    }
    std::map<std::string_view, std::pair<const Type*, Side>> all;
    for (const auto& [name, type] : answered) all.insert({name, {type, Side::answer}});
    for (const auto& [name, type] : sent) all.insert_or_assign(name, std::pair(type, Side::request));
    out_.key("schemas").open_object();
    problem();
    for (const auto& [name, part] : all) {
      out_.key(name);
      SchemaWriter(out_, schemas).definition(*part.first, part.second, path_parameters(part.first));
    }
    out_.close();
  }

  /// The fields of a request that are in its path.
  std::set<std::string_view> path_parameters(const Type* type) const {
    std::set<std::string_view> names;
    for (const OperationRow& row : operations()) {
      if (row.request != type) continue;
      for (const Field& field : row.request->fields)
        if (place_of(row, field) == Place::path) names.insert(field.name);
    }
    return names;
  }

  void plain_member(std::string_view name, std::string_view type, std::string_view meaning) {
    out_.key(name).open_object().member("description", meaning).member("type", type).close();
  }

  void problem() {
    out_.key("Problem").open_object().member("description", "Problem details (RFC 9457).").member("type", "object");
    out_.key("properties").open_object();
    plain_member("type", "string", "Where the code is explained: " + std::string(errors_page) + "#code.");
    plain_member("title", "string", "One line about the code.");
    plain_member("status", "integer", "The HTTP status.");
    plain_member("detail", "string", "One line about this case; holds no personal data.");
    plain_member("instance", "string", "The request.");
    plain_member("code", "string", "What went wrong: the contract.");
    out_.key("kind").open_object().member("description", "The class of errors that the code belongs to.");
    out_.member("type", "string").key("enum").open_list();
    for (const ErrcRow& kind : error_kinds()) out_.text(kind.name);
    out_.close().close();
    plain_member("retryable", "boolean", "Whether the same request may work later.");
    out_.key("errors").open_object().member("description", "All fields that break a rule.").member("type", "array");
    out_.key("maxItems").integer(static_cast<std::int64_t>(field_errors_max));
    out_.key("items").open_object().member("type", "object").key("properties").open_object();
    plain_member("pointer", "string", "A JSON pointer into the request (RFC 6901).");
    plain_member("code", "string", "The rule that is broken.");
    plain_member("message", "string", "One line about the rule.");
    out_.close().key("required").texts({"pointer", "code", "message"}).close().close();
    plain_member("revision", "integer", "The current revision of the object, with conflict.revision.");
    plain_member("retry_after", "integer", "Seconds to wait.");
    out_.key("ids").open_object().member("description", "The objects that the error is about.").member("type", "array");
    out_.key("items").open_object().member("type", "string").close().close();
    out_.key("alternatives").open_object().member("description", "Starts that are free, with slot.taken.");
    out_.member("type", "array").key("items").open_object().member("type", "string").member("format", "date-time");
    out_.close().close();
    out_.close();
    out_.key("required").texts({"type", "title", "status", "code", "kind", "retryable", "errors"}).close();
  }

  Pretty out_{};
};

}  // namespace

Place place_of(const OperationRow& row, const Field& field) {
  if (&field == row.content) return Place::content;
  const std::string parameter = "{" + std::string(field.name) + "}";
  if (row.operation->path.find(parameter) != std::string_view::npos) return Place::path;
  const bool in_url = row.operation->method == Method::get || row.operation->method == Method::del ||
                      (row.content != nullptr && !row.operation->form);
  return in_url ? Place::query : Place::body;
}

bool has_search_form(const OperationRow& row, std::span<const OperationRow> all) {
  if (row.shape != Shape::page || row.operation->method != Method::get) return false;
  const std::string form = std::string(row.operation->path).append(search_form_path);
  return std::none_of(all.begin(), all.end(), [&](const OperationRow& other) {
    return other.operation->method == Method::post && other.operation->path == form;
  });
}

std::string search_form_name(const OperationRow& row) {
  std::string name(row.operation->name);
  if (name.ends_with(".list")) name.resize(name.rfind('.'));
  return name + ".search";
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::get:
      return "get";
    case Method::post:
      return "post";
    case Method::put:
      return "put";
    case Method::patch:
      return "patch";
    case Method::del:
      return "delete";
  }
  return {};
}

std::string header_name(const Field& field) {
  if (field.name == "range") return "Range";  // as RFC 9110 has it
  std::string name = "Medflow-";
  bool up = true;
  for (const char c : field.name) {
    name += c == '_' ? '-' : up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    up = c == '_';
  }
  return name;
}

std::string openapi_document() { return Document().write(); }

}  // namespace medflow::json
