#include "adapters/cli/generator/population.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace medflow::generator {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): every output from its own position, so people can be drawn in any order.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t end = std::min(list.find(' ', from), list.size());
    if (end > from) words.push_back(list.substr(from, end - from));
    from = end + 1;
  }
  return words;
}

/// Running sums of 1/(rank + 1), in millionths: the first of a list is drawn about twice as often as the second.
std::vector<std::uint64_t> zipf_sums(std::size_t count) {
  std::vector<std::uint64_t> sums;
  std::uint64_t sum = 0;
  for (std::size_t rank = 0; rank < count; ++rank) sums.push_back(sum += 1'000'000 / (rank + 1));
  return sums;
}

/// The same for given names, whose first are not that much commoner.
std::vector<std::uint64_t> flat_sums(std::size_t count) {
  std::vector<std::uint64_t> sums;
  std::uint64_t sum = 0;
  for (std::size_t rank = 0; rank < count; ++rank) sums.push_back(sum += 1'000'000 / (rank + 8));
  return sums;
}

std::string spaced(std::string_view word) {
  std::string text(word);
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// Replaces the ending of `text` where it has it.
bool replace_end(std::string& text, std::string_view from, std::string_view to) {
  if (!text.ends_with(from)) return false;
  text.replace(text.size() - from.size(), from.size(), to);
  return true;
}

/// The surname as a woman bears it: Polish -ski/-cki, Russian -ов/-ев/-ин.
void make_feminine(std::string& family) {
  if (replace_end(family, "ski", "ska") || replace_end(family, "cki", "cka")) return;
  for (const std::string_view ending : {"ов", "ев", "ёв", "ин"})
    if (family.ends_with(ending)) {
      family += "а";
      return;
    }
}

struct Place {
  std::string_view city, county, zip;
  std::int32_t latitude, longitude;  // millionths of a degree
};

constexpr Place places[] = {
    {"Los Angeles", "Los Angeles County", "900", 34052200, -118243700},
    {"San Diego", "San Diego County", "921", 32715700, -117161100},
    {"San Jose", "Santa Clara County", "951", 37338200, -121886300},
    {"San Francisco", "San Francisco County", "941", 37774900, -122419400},
    {"Fresno", "Fresno County", "937", 36737800, -119787100},
    {"Sacramento", "Sacramento County", "958", 38581600, -121494400},
    {"Long Beach", "Los Angeles County", "908", 33770100, -118193700},
    {"Oakland", "Alameda County", "946", 37804400, -122271200},
    {"Bakersfield", "Kern County", "933", 35373300, -119018700},
    {"Anaheim", "Orange County", "928", 33836600, -117914300},
    {"Stockton", "San Joaquin County", "952", 37957700, -121290800},
    {"Riverside", "Riverside County", "925", 33953300, -117396200},
    {"Modesto", "Stanislaus County", "953", 37639100, -120996900},
    {"Santa Rosa", "Sonoma County", "954", 38440500, -122714400},
    {"Salinas", "Monterey County", "939", 36677700, -121655500},
    {"Visalia", "Tulare County", "932", 36330200, -119292100},
    {"Ventura", "Ventura County", "930", 34274600, -119229000},
    {"Redding", "Shasta County", "960", 40586500, -122391700},
    {"Eureka", "Humboldt County", "955", 40802100, -124163700},
    {"Cañada Flintridge", "Los Angeles County", "910", 34199200, -118187900},
};

constexpr std::string_view streets[] = {"Oak",    "Maple",   "Hill",   "Lake",   "Sunset",  "Mission",
                                        "Harbor", "Orchard", "Willow", "Canyon", "Juniper", "Laurel",
                                        "Ridge",  "Valley",  "Cedar",  "Spring", "Alder",   "Meadow"};
constexpr std::string_view ways[] = {"Street", "Road", "Avenue", "Lane", "Way", "Court", "Drive", "Terrace"};

// The latest day in this population: a constant, so that nobody grows older from one run to the next.
constexpr Date last_day{.year = 2026, .month = 1, .day = 1};

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::string decimal(std::int64_t value, std::uint64_t unit, std::size_t places_after) {
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  return (value < 0 ? "-" : "") + std::to_string(magnitude / unit) + '.' + digits(magnitude % unit, places_after);
}

constexpr std::uint64_t serials = 100'000'000;

/// One-to-one within 0 to 99,999,999, since the factor has no divisor in common with 10^8: numbers that look drawn, and are unique.
std::uint64_t serial(std::uint64_t index, std::uint64_t offset) {
  return (index % serials * 61'803'399 + offset) % serials;
}

std::string uuid_of(std::uint64_t high, std::uint64_t low) {
  Uuid uuid;
  for (std::size_t i = 0; i < 8; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    uuid.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return uuid.text();
}

}  // namespace

/// The random numbers of one person.
class Population::Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t index) : state_(mixed(seed) ^ mixed(index ^ 0x5bd1e995U)) {}

  std::uint64_t next() { return mixed(state_++); }
  std::uint64_t below(std::uint64_t bound) {
    assert(bound > 0);
    return next() % bound;  // bounds are tiny beside 2^64: the bias cannot be noticed
  }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  std::size_t by_weight(const std::vector<std::uint64_t>& sums) {
    const auto it = std::ranges::upper_bound(sums, below(sums.back()));
    return static_cast<std::size_t>(it - sums.begin());
  }
  template <class T, std::size_t n>
  const T& of(const T (&items)[n]) {
    return items[below(n)];
  }

 private:
  std::uint64_t state_;
};

