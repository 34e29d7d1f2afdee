// The fields of payers, coverages and their operations (entities.md, "Coverage").
#pragma once

#include "medflow/payers.hpp"
#include "money/money.fields.hpp"

namespace medflow {

template <>
struct Described<payers::Payer> {
  using T = payers::Payer;
  static constexpr std::string_view name = "Payer";
  static constexpr std::string_view page_name = "PayerPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::code>(3, "code", none,
                      {.max = 40, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."}),
      field<&T::name>(4, "name", none, {.max = 200, .meaning = "Its name."}),
      field<&T::address>(5, "address", none,
                         {.max = 500, .text = TextRule::note, .meaning = "The postal address, in lines."}),
      field<&T::email>(6, "email", none, {.max = 254, .text = TextRule::email, .meaning = "An e-mail address."}),
      field<&T::terms_days>(7, "terms_days", none, {.max = 365, .meaning = "Days until it pays."}),
      field<&T::active>(8, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::created_at>(9, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(10, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(11, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(12, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<payers::List> {
  using T = payers::List;
  static constexpr std::string_view name = "PayersList";
  static constexpr Field fields[] = {
      field<&T::active>(1, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<payers::Get> {
  using T = payers::Get;
  static constexpr std::string_view name = "PayersGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<payers::Create> {
  using T = payers::Create;
  static constexpr std::string_view name = "PayersCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::code>(2, "code", required,
                      {.max = 40, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::address>(4, "address", none,
                         {.max = 500, .text = TextRule::note, .meaning = "The postal address, in lines."}),
      field<&T::email>(5, "email", none, {.max = 254, .text = TextRule::email, .meaning = "An e-mail address."}),
      field<&T::terms_days>(6, "terms_days", none, {.max = 365, .meaning = "Days until it pays."})};
};

template <>
struct Described<payers::Update> {
  using T = payers::Update;
  static constexpr std::string_view name = "PayersUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::address>(4, "address", none,
                         {.max = 500, .text = TextRule::note, .meaning = "The postal address, in lines."}),
      field<&T::email>(5, "email", none, {.max = 254, .text = TextRule::email, .meaning = "An e-mail address."}),
      field<&T::terms_days>(6, "terms_days", none, {.max = 365, .meaning = "Days until it pays."}),
      field<&T::active>(7, "active", none, {.meaning = "Whether it is in use."})};
};

template <>
struct Words<coverages::Relationship> {
  static constexpr std::string_view name = "Relationship";
  static constexpr std::string_view words[] = {"self", "spouse", "child", "parent", "other"};
};

template <>
struct Words<coverages::CoverageStatus> {
  static constexpr std::string_view name = "CoverageStatus";
  static constexpr std::string_view words[] = {"proposed", "active", "ended"};
};

template <>
struct Words<coverages::CopayKind> {
  static constexpr std::string_view name = "CopayKind";
  static constexpr std::string_view words[] = {"none", "fixed", "percent"};
};

template <>
struct Described<coverages::Copay> {
  using T = coverages::Copay;
  static constexpr std::string_view name = "Copay";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", none, {.meaning = "Of what kind it is."}),
      field<&T::value>(2, "value", none,
                       {.max = money_max, .meaning = "Percent: in parts of a million; fixed: in minor units."})};
};

template <>
struct Described<coverages::Limits> {
  using T = coverages::Limits;
  static constexpr std::string_view name = "CoverageLimits";
  static constexpr Field fields[] = {
      field<&T::per_visit>(1, "per_visit", none,
                           {.max = money_max, .meaning = "The most for one invoice, in minor units."}),
      field<&T::per_year>(2, "per_year", none,
                          {.max = money_max, .meaning = "The most in a calendar year, in minor units."})};
};

template <>
struct Described<coverages::Coverage> {
  using T = coverages::Coverage;
  static constexpr std::string_view name = "Coverage";
  static constexpr std::string_view page_name = "CoveragePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::patient_id>(3, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(4, "payer_id", none, {.meaning = "The payer."}),
      field<&T::member_id>(5, "member_id", phi | billing,
                           {.max = 64, .meaning = "The patient's number with the payer."}),
      field<&T::policy_no>(6, "policy_no", phi | billing, {.max = 64, .meaning = "The number of the policy."}),
      field<&T::plan>(7, "plan", none, {.max = 100, .meaning = "The plan."}),
      field<&T::relationship>(8, "relationship", none, {.meaning = "What the patient is to the policy's holder."}),
      field<&T::rank>(9, "rank", none, {.min = 1, .max = 20, .meaning = "Its turn: 1 pays first."}),
      field<&T::valid_from>(10, "valid_from", none, {.meaning = "The first day."}),
      field<&T::valid_to>(11, "valid_to", none, {.meaning = "The last day; none for no end."}),
      field<&T::currency>(12, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::limits>(13, "limits", none, {.meaning = "Up to how much the payer pays."}),
      field<&T::copay>(14, "copay", none, {.meaning = "What the patient pays first of each invoice."}),
      field<&T::deductible>(
          15, "deductible", none,
          {.max = money_max, .meaning = "What the patient pays of a calendar year first, in minor units."}),
      field<&T::deductible_used>(16, "deductible_used", none, {.meaning = "How much of that is used in `used_year`."}),
      field<&T::paid_in_year>(17, "paid_in_year", none,
                              {.meaning = "What was issued to the payer in `used_year` and not taken back."}),
      field<&T::used_year>(18, "used_year", none, {.meaning = "The year of both."}),
      field<&T::status>(19, "status", none, {.meaning = "How far it has come."}),
      field<&T::created_at>(20, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(21, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(22, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(23, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<coverages::List> {
  using T = coverages::List;
  static constexpr std::string_view name = "CoveragesList";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", required, {.meaning = "The patient."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<coverages::Get> {
  using T = coverages::Get;
  static constexpr std::string_view name = "CoveragesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<coverages::Create> {
  using T = coverages::Create;
  static constexpr std::string_view name = "CoveragesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::patient_id>(2, "patient_id", required, {.meaning = "The patient."}),
      field<&T::payer_id>(3, "payer_id", required, {.meaning = "The payer."}),
      field<&T::member_id>(4, "member_id", phi, {.max = 64, .meaning = "The patient's number with the payer."}),
      field<&T::policy_no>(5, "policy_no", phi, {.max = 64, .meaning = "The number of the policy."}),
      field<&T::plan>(6, "plan", none, {.max = 100, .meaning = "The plan."}),
      field<&T::relationship>(7, "relationship", none, {.meaning = "What the patient is to the policy's holder."}),
      field<&T::rank>(8, "rank", none, {.min = 1, .max = 20, .meaning = "Its turn: 1 pays first."}),
      field<&T::valid_from>(9, "valid_from", required, {.meaning = "The first day."}),
      field<&T::valid_to>(10, "valid_to", none, {.meaning = "The last day; none for no end."}),
      field<&T::currency>(11, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::limits>(12, "limits", none, {.meaning = "Up to how much the payer pays."}),
      field<&T::copay>(13, "copay", none, {.meaning = "What the patient pays first of each invoice."}),
      field<&T::deductible>(
          14, "deductible", none,
          {.max = money_max, .meaning = "What the patient pays of a calendar year first, in minor units."})};
};

template <>
struct Described<coverages::Update> {
  using T = coverages::Update;
  static constexpr std::string_view name = "CoveragesUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::member_id>(3, "member_id", phi, {.max = 64, .meaning = "The patient's number with the payer."}),
      field<&T::policy_no>(4, "policy_no", phi, {.max = 64, .meaning = "The number of the policy."}),
      field<&T::plan>(5, "plan", none, {.max = 100, .meaning = "The plan."}),
      field<&T::relationship>(6, "relationship", none, {.meaning = "What the patient is to the policy's holder."}),
      field<&T::rank>(7, "rank", none, {.min = 1, .max = 20, .meaning = "Its turn: 1 pays first."}),
      field<&T::valid_from>(8, "valid_from", required, {.meaning = "The first day."}),
      field<&T::valid_to>(9, "valid_to", none, {.meaning = "The last day; none for no end."}),
      field<&T::limits>(10, "limits", none, {.meaning = "Up to how much the payer pays."}),
      field<&T::copay>(11, "copay", none, {.meaning = "What the patient pays first of each invoice."}),
      field<&T::deductible>(
          12, "deductible", none,
          {.max = money_max, .meaning = "What the patient pays of a calendar year first, in minor units."}),
      field<&T::status>(13, "status", none, {.meaning = "How far it has come; as it is where it is not said."})};
};

}  // namespace medflow
