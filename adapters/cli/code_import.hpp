// Imports a file of codes of any length as a version of a code system, piece by piece.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>

#include "adapters/cli/csv_pieces.hpp"
#include "medflow/operations.hpp"

namespace medflow::cli {

/// A code system that people name by a word.
struct KnownSystem {
  std::string_view word{};
  std::string_view system{};
  std::string_view name{};
};

/// Null where the word is none of them.
const KnownSystem* known_system(std::string_view word);
/// All words, one after the other, for whoever asks.
std::string known_systems();

/// What a file of codes turned out to be.
struct CodeFile {
  code_systems::Format format = code_systems::Format::csv;
  std::uint64_t lines_before = 0;  ///< of the text that the file has not: a header
  std::string text{};              ///< CSV; empty where the file is CSV itself
};

/// Looks at the beginning of a file: CSV by the columns of its header, or CMS's "order file" of ICD-10-CM (fixed columns), which is made CSV. Leaves
/// `in` at its beginning. Throws CsvError.
CodeFile read_code_file(std::istream& in);

/// Sends one piece. Throws where the call fails.
using SendCodes = std::function<code_systems::Imported(code_systems::Import)>;

/// Sends all of `in`, the first piece as `request` says and the others behind it, and ends the version where no line failed. A version of which nothing
/// came in is not ended. Throws CsvError and what `send` throws.
code_systems::Imported import_codes(std::istream& in, const code_systems::Import& request, const SendCodes& send,
                                    const std::function<void(std::uint64_t bytes, std::uint64_t rows)>& progress);

}  // namespace medflow::cli
