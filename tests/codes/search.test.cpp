#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <set>
#include <thread>

#include "codes/index.hpp"
#include "codes/indexes.hpp"
#include "tests/codes/loading.hpp"
#include "tests/support/dice.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

using Codes = std::vector<std::pair<std::string, std::string>>;

const Codes some = {{"E10", "Type 1 diabetes mellitus"},
                    {"E11", "Type 2 diabetes mellitus"},
                    {"E11.9", "Type 2 diabetes mellitus without complications"},
                    {"E13", "Other specified diabetes mellitus"},
                    {"H81.0", "Ménière's disease"},
                    {"I21.4", "Non-ST elevation (NSTEMI) myocardial infarction"},
                    {"I21.9", "Acute myocardial infarction, unspecified"},
                    {"M1A", "Chronic gout"},
                    {"Z11", "Encounter for screening: E11 is not meant here"}};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c != '\'' && c != '.' && !word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

/// What has to be found, said again and simply: for ASCII, each word of the query begins the code or some word of the display.
std::set<std::string> found_by_walk(const Codes& codes, const std::string& query) {
  std::set<std::string> found;
  const auto wanted = words_of(query);
  for (const auto& [code, display] : codes) {
    std::string key;
    for (const auto& word : words_of(code)) key += word;
    const auto there = words_of(display);
    const bool all = std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
      return key.starts_with(word) ||
             std::any_of(there.begin(), there.end(), [&](const auto& one) { return one.starts_with(word); });
    });
    if (all) found.insert(code);
  }
  return found;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("REC-6: every word of a search begins the code or a word of the display, the best first") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    load(hospital.as(Role::tenant_admin), "2026", some);
    const Session doctor = hospital.as(Role::doctor);
    CHECK(search(doctor, "diab mell 2") == Texts{"E11", "E11.9"});
    CHECK(search(doctor, "MELLITUS type") == Texts{"E10", "E11", "E11.9"});
    CHECK(search(doctor, "e11") == Texts{"E11", "E11.9", "Z11"});  // the code, those that begin so, a word
    CHECK(search(doctor, "E11.9") == Texts{"E11.9"});
    CHECK(search(doctor, "e119") == Texts{"E11.9"});
    CHECK(search(doctor, "e11 comp") == Texts{"E11.9"});
    CHECK(search(doctor, "iabetes").empty());
    CHECK(search(doctor, "diabetes gout").empty());
    CHECK(search(doctor, "meniere") == Texts{"H81.0"});
    CHECK(search(doctor, "MÉNIÈRE’S disease") == Texts{"H81.0"});
    CHECK(search(doctor, "non-st") == Texts{"I21.4"});
    CHECK(search(doctor, "nonst") == Texts{"I21.4"});
    CHECK(search(doctor, "st elev") == Texts{"I21.4"});
    CHECK(search(doctor, "infarction") == Texts{"I21.9", "I21.4"});  // the shorter display first
    CHECK(search(doctor, "m1a") == Texts{"M1A"});
    const auto few = must(doctor.call(codes::Search{.system = icd, .q = "mellitus", .limit = 2}));
    CHECK(codes_of(few) == Texts{"E10", "E11"});
    CHECK(few.more);
    CHECK_FALSE(must(doctor.call(codes::Search{.system = icd, .q = "mellitus", .limit = 4})).more);
    CHECK(few.codes[0].display == "Type 1 diabetes mellitus");
    CHECK(few.codes[0].system == icd);
    CHECK(few.codes[0].version == "2026");
  }
}

