#include "text/name_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/shared_data.hpp"

using namespace medflow;
using namespace medflow::text;

namespace {

struct Person {
  std::string family{};
  std::string given{};
  std::int32_t birth = 0;
};

Uuid id_of(std::uint32_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  id.bytes[0] = 1;
  return id;
}

std::vector<std::string> tokens_of(const Person& person) {
  TokenList list;
  add_name_tokens(person.family, list);
  add_name_tokens(person.given, list);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace_back(list[i]);
  return out;
}

/// Calls `use` with the record of a person.
template <class Use>
void with_record(const Uuid& id, const Person& person, Use use) {
  TokenList tokens;
  add_name_tokens(person.family, tokens);
  add_name_tokens(person.given, tokens);
  const std::string family = sort_key(person.family);
  const std::string given = sort_key(person.given);
  use(NameRecord{.id = id, .tokens = tokens, .family = family, .given = given, .birth = person.birth});
}

void put(NameIndex& index, const Uuid& id, const Person& person) {
  with_record(id, person, [&](const NameRecord& record) { index.put(record); });
}

void append(NameIndex& index, const Uuid& id, const Person& person) {
  with_record(id, person, [&](const NameRecord& record) { index.append(record); });
}

/// R5, word for word: looks at everybody, then sorts.
class Naive {
 public:
  struct Known {
    Person person{};
    std::vector<std::string> tokens{};
  };

  void put(const Uuid& id, const Person& person) { people_[id] = {.person = person, .tokens = tokens_of(person)}; }
  void erase(const Uuid& id) { people_.erase(id); }
  const std::map<Uuid, Known>& people() const { return people_; }

  std::vector<NameHit> search(std::string_view query) const {
    const auto words = query_tokens(query);
    std::vector<NameHit> hits;
    if (!searchable(words)) return hits;
    for (const auto& [id, known] : people_) {
      int by_prefix = 0;
      bool all = true;
      for (const QueryToken& word : words) {
        const int match = best(word, known.tokens);
        all = all && match > 0;
        by_prefix += match == 1 ? 1 : 0;
      }
      if (all)
        hits.push_back({.rank = static_cast<std::uint8_t>(by_prefix),
                        .family = sort_key(known.person.family),
                        .given = sort_key(known.person.given),
                        .birth = known.person.birth,
                        .id = id});
    }
    std::sort(hits.begin(), hits.end());
    return hits;
  }

 private:
  /// 2 where a word is found as a whole token, 1 as the beginning of one, 0 not at all.
  static int best(const QueryToken& word, const std::vector<std::string>& tokens) {
    int best = 0;
    for (const auto& forms : word.alternatives) {
      int worst = 2;
      for (const std::string& form : forms) {
        int found = 0;
        for (const std::string& token : tokens)
          found = std::max(found, token == form ? 2 : token.starts_with(form) ? 1 : 0);
        worst = std::min(worst, found);
      }
      best = std::max(best, worst);
    }
    return best;
  }

  std::map<Uuid, Known> people_{};
};

/// The same pages from the end, each strictly before the last one seen.
void check_backwards(const NameIndex& index, std::span<const QueryToken> words, std::size_t limit,
                     std::vector<NameHit> all) {
  std::reverse(all.begin(), all.end());
  std::vector<NameHit> back;
  while (back.size() <= all.size()) {
    const NameHit* before = back.empty() ? nullptr : &back.back();
    const auto page = index.search(words, limit, before, true);
    REQUIRE(page.size() <= limit);
    back.insert(back.end(), page.begin(), page.end());
    if (page.size() < limit) break;
  }
  CHECK(back == all);
}

std::vector<NameHit> all_pages(const NameIndex& index, std::string_view query, std::size_t limit) {
  const auto words = query_tokens(query);
  std::vector<NameHit> all;
  for (int pages = 0; pages < 20'000; ++pages) {
    const NameHit* after = all.empty() ? nullptr : &all.back();
    const auto page = index.search(words, limit, after);
    REQUIRE(page.size() <= limit);
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < limit) {
      check_backwards(index, words, limit, all);
      return all;
    }
  }
  FAIL("the pages have no end");
  return all;
}

