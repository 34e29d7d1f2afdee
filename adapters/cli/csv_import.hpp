// Imports a CSV file of any length through the operation that takes it in pieces.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include "medflow/operations.hpp"
#include "medflow/result.hpp"

namespace medflow::cli {

/// Sends one piece. Throws where the call fails.
using SendPiece = std::function<imports::Report(imports::Patients)>;

/// Reads `in` piece by piece, sends each, and adds their reports up; `progress` gets bytes and rows done. Rows keep their ids, so
/// a run that was broken off is continued by another. Throws CsvError and what `send` throws.
imports::Report import_csv(std::istream& in, const SendPiece& send, const std::optional<FacilityId>& facility,
                           const std::function<void(std::uint64_t bytes, std::uint64_t rows)>& progress);

}  // namespace medflow::cli
