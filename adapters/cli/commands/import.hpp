// What the commands that import have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "adapters/cli/globals.hpp"
#include "medflow/patients.hpp"

namespace medflow::cli {

/// Says which lines of a file failed, named as the file, and why.
void print_failed(const std::string& table, std::uint64_t failed, const std::vector<imports::RowReport>& rows);

void add_import_codes(CLI::App& import, Globals& globals);

}  // namespace medflow::cli
