#include "adapters/cli/csv_pieces.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

using medflow::cli::CsvError;
using medflow::cli::CsvPiece;
using medflow::cli::CsvPieces;

std::vector<CsvPiece> cut(const std::string& text, std::size_t rows = 500, std::size_t bytes = 1 << 20) {
  std::istringstream in(text);
  CsvPieces pieces(in, rows, bytes);
  std::vector<CsvPiece> all;
  while (auto piece = pieces.next()) {
    all.push_back(std::move(*piece));
    REQUIRE(all.size() < 100'000);
  }
  return all;
}

std::string complaint(const std::string& text, std::size_t bytes = 1 << 20) {
  try {
    cut(text, 500, bytes);
  } catch (const CsvError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("INT-5: a CSV file is cut between rows, and each piece has the header and knows its lines") {
  const auto pieces = cut("Id,NAME\n1,a\n2,b\n3,c\n4,d\n5,e\n", 2);
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].text == "Id,NAME\n1,a\n2,b\n");
  CHECK(pieces[0].first_line == 1);
  CHECK(pieces[1].text == "Id,NAME\n3,c\n4,d\n");
  CHECK(pieces[1].first_line == 3);
  CHECK(pieces[2].text == "Id,NAME\n5,e\n");
  CHECK(pieces[2].rows == 1);
  CHECK(pieces[2].first_line == 5);
}

TEST_CASE("INT-5: quotes hold commas, quotes and line feeds together, and lines are counted through them") {
  const auto pieces = cut("Id,NAME\n1,\"a\nb, \"\"c\"\"\"\n2,x\"y\n3,\"\"\n", 1);
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].text == "Id,NAME\n1,\"a\nb, \"\"c\"\"\"\n");
  CHECK(pieces[1].text == "Id,NAME\n2,x\"y\n");  // a quote inside a bare field is a letter
  CHECK(pieces[1].first_line == 3);
  CHECK(pieces[2].text == "Id,NAME\n3,\"\"\n");
}

TEST_CASE("INT-5: byte order mark, CRLF, blank lines and a missing last line feed are all right") {
  const auto pieces = cut("\xEF\xBB\xBF\"Id\",NAME\r\n1,a\r\n\r\n2,b\r\n3,c");
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].text == "\"Id\",NAME\r\n1,a\r\n");
  CHECK(pieces[1].text == "\"Id\",NAME\r\n2,b\r\n3,c\n");
  CHECK(pieces[1].first_line == 3);  // the blank line stands where a header would
  CHECK(cut("Id\n\n\n").size() == 1);
}

TEST_CASE("INT-5: a piece stays below its limit of bytes") {
  std::string text = "Id,NAME\n";
  for (int i = 0; i < 1000; ++i)
    text += std::to_string(i) + "," + std::string(static_cast<std::size_t>(i % 90), 'x') + "\n";
  std::size_t rows = 0;
  std::string again;
  for (const auto& piece : cut(text, 500, 1000)) {
    CHECK(piece.text.size() <= 1000);
    CHECK(piece.text.starts_with("Id,NAME\n"));
    rows += piece.rows;
    again += piece.text.substr(8);
  }
  CHECK(rows == 1000);
  CHECK("Id,NAME\n" + again == text);
}

TEST_CASE("INT-5: pieces do not depend on where the file's buffers end") {
  std::string text = "Id,NAME\n";
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + ",\"a\"\"\n" + std::to_string(i) + "\"\n";
  std::size_t rows = 0;
  for (const auto& piece : cut(text)) rows += piece.rows;
  CHECK(rows == 20'000);
}

TEST_CASE("INT-5: an empty file, an open quote and an endless row are refused, with the line") {
  CHECK(complaint("") == "line 1: the file is empty");
  CHECK(complaint("\n1,a\n") == "line 1: there is no header");
  CHECK(complaint("Id\n1\n\"2\n3\n") == "line 3: a quote is left open");
  CHECK(complaint("Id\n1\n" + std::string(5000, 'x'), 1000).starts_with("line 3: this row is too long"));
  CHECK(complaint("Id\n1\n").empty());
}

TEST_CASE("INT-5: a file of a header alone is one piece without rows") {
  const auto pieces = cut("Id,NAME");
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].rows == 0);
  CHECK(pieces[0].text == "Id,NAME\n");
}
