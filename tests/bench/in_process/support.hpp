// What both halves need: the engine, the people, and who is at work.
#pragma once

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/cli/generator/population.hpp"
#include "medflow/patients.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/bench/in_process/parts.hpp"
#include "tests/bench/in_process/raw.hpp"
#include "tests/support/platform.hpp"

namespace medflow::bench {

inline std::shared_ptr<storage::Engine> engine_of(const Plan& plan) {
  if (plan.engine == "postgres") return storage::postgres_engine(plan.url, plan.direct_url);
  return storage::make_sqlite_engine(
      {.folder = plan.folder + "/data",
       .encrypted = plan.engine == "sqlcipher",
       .cache_kib = plan.cache_kib,
       .readers_cache_kib =
           plan.cache_kib});  // the unaudited read, which goes through a reader, is not to be the slower for it
}

/// The system's clock: ids grow with time, as they do in a hospital, and so does the table.
inline PlatformOptions options_of(const Plan& plan) {
  PlatformOptions options = testing::test_options(engine_of(plan), system_clock());
  options.access_ttl_s = 86'400;
  return options;
}

inline storage::sqlite::LibraryKind kind_of(const Plan& plan) {
  using enum storage::sqlite::LibraryKind;
  return plan.engine == "sqlcipher" ? sqlcipher : sqlite;
}

/// The measuring stick, with or without an index on its audit rows.
inline std::unique_ptr<Raw> raw_store(const Plan& plan, bool audit_index) {
  if (plan.engine == "postgres") return raw_postgres(plan.direct_url, audit_index);
  return std::make_unique<RawStore>(kind_of(plan), plan.folder + (audit_index ? "/raw.indexed" : "/raw"), audit_index,
                                    plan.raw_cache_kib);
}

/// A registration as a reception makes it: name, birth, sex, an identifier, a phone, an e-mail address, an address, a language.
inline patients::Register registration(const generator::Population& population, std::uint64_t index) {
  const generator::Person person = population.person(index);
  patients::PersonName name{.family = person.last, .given = {person.first}, .prefix = person.prefix};
  return {
      .names = {std::move(name)},
      .birth =
          patients::Birth{.date = {.year = person.birth.year, .month = person.birth.month, .day = person.birth.day}},
      .sex_admin = person.gender == "M" ? patients::Sex::male : patients::Sex::female,
      .identifiers = {{.system = "http://hl7.org/fhir/sid/us-ssn", .value = person.ssn, .type = "SS"}},
      .phones = {{.e164 = "+1555" + std::to_string(1'000'000 + index % 9'000'000)}},
      .emails = {"patient" + std::to_string(index) + "@example.org"},
      .addresses = {{.lines = {person.address},
                     .city = person.city,
                     .region = person.state,
                     .postal = person.zip,
                     .country = "US"}},
      .language = "en"};
}

/// A single letter is refused as too broad; some surnames are one (in the Han script, say).
inline bool seekable(const std::string& name) {
  return std::count_if(name.begin(), name.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }) > 1;
}

/// What the first half tells the second: where everybody works, who reads, and the patients.
struct Handover {
  FacilityId home{};
  UserId reader{};
  std::vector<PatientId> patients{};

  static std::string file(const Plan& plan) { return plan.folder + "/handover"; }
  void keep(const Plan& plan) const {
    std::ofstream out(file(plan), std::ios::binary);
    const auto put = [&](const Uuid& id) { out.write(reinterpret_cast<const char*>(id.bytes.data()), 16); };
    put(home.uuid);
    put(reader.uuid);
    for (const PatientId& patient : patients) put(patient.uuid);
  }
  static Handover take(const Plan& plan) {
    std::ifstream in(file(plan), std::ios::binary);
    Handover handover;
    Uuid id;
    const auto take_one = [&] { return static_cast<bool>(in.read(reinterpret_cast<char*>(id.bytes.data()), 16)); };
    if (take_one()) handover.home.uuid = id;
    if (take_one()) handover.reader.uuid = id;
    while (take_one()) handover.patients.push_back({id});
    return handover;
  }
};

}  // namespace medflow::bench
