#include "records/content.hpp"

#include <algorithm>
#include <array>

#include "records/canonical.hpp"
#include "records/records.fields.hpp"
#include "records/units.hpp"

namespace medflow::inline v1::records {
namespace {

using kernel::FieldErrors;
using kernel::item_pointer;

constexpr std::int64_t one = 1'000'000;

/// A unit in which a sign may be measured: `value * times / over + plus`, in millionths, is it in the sign's own unit.
struct UnitOf {
  std::string_view unit{};
  std::int64_t times = 1;
  std::int64_t over = 1;
  std::int64_t before = 0;  ///< added first
};

struct Limits {
  std::string_view unit{};  ///< the sign's own
  std::int64_t min = 0;     ///< what can be, in millionths
  std::int64_t max = 0;
  std::int64_t plausible_min = 0;
  std::int64_t plausible_max = 0;
  std::array<UnitOf, 3> units{};
};

constexpr std::array<UnitOf, 3> per_minute = {UnitOf{"/min"}, UnitOf{"{beats}/min"}, UnitOf{"{breaths}/min"}};
constexpr std::array<UnitOf, 3> pressure = {UnitOf{"mm[Hg]"}, UnitOf{"kPa", 7'500'617, 1'000'000}, UnitOf{}};
constexpr std::array<UnitOf, 3> length = {UnitOf{"cm"}, UnitOf{"m", 100, 1}, UnitOf{"[in_i]", 254, 100}};

/// By VitalSign. What cannot be is from REC-7 where it says so; the rest is what no living person has.
constexpr Limits limits[] = {
    {"Cel", 25 * one, 46 * one, 34 * one, 42 * one, {UnitOf{"Cel"}, UnitOf{"[degF]", 5, 9, -32 * one}, UnitOf{}}},
    {"/min", 0, 400 * one, 30 * one, 220 * one, per_minute},
    {"/min", 0, 150 * one, 5 * one, 60 * one, per_minute},
    {"mm[Hg]", 30 * one, 350 * one, 70 * one, 250 * one, pressure},
    {"mm[Hg]", 10 * one, 250 * one, 30 * one, 150 * one, pressure},
    {"%", 0, 100 * one, 70 * one, 100 * one, {UnitOf{"%"}, UnitOf{}, UnitOf{}}},
    {"kg",
     one / 5,
     700 * one,
     one / 2,
     300 * one,
     {UnitOf{"kg"}, UnitOf{"g", 1, 1000}, UnitOf{"[lb_av]", 45'359'237, 100'000'000}}},
    {"cm", 10 * one, 300 * one, 30 * one, 230 * one, length},
    {"kg/m2", 0, 0, 0, 0, {}},
    {"cm", 10 * one, 100 * one, 25 * one, 65 * one, length},
};

const Limits& limits_of(VitalSign sign) { return limits[static_cast<std::size_t>(sign)]; }

/// In millionths of the sign's own unit; none where the unit is none of its units or the value no decimal.
std::optional<std::int64_t> own_value(const Measurement& measurement) {
  const auto value = parse_micro(measurement.quantity.value);
  const auto& units = limits_of(measurement.sign).units;
  const auto unit = std::find_if(units.begin(), units.end(), [&](const UnitOf& each) {
    return !each.unit.empty() && each.unit == measurement.quantity.unit;
  });
  if (!value || unit == units.end()) return std::nullopt;
  __extension__ using Wide = __int128;
  const Wide wide = (static_cast<Wide>(*value) + unit->before) * unit->times / unit->over;
  return static_cast<std::int64_t>(std::clamp<Wide>(wide, INT64_MIN, INT64_MAX));
}

const Measurement* find(const Vitals& vitals, VitalSign sign) {
  const auto found = std::find_if(vitals.measurements.begin(), vitals.measurements.end(),
                                  [&](const Measurement& each) { return each.sign == sign; });
  return found == vitals.measurements.end() ? nullptr : &*found;
}

/// The earlier of two dates as far as both are known is not the second one.
bool is_after(const PartialDate& a, const PartialDate& b) {
  const std::string x = a.text();
  const std::string y = b.text();
  const std::size_t shared = std::min(x.size(), y.size());
  return x.compare(0, shared, y, 0, shared) > 0;
}

class Check {
 public:
  explicit Check(FieldErrors& errors) : errors_(errors) {}

