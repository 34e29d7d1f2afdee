#include <doctest/doctest.h>

#include <random>

#include <boost/json.hpp>

#include "adapters/json/codec.hpp"
#include "records/records.fields.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// RFC 6902 as far as it is used: add, remove and replace, of members and of items that are there.
void apply(boost::json::value& document, const boost::json::array& patch) {
  for (const auto& each : patch) {
    const auto& step = each.as_object();
    const std::string path(step.at("path").as_string());
    const std::size_t slash = path.rfind('/');
    boost::json::value& parent = document.at_pointer(path.substr(0, slash));
    const std::string name = path.substr(slash + 1);
    const std::string_view op = step.at("op").as_string();
    if (op == "remove") {
      CHECK(parent.as_object().erase(name) == 1);
    } else if (parent.is_array()) {
      REQUIRE(op == "replace");
      parent.as_array().at(std::stoul(name)) = step.at("value");
    } else {
      CHECK(parent.as_object().contains(name) == (op == "replace"));
      parent.as_object()[name] = step.at("value");
    }
  }
}

boost::json::value document_of(const records::Version& version) {
  std::string text;
  json::encode(type_of<records::RecordContent>, &*version.content, text);
  return boost::json::object{{"content", boost::json::parse(text)}};
}

records::RecordContent any_content(std::mt19937& chance) {
  const auto one_of = [&](unsigned n) { return chance() % n; };
  records::RecordContent content{.title = "t" + std::to_string(one_of(3))};
  if (one_of(2) == 0) content.code = substance(std::to_string(one_of(2)));
  content.medication_order =
      records::MedicationOrder{.as_needed = one_of(2) == 0, .refills = static_cast<std::uint32_t>(one_of(3))};
  auto& order = *content.medication_order;
  if (one_of(2) == 0) order.dose = records::Quantity{.value = std::to_string(1 + one_of(3)), .unit = "mg"};
  if (one_of(2) == 0) order.begins = Date{2026, 1, static_cast<std::uint8_t>(1 + one_of(3))};
  for (unsigned i = 0, n = static_cast<unsigned>(one_of(3)); i < n; ++i)
    order.reasons.push_back({.display = "a/b~c\"d" + std::to_string(one_of(2))});
  for (unsigned i = 0, n = static_cast<unsigned>(one_of(3)); i < n; ++i)
    content.extensions.push_back({.url = "urn:x:" + std::to_string(i), .value = std::to_string(one_of(2))});
  return content;
}

}  // namespace

TEST_CASE("REC-1: the difference of any two versions, applied as RFC 6902 has it, makes one of the other") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  std::mt19937 chance(5);
  auto record = must(doctor.call(medications::Order{.patient_id = ward.patient.id, .content = any_content(chance)}));
  constexpr std::uint64_t versions = 20;
  while (record.revision < versions)
    record = must(
        doctor.call(records::Update{.id = record.id, .revision = record.revision, .content = any_content(chance)}));
  std::vector<records::Version> all = must(doctor.call(records::ListVersions{.id = record.id})).data;
  REQUIRE(all.size() == versions);
  std::size_t steps = 0;
  for (std::uint64_t from = 1; from <= versions; ++from) {
    for (std::uint64_t to = 1; to <= versions; ++to) {
      CAPTURE(from);
      CAPTURE(to);
      const auto patch =
          boost::json::parse(read_all(must(doctor.call(records::Diff{.id = record.id, .from = from, .to = to}))));
      auto document = document_of(all[from - 1]);
      apply(document, patch.as_array());
      CHECK(document == document_of(all[to - 1]));
      steps += patch.as_array().size();
      CHECK((from != to || patch.as_array().empty()));
    }
  }
  CHECK(steps > 500);
}
