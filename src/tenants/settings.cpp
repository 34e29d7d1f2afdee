#include <algorithm>

#include "documents/types/family.hpp"
#include "kernel/expected.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "tenants/entities.hpp"
#include "tenants/facts.hpp"
#include "text/phone.hpp"
#include "users/session_rows.hpp"

namespace medflow::inline v1::settings {

using kernel::FieldErrors;
using kernel::Rows;
using kernel::Work;

namespace {

/// Series are told apart by what their numbers begin with: no two share a prefix, of whatever they are.
class Prefixes {
 public:
  explicit Prefixes(FieldErrors& errors) : errors_(errors) {}
  void take(std::string pointer, std::string_view prefix) {
    if (std::find(taken_.begin(), taken_.end(), prefix) != taken_.end())
      errors_.add(std::move(pointer), "prefix.taken", "another series has this prefix");
    taken_.push_back(prefix);
  }

 private:
  FieldErrors& errors_;
  std::vector<std::string_view> taken_{"IMP"};  // of what was imported
};

void require_sound_series(Work& work, const Settings& settings) {
  FieldErrors errors;
  Prefixes prefixes(errors);
  prefixes.take("/invoice_prefix", settings.invoice_prefix);
  prefixes.take("/credit_note_prefix", settings.credit_note_prefix);
  std::vector<FacilityId> named;
  for (std::size_t i = 0; i < settings.facility_prefixes.size(); ++i) {
    const FacilityPrefix& own = settings.facility_prefixes[i];
    const auto at = [&](std::string_view member) { return kernel::item_pointer("/facility_prefixes", i, member); };
    if (tenants::facility_of(work, own.facility_id) == nullptr)
      errors.add(at("facility_id"), "facility.unknown", "there is no such facility");
    if (std::find(named.begin(), named.end(), own.facility_id) != named.end())
      errors.add(at("facility_id"), "facility.repeated", "the facility is named twice");
    named.push_back(own.facility_id);
    prefixes.take(at("invoice_prefix"), own.invoice_prefix);
    prefixes.take(at("credit_note_prefix"), own.credit_note_prefix);
  }
  errors.refuse();
}

void require_sound(Work& work, const Settings& settings) {
  if (settings.patient_idle_s != 0 && settings.patient_idle_s < 60)
    throw Failure(codes::invalid, "/patient_idle_s", "number.out_of_range", "0, or at least 60");
  if (!settings.country.empty() && !text::has_phone_plan(settings.country))
    throw Failure(codes::invalid, "/country", "format.country", "two upper-case letters (ISO 3166-1 alpha-2)");
  require_sound_series(work, settings);
}

/// Of other endings nobody knows what should lie behind them: no file could have one and be taken.
void require_known_types(const std::vector<std::string>& endings) {
  FieldErrors errors;
  for (std::size_t i = 0; i < endings.size(); ++i)
    if (!documents::types::family_of_ending(endings[i]))
      errors.add(kernel::item_pointer("/file_types", i), "enum.unknown", "no files of this type are known");
  errors.refuse();
}

}  // namespace

Settings current(Work& work) {
  if (work.store().realm() == Realm::platform) return {};  // it has no settings of its own: the defaults go
  auto row = Rows<SettingsRow>(work).find(current_id);
  if (!row) return {};
  row->settings.revision = row->revision;
  return row->settings;
}

Settings handle(Work& work, const Get&) {
  work.about(current_id.uuid);
  return current(work);
}

Settings handle(Work& work, const Update& request) {
  Rows<SettingsRow> rows(work);
  kernel::require_named(request.revision);
  work.about(current_id.uuid);
  SettingsRow row{.id = current_id};
  auto there = rows.find(current_id);
  if (there) row = *there;
  if (row.revision != *request.revision) {
    Error error{.code = codes::revision};
    error.revision = row.revision;
    throw Failure(std::move(error));
  }
  Settings& settings = row.settings;
  const auto apply = [](auto& member, const auto& change) {
    if (change.sets()) member = change.value();
    if (change.removes()) member = {};
  };
  if (request.mrn_strategy.removes() || request.mrn_prefix.removes() || request.self_registration.removes() ||
      request.staff_idle_s.removes() || request.patient_idle_s.removes() || request.staff_session_s.removes() ||
      request.patient_session_s.removes() || request.no_show_block.removes() || request.macros_allowed.removes() ||
      request.patient_files_max.removes() || request.files_bytes_max.removes() ||
      request.user_files_bytes_max.removes() || request.fiscal_year_start_month.removes() ||
      request.invoice_prefix.removes() || request.credit_note_prefix.removes() || request.money_rounding.removes() ||
      request.cash_rounding.removes() || request.tax_mode.removes() || request.payment_terms_days.removes() ||
      request.price_list.removes())
    throw Failure(codes::invalid, "", "setting.not_removable", "a setting that has a value is changed, not removed");
  apply(settings.mrn_strategy, request.mrn_strategy);
  apply(settings.mrn_prefix, request.mrn_prefix);
  apply(settings.self_registration, request.self_registration);
  apply(settings.trusted_issuers, request.trusted_issuers);
  apply(settings.staff_idle_s, request.staff_idle_s);
  apply(settings.patient_idle_s, request.patient_idle_s);
  apply(settings.staff_session_s, request.staff_session_s);
  apply(settings.patient_session_s, request.patient_session_s);
  apply(settings.country, request.country);
  apply(settings.no_show_block, request.no_show_block);
  if (request.record_release_h.sets()) settings.record_release_h = request.record_release_h.value();
  if (request.record_release_h.removes()) settings.record_release_h.reset();
  if (request.file_size_max.sets()) settings.file_size_max = request.file_size_max.value();
  if (request.file_size_max.removes()) settings.file_size_max.reset();
  if (request.file_types.sets()) require_known_types(request.file_types.value());
  apply(settings.file_types, request.file_types);
  apply(settings.macros_allowed, request.macros_allowed);
  apply(settings.patient_files_max, request.patient_files_max);
  apply(settings.files_bytes_max, request.files_bytes_max);
  apply(settings.user_files_bytes_max, request.user_files_bytes_max);
  apply(settings.fiscal_year_start_month, request.fiscal_year_start_month);
  apply(settings.invoice_prefix, request.invoice_prefix);
  apply(settings.credit_note_prefix, request.credit_note_prefix);
  apply(settings.facility_prefixes, request.facility_prefixes);
  apply(settings.money_rounding, request.money_rounding);
  apply(settings.cash_rounding, request.cash_rounding);
  apply(settings.tax_mode, request.tax_mode);
  apply(settings.payment_terms_days, request.payment_terms_days);
  apply(settings.price_list, request.price_list);
  apply(settings.dunning_days, request.dunning_days);
  require_sound(work, settings);
  settings.revision = row.revision + 1;
  settings.updated_at = work.now();
  settings.updated_by = work.actor().user;
  if (there) {
    rows.update(row, row.revision);
  } else {
    rows.insert(row);
  }
  PastSettings past{.id = work.make_id<SettingsId>(), .settings = settings};
  Rows<PastSettings>(work).insert(past);
  users::settings_changed(work, settings);
  return settings;
}

Page<Settings> handle(Work& work, const History& request) {
  auto past = kernel::page_by_id<PastSettings>(work, request.limit, request.cursor, "",
                                               [](const PastSettings&) { return true; }, {.backwards = true});
  Page<Settings> page{.page = std::move(past.page)};
  for (PastSettings& row : past.data) page.data.push_back(std::move(row.settings));
  return page;
}

}  // namespace medflow::inline v1::settings

MEDFLOW_HANDLE(medflow::settings::Get);
MEDFLOW_HANDLE(medflow::settings::Update);
MEDFLOW_HANDLE(medflow::settings::History);
