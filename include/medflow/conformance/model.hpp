// Conformance: thousands of random operations, each compared with the plainest model there is.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>

#include "medflow/conformance/harness.hpp"

namespace medflow::conformance {

/// `people` as a map that looks at every row for every question.
class Model {
 public:
  std::map<std::string, Line> rows{};

  bool number_taken(const Line& line) const {
    if (line[people::number].kind == CellKind::null) return false;
    return std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
      return row.first != line[people::id].data && row.second[people::number] == line[people::number];
    });
  }

  std::optional<FaultKind> insert(const Line& line) {
    if (rows.contains(line[people::id].data) || number_taken(line)) return FaultKind::unique;
    rows[line[people::id].data] = line;
    return {};
  }

  std::optional<FaultKind> update(const Line& line, std::int64_t expected) {
    const auto found = rows.find(line[people::id].data);
    if (found == rows.end() || found->second[people::revision].integer != expected) return FaultKind::revision;
    if (number_taken(line)) return FaultKind::unique;
    found->second = line;
    return {};
  }

  /// All rows in the order of these columns, between bounds of the column at `equal`, beyond `after`.
  std::vector<Line> scan(const std::vector<std::size_t>& order, const std::vector<Line::Value>& equal,
                         const std::vector<Line::Value>& after, const std::optional<Line::Value>& from,
                         const std::optional<Line::Value>& to, bool backwards, std::size_t limit) const {
    std::vector<Line> out;
    for (const auto& [id, line] : rows) {
      const auto cells = project(line, order);
      const std::vector<Line::Value> open(cells.begin() + static_cast<std::ptrdiff_t>(equal.size()), cells.end());
      if (!std::equal(equal.begin(), equal.end(), cells.begin())) continue;
      if ((from || to) && open[0].kind == CellKind::null) continue;
      if ((from && open[0] < *from) || (to && open[0] >= *to)) continue;
      if (!after.empty() && (backwards ? open >= after : open <= after)) continue;
      out.push_back(line);
    }
    std::sort(out.begin(), out.end(),
              [&](const Line& a, const Line& b) { return project(a, order) < project(b, order); });
    if (backwards) std::reverse(out.begin(), out.end());
    if (out.size() > limit) out.resize(limit);
    return out;
  }

 private:
  static std::vector<Line::Value> project(const Line& line, const std::vector<std::size_t>& order) {
    std::vector<Line::Value> out;
    for (const auto column : order) out.push_back(line[column]);
    return out;
  }
};

/// Draws lines, keys and scans from few values, so that they meet.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}

  int below(int limit) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(limit)); }
  bool one_in(int n) { return below(n) == 0; }

  Line line() {
    static const std::string texts[] = {"", "a", "b", std::string{"a\0", 2}, std::string{"\xFF", 1}, "ab"};
    const auto text = [&] { return std::string_view{texts[below(6)]}; };
    return person("id" + std::to_string(below(60)), one_in(4) ? std::optional<std::int64_t>{} : below(80) - 20,
                  one_in(4) ? std::optional<std::string_view>{} : text(),
                  one_in(3) ? std::optional<std::string_view>{} : text(), 1);
  }

 private:
  std::mt19937 engine_;
};

class Duel {
 public:
  Duel(Database& database, std::uint32_t seed) : database_(database), chance_(seed) {}

  /// One transaction of some operations; now and then it fails at the end, and nothing of it stays.
  int round() {
    const Model before = model_;
    const bool doomed = chance_.one_in(8);
    int operations = 0;
    try {
      database_.write([&](Transaction& transaction) {
        for (operations = 0; operations < 20; ++operations) step(transaction);
        if (doomed) throw std::runtime_error{"doomed"};
      });
    } catch (const std::runtime_error&) {
      model_ = before;
    }
    database_.read([&](Transaction& transaction) { scan(transaction); });
    return operations;
  }

  void compare_all() {
    database_.read([&](Transaction& transaction) {
      std::vector<Line> expected;
      for (const auto& [id, line] : model_.rows) expected.push_back(line);
      MEDFLOW_CHECK(rows(transaction, {.table = &people::table}) == expected);
    });
  }

 private:
  void step(Transaction& transaction) {
    switch (chance_.below(8)) {
      case 0:
      case 1:
      case 2:
        return insert(transaction);
      case 3:
      case 4:
        return update(transaction);
      case 5:
        return erase(transaction);
      case 6:
        return attempt(transaction);
      default:
        return scan(transaction);
    }
  }

