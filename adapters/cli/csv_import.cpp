#include "adapters/cli/csv_import.hpp"

#include <utility>

namespace medflow::cli {
namespace {

constexpr std::size_t kept_rows_max = 10'000;  // of a report; a file that is wrong throughout must not fill the memory

}  // namespace

imports::Report import_csv(std::istream& in, const SendPiece& send,
                           const std::function<void(std::uint64_t bytes, std::uint64_t rows)>& progress) {
  CsvPieces pieces(in);
  imports::Report total;
  while (auto piece = pieces.next()) {
    imports::Report report = send(std::move(*piece));
    total.created += report.created;
    total.unchanged += report.unchanged;
    total.failed += report.failed;
    for (auto& row : report.rows)
      if (total.rows.size() < kept_rows_max) total.rows.push_back(std::move(row));
    progress(pieces.bytes_done(), total.created + total.unchanged + total.failed);
  }
  return total;
}

}  // namespace medflow::cli