Population::Population(std::uint64_t seed) : seed_(seed) {
  std::uint64_t sum = 0;
  for (const Language& language : languages()) {
    Pool pool{.language = &language,
              .family = words_of(language.family),
              .male = words_of(language.male),
              .female = words_of(language.female)};
    pool.family_sums = zipf_sums(pool.family.size());
    pool.male_sums = flat_sums(pool.male.size());
    pool.female_sums = flat_sums(pool.female.size());
    pools_.push_back(std::move(pool));
    pool_sums_.push_back(sum += language.weight);
  }
}

const Population::Pool& Population::pool(Draw& draw) const { return pools_[draw.by_weight(pool_sums_)]; }

void Population::name(Draw& draw, const Pool& pool, Person& person) const {
  const bool woman = person.gender == "F";
  const auto family = [&] { return spaced(pool.family[draw.by_weight(pool.family_sums)]); };
  const auto given = [&] {
    return spaced(woman ? pool.female[draw.by_weight(pool.female_sums)] : pool.male[draw.by_weight(pool.male_sums)]);
  };
  person.first = given();
  person.last = family();
  switch (pool.language->surnames) {
    case Surnames::plain:
      break;
    case Surnames::hyphenated:
      if (draw.chance(8)) person.last += '-' + family();
      if (draw.chance(15)) person.first += ' ' + given();
      break;
    case Surnames::two:
      if (draw.chance(70)) person.last += ' ' + family();
      break;
    case Surnames::slavic:
      if (woman) make_feminine(person.last);
      break;
    case Surnames::patronymic:
      person.last += person.last.ends_with("a") ? "" : (person.last.ends_with("s") ? "" : "s");
      person.last += woman ? "dóttir" : "son";
      break;
  }
}

/// When somebody was born, and died where they did.
int Population::dates(Draw& draw, Person& person) {
  const auto age_days = static_cast<std::int32_t>(draw.chance(85) ? draw.below(80 * 365) : draw.below(105 * 365));
  person.birth = Date::from_days(last_day.days() - 1 - age_days);
  const int age = age_days / 365;
  if (draw.below(1000) < static_cast<std::uint64_t>(age < 60 ? 10 : 150)) {
    const std::uint64_t ago = draw.below(static_cast<std::uint64_t>(age_days) + 1);
    person.death = Date::from_days(last_day.days() - 1 - static_cast<std::int32_t>(ago));
  }
  return age;
}

