// The Postman collection (format v2.1) of all operations.
#pragma once

#include <string>

namespace medflow::json {

/// The collection, the same text for the same build. Run from top to bottom, with `base_url`, `tenant` and `password` set to those of a hospital
/// whose staff is that of the demonstration, it calls the operations in the order of `examples` and checks each answer.
std::string postman_collection();

}  // namespace medflow::json
