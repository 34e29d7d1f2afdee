#include "doctors/doctors.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/lists.hpp"
#include "kernel/paging.hpp"
#include "prices/entities.hpp"
#include "services/services.hpp"
#include "storage/block_codec.hpp"

namespace medflow::inline v1::fee_rules {

using kernel::FieldErrors;
using kernel::item_pointer;
using kernel::Rows;
using kernel::Work;

namespace {

/// The content as bytes, to compare.
std::string content_of(FeeRule rule) {
  rule.revision = 0;
  rule.created_at = rule.updated_at = {};
  rule.created_by = rule.updated_by = {};
  std::string bytes;
  storage::encode_fields(type_of<FeeRule>, &rule, 0, bytes);
  return bytes;
}

void check_days(const FeeRule& rule, FieldErrors& errors) {
  if (rule.valid_from && rule.valid_to && *rule.valid_to < *rule.valid_from)
    errors.add("/valid_to", "date.order", "the last day is before the first");
}

void check(Work& work, const FeeRule& rule, const Create& request, FieldErrors& errors) {
  for (std::size_t i = 0; i < request.service_ids.size(); ++i)
    if (services::service_of(work, request.service_ids[i]) == nullptr)
      errors.add(item_pointer("/service_ids", i), "service.unknown", "there is no such service");
  for (std::size_t i = 0; i < request.practitioner_ids.size(); ++i)
    if (doctors::doctor_of(work, request.practitioner_ids[i]) == nullptr)
      errors.add(item_pointer("/practitioner_ids", i), "resource.unknown", "there is no such doctor");
  if (rule.kind == RuleKind::follow_up && rule.days == 0) errors.add("/days", "required", "say within how many days");
  if (rule.kind == RuleKind::exemption && !rule.age_from && !rule.age_below)
    errors.add("/age_from", "required", "say from which age, or below which");
  if (rule.age_from && rule.age_below && *rule.age_below <= *rule.age_from)
    errors.add("/age_below", "age.order", "nobody is of such an age");
  check_days(rule, errors);
}

}  // namespace

Page<FeeRule> handle(Work& work, const List& request) {
  const std::string_view query = request.active ? (*request.active ? "+" : "-") : "";
  return kernel::page_by_id<FeeRule>(work, request.limit, request.cursor, query, [&](const FeeRule& rule) {
    return !request.active || rule.active == *request.active;
  });
}

FeeRule handle(Work& work, const Create& request) {
  Rows<FeeRule> rows(work);
  FeeRule rule{.id = request.id ? *request.id : work.make_id<FeeRuleId>(),
               .name = request.name,
               .kind = request.kind,
               .service_ids = kernel::without_repeats(request.service_ids),
               .practitioner_ids = kernel::without_repeats(request.practitioner_ids),
               .visits = request.visits,
               .days = request.days,
               .age_from = request.age_from,
               .age_below = request.age_below,
               .percent_micro = request.percent_micro,
               .valid_from = request.valid_from,
               .valid_to = request.valid_to};
  std::optional<FeeRule> there;
  if (request.id) {
    work.about(request.id->uuid);
    there = rows.find(*request.id);
    if (there && content_of(*there) == content_of(rule)) return *there;
  }
  FieldErrors errors;
  check(work, rule, request, errors);
  errors.refuse();
  if (there) throw Failure(codes::id_reused);
  rows.insert(rule);
  return rule;
}

FeeRule handle(Work& work, const Update& request) {
  Rows<FeeRule> rows(work);
  FeeRule rule = rows.get(request.id);
  rule.name = request.name;
  rule.valid_to = request.valid_to;
  if (request.active) rule.active = *request.active;
  FieldErrors errors;
  check_days(rule, errors);
  errors.refuse();
  rows.update(rule, request.revision);
  return rule;
}

}  // namespace medflow::inline v1::fee_rules

MEDFLOW_HANDLE(medflow::fee_rules::List);
MEDFLOW_HANDLE(medflow::fee_rules::Create);
MEDFLOW_HANDLE(medflow::fee_rules::Update);