/// Names of many scripts where they are at hand, else a few of our own.
struct Names {
  std::vector<std::string> first{"Anna", "Ann", "Anne-Marie", "Jürgen", "José", "Mary Ann",
                                 "Ali",  "王",  "Иван",       "محمد",   "J."};
  std::vector<std::string> last{"Smith",  "Smithson", "Smith-Jones", "Müller", "Mueller", "O’Brien", "de la Cruz",
                                "Nguyễn", "Åberg",    "Иванов",      "כהן",    "Lee",     "Li"};
};

Names names(std::mt19937_64& random) {
  Names out;
  const std::string command = "xz -dc '" + testing::shared_data("text/names_by_locale.csv.xz") + "' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  Names read;
  char line[4096];
  while (pipe && std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    std::string_view text(line);
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    const std::size_t one = text.find(',');
    const std::size_t two = one == std::string_view::npos ? std::string_view::npos : text.find(',', one + 1);
    const std::size_t three = two == std::string_view::npos ? std::string_view::npos : text.find(',', two + 1);
    if (three == std::string_view::npos) continue;
    const auto part = text.substr(one + 1, two - one - 1);
    if (part == "first") read.first.emplace_back(text.substr(three + 1));
    if (part == "last") read.last.emplace_back(text.substr(three + 1));
  }
  if (read.first.empty() || read.last.empty()) {
    MESSAGE("text/names_by_locale.csv.xz is not there: a few names of our own instead");
    return out;
  }
  // A few hundred of each, so that names meet again.
  std::shuffle(read.first.begin(), read.first.end(), random);
  std::shuffle(read.last.begin(), read.last.end(), random);
  read.first.resize(std::min<std::size_t>(read.first.size(), 400));
  read.last.resize(std::min<std::size_t>(read.last.size(), 400));
  out.first.insert(out.first.end(), read.first.begin(), read.first.end());
  out.last.insert(out.last.end(), read.last.begin(), read.last.end());
  return out;
}

class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(seed), names_(names(random_)) {}

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  const std::string& first() { return names_.first[skewed(names_.first.size())]; }
  const std::string& last() { return names_.last[skewed(names_.last.size())]; }

  Person person() {
    Person out{.family = last(), .given = first(), .birth = static_cast<std::int32_t>(below(60))};
    if (below(8) == 0) out.family += "-" + last();
    if (below(4) == 0) out.given += " " + first();
    if (below(30) == 0) out.given.clear();
    if (below(40) == 0) out.family.clear();
    if (below(50) == 0) out.birth = birth_unknown;
    return out;
  }

  /// The first few bytes of a name's key, cut where a code point ends; or the whole name as it is written.
  std::string word(const std::string& name) {
    if (below(3) == 0) return name;
    std::string key = sort_key(name);
    std::size_t cut = 1 + below(4);
    while (cut < key.size() && (static_cast<unsigned char>(key[cut]) & 0xC0U) == 0x80) ++cut;
    return key.substr(0, cut);
  }

  std::string query() {
    switch (below(5)) {
      case 0:
        return word(last());
      case 1:
        return word(first());
      case 2:
        return word(last()) + " " + word(first());
      case 3:
        return word(first()) + " " + word(first()) + " " + word(last());
      default:
        return word(first()) + " " + word(last());
    }
  }

 private:
  std::size_t skewed(std::size_t count) { return below(below(count) + 1); }

  std::mt19937_64 random_;
  Names names_;
};

}  // namespace

