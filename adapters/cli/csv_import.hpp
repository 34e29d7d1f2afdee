// Imports a CSV file of any length through the operation that takes it in pieces.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <utility>

#include "adapters/cli/csv_pieces.hpp"
#include "medflow/operations.hpp"
#include "medflow/result.hpp"

namespace medflow::cli {

/// Sends one piece. Throws where the call fails.
using SendPiece = std::function<imports::Report(CsvPiece)>;

/// The request of an operation that takes pieces, of one of them.
template <class Op>
Op request_of(CsvPiece piece) {
  return {.first_line = piece.first_line, .content = Content::of("text/csv", std::move(piece.text))};
}

/// Reads `in` piece by piece, sends each, and adds their reports up; `progress` gets bytes and rows done. Rows keep their ids, so
/// a run that was broken off is continued by another. Throws CsvError and what `send` throws.
imports::Report import_csv(std::istream& in, const SendPiece& send,
                           const std::function<void(std::uint64_t bytes, std::uint64_t rows)>& progress);

}  // namespace medflow::cli
