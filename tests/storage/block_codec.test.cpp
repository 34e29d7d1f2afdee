#include "storage/block_codec.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tenants/tenants.fields.hpp"

using namespace medflow;

namespace {

struct Price {
  Money amount{};
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
}  // namespace medflow

TEST_CASE("SEC-1: a currency that was never set is read as it was stored") {
  CHECK(survives(tenants::Tenant{}));
  CHECK(survives(tenants::Tenant{.currency = *Currency::parse("EUR")}));
  CHECK(survives(Price{}));
  CHECK(survives(Price{.amount = {.minor = -5, .currency = *Currency::parse("JPY")}}));
  Price price;
  CHECK_FALSE(storage::decode_fields(type_of<Price>, "\1\4XQQ\2", &price));
}
