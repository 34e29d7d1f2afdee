#include <algorithm>

#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "prices/entities.hpp"
#include "storage/block_codec.hpp"

namespace medflow::inline v1::tax_codes {

using kernel::Rows;
using kernel::Work;

namespace {

/// What a caller says of a new one, as bytes, to compare.
std::string said(const TaxCode& tax_code) {
  const TaxCode plain{.id = tax_code.id, .code = tax_code.code, .name = tax_code.name, .rates = tax_code.rates};
  std::string bytes;
  storage::encode_fields(type_of<TaxCode>, &plain, 0, bytes);
  return bytes;
}

std::vector<Rate> by_day(std::vector<Rate> rates) {
  std::stable_sort(rates.begin(), rates.end(),
                   [](const Rate& a, const Rate& b) { return a.valid_from < b.valid_from; });
  return rates;
}

kernel::FieldErrors errors_of(const std::vector<Rate>& rates) {
  kernel::FieldErrors errors;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const bool repeats = std::any_of(rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const Rate& other) { return other.valid_from == rates[i].valid_from; });
    if (repeats)
      errors.add(kernel::item_pointer("/rates", i, "valid_from"), "rate.repeated", "another rate is from this day");
  }
  return errors;
}

/// Of rates in order, those that hold or held on a day.
std::vector<Rate> until(const std::vector<Rate>& rates, Date day) {
  std::vector<Rate> held;
  for (const Rate& rate : rates)
    if (rate.valid_from <= day) held.push_back(rate);
  return held;
}

bool same(const std::vector<Rate>& one, const std::vector<Rate>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](const Rate& a, const Rate& b) {
    return a.valid_from == b.valid_from && a.rate_micro == b.rate_micro;
  });
}

}  // namespace

Page<TaxCode> handle(Work& work, const List& request) {
  const std::string_view query = request.active ? (*request.active ? "+" : "-") : "";
  return kernel::page_by_id<TaxCode>(work, request.limit, request.cursor, query, [&](const TaxCode& tax_code) {
    return !request.active || tax_code.active == *request.active;
  });
}

TaxCode handle(Work& work, const Create& request) {
  errors_of(request.rates).refuse();
  Rows<TaxCode> rows(work);
  TaxCode tax_code{.id = request.id ? *request.id : work.make_id<TaxCodeId>(),
                   .code = request.code,
                   .name = request.name,
                   .rates = by_day(request.rates)};
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      if (said(*there) == said(tax_code)) return *there;
      throw Failure(codes::id_reused);
    }
  }
  rows.insert(tax_code);
  return tax_code;
}

TaxCode handle(Work& work, const Update& request) {
  Rows<TaxCode> rows(work);
  TaxCode tax_code = rows.get(request.id);
  errors_of(request.rates).refuse();
  const Date today = date_in(work.store().zone(), work.now());
  std::vector<Rate> rates = by_day(request.rates);
  if (!same(until(tax_code.rates, today), until(rates, today))) throw Failure(history);
  tax_code.name = request.name;
  tax_code.rates = std::move(rates);
  if (request.active) tax_code.active = *request.active;
  rows.update(tax_code, request.revision);
  return tax_code;
}

}  // namespace medflow::inline v1::tax_codes

MEDFLOW_HANDLE(medflow::tax_codes::List);
MEDFLOW_HANDLE(medflow::tax_codes::Create);
MEDFLOW_HANDLE(medflow::tax_codes::Update);
