#include "patients/synthea.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace medflow::inline v1::imports {
namespace {

enum Column : std::size_t {
  id,
  birth,
  death,
  ssn,
  drivers,
  passport,
  prefix,
  first,
  last,
  suffix,
  maiden,
  marital,
  race,
  ethnicity,
  gender,
  birthplace,
  address,
  city,
  state,
  county,
  zip,
  column_count
};

constexpr std::array<std::string_view, column_count> names = {
    "Id",     "BIRTHDATE",  "DEATHDATE", "SSN",    "DRIVERS", "PASSPORT", "PREFIX",
    "FIRST",  "LAST",       "SUFFIX",    "MAIDEN", "MARITAL", "RACE",     "ETHNICITY",
    "GENDER", "BIRTHPLACE", "ADDRESS",   "CITY",   "STATE",   "COUNTY",   "ZIP"};
constexpr std::array needed = {id, birth, first, last, gender};
constexpr std::size_t absent = SIZE_MAX;

struct System {
  Column column;
  std::string_view uri;
  std::string_view type;
};
constexpr System systems[] = {{ssn, "http://hl7.org/fhir/sid/us-ssn", "SS"},
                              {drivers, "urn:oid:2.16.840.1.113883.4.3.25", "DL"},
                              {passport, "http://hl7.org/fhir/sid/passport-USA", "PPN"}};

/// Columns without a field of their own are kept as extensions, so that nothing of the source is lost.
struct Kept {
  Column column;
  std::string_view url;
};
constexpr Kept kept[] = {{marital, "urn:medflow:synthea:marital"},
                         {race, "urn:medflow:synthea:race"},
                         {ethnicity, "urn:medflow:synthea:ethnicity"},
                         {birthplace, "urn:medflow:synthea:birthplace"},
                         {county, "urn:medflow:synthea:county"}};

void wrong(std::vector<FieldError>& errors, Column column, std::string_view code, std::string_view message) {
  errors.push_back({.pointer = std::string(names[column]), .code = std::string(code), .message = std::string(message)});
}

std::optional<Date> date(std::string_view text, Column column, std::vector<FieldError>& errors) {
  auto parsed = Date::parse(text);
  if (!parsed) wrong(errors, column, "date.invalid", "not a date of the form YYYY-MM-DD");
  return parsed;
}

/// The item of a list at which a pointer points ("/identifiers/1/value"); null where it does not.
template <class T>
const T* item_at(std::string_view pointer, std::string_view list, const std::vector<T>& items) {
  if (!pointer.starts_with(list)) return nullptr;
  pointer.remove_prefix(list.size());
  std::size_t at = items.size();
  std::from_chars(pointer.data(), pointer.data() + pointer.size(), at);
  return at < items.size() ? &items[at] : nullptr;
}

PartialDate whole(const Date& day) { return {.year = day.year, .month = day.month, .day = day.day}; }

}  // namespace

std::optional<SyntheaColumns> SyntheaColumns::read(std::span<const std::string> header) {
  SyntheaColumns columns;
  columns.count_ = header.size();
  for (std::string_view name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    columns.places_.push_back(found == header.end() ? absent : static_cast<std::size_t>(found - header.begin()));
  }
  if (std::any_of(needed.begin(), needed.end(), [&](Column column) { return columns.places_[column] == absent; }))
    return std::nullopt;
  return columns;
}

std::string_view SyntheaColumns::cell(std::span<const std::string> row, std::size_t column) const {
  return places_[column] == absent ? std::string_view() : std::string_view(row[places_[column]]);
}

patients::Register SyntheaColumns::registration(std::span<const std::string> row,
                                                std::vector<FieldError>& errors) const {
  const auto at = [&](Column column) { return cell(row, column); };
  patients::Register patient{.id = PatientId::parse(at(id))};
  if (!patient.id) wrong(errors, id, "format.uuid", "not a UUID");
  patients::PersonName name{
      .family = std::string(at(last)), .prefix = std::string(at(prefix)), .suffix = std::string(at(suffix))};
  if (!at(first).empty()) name.given.emplace_back(at(first));
  if (!at(maiden).empty())
    patient.names.push_back({.use = patients::NameUse::maiden, .family = std::string(at(maiden)), .given = name.given});
  patient.names.insert(patient.names.begin(), std::move(name));
  if (const auto day = date(at(birth), birth, errors)) patient.birth = patients::Birth{.date = whole(*day)};
  if (!at(death).empty())
    if (const auto day = date(at(death), death, errors)) patient.deceased = patients::Deceased{.at = whole(*day)};
  if (at(gender) == "M")
    patient.sex_admin = patients::Sex::male;
  else if (at(gender) == "F")
    patient.sex_admin = patients::Sex::female;
  else if (!at(gender).empty())
    wrong(errors, gender, "enum.unknown", "neither M nor F");
  for (const System& system : systems)
    if (!at(system.column).empty())
      patient.identifiers.push_back({.system = std::string(system.uri),
                                     .value = std::string(at(system.column)),
                                     .type = std::string(system.type)});
  patients::Address home{
      .city = std::string(at(city)), .region = std::string(at(state)), .postal = std::string(at(zip))};
  if (!at(address).empty()) home.lines.emplace_back(at(address));
  if (home != patients::Address{}) patient.addresses.push_back(std::move(home));
  for (const Kept& extra : kept)
    if (!at(extra.column).empty())
      patient.extensions.push_back({.url = std::string(extra.url), .value = std::string(at(extra.column))});
  return patient;
}

std::string_view SyntheaColumns::column_of(std::string_view pointer, const patients::Register& registration) {
  if (const auto* identifier = item_at(pointer, "/identifiers/", registration.identifiers))
    for (const System& system : systems)
      if (system.uri == identifier->system) return names[system.column];
  if (const auto* extension = item_at(pointer, "/extensions/", registration.extensions))
    for (const Kept& extra : kept)
      if (extra.url == extension->url) return names[extra.column];
  struct Place {
    std::string_view prefix;
    Column column;
  };
  constexpr Place places[] = {{"/names/0/family", last},    {"/names/0/given", first},
                              {"/names/0/prefix", prefix},  {"/names/0/suffix", suffix},
                              {"/names/0", last},           {"/names/1/given", first},
                              {"/names", maiden},           {"/birth", birth},
                              {"/deceased", death},         {"/addresses/0/lines", address},
                              {"/addresses/0/city", city},  {"/addresses/0/region", state},
                              {"/addresses/0/postal", zip}, {"/id", id},
                              {"/sex_admin", gender}};
  for (const Place& place : places)
    if (pointer.starts_with(place.prefix)) return names[place.column];
  return {};
}

}  // namespace medflow::inline v1::imports
