#include "adapters/json/problem.hpp"

#include "adapters/json/writer.hpp"

namespace medflow::json {

namespace {

void write_fields(Writer& out, const std::vector<FieldError>& fields) {
  out.member("errors", false);
  out.raw('[');
  bool first = true;
  for (const FieldError& field : fields) {
    if (!first) out.raw(',');
    first = false;
    out.raw('{');
    out.member("pointer", true);
    out.text(field.pointer);
    out.member("code", false);
    out.text(field.code);
    out.member("message", false);
    out.text(field.message);
    out.raw('}');
  }
  out.raw(']');
}

void write_alternatives(Writer& out, const std::vector<Instant>& starts) {
  out.member("alternatives", false);
  out.raw('[');
  for (const Instant& start : starts) {
    if (&start != starts.data()) out.raw(',');
    out.text(start.text());
  }
  out.raw(']');
}

void write_ids(Writer& out, const std::vector<std::string>& ids) {
  out.member("ids", false);
  out.raw('[');
  for (const std::string& id : ids) {
    if (&id != ids.data()) out.raw(',');
    out.text(id);
  }
  out.raw(']');
}

}  // namespace

void encode_problem(const Error& error, std::string_view instance, std::string& out, int status) {
  const ErrcRow& kind = describe(error.kind());
  const auto text_member = [&](Writer& to, std::string_view name, std::string_view value) {
    to.member(name, false);
    to.text(value);
  };
  Writer to(out);
  to.raw('{');
  to.member("type", true);
  to.text(std::string(errors_page).append("#").append(error.code.name));
  text_member(to, "title", error.code.text);
  to.member("status", false);
  to.integer(status != 0 ? status : kind.http_status);
  if (!error.detail.empty()) text_member(to, "detail", error.detail);
  if (!instance.empty()) text_member(to, "instance", instance);
  text_member(to, "code", error.code.name);
  text_member(to, "kind", kind.name);
  to.member("retryable", false);
  to.raw(error.retryable() ? std::string_view("true") : "false");
  write_fields(to, error.fields);
  if (error.revision) {
    to.member("revision", false);
    to.integer(static_cast<std::int64_t>(*error.revision));
  }
  if (error.retry_after_s) {
    to.member("retry_after", false);
    to.integer(*error.retry_after_s);
  }
  if (!error.alternatives.empty()) write_alternatives(to, error.alternatives);
  if (!error.ids.empty()) write_ids(to, error.ids);
  to.raw('}');
}

void encode_error(const Error& error, std::string& out) { encode_problem(error, {}, out); }

}  // namespace medflow::json
