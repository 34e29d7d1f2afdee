// A synthetic population: people who never lived, in the layout of Synthea's patients.csv. For demonstrations, tests, campaigns and
// benchmarks that need many patients with names from many scripts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/cli/generator/names.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::generator {

/// One person, with the members of the layout. Texts are UTF-8.
struct Person {
  std::string id{};  ///< a UUID in text form, unlike any other of this population
  Date birth{};
  std::optional<Date> death{};
  std::string ssn{};       ///< of a range that is never issued; unique in a population of up to 100,000,000
  std::string drivers{};   ///< empty for children; unique like `ssn`
  std::string passport{};  ///< empty for some; unique like `ssn`
  std::string prefix{};
  std::string first{};
  std::string last{};
  std::string suffix{};
  std::string maiden{};
  std::string marital{};
  std::string race{};
  std::string ethnicity{};
  std::string gender{};  ///< "M" or "F"
  std::string birthplace{};
  std::string address{};
  std::string city{};
  std::string state{};
  std::string county{};
  std::string zip{};
  std::string latitude{};
  std::string longitude{};
  std::string expenses{};
  std::string coverage{};
};

/// The people of one seed. Person `i` depends on the seed and `i` alone: the same on every machine, in any order, and whatever the
/// size of the population. Surnames are as frequent as Zipf's law has it, within each language. Thread-safe.
class Population {
 public:
  explicit Population(std::uint64_t seed);

  Person person(std::uint64_t index) const;

 private:
  struct Pool {
    const Language* language = nullptr;
    std::vector<std::string_view> family{};
    std::vector<std::string_view> male{};
    std::vector<std::string_view> female{};
    std::vector<std::uint64_t> family_sums{};  ///< running sums of the weights of ranks
    std::vector<std::uint64_t> male_sums{};
    std::vector<std::uint64_t> female_sums{};
  };
  class Draw;

  const Pool& pool(Draw& draw) const;
  void name(Draw& draw, const Pool& pool, Person& person) const;
  /// Also tells how old somebody is, or would be.
  static int dates(Draw& draw, Person& person);
  void numbers(Draw& draw, std::uint64_t index, int age, Person& person) const;
  void standing(Draw& draw, const Pool& pool, int age, Person& person) const;
  static void home(Draw& draw, Person& person);

  std::uint64_t seed_;
  std::vector<Pool> pools_{};
  std::vector<std::uint64_t> pool_sums_{};
};

/// The first line of the layout, without its line feed.
std::string_view csv_header();

/// Appends the person as one line with its line feed (RFC 4180).
void append_csv(const Person& person, std::string& out);

}  // namespace medflow::generator