void Population::numbers(Draw& draw, std::uint64_t index, int age, Person& person) const {
  const std::uint64_t offset = mixed(seed_ ^ 0x55U) % serials;
  const std::uint64_t number = serial(index, offset);
  // 900 to 999 are never given out as the area of a social security number.
  person.ssn =
      '9' + digits(number / 1'000'000, 2) + '-' + digits(number / 10'000 % 100, 2) + '-' + digits(number % 10'000, 4);
  if (age >= 16) person.drivers = 'S' + digits(serial(index, offset / 2), 8);
  if (age >= 16 && draw.chance(70)) person.passport = 'X' + digits(serial(index, offset / 3), 8) + 'X';
}

void Population::standing(Draw& draw, const Pool& pool, int age, Person& person) const {
  const bool married = age >= 22 && draw.chance(55);
  const bool is_woman = person.gender == "F";
  if (age >= 18) person.marital = married ? "M" : (age > 60 && draw.chance(30) ? "W" : (draw.chance(20) ? "D" : "S"));
  if (age >= 18) person.prefix = is_woman ? (married ? "Mrs." : "Ms.") : "Mr.";
  if (age >= 28 && draw.chance(2)) person.suffix = draw.chance(50) ? "MD" : "PhD";
  if (married && is_woman && pool.language->surnames == Surnames::hyphenated)
    person.maiden = spaced(pool.family[draw.by_weight(pool.family_sums)]);
  person.race = pool.language->race;
  person.ethnicity = pool.language->ethnicity;
  person.birthplace = draw.chance(60) ? "Los Angeles  California  US" : std::string(pool.language->birthplace);
}

void Population::home(Draw& draw, Person& person) {
  const Place& place = draw.of(places);
  const auto nearby = [&](std::int32_t degree) {
    return degree + static_cast<std::int64_t>(draw.below(200'000)) - 100'000;
  };
  person.address =
      std::to_string(1 + draw.below(999)) + ' ' + std::string(draw.of(streets)) + ' ' + std::string(draw.of(ways));
  if (draw.chance(25)) person.address += (draw.chance(20) ? ", Apt " : " Apt ") + std::to_string(1 + draw.below(99));
  person.city = place.city;
  person.state = "California";
  person.county = place.county;
  person.zip = std::string(place.zip) + digits(draw.below(100), 2);
  person.latitude = decimal(nearby(place.latitude), 1'000'000, 6);
  person.longitude = decimal(nearby(place.longitude), 1'000'000, 6);
  person.expenses = decimal(static_cast<std::int64_t>(draw.below(200'000'000)), 100, 2);
  person.coverage = decimal(static_cast<std::int64_t>(draw.below(50'000'000)), 100, 2);
}

Person Population::person(std::uint64_t index) const {
  Draw draw(seed_, index);
  Person person;
  // The index is in the id, through a mixing that is one-to-one: no two people of one seed share it.
  person.id = uuid_of(mixed(index ^ mixed(seed_)), draw.next());
  const Pool& chosen = pool(draw);
  person.gender = draw.chance(50) ? "M" : "F";
  name(draw, chosen, person);
  const int age = dates(draw, person);
  numbers(draw, index, age, person);
  standing(draw, chosen, age, person);
  home(draw, person);
  return person;
}

std::string_view csv_header() {
  return "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
         "BIRTHPLACE,"
         "ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE";
}

void append_csv(const Person& person, std::string& out) {
  const auto put = [&](std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
      out += text;
    } else {
      out += '"';
      for (const char c : text) out.append(c == '"' ? 2 : 1, c);
      out += '"';
    }
    out += ',';
  };
  put(person.id);
  put(person.birth.text());
  put(person.death ? person.death->text() : std::string());
  for (const std::string* text :
       {&person.ssn,        &person.drivers,   &person.passport, &person.prefix,  &person.first,     &person.last,
        &person.suffix,     &person.maiden,    &person.marital,  &person.race,    &person.ethnicity, &person.gender,
        &person.birthplace, &person.address,   &person.city,     &person.state,   &person.county,    &person.zip,
        &person.latitude,   &person.longitude, &person.expenses, &person.coverage})
    put(*text);
  out.back() = '\n';
}

}  // namespace medflow::generator