TEST_CASE("REC-6: the index finds what a walk over all codes finds, for any words") {
  const std::string syllables[] = {"a", "ab", "abs", "b", "ba", "bab", "c1", "1", "11", "x"};
  Dice dice(6);
  const auto text = [&](std::size_t words) {
    std::string made;
    for (std::size_t i = 0; i < words; ++i) {
      if (i > 0) made += dice.below(4) == 0 ? ", " : " ";
      made += syllables[dice.below(std::size(syllables))];
      if (dice.below(2) == 0) made += syllables[dice.below(std::size(syllables))];
    }
    return made;
  };
  Codes codes;
  std::set<std::string> once;
  while (codes.size() < 2'000) {
    const std::string code = text(1) + "." + std::to_string(codes.size() % 700);
    if (once.insert(code).second) codes.emplace_back(code, text(1 + dice.below(6)));
  }
  codes::Index::Builder builder({}, icd);
  for (const auto& [code, display] : codes) builder.add(code, display);
  const codes::Index index = std::move(builder).build();
  CHECK(index.size() == codes.size());
  std::size_t found = 0;
  for (int round = 0; round < 500; ++round) {
    const std::string query = text(1 + dice.below(4));
    CAPTURE(query);
    const auto hits = index.search(codes::query_words(query), codes.size());
    const std::set<std::string> there(hits.codes.begin(), hits.codes.end());
    CHECK(there.size() == hits.codes.size());
    CHECK(there == found_by_walk(codes, query));
    CHECK_FALSE(hits.more);
    found += there.size();
    // A shorter list is the beginning of the whole one.
    const auto few = index.search(codes::query_words(query), 7);
    CHECK(std::equal(few.codes.begin(), few.codes.end(), hits.codes.begin()));
    CHECK(few.more == (hits.codes.size() > 7));
  }
  CHECK(found > 10'000);
}

TEST_CASE("REC-6: indexes are forgotten when they are many, those of long ago first, and made again") {
  codes::Indexes indexes;
  std::size_t built = 0;
  const auto use = [&](std::uint8_t number) {
    CodeSystemId id;
    id.uuid.bytes[0] = number;
    return indexes.of(id, [&] {
      ++built;
      codes::Index::Builder builder(id, "urn:system:" + std::to_string(number));
      for (int i = 0; i < 20'000; ++i)
        builder.add(std::to_string(i), std::string(400, 'x') + std::to_string(i));  // words that are all different
      return std::move(builder).build();
    });
  };
  const std::size_t one = use(1)->bytes();
  CHECK(one > codes::Indexes::bytes_max / 7);
  CHECK(one < codes::Indexes::bytes_max / 4);
  const std::size_t fit = codes::Indexes::bytes_max / one;
  for (std::size_t i = 2; i <= fit; ++i) use(static_cast<std::uint8_t>(i));
  CHECK(built == fit);
  use(1);
  CHECK(built == fit);
  use(100);  // one too many: 2 was used longest ago
  CHECK(indexes.bytes() <= codes::Indexes::bytes_max);
  use(1);
  CHECK(built == fit + 1);
  use(2);
  CHECK(built == fit + 2);
  CHECK(indexes.bytes() <= codes::Indexes::bytes_max);
}

TEST_CASE("REC-6: while versions are put to use by turns, each search shows what one of them has") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session admin = hospital.as(Role::tenant_admin);
  const auto odd = load(admin, "1", {{"A1", "word one"}}).system.id;
  const auto even = load(admin, "2", {{"B2", "word two"}}).system.id;
  const Session doctor = hospital.as(Role::doctor);
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  std::array<std::atomic<int>, 2> seen{};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!over) {
        const auto found = doctor.call(codes::Search{.system = icd, .q = "word"});
        const Texts there = found.ok() ? codes_of(*found) : Texts{};
        if (there == Texts{"A1"})
          ++seen[0];
        else if (there == Texts{"B2"})
          ++seen[1];
        else
          ++wrong;
      }
    });
  for (int round = 0; round < 2'000 || seen[0] < 100 || seen[1] < 100; ++round)
    must(admin.call(code_systems::Activate{.id = round % 2 == 0 ? odd : even}));
  over = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(wrong == 0);
}

TEST_CASE("REC-6: a search asks nobody which version is in use until one is put to use") {
  codes::Indexes indexes;
  CodeSystemId first, second;
  first.uuid.bytes[0] = 1;
  second.uuid.bytes[0] = 2;
  const auto make = [&](CodeSystemId id) { return [id] { return codes::Index::Builder(id, icd).build(); }; };
  CHECK_FALSE(indexes.knows(icd));
  indexes.of(first, make(first));
  CHECK(indexes.knows(icd));
  CHECK_FALSE(indexes.knows("http://loinc.org"));
  CHECK(indexes.current(icd)->version() == first);
  indexes.look_again();
  CHECK_FALSE(indexes.knows(icd));
  CHECK(indexes.current(icd) == nullptr);
  indexes.of(second, make(second));
  CHECK(indexes.current(icd)->version() == second);
  indexes.of(first, [&]() -> codes::Index { throw std::logic_error("it is there"); });
  CHECK(indexes.current(icd)->version() == first);
}
