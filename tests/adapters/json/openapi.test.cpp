#include "adapters/json/openapi.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include <boost/json.hpp>

#include "adapters/json/postman.hpp"
#include "adapters/json/schema.hpp"
#include "medflow/operations.hpp"
#include "patients/patients.fields.hpp"

using namespace medflow;
namespace bj = boost::json;

namespace {

const bj::value& document() {
  static const bj::value parsed = bj::parse(json::openapi_document());
  return parsed;
}

/// Calls `visit` for every object of the document.
template <class F>
void each_object(const bj::value& value, F& visit) {
  if (const bj::object* object = value.if_object()) {
    visit(*object);
    for (const auto& member : *object) each_object(member.value(), visit);
  } else if (const bj::array* array = value.if_array()) {
    for (const bj::value& item : *array) each_object(item, visit);
  }
}

const bj::object& operation_of(const OperationRow& row) {
  const std::string pointer(row.operation->path);
  return document().at("paths").at(pointer).at(std::string(json::method_name(row.operation->method))).as_object();
}

/// The parameter of this name and place; null where there is none.
const bj::object* find_parameter(const bj::object& operation, std::string_view name, std::string_view in) {
  const bj::value* list = operation.if_contains("parameters");
  if (list == nullptr) return nullptr;
  for (const bj::value& item : list->as_array()) {
    const bj::object* one = &item.as_object();
    if (const bj::value* reference = one->if_contains("$ref"))
      one = &document().at_pointer(std::string_view(reference->as_string()).substr(1)).as_object();
    if (one->at("name").as_string() == name && one->at("in").as_string() == in) return one;
  }
  return nullptr;
}

bool has_parameter(const bj::object& operation, std::string_view name, std::string_view in) {
  return find_parameter(operation, name, in) != nullptr;
}

}  // namespace

TEST_CASE("every operation is in the OpenAPI document, under its own id") {
  std::set<std::string> ids;
  for (const OperationRow& row : operations()) {
    CAPTURE(row.operation->name);
    const bj::object& operation = operation_of(row);
    CHECK(operation.at("operationId").as_string() == row.operation->name);
    CHECK(operation.at("responses").as_object().contains(std::to_string(row.operation->status)));
    CHECK(ids.insert(std::string(operation.at("operationId").as_string())).second);
  }
  std::size_t written = 0;
  for (const auto& path : document().at("paths").as_object()) written += path.value().as_object().size();
  const auto forms = std::count_if(operations().begin(), operations().end(),
                                   [](const OperationRow& row) { return json::has_search_form(row, operations()); });
  CHECK(written == operations().size() + static_cast<std::size_t>(forms));
}

TEST_CASE("every field of a request is in the OpenAPI document, at its place") {
  for (const OperationRow& row : operations()) {
    const bj::object& operation = operation_of(row);
    for (const Field& field : row.request->fields) {
      CAPTURE(row.operation->name);
      CAPTURE(field.name);
      switch (json::place_of(row, field)) {
        case json::Place::path:
          CHECK(has_parameter(operation, field.name, "path"));
          break;
        case json::Place::query:
          CHECK(has_parameter(operation, field.name, "query"));
          break;
        case json::Place::content:
          CHECK(operation.contains("requestBody"));
          break;
        case json::Place::body: {
          const bj::object& content = operation.at("requestBody").at("content").as_object();
          if (row.operation->form) {
            const bj::value& form = content.at("multipart/form-data").at("schema");
            CHECK(form.at("properties").as_object().contains(field.name));
            break;
          }
          const bj::value& schema = content.at("application/json").at("schema").at("$ref");
          const bj::value& type = document().at_pointer(std::string_view(schema.as_string()).substr(1));
          CHECK(type.at("properties").as_object().contains(field.name));
        }
      }
      if (field.is(header)) CHECK(has_parameter(operation, json::header_name(field), "header"));
    }
  }
}

TEST_CASE("every reference of the OpenAPI document leads somewhere, and every component is referred to") {
  std::set<std::string> targets;
  auto visit = [&](const bj::object& object) {
    const bj::value* reference = object.if_contains("$ref");
    if (reference == nullptr || !reference->is_string()) return;
    const std::string target(reference->as_string());
    CAPTURE(target);
    REQUIRE(target.starts_with("#/"));
    boost::system::error_code why;
    CHECK(document().find_pointer(target.substr(1), why) != nullptr);
    targets.insert(target);
  };
  each_object(document(), visit);
  for (const char* kind : {"schemas", "parameters", "headers", "responses"}) {
    for (const auto& component : document().at("components").at(kind).as_object()) {
      const std::string target = "#/components/" + std::string(kind) + "/" + std::string(component.key());
      CAPTURE(target);
      CHECK(targets.contains(target));
    }
  }
}

