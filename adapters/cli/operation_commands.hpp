// Every operation as a command: `medflow <module> <verb>`, generated from the one table.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/cli/globals.hpp"
#include "medflow/operation.hpp"

namespace CLI {
class App;
}

namespace medflow::cli {

/// What the command line of one operation says.
struct OperationArguments {
  std::map<std::string, std::vector<std::string>, std::less<>> values{};  ///< by field
  std::map<std::string, std::string, std::less<>> secret_files{};         ///< by field: secrets come from files
  std::string data{};                                                     ///< JSON, `-` or `@file`
  std::string file{};                                                     ///< of the content; `-` is standard input
  std::string content_type{};
  std::string output{};           ///< of a stream; standard output where empty
  std::string idempotency_key{};  ///< made by chance where it is empty and needed
};

/// Adds a command for each operation. `chosen` is called with the one that the command line names.
void add_operations(CLI::App& app, const std::function<void(const OperationRow&, const OperationArguments&)>& chosen);

/// The request that a command line means. Throws Trouble: usage for what is missing or unknown, `invalid` for fields.
Value build_request(const OperationRow& row, const OperationArguments& arguments);

/// Runs it and prints the answer.
void run_operation(const Globals& globals, const OperationRow& row, const OperationArguments& arguments);

}  // namespace medflow::cli
