// What a search among all of ICD-10-CM 2019 costs in process, audited and on a file engine as a hospital has it (performance.md, issue 6: at most 5 ms
// over 94,444 codes by word prefix), beside the index alone and a plain std::lower_bound walk over the sorted words.
//   bench_codes [--engine sqlite|sqlcipher] [--searches N]
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "codes/index.hpp"
#include "patients/csv.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/bench/in_process/arguments.hpp"
#include "tests/bench/in_process/measure.hpp"
#include "tests/codes/loading.hpp"
#include "tests/support/dice.hpp"

namespace medflow::bench {
namespace {

using testing::icd;
using testing::must;

struct Arguments {
  std::string engine = "sqlcipher";
  std::size_t searches = 1'000;
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

/// The floor: one word's places, found in one sorted array and counted; nothing is ranked, joined, read or audited.
class Floor {
 public:
  void add(const std::string& display, std::uint32_t code) {
    for (std::string& word : words_of(display)) places_.emplace_back(std::move(word), code);
  }
  void settle() { std::sort(places_.begin(), places_.end()); }
  std::size_t count(const std::string& prefix) const {
    std::size_t sum = 0;
    for (auto at = std::lower_bound(places_.begin(), places_.end(), std::pair<std::string, std::uint32_t>(prefix, 0));
         at != places_.end() && at->first.starts_with(prefix); ++at)
      sum += at->second;
    return sum;
  }

 private:
  std::vector<std::pair<std::string, std::uint32_t>> places_{};
};

template <class Body>
void measure(const char* what, const std::vector<std::string>& queries, Body&& body) {
  std::vector<double> ms;
  const Stopwatch all;
  for (const std::string& query : queries) {
    const Stopwatch watch;
    body(query);
    ms.push_back(watch.wall_seconds() * 1e3);
  }
  const Cost cost = all.per_operation(queries.size());
  const double middle = percentile(ms, 0.5);
  const double high = percentile(ms, 0.95);
  std::printf("| %s | %zu | %.3f | %.3f | %.3f | %.3f |\n", what, queries.size(), middle, high, ms.back(),
              cost.cpu_us / 1e3);
  std::fflush(stdout);
}

int run(const Arguments& arguments) {
  const std::string file = testing::icd10cm_2019();
  if (file.empty()) {
    std::printf("skipped: there is no " MEDFLOW_SHARED_DATA "/codes/icd10cm_2019.csv.xz\n");
    return 0;
  }
  const testing::TemporaryFolder folder;
  testing::Hospital hospital = testing::make_platform(storage::make_sqlite_engine(
      {.folder = folder / "data", .encrypted = arguments.engine == "sqlcipher", .cache_kib = 64 * 1024}));
  const Session admin = hospital.as(Role::tenant_admin);
  const Session doctor = hospital.as(Role::doctor);
  const Stopwatch loading;
  const auto loaded = testing::load_file(admin, file, "2019");
  const Cost load = loading.per_operation(loaded.created);
  const Stopwatch first;
  must(doctor.call(codes::Search{.system = icd, .q = "cholera"}));
  const double first_s = first.wall_seconds();

  // The same codes for the index alone and for the floor.
  codes::Index::Builder builder({}, icd);
  Floor floor;
  std::vector<std::string> displays;
  std::istringstream in(file);
  cli::CsvPieces pieces(in);
  while (const auto piece = pieces.next()) {
    imports::CsvReader reader(piece->text, 1);
    std::vector<std::string> cells;
    reader.next(cells);
    while (reader.next(cells)) {
      builder.add(cells[0], cells[3]);
      floor.add(cells[3], static_cast<std::uint32_t>(displays.size()));
      displays.push_back(cells[3]);
    }
  }
  floor.settle();
  const codes::Index index = std::move(builder).build();

  // The beginnings of one to three words of some code's display, two to six letters each.
  testing::Dice dice(2026);
  std::vector<std::string> queries;
  while (queries.size() < arguments.searches) {
    const auto words = words_of(displays[dice.below(displays.size())]);
    std::string query;
    for (std::size_t left = 1 + dice.below(3); left > 0; --left) {
      const std::string& word = words[dice.below(words.size())];
      query += (query.empty() ? "" : " ") + word.substr(0, 2 + dice.below(5));
    }
    queries.push_back(query);
  }
  std::vector<std::string> letters;
  for (char c = 'a'; c <= 'z'; ++c) letters.emplace_back(1, c);
  const std::vector<std::string> worst(20, "o f i e s a u w r l c t p b n d");

  std::printf("\n%s, %llu codes loaded, %.0f a second, CPU us %.1f; first search %.0f ms, index %.1f MiB\n\n",
              arguments.engine.c_str(), static_cast<unsigned long long>(loaded.created), load.per_second(), load.cpu_us,
              first_s * 1e3, static_cast<double>(index.bytes()) / 1048576.0);
  std::printf("| measure | searches | median ms | p95 ms | max ms | CPU ms |\n| --- | --- | --- | --- | --- | --- |\n");
  const auto ask = [&](const std::string& query) { must(doctor.call(codes::Search{.system = icd, .q = query})); };
  std::size_t sum = 0;
  measure("codes.search, one to three beginnings, 20 shown", queries, ask);
  measure("codes.search, one letter", letters, ask);
  measure("codes.search, sixteen letters", worst, ask);
  measure("codes.get, what any audited read costs", queries,
          [&](const std::string&) { must(doctor.call(codes::Get{.code = "A00", .system = icd})); });
  measure("the index alone, one to three beginnings", queries,
          [&](const std::string& query) { sum += index.search(codes::query_words(query), 20).codes.size(); });
  measure("the index alone, one letter", letters,
          [&](const std::string& query) { sum += index.search(codes::query_words(query), 20).codes.size(); });
  measure("floor: lower_bound and walk, the first beginning only", queries,
          [&](const std::string& query) { sum += floor.count(query.substr(0, query.find(' '))); });
  measure("floor: lower_bound and walk, one letter", letters,
          [&](const std::string& query) { sum += floor.count(query); });
  return sum == 0 ? 1 : 0;
}

}  // namespace
}  // namespace medflow::bench

int main(int count, char** values) {
  medflow::bench::Arguments arguments;
  return medflow::bench::Takes()
      .text("--engine", arguments.engine)
      .number("--searches", arguments.searches)
      .main(count, values, "bench_codes [--engine sqlite|sqlcipher] [--searches N]",
            [&] { return medflow::bench::run(arguments); });
}