TEST_CASE("required members are members") {
  auto visit = [](const bj::object& object) {
    const bj::value* names = object.if_contains("required");
    if (names == nullptr || !names->is_array()) return;
    for (const bj::value& name : names->as_array()) {
      CAPTURE(name);
      CHECK(object.at("properties").as_object().contains(name.as_string()));
    }
  };
  each_object(document(), visit);
}

TEST_CASE("what the gate needs is in the document: tokens, idempotency, revisions, pages") {
  const auto find = [](std::string_view name) -> const bj::object& { return operation_of(*find_operation(name)); };
  CHECK(find("auth.login").at("security").as_array().empty());
  CHECK(has_parameter(find("auth.login"), "Medflow-Tenant", "header"));
  CHECK_FALSE(find("patients.get").contains("security"));
  CHECK(has_parameter(find("patients.register"), "Idempotency-Key", "header"));
  CHECK_FALSE(has_parameter(find("patients.get"), "Idempotency-Key", "header"));
  CHECK(has_parameter(find("patients.update"), "If-Match", "header"));
  CHECK(has_parameter(find("patients.delete"), "Medflow-Reason", "header"));
  CHECK(find("patients.get").at("responses").at("200").at("headers").as_object().contains("ETag"));
  CHECK(find("patients.list").at("responses").at("200").at("headers").as_object().contains("Link"));
  CHECK_FALSE(find("patients.delete").at("responses").at("204").as_object().contains("content"));
  CHECK(find("patients.update").at("responses").as_object().contains("428"));
  CHECK(find("patients.get").at("x-medflow-permission").as_string() == "patient.read");
}

TEST_CASE("R11: whatever moves money needs an Idempotency-Key, what has content knows none, and the documents say so") {
  std::set<std::string_view> needing;
  for (const OperationRow& row : operations()) {
    CAPTURE(row.operation->name);
    const bj::object* key = find_parameter(operation_of(row), "Idempotency-Key", "header");
    CHECK((key != nullptr) == (row.operation->method == Method::post && row.content == nullptr));
    const bool is_needed = key != nullptr && key->contains("required") && key->at("required").as_bool();
    CHECK(is_needed == row.operation->key_required);
    if (is_needed) needing.insert(row.operation->name);
  }
  CHECK(needing == std::set<std::string_view>{"credit_notes.issue", "invoices.bill", "invoices.issue",
                                              "payments.record", "refunds.complete", "refunds.request"});

  std::set<std::string> sending;
  const bj::value collection = bj::parse(json::postman_collection());
  auto visit = [&](const bj::object& object) {
    const bj::value* request = object.if_contains("request");
    if (request == nullptr) return;
    for (const bj::value& header : request->at("header").as_array()) {
      if (header.at("key").as_string() != "Idempotency-Key") continue;
      CHECK(header.at("value").as_string() == "{{$guid}}");
      sending.insert(std::string(object.at("name").as_string()));
    }
  };
  each_object(collection, visit);
  CHECK(sending == std::set<std::string>(needing.begin(), needing.end()));
}

TEST_CASE("schemas say the rules of the fields") {
  const bj::value& schemas = document().at("components").at("schemas");
  const bj::value& name = schemas.at("PersonName");
  CHECK(name.at("additionalProperties") == false);
  CHECK(name.at("properties").at("family").at("maxLength") == 100);
  CHECK(name.at("properties").at("given").at("maxItems") == 5);
  CHECK(name.at("properties").at("given").at("items").at("maxLength") == 100);
  CHECK(schemas.at("Sex").at("enum").as_array().size() == 4);
  CHECK(schemas.at("PatientsSearch").at("properties").at("limit").at("maximum") == 200);
  CHECK(schemas.at("PatientsSearch").at("properties").at("limit").at("default") == 50);
  CHECK_FALSE(schemas.at("PatientsUpdate").at("properties").as_object().contains("id"));
}

TEST_CASE("the same build writes the same document") { CHECK(json::openapi_document() == json::openapi_document()); }

TEST_CASE("a schema document is complete in itself") {
  const bj::value schema = bj::parse(json::schema_document(type_of<patients::Patch>, json::Side::request));
  CHECK(schema.at("$schema").as_string() == "https://json-schema.org/draft/2020-12/schema");
  auto visit = [&](const bj::object& object) {
    if (const bj::value* reference = object.if_contains("$ref")) {
      boost::system::error_code why;
      CHECK(schema.find_pointer(std::string_view(reference->as_string()).substr(1), why) != nullptr);
    }
  };
  each_object(schema, visit);
  CHECK(schema.at("$defs").at("PatientsPatch").at("properties").at("gender_identity").at("type").as_array().size() ==
        2);
}