TEST_CASE("R5: every word must begin some token of the patient, in any order") {
  NameIndex index;
  put(index, id_of(1), {.family = "Smith-Jones", .given = "Mary Ann"});
  const auto found = [&](const char* query) { return index.search(query_tokens(query), 20).size() == 1; };
  for (const char* query : {"smith", "jones", "smithjones", "Smith-Jones", "smith-jo", "mary", "ann", "ma sm", "SM MA",
                            "jones mary ann", "m jones", "smith smith"})
    CHECK_MESSAGE(found(query), query);
  for (const char* query : {"", "s", "mith", "smith x", "mary jane", "smithson", "jones-mary-x", "maryann"})
    CHECK_MESSAGE(!found(query), query);
}

TEST_CASE("R5: umlauts are found in each of their spellings") {
  NameIndex index;
  put(index, id_of(1), {.family = "Müller", .given = "Jörg"});
  put(index, id_of(2), {.family = "Mueller", .given = "Jorg"});
  const auto found = [&](const char* query) {
    std::set<Uuid> ids;
    for (const auto& hit : index.search(query_tokens(query), 20)) ids.insert(hit.id);
    return ids;
  };
  CHECK(found("muller") == std::set{id_of(1)});
  CHECK(found("mueller") == std::set{id_of(1), id_of(2)});
  CHECK(found("MÜL") == std::set{id_of(1), id_of(2)});
  CHECK(found("jorg mueller") == std::set{id_of(1), id_of(2)});
  CHECK(found("joerg muller") == std::set{id_of(1)});
}

TEST_CASE("R5: whole tokens come before beginnings, then family, given name, birth date and id decide") {
  NameIndex index;
  put(index, id_of(1), {.family = "Leeds", .given = "Adam", .birth = 1});
  put(index, id_of(2), {.family = "Lee", .given = "Zoe", .birth = 1});
  put(index, id_of(3), {.family = "Lee", .given = "Adam", .birth = 9});
  put(index, id_of(5), {.family = "Lee", .given = "Adam", .birth = 4});
  put(index, id_of(4), {.family = "Lee", .given = "Adam", .birth = 4});
  put(index, id_of(6), {.family = "Lee", .given = "Adam", .birth = birth_unknown});
  put(index, id_of(7), {.family = "Abbot", .given = "Leeroy", .birth = 1});
  put(index, id_of(8), {.family = "Zorn", .given = "Lee", .birth = 1});
  std::vector<Uuid> order;
  for (const auto& hit : index.search(query_tokens("lee"), 20)) order.push_back(hit.id);
  CHECK(order == std::vector{id_of(4), id_of(5), id_of(3), id_of(6), id_of(2), id_of(8), id_of(7), id_of(1)});
}

TEST_CASE("R10: the next page goes on behind a patient that was erased or renamed meanwhile") {
  NameIndex index;
  for (std::uint32_t i = 1; i <= 9; ++i)
    put(index, id_of(i), {.family = "Lee", .given = "Adam", .birth = static_cast<std::int32_t>(i * 10)});
  const auto query = query_tokens("le");
  const auto first = index.search(query, 3);
  REQUIRE(first.size() == 3);
  index.erase(first[2].id);
  put(index, id_of(20), {.family = "Lee", .given = "Adam", .birth = 5});   // before the place: not seen any more
  put(index, id_of(21), {.family = "Lee", .given = "Adam", .birth = 31});  // behind it: seen
  put(index, id_of(9), {.family = "Lederer", .given = "Adam", .birth = 90});
  std::vector<Uuid> rest;
  for (const auto& hit : index.search(query, 20, &first[2])) rest.push_back(hit.id);
  CHECK(rest == std::vector{id_of(21), id_of(4), id_of(5), id_of(6), id_of(7), id_of(8)});
}