  void all(RecordKind kind, const RecordContent& content) {
    members(kind, content);
    if (kind != RecordKind::vital && kind != RecordKind::lab_result && kind != RecordKind::dispense && !content.code &&
        content.title.empty() && !(content.lab_order && !content.lab_order->tests.empty()))
      errors_.add("/content/title", "required", "say what it is about, by a code or a title");
    for (const PlacedCoding& each : codings_in(content)) coding(*each.coding, each.pointer);
    if (content.note) required(content.note->text, "/content/note/text");
    if (content.condition) condition(*content.condition);
    if (content.medication_order) order(*content.medication_order);
    if (content.dispense) quantity(content.dispense->quantity, "/content/dispense/quantity", true);
    if (content.immunization && content.immunization->dose)
      quantity(*content.immunization->dose, "/content/immunization/dose", true);
    if (content.vital) vitals(*content.vital);
    if (content.lab_result) results(*content.lab_result);
    std::string text;
    append_canonical(type_of<RecordContent>, &content, text);
    if (text.size() > content_bytes_max) errors_.add("/content", "record.too_large", "a record is at most 256 KiB");
  }

 private:
  void members(RecordKind kind, const RecordContent& content) {
    const Type& type = type_of<RecordContent>;
    const std::string_view wanted = type_of<RecordKind>.words[static_cast<std::size_t>(kind)];
    for (const Field& field : type.fields) {
      const auto& words = type_of<RecordKind>.words;
      if (std::find(words.begin(), words.end(), field.name) == words.end()) continue;
      const bool there = field.type->has(field.at_const(&content));
      const std::string pointer = "/content/" + std::string(field.name);
      if (field.name == wanted && !there) errors_.add(pointer, "required", "a record of this kind says this");
      if (field.name != wanted && there)
        errors_.add(pointer, "record.member", "a record of this kind does not say this");
    }
  }

  void required(const std::string& text, std::string pointer) {
    if (text.empty()) errors_.add(std::move(pointer), "required", "say something");
  }

  void coding(const Coding& coding, const std::string& pointer) {
    if (coding.code.empty() && coding.display.empty())
      errors_.add(pointer, "required", "give a code, or at least what it means");
    if (!coding.code.empty() && coding.system.empty())
      errors_.add(pointer + "/system", "required", "say of which code system the code is");
    if (coding.code.empty() && !coding.system.empty())
      errors_.add(pointer + "/code", "required", "give the code of that system");
    if (!coding.system.empty() && (coding.system.find(':') == std::string::npos || coding.system.front() == ':'))
      errors_.add(pointer + "/system", "format.uri", "an absolute URI");
  }

  /// Whether the value can be read.
  bool quantity(const Quantity& quantity, const std::string& pointer, bool positive) {
    const auto value = parse_micro(quantity.value);
    if (!value)
      errors_.add(pointer + "/value", "format.decimal", "a decimal of up to 12 digits before and 6 behind the point");
    if (value && positive && *value <= 0) errors_.add(pointer + "/value", "number.out_of_range", "more than 0");
    if (!quantity.unit.empty() && !is_ucum(quantity.unit))
      errors_.add(pointer + "/unit", "unit.unknown", "no unit of UCUM");
    return value.has_value();
  }

  void condition(const Condition& condition) {
    if (condition.onset && condition.abatement && is_after(*condition.onset, *condition.abatement))
      errors_.add("/content/condition/abatement", "time.order", "it ends before it begins");
  }

  void order(const MedicationOrder& order) {
    if (order.dose) quantity(*order.dose, "/content/medication_order/dose", true);
    if (order.begins && order.ends && *order.ends < *order.begins)
      errors_.add("/content/medication_order/ends", "time.order", "it ends before it begins");
  }

  void vitals(const Vitals& vitals) {
    if (vitals.measurements.empty()) errors_.add("/content/vital/measurements", "required", "say what was measured");
    for (std::size_t i = 0; i < vitals.measurements.size(); ++i) {
      const Measurement& each = vitals.measurements[i];
      const std::string pointer = item_pointer("/content/vital/measurements", i);
      if (find(vitals, each.sign) != &each) errors_.add(pointer + "/sign", "vital.repeated", "each sign once");
      if (each.derived) continue;  // as it was read; computed anew
      if (each.sign == VitalSign::body_mass_index) {
        errors_.add(pointer, "vital.derived", "it is computed of weight and height");
        continue;
      }
      if (!quantity(each.quantity, pointer + "/quantity", false)) continue;
      const Limits& range = limits_of(each.sign);
      const auto value = own_value(each);
      if (!value) {
        errors_.add(pointer + "/quantity/unit", "unit.unknown",
                    "not a unit of this sign; its own is " + std::string(range.unit));
      } else if (*value < range.min || *value > range.max) {
        errors_.add(
            pointer + "/quantity/value", "vital.impossible",
            "outside " + micro_text(range.min) + " to " + micro_text(range.max) + ' ' + std::string(range.unit));
      }
    }
    const Measurement* systolic = find(vitals, VitalSign::systolic_pressure);
    const Measurement* diastolic = find(vitals, VitalSign::diastolic_pressure);
    if (systolic == nullptr || diastolic == nullptr) return;
    const auto above = own_value(*systolic);
    const auto below = own_value(*diastolic);
    if (above && below && *below > *above)
      errors_.add("/content/vital/measurements", "vital.impossible",
                  "the diastolic pressure is above the systolic one");
  }

