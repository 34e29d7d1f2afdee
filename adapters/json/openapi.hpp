// The OpenAPI 3.1 document of all operations.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "medflow/operation.hpp"

namespace medflow::json {

/// How the fields of a request travel on HTTP. Path parameters are in the path. Of GET and DELETE, and beside a
/// content, all other fields are query parameters; else they are members of the JSON body.
enum class Place : std::uint8_t { path, query, body, content };

Place place_of(const OperationRow& row, const Field& field);

/// A list has a second form (R12): POST `<path>/search`, with the members of its query in a JSON body, so that what is asked for stands in no
/// URL. True where `row` is a list by GET and `all` has no operation of its own at that place.
bool has_search_form(const OperationRow& row, std::span<const OperationRow> all);

/// The id of that form in the document: "users.search" for "users.list".
std::string search_form_name(const OperationRow& row);

inline constexpr std::string_view search_form_path = "/search";

/// "get", "post", "put", "patch" or "delete".
std::string_view method_name(Method method);

/// The header that a field flagged `header` may come by instead: "Medflow-Reason" for `reason`.
std::string header_name(const Field& field);

/// The document, the same text for the same build: paths below `/api/v1`, parameters, bodies, answers, errors, schemas.
std::string openapi_document();

}  // namespace medflow::json
