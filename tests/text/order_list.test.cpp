#include "text/order_list.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using medflow::text::OrderList;

namespace {

/// Numbers are ordered by a value each; checks the list against a sorted vector.
struct Model {
  OrderList list{};
  std::vector<int> values{};            // by number
  std::vector<OrderList::Number> in{};  // sorted by value

  void insert(int value) {
    const auto number = static_cast<OrderList::Number>(values.size());
    values.push_back(value);
    const auto before = [&](OrderList::Number other) { return values[other] < value; };
    list.insert(number, before);
    in.insert(std::partition_point(in.begin(), in.end(), before), number);
  }

  void check() const {
    std::vector<OrderList::Number> walked;
    list.walk(OrderList::begin_label, OrderList::end_label, [&](OrderList::Number number) {
      walked.push_back(number);
      return true;
    });
    REQUIRE(walked == in);
    for (std::size_t i = 1; i < in.size(); ++i) REQUIRE(list.label(in[i - 1]) < list.label(in[i]));
    if (!in.empty()) REQUIRE(list.label(in.front()) > OrderList::begin_label);
    if (!in.empty()) REQUIRE(list.label(in.back()) < OrderList::end_label);
  }
};

}  // namespace

TEST_CASE("R5: labels keep the order however the numbers arrive") {
  Model up;
  Model down;
  Model same_place;
  for (int i = 0; i < 20'000; ++i) {
    up.insert(i);
    down.insert(-i);
    same_place.insert(i % 2 == 0 ? i : 1'000'000 - i);  // always into the same gap
  }
  up.check();
  down.check();
  same_place.check();
}

TEST_CASE("R5: the list holds what was inserted and not erased") {
  std::mt19937 random(1);
  Model model;
  for (int round = 0; round < 5'000; ++round) {
    if (model.in.empty() || random() % 5 < 3) {
      model.insert(static_cast<int>(random() % 100'000'000));
    } else {
      const auto at = model.in.begin() + static_cast<std::ptrdiff_t>(random() % model.in.size());
      model.list.erase(*at);
      model.in.erase(at);
    }
    if (round % 500 == 0) model.check();
  }
  model.check();
  while (!model.in.empty()) {
    model.list.erase(model.in.back());
    model.in.pop_back();
  }
  model.check();
  model.insert(4);
  model.check();
}

TEST_CASE("R5: a place is the label of the first number that is not before it") {
  Model model;
  for (int i = 0; i < 3'000; ++i) model.insert(i * 10);
  const auto bound = [&](int value) {
    return model.list.lower_bound([&](OrderList::Number other) { return model.values[other] < value; });
  };
  for (int value = -5; value <= 29'990; value += 7) {
    const auto expected = static_cast<OrderList::Number>(std::max(0, (value + 9) / 10));
    REQUIRE(bound(value) == model.list.label(expected));
  }
  CHECK(bound(29'991) == OrderList::end_label);
  CHECK(OrderList{}.lower_bound([](OrderList::Number) { return true; }) == OrderList::end_label);
}