  void results(const LabResult& result) {
    if (result.observations.empty() && result.conclusion.empty())
      errors_.add("/content/lab_result/observations", "required", "say what was found");
    for (std::size_t i = 0; i < result.observations.size(); ++i) {
      const Observation& each = result.observations[i];
      const std::string pointer = item_pointer("/content/lab_result/observations", i);
      const int values = (each.quantity ? 1 : 0) + (each.text.empty() ? 0 : 1) + (each.coded ? 1 : 0);
      if (values != 1) errors_.add(pointer, "observation.value", "one of quantity, text and coded");
      if (each.quantity) quantity(*each.quantity, pointer + "/quantity", false);
    }
  }

  FieldErrors& errors_;
};

/// weight / height², rounded half up to a tenth; none where one of them is missing.
std::optional<Measurement> body_mass_index(const Vitals& vitals) {
  const Measurement* weight = find(vitals, VitalSign::body_weight);
  const Measurement* height = find(vitals, VitalSign::body_height);
  if (weight == nullptr || height == nullptr) return std::nullopt;
  const auto kilograms = own_value(*weight);
  const auto centimetres = own_value(*height);
  if (!kilograms || !centimetres || *centimetres <= 0) return std::nullopt;
  // Tenths of kg/m²: w·10⁻⁶ / (h·10⁻⁸)² · 10 = w · 10¹¹ / h².
  __extension__ using Wide = __int128;
  const Wide square = static_cast<Wide>(*centimetres) * *centimetres;
  const Wide tenths = (static_cast<Wide>(*kilograms) * 100'000'000'000 * 2 + square) / (2 * square);
  return Measurement{.sign = VitalSign::body_mass_index,
                     .quantity = {.value = micro_text(static_cast<std::int64_t>(tenths) * (one / 10)), .unit = "kg/m2"},
                     .derived = true};
}

}  // namespace

std::vector<PlacedCoding> codings_in(const RecordContent& content) {
  std::vector<PlacedCoding> all;
  const auto add = [&](const Coding& coding, std::string pointer) {
    all.push_back({.coding = &coding, .pointer = "/content/" + std::move(pointer)});
  };
  const auto add_list = [&](const std::vector<Coding>& codings, std::string_view list) {
    for (std::size_t i = 0; i < codings.size(); ++i) add(codings[i], item_pointer(list, i));
  };
  if (content.code) add(*content.code, "code");
  if (content.allergy)
    for (std::size_t i = 0; i < content.allergy->reactions.size(); ++i)
      add(content.allergy->reactions[i].manifestation, item_pointer("allergy/reactions", i, "manifestation"));
  if (content.medication_order) add_list(content.medication_order->reasons, "medication_order/reasons");
  if (content.lab_order) add_list(content.lab_order->tests, "lab_order/tests");
  if (content.lab_result)
    for (std::size_t i = 0; i < content.lab_result->observations.size(); ++i) {
      const Observation& each = content.lab_result->observations[i];
      add(each.code, item_pointer("lab_result/observations", i, "code"));
      if (each.coded) add(*each.coded, item_pointer("lab_result/observations", i, "coded"));
    }
  if (content.procedure) add_list(content.procedure->reasons, "procedure/reasons");
  if (content.referral) add_list(content.referral->reasons, "referral/reasons");
  return all;
}

void check_content(RecordKind kind, const RecordContent& content, FieldErrors& errors) {
  Check(errors).all(kind, content);
}

void complete_content(RecordContent& content, std::vector<Finding>& findings) {
  if (!content.vital) return;
  auto& measurements = content.vital->measurements;
  std::erase_if(measurements, [](const Measurement& each) { return each.derived; });
  for (std::size_t i = 0; i < measurements.size(); ++i) {
    const Limits& range = limits_of(measurements[i].sign);
    const auto value = own_value(measurements[i]);
    if (value && (*value < range.plausible_min || *value > range.plausible_max))
      findings.push_back({.kind = FindingKind::plausibility,
                          .pointer = item_pointer("/content/vital/measurements", i, "quantity/value")});
  }
  if (auto index = body_mass_index(*content.vital)) measurements.push_back(std::move(*index));
}

}  // namespace medflow::inline v1::records
