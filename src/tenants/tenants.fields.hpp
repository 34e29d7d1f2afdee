// The fields of tenants and settings, and of their operations (entities.md, "Tenant").
#pragma once

#include "facilities/facilities.fields.hpp"
#include "medflow/fields.hpp"
#include "medflow/tenants.hpp"
#include "money/money.fields.hpp"

namespace medflow::inline v1::tenants::rule {

inline constexpr Rules id{.meaning = "The tenant's id."};
inline constexpr Rules slug{.min = 3,
                            .max = 40,
                            .text = TextRule::slug,
                            .meaning = "Names the tenant before a session: a to z, 0 to 9 and hyphens."};
inline constexpr Rules name{.max = 200, .meaning = "The name of the hospital."};
inline constexpr Rules default_zone{.meaning = "The time zone of facilities that say nothing else."};
inline constexpr Rules currency{.meaning = "The currency of its bills (ISO 4217)."};
inline constexpr Rules locale{
    .max = 35, .text = TextRule::ascii, .meaning = "The language and region of its texts (BCP 47)."};
inline constexpr Rules placement{
    .max = 40, .text = TextRule::slug, .meaning = "Where its store lies: a name of the platform's settings."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};

}  // namespace medflow::inline v1::tenants::rule

namespace medflow::inline v1::settings::rule {

inline constexpr Rules mrn_strategy{.meaning = "How record numbers are made."};
inline constexpr Rules mrn_prefix{.max = 10, .text = TextRule::ascii, .meaning = "What record numbers begin with."};
inline constexpr Rules self_registration{.meaning = "Whether patients may register themselves without an invitation."};
inline constexpr Rules trusted_issuers{.items_max = 50,
                                       .item_text_max = 255,
                                       .text = TextRule::ascii,
                                       .meaning = "Issuers whose identities a host may vouch for."};

// A session lasts from a minute to 90 days; no limit at all is for patients' idle time only.
inline constexpr std::int64_t session_s_max = 90LL * 24 * 60 * 60;
inline constexpr Rules staff_idle_s{
    .min = 60, .max = session_s_max, .meaning = "Seconds without a call after which a session of staff ends."};
inline constexpr Rules patient_idle_s{.max = session_s_max,
                                      .meaning = "The same for patients: 0, or 60 and more; 0 is no such limit."};
inline constexpr Rules staff_session_s{
    .min = 60, .max = session_s_max, .meaning = "Seconds that a session of staff lasts at most."};
inline constexpr Rules patient_session_s{
    .min = 60, .max = session_s_max, .meaning = "The same for patients and for identities of a host."};

inline constexpr Rules record_release_h{
    .max = 8784,
    .meaning = "Hours after which a signed record shows itself to its patient; absent: when it is released."};
inline constexpr Rules no_show_block{
    .max = 100,
    .meaning = "Missed visits within 180 days after which a patient is booked by override only; 0: no matter."};
inline constexpr Rules file_size_max{
    .min = 1024,
    .max = 1LL << 30,
    .meaning = "Bytes of the largest file that is taken; where absent, as the server is set."};
inline constexpr Rules fiscal_year_start_month{
    .min = 1, .max = 12, .meaning = "The month in which the fiscal year begins; it is named by the year it begins in."};
inline constexpr Rules invoice_prefix{
    .min = 1, .max = 12, .text = TextRule::ascii, .meaning = "What numbers of invoices begin with."};
inline constexpr Rules credit_note_prefix{
    .min = 1, .max = 12, .text = TextRule::ascii, .meaning = "What numbers of credit notes begin with."};
inline constexpr Rules facility_prefixes{.items_max = 1'000,
                                         .meaning = "Facilities that number their own invoices and credit notes."};
inline constexpr Rules money_rounding{.meaning = "How half a minor unit is rounded."};
inline constexpr Rules cash_rounding{
    .max = 100'000,
    .meaning = "Totals of invoices in the tenant's currency are a multiple of so many minor units; 0: of one."};
inline constexpr Rules tax_mode{.meaning = "Whether prices hold their tax already."};
inline constexpr Rules payment_terms_days{.max = 365, .meaning = "Days until an invoice is to be paid."};
inline constexpr Rules price_list{
    .min = 1, .max = 40, .text = TextRule::ascii, .meaning = "The price list where nothing else is said."};
inline constexpr Rules dunning_days{
    .min = 1, .max = 365, .items_max = 5, .meaning = "So many days after it was due a patient is reminded."};
inline constexpr Rules file_types{
    .items_max = 20,
    .item_text_max = 8,
    .text = TextRule::slug,
    .meaning =
        "Endings of the files that are taken: jpg, jpeg, png, pdf, doc, docx, tif, tiff, webp, dcm, txt, "
        "csv, xml, json; none: as the server is set."};
inline constexpr Rules macros_allowed{
    .meaning =
        "Whether files are taken that may hold programs: doc, docx with macros, and pdf with scripts, launch actions "
        "or embedded files."};
inline constexpr Rules patient_files_max{
    .min = 1, .max = 100'000, .meaning = "How many files one patient may have, all versions counted."};
inline constexpr Rules files_bytes_max{.meaning = "How many bytes all files may take together; 0: no limit."};
inline constexpr Rules user_files_bytes_max{
    .meaning =
        "How many bytes the files may take together that one user has sent, all versions counted; 0: no limit "
        "of its own."};
inline constexpr Rules country{.max = 2,
                               .text = TextRule::ascii,
                               .meaning =
                                   "By whose plan telephone numbers are read (ISO 3166-1 alpha-2); empty for "
                                   "numbers in international form only."};

}  // namespace medflow::inline v1::settings::rule

namespace medflow {

template <>
struct Words<TenantStatus> {
  static constexpr std::string_view name = "TenantStatus";
  static constexpr std::string_view words[] = {"provisioning", "active", "suspended", "closing", "closed"};
};

template <>
struct Described<tenants::Tenant> {
  using T = tenants::Tenant;
  static constexpr std::string_view name = "Tenant";
  static constexpr std::string_view page_name = "TenantPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, tenants::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::slug>(3, "slug", immutable, tenants::rule::slug),
      field<&T::name>(4, "name", none, tenants::rule::name),
      field<&T::status>(5, "status", none, {.meaning = "The state of the tenant."}),
      field<&T::default_zone>(6, "default_zone", none, tenants::rule::default_zone),
      field<&T::currency>(7, "currency", none, tenants::rule::currency),
      field<&T::locale>(8, "locale", none, tenants::rule::locale),
      field<&T::engine>(9, "engine", none,
                        {.max = 40, .text = TextRule::ascii, .meaning = "The storage engine it lives in."}),
      field<&T::schema_version>(10, "schema_version", none, {.meaning = "The version of its tables."}),
      field<&T::created_at>(11, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::updated_at>(12, "updated_at", none, {.meaning = "When its entry was last changed."}),
      field<&T::placement>(13, "placement", none, tenants::rule::placement),
      field<&T::leftover>(
          14, "leftover", none,
          {.max = 40, .text = TextRule::slug, .meaning = "Another placement that a move has left something in."})};
};

template <>
struct Described<tenants::List> {
  using T = tenants::List;
  static constexpr std::string_view name = "TenantsList";
  static constexpr Field fields[] = {
      field<&T::slug>(1, "slug", none,
                      {.min = 3, .max = 40, .text = TextRule::slug, .meaning = "Only the tenant of this slug."}),
      field<&T::limit>(2, "limit", none, tenants::rule::limit),
      field<&T::cursor>(3, "cursor", none, tenants::rule::cursor)};
};

template <>
struct Described<tenants::Get> {
  using T = tenants::Get;
  static constexpr std::string_view name = "TenantsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, tenants::rule::id)};
};

template <>
struct Described<tenants::Provision> {
  using T = tenants::Provision;
  static constexpr std::string_view name = "TenantsProvision";
  static constexpr Field fields[] = {
      field<&T::slug>(1, "slug", required, tenants::rule::slug),
      field<&T::name>(2, "name", required, tenants::rule::name),
      field<&T::default_zone>(3, "default_zone", required, tenants::rule::default_zone),
      field<&T::currency>(4, "currency", required, tenants::rule::currency),
      field<&T::locale>(5, "locale", none, tenants::rule::locale),
      field<&T::facility_name>(6, "facility_name", none,
                               {.max = 200, .meaning = "The name of the first facility; the tenant's where empty."})};
};

template <>
struct Described<tenants::Suspend> {
  using T = tenants::Suspend;
  static constexpr std::string_view name = "TenantsSuspend";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, tenants::rule::id)};
};

