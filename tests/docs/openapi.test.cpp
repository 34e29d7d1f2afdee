#include "adapters/json/openapi.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include "adapters/json/postman.hpp"
#include "tests/docs/api_changes.hpp"
#include "tests/support/committed.hpp"

using namespace medflow;
using medflow::testing::ApiChanges;
namespace bj = boost::json;

namespace {

std::string committed(const std::string& path) {
  std::ostringstream there;
  there << std::ifstream(std::string(MEDFLOW_SOURCE_DIR) + "/" + path, std::ios::binary).rdbuf();
  return there.str();
}

std::string all_of(const std::vector<std::string>& changes) {
  std::string text;
  for (const std::string& change : changes) text += (text.empty() ? "" : "\n") + change;
  return text;
}

/// The document after one edit.
std::string changes_after(const std::function<void(bj::value&)>& edit) {
  const bj::value before = bj::parse(json::openapi_document());
  bj::value after = before;
  edit(after);
  return all_of(ApiChanges::breaking(before, after));
}

bj::object& at(bj::value& document, std::string_view pointer) { return document.at_pointer(pointer).as_object(); }

void drop_word(bj::array& list, std::string_view word) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].as_string() == word) return void(list.erase(list.begin() + static_cast<std::ptrdiff_t>(i)));
}

}  // namespace

// Before the drift check, so that a document that breaks clients is not written over the one that they have.
TEST_CASE("API-7: docs/openapi.json is what the code makes, and it breaks no client of the one before") {
  const std::string now = json::openapi_document();
  const std::string before = committed("docs/openapi.json");
  const char* on_purpose = std::getenv("MEDFLOW_BREAK_API");
  if (!before.empty() && (on_purpose == nullptr || std::string_view(on_purpose) != "1")) {
    const std::string changes = all_of(ApiChanges::breaking(bj::parse(before), bj::parse(now)));
    REQUIRE_MESSAGE(changes == "", "clients break (on purpose? then also MEDFLOW_BREAK_API=1):\n", changes);
  }
  testing::check_committed("docs/openapi.json", now);
}

TEST_CASE("API-7: docs/postman/medflow-api.json is what the code makes") {
  testing::check_committed("docs/postman/medflow-api.json", json::postman_collection());
}

TEST_CASE("API-7, API-11: what breaks a client is seen") {
  CHECK(changes_after([](bj::value&) {}) == "");
  CHECK(changes_after([](bj::value& d) { at(d, "/paths").erase("/patients/{id}"); }) ==
        "/patients/{id}: the path is gone");
  CHECK(changes_after([](bj::value& d) { at(d, "/paths/~1patients~1{id}").erase("delete"); }) ==
        "delete /patients/{id}: the method is gone");
  CHECK(changes_after([](bj::value& d) { at(d, "/paths/~1patients/post/responses").erase("201"); }) ==
        "post /patients: no longer answers 201");
  CHECK(changes_after([](bj::value& d) {
          at(d, "/components/schemas/Facility/properties").erase("zone");
        }).find("/zone: is gone") != std::string::npos);
  CHECK(changes_after([](bj::value& d) {
          drop_word(d.at_pointer("/components/schemas/Facility/required").as_array(), "name");
        }).find("/name: is not always there any more") != std::string::npos);
  CHECK(changes_after([](bj::value& d) {
          at(d, "/components/schemas/Facility/properties/name")["type"] = "integer";
        }).find("/name: is of another type") != std::string::npos);
  CHECK(changes_after([](bj::value& d) {
          d.at_pointer("/components/schemas/PatientsRegister/required").as_array().emplace_back("names");
        }) == "post /patients body/names: is needed now");
  CHECK(changes_after([](bj::value& d) {
          at(d, "/components/schemas/PatientsRegister/properties").erase("language");
        }) == "post /patients body/language: is gone");
  CHECK(changes_after([](bj::value& d) {
          drop_word(d.at_pointer("/components/schemas/Sex/enum").as_array(), "other");
        }).find("the word other is gone") != std::string::npos);
  CHECK(changes_after([](bj::value& d) {
          at(d, "/components/schemas/PersonName/properties/family")["maxLength"] = 50;
        }).find("family: a smaller maxLength") != std::string::npos);
  CHECK(changes_after([](bj::value& d) { at(d, "/paths/~1patients~1search/post/requestBody")["required"] = true; }) ==
        "post /patients/search: a body is needed now");
  CHECK(changes_after([](bj::value& d) { at(d, "/paths/~1patients/get/parameters/0")["required"] = true; }) ==
        "get /patients parameter name: is needed now");
  CHECK(changes_after([](bj::value& d) {
          auto& list = d.at_pointer("/paths/~1patients/get/parameters").as_array();
          list.erase(list.begin());
        }) == "get /patients parameter name: is gone");
}

TEST_CASE("API-11: what only adds breaks nobody") {
  CHECK(changes_after([](bj::value& d) {
          at(d, "/paths/~1audit~1export/get/responses/200")["content"] = {{"application/x-ndjson", bj::object{}}};
        }) == "");
  CHECK(changes_after([](bj::value& d) {
          at(d, "/paths")["/new"] = {{"get", {{"responses", bj::object{}}}}};
          at(d, "/components/schemas/Facility/properties")["colour"] = {{"type", "string"}};
          at(d, "/components/schemas/PatientsRegister/properties")["colour"] = {{"type", "string"}};
          at(d, "/components/schemas/PersonName/properties/family")["maxLength"] = 1000;
          d.at_pointer("/components/schemas/UserStatus/enum").as_array().emplace_back("retired");
        }) == "");
}