  template <class Act>
  static std::optional<FaultKind> kind_of(Act act) {
    const auto fault = fault_of(act);
    return fault ? std::optional{fault->first} : std::nullopt;
  }

  void insert(Transaction& transaction) {
    const auto line = chance_.line();
    const auto expected = model_.insert(line);
    MEDFLOW_CHECK(kind_of([&] { conformance::insert(transaction, people::table, line); }) == expected);
  }

  void update(Transaction& transaction) {
    auto line = chance_.line();
    const auto found = model_.rows.find(line[people::id].data);
    const auto revision = found == model_.rows.end() || chance_.one_in(5) ? 1 : found->second[people::revision].integer;
    line[people::revision].integer = revision + 1;
    const auto expected = model_.update(line, revision);
    MEDFLOW_CHECK(kind_of([&] {
                    conformance::update(transaction, people::table, line, static_cast<Revision>(revision));
                  }) == expected);
  }

  void erase(Transaction& transaction) {
    const auto line = chance_.line();
    model_.rows.erase(line[people::id].data);
    conformance::erase(transaction, people::table, line);
  }

  void attempt(Transaction& transaction) {
    const Model before = model_;
    try {
      transaction.attempt([&] {
        for (int i = 0; i < 3; ++i) insert(transaction);
        erase(transaction);
        if (chance_.one_in(2)) throw std::runtime_error{"undone"};
      });
    } catch (const std::runtime_error&) {
      model_ = before;
    }
  }

  void scan(Transaction& transaction) {
    static const std::pair<std::string_view, std::vector<std::size_t>> indexes[] = {
        {"key", {people::id}},
        {"by_number", {people::number, people::id}},
        {"by_name", {people::name, people::number, people::id}}};
    const auto& choice = indexes[chance_.below(3)];
    const std::string_view index = choice.first;
    const auto& order = choice.second;
    const auto sample = chance_.line(), other = chance_.line(), last = chance_.line();
    const auto equal_count = static_cast<std::size_t>(chance_.below(static_cast<int>(order.size())));
    std::vector<Line::Value> equal, after;
    for (std::size_t i = 0; i < equal_count; ++i) equal.push_back(sample[order[i]]);
    if (chance_.one_in(2)) {
      for (std::size_t i = equal_count; i < order.size(); ++i) after.push_back(other[order[i]]);
    }
    const auto bound = [&](const Line& line) {
      const auto& value = line[order[equal_count]];
      return chance_.one_in(2) || value.kind == CellKind::null ? std::optional<Line::Value>{} : value;
    };
    const auto from = bound(last), to = bound(sample);
    const bool backwards = chance_.one_in(2);
    const std::size_t limit = chance_.one_in(2) ? SIZE_MAX : static_cast<std::size_t>(chance_.below(5));
    const auto cells_of = [](const std::vector<Line::Value>& values) {
      std::vector<Cell> cells;
      for (const auto& value : values) cells.push_back({value.kind, value.integer, value.data});
      return cells;
    };
    const auto equal_cells = cells_of(equal), after_cells = cells_of(after);
    const auto cell_of = [](const std::optional<Line::Value>& value) {
      return value ? std::optional{Cell{value->kind, value->integer, value->data}} : std::nullopt;
    };
    MEDFLOW_NOTE(std::string{index});
    MEDFLOW_CHECK(rows(transaction, {.table = &people::table,
                                     .index = index,
                                     .equal = equal_cells,
                                     .after = after_cells,
                                     .from = cell_of(from),
                                     .to = cell_of(to),
                                     .backwards = backwards,
                                     .limit = limit}) == model_.scan(order, equal, after, from, to, backwards, limit));
  }

  Database& database_;
  Chance chance_;
  Model model_{};
};

inline void random_operations(Harness& harness) {
  constexpr int wanted = 5'000;
  auto database = harness.create();
  Duel duel{*database, 20261122};
  for (int operations = 0; operations < wanted;) operations += duel.round();
  duel.compare_all();
}

