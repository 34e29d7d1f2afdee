#include "adapters/cli/http_request.hpp"

#include <algorithm>
#include <cassert>

#include "adapters/cli/text.hpp"
#include "adapters/json/binding.hpp"
#include "adapters/json/codec.hpp"

namespace medflow::cli {
namespace {

constexpr std::string_view method_words[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::string_view word_of(Method method) { return method_words[static_cast<std::size_t>(method)]; }

std::string text_of(const Type& type, const void* at) {
  if (is_scalar(type)) return scalar_text(type, at);
  std::string text;
  json::encode(type, at, text);
  return text;
}

/// The path with its parameters filled in.
std::string path_of(const OperationRow& row, const Value& request) {
  std::string path;
  std::string_view rest = row.operation->path;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    const Field* field = json::find_field(*row.request, rest.substr(open + 1, close - open - 1));
    path.append(rest.substr(0, open))
        .append(percent_encoded(scalar_text(*field->type, field->at_const(request.data()))));
    rest.remove_prefix(close + 1);
  }
  return path.append(rest);
}

std::string body_of(const OperationRow& row, const Value& request) {
  std::string body;
  json::encode(*row.request, request.data(), body, json::Secrets::write);
  return body;
}

/// Whether a list is asked for by the form that takes its members in a body (R12).
bool asks_in_body(const OperationRow& row) {
  return row.shape == Shape::page && row.operation->method == Method::get &&
         std::ranges::any_of(row.request->fields, [&](const Field& field) {
           return field.is(phi) && json::place_of(row, field) == json::Place::query;
         });
}

bool has_json_body(const OperationRow& row) {
  return row.content == nullptr && row.operation->method != Method::get && row.operation->method != Method::del;
}

}  // namespace

std::vector<FieldText> texts_of(const OperationRow& row, Value& request, json::Place place) {
  const Value silent(*row.request);
  std::vector<FieldText> texts;
  for (const Field& field : row.request->fields) {
    if (json::place_of(row, field) != place) continue;
    std::string text = text_of(*field.type, field.at(request.data()));
    if (text != text_of(*field.type, field.at_const(silent.data())))
      texts.push_back({.field = &field, .text = std::move(text)});
  }
  return texts;
}

HttpRequest http_request(const OperationRow& row, Value& request) {
  HttpRequest made{.method = word_of(row.operation->method), .target = path_of(row, request)};
  if (asks_in_body(row)) {
    made.method = word_of(Method::post);
    made.target += json::search_form_path;
    made.body = body_of(row, request);
    return made;
  }
  char before = '?';
  for (const auto& [field, text] : texts_of(row, request, json::Place::query)) {
    if (field->is(phi)) {
      assert(field->is(header) && "a member that has nowhere to stand but a URL");
      made.headers.emplace_back(json::header_name(*field), "UTF-8''" + percent_encoded(text));  // RFC 8187
      continue;
    }
    made.target.append(1, std::exchange(before, '&')).append(field->name).append("=").append(percent_encoded(text));
  }
  if (has_json_body(row)) made.body = body_of(row, request);
  return made;
}

}  // namespace medflow::cli