template <>
struct Described<tenants::Resume> {
  using T = tenants::Resume;
  static constexpr std::string_view name = "TenantsResume";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, tenants::rule::id)};
};

template <>
struct Described<platforms::Recovery> {
  using T = platforms::Recovery;
  static constexpr std::string_view name = "Recovery";
  static constexpr Field fields[] = {
      field<&T::revision>(1, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::public_key>(2, "public_key", none, {.meaning = "X25519, 64 hexadecimal digits."}),
      field<&T::fingerprint>(3, "fingerprint", none, {.meaning = "To be compared with that of the recovery file."}),
      field<&T::updated_at>(4, "updated_at", none, {.meaning = "When it was set."})};
};

template <>
struct Described<platforms::SetRecovery> {
  using T = platforms::SetRecovery;
  static constexpr std::string_view name = "PlatformSetRecovery";
  static constexpr Field fields[] = {
      field<&T::revision>(1, "revision", none, tenants::rule::revision),
      field<&T::public_key>(
          2, "public_key", required,
          {.min = 64, .max = 64, .text = TextRule::ascii, .meaning = "X25519, 64 hexadecimal digits."}),
      field<&T::confirmation>(3, "confirmation", required,
                              {.min = 9,
                               .max = 9,
                               .text = TextRule::ascii,
                               .meaning = "The last two groups of the recovery file's fingerprint, as 0123-abcd."})};
};

template <>
struct Described<tenants::Move> {
  using T = tenants::Move;
  static constexpr std::string_view name = "TenantsMove";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, tenants::rule::id),
      field<&T::placement>(2, "placement", required, tenants::rule::placement),
      field<&T::alone>(3, "alone", none, {.meaning = "Says that no other process of the deployment is at work."})};
};

