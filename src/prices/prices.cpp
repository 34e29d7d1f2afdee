#include <algorithm>
#include <tuple>

#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "prices/entities.hpp"
#include "prices/lookup.hpp"
#include "storage/block_codec.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::prices {

using kernel::Rows;
using kernel::Work;

namespace {

/// What a caller says of a new item, as bytes, to compare.
std::string said(const Item& item) {
  const Item plain{
      .id = item.id, .code = item.code, .name = item.name, .tax_code = item.tax_code, .category = item.category};
  std::string bytes;
  storage::encode_fields(type_of<Item>, &plain, 0, bytes);
  return bytes;
}

void check_tax_code(Work& work, const std::string& tax_code, kernel::FieldErrors& errors) {
  if (!tax_code.empty() && !is_known_tax_code(work, tax_code))
    errors.add("/tax_code", "tax_code.unknown", "there is no such tax code in use");
}

bool before(const Price& a, const Price& b) {
  return std::tie(a.list, a.currency, a.valid_from) < std::tie(b.list, b.currency, b.valid_from);
}

/// Puts a price behind those of its list, the last of which ends the day before at the latest.
void append(std::vector<Price>& prices, Price price) {
  const auto behind = std::upper_bound(prices.begin(), prices.end(), price, before);
  if (behind != prices.begin()) {
    Price& last = *std::prev(behind);
    const bool of_list = last.list == price.list && last.currency == price.currency;
    if (of_list && (!last.valid_to || price.valid_from <= *last.valid_to))
      last.valid_to = Date::from_days(price.valid_from.days() - 1);
  }
  prices.insert(behind, std::move(price));
}

}  // namespace

Page<Item> handle(Work& work, const List& request) {
  std::string query = request.active ? (*request.active ? "+" : "-") : "";
  query.append("\n").append(request.category);
  return kernel::page_by_id<Item>(work, request.limit, request.cursor, query, [&](const Item& item) {
    return (!request.active || item.active == *request.active) &&
           (request.category.empty() || item.category == request.category);
  });
}

Item handle(Work& work, const Get& request) { return Rows<Item>(work).get(request.id); }

Item handle(Work& work, const Create& request) {
  Rows<Item> rows(work);
  Item item{.id = request.id ? *request.id : work.make_id<PriceItemId>(),
            .code = request.code,
            .name = request.name,
            .tax_code = request.tax_code,
            .category = request.category};
  std::optional<Item> there;
  if (request.id) {
    work.about(request.id->uuid);
    there = rows.find(*request.id);
    if (there && said(*there) == said(item)) return *there;
  }
  kernel::FieldErrors errors;
  check_tax_code(work, item.tax_code, errors);
  errors.refuse();
  if (there) throw Failure(codes::id_reused);
  rows.insert(item);
  return item;
}

Item handle(Work& work, const Update& request) {
  Rows<Item> rows(work);
  Item item = rows.get(request.id);
  kernel::FieldErrors errors;
  // One that has gone out of use since stays where it is.
  if (item.tax_code != request.tax_code) check_tax_code(work, request.tax_code, errors);
  errors.refuse();
  item.name = request.name;
  item.tax_code = request.tax_code;
  item.category = request.category;
  if (request.active) item.active = *request.active;
  rows.update(item, request.revision);
  return item;
}

Item handle(Work& work, const SetPrice& request) {
  constexpr std::size_t prices_max = 1'000;
  Rows<Item> rows(work);
  Item item = rows.get(request.id);
  kernel::FieldErrors errors;
  if (request.valid_to && *request.valid_to < request.valid_from)
    errors.add("/valid_to", "date.order", "the last day is before the first");
  if (item.prices.size() >= prices_max) errors.add("", "list.too_long", "an item has at most 1,000 prices");
  errors.refuse();
  Price price{.list = request.list.empty() ? tenants::settings_in_force(work).price_list : request.list,
              .currency = request.currency.value_or(work.store().currency()),
              .price_micro = request.price_micro,
              .valid_from = request.valid_from,
              .valid_to = request.valid_to};
  const bool is_last = std::all_of(item.prices.begin(), item.prices.end(), [&](const Price& other) {
    return other.list != price.list || other.currency != price.currency || other.valid_from < price.valid_from;
  });
  if (!is_last) throw Failure(history);
  append(item.prices, std::move(price));
  rows.update(item, request.revision);
  return item;
}

}  // namespace medflow::inline v1::prices

MEDFLOW_HANDLE(medflow::prices::List);
MEDFLOW_HANDLE(medflow::prices::Get);
MEDFLOW_HANDLE(medflow::prices::Create);
MEDFLOW_HANDLE(medflow::prices::Update);
MEDFLOW_HANDLE(medflow::prices::SetPrice);