TEST_CASE("R5: the index answers as a search through everybody does, page by page, while patients come and go") {
  Crowd crowd(20'261'122);
  NameIndex index;
  Naive naive;
  std::uint32_t next = 1;
  for (; next <= 2'500; ++next) {
    const Person person = crowd.person();
    append(index, id_of(next), person);
    naive.put(id_of(next), person);
  }
  index.settle();
  for (; next <= 5'000; ++next) {
    const Person person = crowd.person();
    put(index, id_of(next), person);
    naive.put(id_of(next), person);
  }
  REQUIRE(index.size() == naive.people().size());

  std::size_t hits = 0;
  for (int round = 0; round < 2'000; ++round) {
    const Uuid known = id_of(1 + static_cast<std::uint32_t>(crowd.below(next)));
    const Person person = crowd.person();
    switch (crowd.below(4)) {
      case 0:
        index.erase(known);
        naive.erase(known);
        break;
      case 1:
        put(index, known, person);
        naive.put(known, person);
        break;
      case 2:
        put(index, id_of(next), person);
        naive.put(id_of(next++), person);
        break;
      default:
        break;
    }
    if (round == 1'200) index.settle();  // nothing to do: must change nothing
    const std::string query = crowd.query();
    const auto expected = naive.search(query);
    hits += expected.size();
    REQUIRE_MESSAGE(all_pages(index, query, 1 + crowd.below(60)) == expected, query);
  }
  CHECK(index.size() == naive.people().size());
  CHECK(hits > 20'000);
}

TEST_CASE("R5: every patient is found by every beginning of each of its tokens") {
  Crowd crowd(5);
  NameIndex index;
  std::map<Uuid, Person> people;
  for (std::uint32_t i = 1; i <= 300; ++i) {
    people[id_of(i)] = crowd.person();
    put(index, id_of(i), people[id_of(i)]);
  }
  for (const auto& [id, person] : people)
    for (const std::string& token : tokens_of(person))
      for (std::size_t cut = 1; cut <= token.size(); ++cut) {
        if (cut < token.size() && (static_cast<unsigned char>(token[cut]) & 0xC0U) == 0x80) continue;
        const QueryToken word{.alternatives = {{token.substr(0, cut)}}};
        if (!searchable(std::vector{word})) continue;
        const auto hits = index.search(std::vector{word}, 1'000);
        REQUIRE(std::any_of(hits.begin(), hits.end(), [&wanted = id](const NameHit& hit) { return hit.id == wanted; }));
      }
}

TEST_CASE("SEC-2: an index built at once and one built name by name answer alike") {
  Crowd crowd(77);
  NameIndex at_once;
  NameIndex one_by_one;
  for (std::uint32_t i = 1; i <= 1'500; ++i) {
    const Person person = crowd.person();
    append(at_once, id_of(i), person);
    put(one_by_one, id_of(i), person);
    if (i == 700) at_once.settle();
  }
  at_once.settle();
  for (int i = 0; i < 300; ++i) {
    const std::string query = crowd.query();
    REQUIRE(at_once.search(query_tokens(query), 50) == one_by_one.search(query_tokens(query), 50));
  }
  CHECK(at_once.bytes() <= one_by_one.bytes());
}

TEST_CASE("PAT-14: nothing of an erased patient stays in the index") {
  Crowd crowd(3);
  NameIndex index;
  for (std::uint32_t i = 1; i <= 3'000; ++i) put(index, id_of(i), crowd.person());
  const std::size_t full = index.bytes();
  for (int round = 0; round < 5; ++round)  // memory is used again, not heaped up
    for (std::uint32_t i = 1; i <= 3'000; ++i) put(index, id_of(i), crowd.person());
  CHECK(index.bytes() < full * 2);
  put(index, id_of(9'999), {.family = "Quetzalcoatlus", .given = "Xyzzy"});
  CHECK(index.search(query_tokens("quetz"), 5).size() == 1);
  for (std::uint32_t i = 1; i <= 3'000; ++i) index.erase(id_of(i));
  index.erase(id_of(9'999));
  index.erase(id_of(9'999));
  CHECK(index.size() == 0);
  CHECK(!index.contains(id_of(9'999)));
  for (const char* query : {"qu", "xyzzy", "smith", "a b"}) CHECK(index.search(query_tokens(query), 5).empty());
}
