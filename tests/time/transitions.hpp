// The changes of offset that the shared data lists, and short ways to write times.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "medflow/time.hpp"
#include "tests/support/shared_data.hpp"

namespace medflow::testing {

inline Instant at(const std::string& text) {
  const auto instant = Instant::parse(text);
  REQUIRE_MESSAGE(instant, text);
  return *instant;
}

inline LocalDateTime wall(const std::string& text) {
  const auto local = LocalDateTime::parse(text);
  REQUIRE_MESSAGE(local, text);
  return *local;
}

/// What a clock that is `offset_s` east of UTC shows, computed without any zone.
inline LocalDateTime shown(Instant instant, int offset_s) {
  return wall(instant.plus_s(offset_s).text().substr(0, 16));
}

struct Transition {
  std::string line{};
  std::string zone{};
  Instant change{};
  int before_s = 0;
  int after_s = 0;
  std::string kind{};    ///< "gap", "overlap" or "abbr-only"
  LocalDateTime from{};  ///< of the gap or overlap
  LocalDateTime to{};    ///< behind it
};

/// Calls `visit` for each row of tz/transitions.csv; how many there were, 0 where the data is not there.
template <class Visit>
int each_transition(Visit visit) {
  std::ifstream file(shared_data("tz/transitions.csv"));
  if (!file) return 0;
  std::string line;
  std::getline(file, line);
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
    cells.resize(11);
    Transition row{.line = line,
                   .zone = cells[0],
                   .change = at(cells[1]),
                   .before_s = std::stoi(cells[2]),
                   .after_s = std::stoi(cells[3]),
                   .kind = cells[8]};
    if (row.kind != "abbr-only") {
      row.from = wall(cells[9].substr(0, 16));
      row.to = wall(cells[10].substr(0, 16));
    }
    visit(row);
  }
  return rows;
}

}  // namespace medflow::testing
