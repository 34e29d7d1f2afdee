#include "storage/block_codec.hpp"

#include <doctest/doctest.h>

#include <string>

#include "services/services.fields.hpp"
#include "tenants/tenants.fields.hpp"

using namespace medflow;

namespace {

struct Price {
  Money amount{};
};

struct Opening {
  TimeOfDay from{};
  LocalDateTime first{};
};

template <class T>
bool survives(const T& object) {
  std::string block;
  storage::encode_fields(type_of<T>, &object, 0, block);
  T back;
  std::string again;
  if (!storage::decode_fields(type_of<T>, block, &back)) return false;
  storage::encode_fields(type_of<T>, &back, 0, again);
  return again == block;
}

}  // namespace

namespace medflow {
template <>
struct Described<Price> {
  static constexpr std::string_view name = "Price";
  static constexpr Field fields[] = {field<&Price::amount>(1, "amount")};
};
template <>
struct Described<Opening> {
  static constexpr std::string_view name = "Opening";
  static constexpr Field fields[] = {field<&Opening::from>(1, "from"), field<&Opening::first>(2, "first")};
};
}  // namespace medflow

TEST_CASE("SEC-1: a currency that was never set is read as it was stored") {
  CHECK(survives(tenants::Tenant{}));
  CHECK(survives(tenants::Tenant{.currency = *Currency::parse("EUR")}));
  CHECK(survives(Price{}));
  CHECK(survives(Price{.amount = {.minor = -5, .currency = *Currency::parse("JPY")}}));
  Price price;
  CHECK_FALSE(storage::decode_fields(type_of<Price>, "\1\4XQQ\2", &price));
}

TEST_CASE("R2: times of day and local times survive a block, and what no clock shows is refused") {
  for (int minutes = 0; minutes < 24 * 60; minutes += 7) {
    const TimeOfDay time{static_cast<std::uint16_t>(minutes)};
    for (const char* day : {"0001-01-01", "1970-01-01", "2024-02-29", "9999-12-31"}) {
      const Opening opening{.from = time, .first = {.date = *Date::parse(day), .time = time}};
      std::string block;
      storage::encode_fields(type_of<Opening>, &opening, 0, block);
      Opening back;
      REQUIRE(storage::decode_fields(type_of<Opening>, block, &back));
      REQUIRE(back.from == opening.from);
      REQUIRE(back.first == opening.first);
    }
  }
  for (const std::uint16_t minutes : {std::uint16_t{1440}, std::uint16_t{2047}}) {
    Opening back;
    std::string block;
    const TimeOfDay late{minutes};
    storage::encode_value(type_of<TimeOfDay>, &late, block);
    CHECK_FALSE(storage::decode_value(type_of<TimeOfDay>, block, &back.from));
    block.clear();
    const LocalDateTime local{.date = {.year = 2026, .month = 1, .day = 1}, .time = late};
    storage::encode_value(type_of<LocalDateTime>, &local, block);
    CHECK_FALSE(storage::decode_value(type_of<LocalDateTime>, block, &back.first));
    CHECK_FALSE(storage::decode_value(type_of<LocalDateTime>, block + "x", &back.first));
    CHECK_FALSE(storage::decode_value(type_of<TimeOfDay>, "", &back.from));
  }
}

TEST_CASE("PRV-4: a list that begins with items of its own is read as it was stored") {
  CHECK(survives(services::Service{}));
  CHECK(survives(services::Service{.reminders_min = {60}, .resources_needed = {ResourceKind::room}}));
  CHECK(survives(services::Service{.reminders_min = {}, .resources_needed = {}}));
}
