#include "adapters/cli/generator/population.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "adapters/cli/csv_pieces.hpp"
#include "medflow/id.hpp"

namespace {

using medflow::generator::Person;
using medflow::generator::Population;

std::string line(const Person& person) {
  std::string text;
  medflow::generator::append_csv(person, text);
  return text;
}

/// Which script a text begins with, by its first letter's block.
std::string script(const std::string& text) {
  const auto a = static_cast<unsigned char>(text[0]);
  const auto b = static_cast<unsigned char>(text[1]);
  const auto c = text.size() > 2 ? static_cast<unsigned char>(text[2]) : 0U;
  if (a < 0xE0) {
    const unsigned code = a < 0x80 ? a : ((a & 0x1FU) << 6U) | (b & 0x3FU);
    if (code < 0x370) return "Latn";
    if (code < 0x400) return "Grek";
    if (code < 0x530) return "Cyrl";
    if (code < 0x590) return "Armn";
    return code < 0x600 ? "Hebr" : "Arab";
  }
  const unsigned code = ((a & 0x0FU) << 12U) | ((b & 0x3FU) << 6U) | (c & 0x3FU);
  if (code < 0x980) return "Deva";
  if (code < 0xA00) return "Beng";
  if (code < 0xC00) return "Taml";
  if (code < 0xE80) return "Thai";
  if (code < 0x1100) return "Geor";
  if (code < 0x1400) return "Ethi";
  if (code < 0x3100) return code < 0x2000 ? "Latn" : "Kana";
  return code < 0xAC00 ? "Hani" : "Hang";
}

}  // namespace

TEST_CASE("CLI-2: the same seed makes the same people, whatever their order; another seed makes others") {
  const Population one(7);
  const Population same(7);
  const Population other(8);
  for (std::uint64_t i = 100; i-- > 0;) CHECK(line(one.person(i)) == line(same.person(i)));
  int equal = 0;
  for (std::uint64_t i = 0; i < 100; ++i) equal += one.person(i).id == other.person(i).id ? 1 : 0;
  CHECK(equal == 0);
}

TEST_CASE("CLI-2: ids and numbers of a population are unique, and dates are possible") {
  const Population population(42);
  std::set<std::string> ids, ssns, drivers, passports;
  std::size_t with_drivers = 0;
  std::size_t with_passport = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const Person person = population.person(i);
    REQUIRE(medflow::Uuid::parse(person.id).has_value());
    ids.insert(person.id);
    ssns.insert(person.ssn);
    if (!person.drivers.empty()) drivers.insert(person.drivers), ++with_drivers;
    if (!person.passport.empty()) passports.insert(person.passport), ++with_passport;
    REQUIRE(medflow::Date::exists(person.birth.year, person.birth.month, person.birth.day));
    REQUIRE(person.birth.year >= 1915);
    if (person.death) REQUIRE(*person.death >= person.birth);
    REQUIRE(person.ssn.size() == 11);
    REQUIRE(person.ssn[0] == '9');
  }
  CHECK(ids.size() == 20'000);
  CHECK(ssns.size() == 20'000);
  CHECK(drivers.size() == with_drivers);
  CHECK(passports.size() == with_passport);
  CHECK(with_drivers > 10'000);
}

TEST_CASE("CLI-2: names come from many scripts, and some surnames are much commoner than others") {
  const Population population(1);
  std::map<std::string, int> scripts;
  std::map<std::string, int> families;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const Person person = population.person(i);
    REQUIRE_FALSE(person.first.empty());
    REQUIRE_FALSE(person.last.empty());
    ++scripts[script(person.last)];
    ++families[person.last];
  }
  CHECK(scripts.size() >= 12);
  CHECK(scripts["Latn"] > 8'000);
  CHECK(scripts["Hani"] > 300);
  std::vector<int> counts;
  for (const auto& [name, count] : families) counts.push_back(count);
  std::ranges::sort(counts, std::greater<>());
  CHECK(counts.size() > 1'000);
  CHECK(counts[0] > 20 * counts[200]);
}

TEST_CASE("CLI-2: a population is a CSV file that is cut like any other") {
  std::string text(medflow::generator::csv_header());
  text += '\n';
  const Population population(3);
  for (std::uint64_t i = 0; i < 1'200; ++i) medflow::generator::append_csv(population.person(i), text);
  std::istringstream in(text);
  medflow::cli::CsvPieces pieces(in);
  std::size_t rows = 0;
  while (const auto piece = pieces.next()) rows += piece->rows;
  CHECK(rows == 1'200);
  CHECK(pieces.bytes_done() == text.size());
}