template <>
struct Described<tenants::Migrate> {
  using T = tenants::Migrate;
  static constexpr std::string_view name = "TenantsMigrate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, tenants::rule::id)};
};

template <>
struct Described<platforms::Status> {
  using T = platforms::Status;
  static constexpr std::string_view name = "PlatformStatus";
  static constexpr Field fields[] = {
      field<&T::version>(1, "version", none, {.meaning = "The version of MedFlow."}),
      field<&T::engine>(2, "engine", none, {.meaning = "The storage engine and its version."}),
      field<&T::tz_version>(3, "tz_version", none, {.meaning = "The version of the time zone database."}),
      field<&T::tenants>(4, "tenants", none, {.meaning = "How many tenants the directory holds."}),
      field<&T::now>(5, "now", none, {.meaning = "The platform's time."}),
      field<&T::degradations>(6, "degradations", none, {.meaning = "What it runs without although it should not."}),
      field<&T::recovery>(7, "recovery", none, {.meaning = "To whom copies of key stores are sealed."}),
      field<&T::schema_version>(8, "schema_version", none,
                                {.meaning = "The version of tenants' tables, as this version of MedFlow has them."})};
};

template <>
struct Described<platforms::GetStatus> {
  static constexpr std::string_view name = "PlatformGetStatus";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Words<settings::MrnStrategy> {
  static constexpr std::string_view name = "MrnStrategy";
  static constexpr std::string_view words[] = {"serial", "year_serial", "facility_serial", "manual"};
};

template <>
struct Described<settings::FacilityPrefix> {
  using T = settings::FacilityPrefix;
  static constexpr std::string_view name = "FacilityPrefix";
  static constexpr Field fields[] = {
      field<&T::facility_id>(1, "facility_id", required, {.meaning = "The facility."}),
      field<&T::invoice_prefix>(2, "invoice_prefix", required, settings::rule::invoice_prefix),
      field<&T::credit_note_prefix>(3, "credit_note_prefix", required, settings::rule::credit_note_prefix)};
};

template <>
struct Described<settings::Settings> {
  using T = settings::Settings;
  static constexpr std::string_view name = "Settings";
  static constexpr std::string_view page_name = "SettingsPage";
  static constexpr Field fields[] = {
      field<&T::revision>(1, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::mrn_strategy>(2, "mrn_strategy", none, settings::rule::mrn_strategy),
      field<&T::mrn_prefix>(3, "mrn_prefix", none, settings::rule::mrn_prefix),
      field<&T::self_registration>(4, "self_registration", none, settings::rule::self_registration),
      field<&T::trusted_issuers>(5, "trusted_issuers", none, settings::rule::trusted_issuers),
      field<&T::updated_at>(6, "updated_at", none, {.meaning = "When they were last changed."}),
      field<&T::updated_by>(7, "updated_by", none, {.meaning = "Who changed them last."}),
      field<&T::staff_idle_s>(8, "staff_idle_s", none, settings::rule::staff_idle_s),
      field<&T::patient_idle_s>(9, "patient_idle_s", none, settings::rule::patient_idle_s),
      field<&T::staff_session_s>(10, "staff_session_s", none, settings::rule::staff_session_s),
      field<&T::patient_session_s>(11, "patient_session_s", none, settings::rule::patient_session_s),
      field<&T::country>(12, "country", none, settings::rule::country),
      field<&T::no_show_block>(13, "no_show_block", none, settings::rule::no_show_block),
      field<&T::file_size_max>(14, "file_size_max", none, settings::rule::file_size_max),
      field<&T::file_types>(15, "file_types", none, settings::rule::file_types),
      field<&T::macros_allowed>(16, "macros_allowed", none, settings::rule::macros_allowed),
      field<&T::patient_files_max>(17, "patient_files_max", none, settings::rule::patient_files_max),
      field<&T::files_bytes_max>(18, "files_bytes_max", none, settings::rule::files_bytes_max),
      field<&T::record_release_h>(19, "record_release_h", none, settings::rule::record_release_h),
      field<&T::fiscal_year_start_month>(20, "fiscal_year_start_month", none, settings::rule::fiscal_year_start_month),
      field<&T::invoice_prefix>(21, "invoice_prefix", none, settings::rule::invoice_prefix),
      field<&T::credit_note_prefix>(22, "credit_note_prefix", none, settings::rule::credit_note_prefix),
      field<&T::facility_prefixes>(23, "facility_prefixes", none, settings::rule::facility_prefixes),
      field<&T::money_rounding>(24, "money_rounding", none, settings::rule::money_rounding),
      field<&T::cash_rounding>(25, "cash_rounding", none, settings::rule::cash_rounding),
      field<&T::tax_mode>(26, "tax_mode", none, settings::rule::tax_mode),
      field<&T::payment_terms_days>(27, "payment_terms_days", none, settings::rule::payment_terms_days),
      field<&T::price_list>(28, "price_list", none, settings::rule::price_list),
      field<&T::dunning_days>(29, "dunning_days", none, settings::rule::dunning_days),
      field<&T::user_files_bytes_max>(30, "user_files_bytes_max", none, settings::rule::user_files_bytes_max)};
};

template <>
struct Described<settings::Get> {
  static constexpr std::string_view name = "SettingsGet";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<settings::Update> {
  using T = settings::Update;
  static constexpr std::string_view name = "SettingsUpdate";
  static constexpr Field fields[] = {
      field<&T::revision>(1, "revision", none, tenants::rule::revision),
      field<&T::mrn_strategy>(2, "mrn_strategy", none, settings::rule::mrn_strategy),
      field<&T::mrn_prefix>(3, "mrn_prefix", none, settings::rule::mrn_prefix),
      field<&T::self_registration>(4, "self_registration", none, settings::rule::self_registration),
      field<&T::trusted_issuers>(5, "trusted_issuers", none, settings::rule::trusted_issuers),
      field<&T::staff_idle_s>(6, "staff_idle_s", none, settings::rule::staff_idle_s),
      field<&T::patient_idle_s>(7, "patient_idle_s", none, settings::rule::patient_idle_s),
      field<&T::staff_session_s>(8, "staff_session_s", none, settings::rule::staff_session_s),
      field<&T::patient_session_s>(9, "patient_session_s", none, settings::rule::patient_session_s),
      field<&T::country>(10, "country", none, settings::rule::country),
      field<&T::no_show_block>(11, "no_show_block", none, settings::rule::no_show_block),
      field<&T::file_size_max>(12, "file_size_max", none, settings::rule::file_size_max),
      field<&T::file_types>(13, "file_types", none, settings::rule::file_types),
      field<&T::macros_allowed>(14, "macros_allowed", none, settings::rule::macros_allowed),
      field<&T::patient_files_max>(15, "patient_files_max", none, settings::rule::patient_files_max),
      field<&T::files_bytes_max>(16, "files_bytes_max", none, settings::rule::files_bytes_max),
      field<&T::record_release_h>(17, "record_release_h", none, settings::rule::record_release_h),
      field<&T::fiscal_year_start_month>(18, "fiscal_year_start_month", none, settings::rule::fiscal_year_start_month),
      field<&T::invoice_prefix>(19, "invoice_prefix", none, settings::rule::invoice_prefix),
      field<&T::credit_note_prefix>(20, "credit_note_prefix", none, settings::rule::credit_note_prefix),
      field<&T::facility_prefixes>(21, "facility_prefixes", none, settings::rule::facility_prefixes),
      field<&T::money_rounding>(22, "money_rounding", none, settings::rule::money_rounding),
      field<&T::cash_rounding>(23, "cash_rounding", none, settings::rule::cash_rounding),
      field<&T::tax_mode>(24, "tax_mode", none, settings::rule::tax_mode),
      field<&T::payment_terms_days>(25, "payment_terms_days", none, settings::rule::payment_terms_days),
      field<&T::price_list>(26, "price_list", none, settings::rule::price_list),
      field<&T::dunning_days>(27, "dunning_days", none, settings::rule::dunning_days),
      field<&T::user_files_bytes_max>(28, "user_files_bytes_max", none, settings::rule::user_files_bytes_max)};
};

template <>
struct Described<settings::History> {
  using T = settings::History;
  static constexpr std::string_view name = "SettingsHistory";
  static constexpr Field fields[] = {field<&T::limit>(1, "limit", none, tenants::rule::limit),
                                     field<&T::cursor>(2, "cursor", none, tenants::rule::cursor)};
};

}  // namespace medflow