/// Ranges of one resource against a list of them.
inline void random_exclusions(Harness& harness) {
  Chance chance{7};
  const auto database = harness.create();
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> claimed;
  const auto overlaps = [&](std::int64_t from, std::int64_t to, std::int64_t own) {
    return std::any_of(claimed.begin(), claimed.end(), [&](const auto& other) {
      return other.first != own && other.second.first < to && from < other.second.second;
    });
  };
  database->write([&](Transaction& transaction) {
    std::map<std::int64_t, std::int64_t> revisions;
    for (int i = 0; i < 600; ++i) {
      const bool moves = !claimed.empty() && chance.one_in(3);
      const std::int64_t id =
          moves ? std::next(claimed.begin(), chance.below(static_cast<int>(claimed.size())))->first : i;
      const std::int64_t from = chance.below(500), to = from + 1 + chance.below(20);
      const bool expected = overlaps(from, to, id);
      const auto fault = fault_of([&] {
        if (moves)
          update(transaction, claims::table, claim("room", id, 1, from, to, revisions[id] + 1),
                 static_cast<Revision>(revisions[id]));
        else
          insert(transaction, claims::table, claim("room", id, 1, from, to));
      });
      MEDFLOW_CHECK(fault.has_value() == expected);
      if (fault) MEDFLOW_CHECK(fault->first == FaultKind::exclusion);
      if (expected) continue;
      claimed[id] = {from, to};
      revisions[id] = moves ? revisions[id] + 1 : 1;
      if (!chance.one_in(4)) continue;
      erase(transaction, claims::table, claim("room", id, 1, 0, {}));
      claimed.erase(id);
    }
  });
}

/// Ranges that lie near their key, up to its very bounds, against a list of them: in two lanes and two resources, some of them moved, some
/// that let go of their lane or take one, some that are gone again.
inline void random_stays(Harness& harness) {
  struct Stay {
    std::int64_t planned, id, from, to, lane, revision = 1;
    int resource;
  };
  Chance chance{11};
  const auto database = harness.engine().create(Harness::store, harness.options(stays::schema));
  std::vector<Stay> there;
  const auto line = [](const Stay& stay) {
    return Line{Cell::text(stay.resource == 0 ? "bed" : "ward"),
                Cell::of(stay.planned),
                Cell::of(stay.id),
                Cell::of(stay.from),
                Cell::of(stay.to),
                stay.lane == 0 ? Cell::null() : Cell::of(stay.lane),
                Cell::of(stay.revision)};
  };
  const auto overlaps = [&](const Stay& stay) {
    return stay.lane != 0 && std::any_of(there.begin(), there.end(), [&](const Stay& other) {
             return other.id != stay.id && other.lane == stay.lane && other.resource == stay.resource &&
                    other.from < stay.to && stay.from < other.to;
           });
  };
  const auto range = [&](Stay& stay) {
    const std::int64_t before = chance.one_in(3) ? stays::near.before : chance.below(10);
    const std::int64_t after = chance.one_in(3) ? stays::near.after : 1 + chance.below(10);
    stay.from = stay.planned - before;
    stay.to = stay.planned + after;
    stay.lane = chance.below(3);
  };
  int refused = 0;
  database->write([&](Transaction& transaction) {
    for (int i = 0; i < 1'500; ++i) {
      const bool changes = !there.empty() && chance.one_in(3);
      const std::size_t at = changes ? static_cast<std::size_t>(chance.below(static_cast<int>(there.size()))) : 0;
      Stay stay = changes ? there[at]
                          : Stay{.planned = chance.below(3'000),
                                 .id = i,
                                 .from = 0,
                                 .to = 0,
                                 .lane = 0,
                                 .resource = chance.below(2)};
      range(stay);
      if (changes) ++stay.revision;
      const bool expected = overlaps(stay);
      const auto fault = fault_of([&] {
        if (changes)
          update(transaction, stays::table, line(stay), static_cast<Revision>(stay.revision - 1));
        else
          insert(transaction, stays::table, line(stay));
      });
      MEDFLOW_CHECK(fault.has_value() == expected);
      if (fault) {
        MEDFLOW_CHECK(fault->first == FaultKind::exclusion);
        ++refused;
        continue;
      }
      if (changes)
        there[at] = stay;
      else
        there.push_back(stay);
      if (!chance.one_in(4)) continue;
      const auto gone = there.begin() + chance.below(static_cast<int>(there.size()));
      erase(transaction, stays::table, line(*gone));
      there.erase(gone);
    }
  });
  MEDFLOW_CHECK(refused > 100);
}

}  // namespace medflow::conformance
