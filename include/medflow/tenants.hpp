// Tenants (hospitals) and their settings; their facilities have a header of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/facilities.hpp"
#include "medflow/money.hpp"
#include "medflow/operation.hpp"

namespace medflow::inline v1 {

/// provisioning → active ⇄ suspended → closing → closed.
enum class TenantStatus : std::uint8_t { provisioning, active, suspended, closing, closed };

}  // namespace medflow::inline v1

namespace medflow::inline v1::tenants {

/// A row of the platform's directory. Holds nothing about patients.
struct Tenant {
  TenantId id{};
  std::uint64_t revision = 0;
  std::string slug{};  ///< 3 to 40 of a–z, 0–9 and `-`; names the tenant before a session; never changes
  std::string name{};
  TenantStatus status = TenantStatus::provisioning;
  Zone default_zone{};
  Currency currency{};
  std::string locale{};  ///< BCP 47
  std::string engine{};
  std::string placement{};  ///< where its store lies: "default", or a name of `PlatformOptions::placements`
  std::string leftover{};   ///< a placement that still holds what a move left there, which is removed; empty for none
  std::uint32_t schema_version = 0;  ///< of its tables; of this build: `platform.status`
  Instant created_at{};
  Instant updated_at{};
};

/// The directory, by slug.
/// Fails: forbidden.
struct List {
  using Output = Page<Tenant>;
  std::optional<std::string> slug{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "tenants.list",
                                       .method = Method::get,
                                       .path = "/admin/tenants",
                                       .permission = Permission::tenant_list,
                                       .summary = "List the tenants of this platform",
                                       .realm = Realm::platform,
                                       .object = "tenant"};
};

/// One tenant of the directory.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Tenant;
  TenantId id{};

  static constexpr Operation operation{.name = "tenants.get",
                                       .method = Method::get,
                                       .path = "/admin/tenants/{id}",
                                       .permission = Permission::tenant_read,
                                       .summary = "Read one tenant of the directory",
                                       .realm = Realm::platform,
                                       .object = "tenant"};
};

/// Makes a tenant: its directory row, its store and keys, and its first facility. Idempotent by slug: where the tenant is
/// there already, it is returned as it is; what a broken-off provisioning left behind is completed or removed.
/// Fails, first match wins: forbidden; invalid; conflict `idempotency.in_progress` (another process makes it now); unavailable.
struct Provision {
  using Output = Tenant;
  std::string slug{};
  std::string name{};
  Zone default_zone{};
  Currency currency{};
  std::string locale = "en";
  std::string facility_name{};  ///< the first facility; the tenant's name where empty

  static constexpr Operation operation{.name = "tenants.provision",
                                       .method = Method::post,
                                       .path = "/admin/tenants",
                                       .permission = Permission::tenant_create,
                                       .effect = Effect::write,
                                       .summary = "Make a tenant with its store, keys and first facility",
                                       .realm = Realm::platform,
                                       .object = "tenant",
                                       .status = 201};
};

/// Suspends a tenant: every write answers forbidden `tenant.suspended` from then on.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Suspend {
  using Output = Tenant;
  TenantId id{};

  static constexpr Operation operation{.name = "tenants.suspend",
                                       .method = Method::post,
                                       .path = "/admin/tenants/{id}/suspend",
                                       .permission = Permission::tenant_suspend,
                                       .effect = Effect::write,
                                       .summary = "Suspend a tenant",
                                       .realm = Realm::platform,
                                       .object = "tenant"};
};

/// Makes a suspended tenant active again.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Resume {
  using Output = Tenant;
  TenantId id{};

  static constexpr Operation operation{.name = "tenants.resume",
                                       .method = Method::post,
                                       .path = "/admin/tenants/{id}/resume",
                                       .permission = Permission::tenant_resume,
                                       .effect = Effect::write,
                                       .summary = "Resume a suspended tenant",
                                       .realm = Realm::platform,
                                       .object = "tenant"};
};

/// Moves a tenant's store to another placement (TEN-3). Its writes answer `tenant.moving` meanwhile, and so do its reads for the
/// last moment. A move that fails or is broken off has either not happened or is complete: what it left where the tenant is not is
/// removed with the next tick, start or move. Tokens stay good; sessions that a host holds end. Where the tenant is there already
/// it is returned as it is. Other processes of the deployment would go on writing where the tenant was: none may be at work.
/// Fails, first match wins: forbidden; invalid `placement.unknown` or `move.not_alone`; not_found; conflict `transition.illegal`;
/// unavailable `tenant.moving`, where a move is under way, or what the last one left cannot be removed yet; invalid `placement.taken`,
/// where something of the tenant lies in the placement that no move has left there.
struct Move {
  using Output = Tenant;
  TenantId id{};
  std::string placement{};
  bool alone =
      false;  ///< no other process is at work; has to be said where the engine lets several have the platform's store open

  static constexpr Operation operation{.name = "tenants.move",
                                       .method = Method::post,
                                       .path = "/admin/tenants/{id}/move",
                                       .permission = Permission::tenant_move,
                                       .effect = Effect::write,
                                       .summary = "Move a tenant to another placement",
                                       .realm = Realm::platform,
                                       .object = "tenant"};
};

/// Brings a tenant's tables to the version of this build (TEN-5): applies the migrations that they lack, each as a whole, so that what is
/// broken off goes on where it was. Until then a tenant that is one version behind can be read, every write answers unavailable
/// `schema.outdated`, and one that is further behind cannot be opened. Where nothing is lacking nothing happens; else sessions that a
/// host holds end. Tokens stay good.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; unavailable `schema.newer`; `tenant.moving`, where another
/// move or migration is under way; `tenant.in_use`, where calls under way, or what a host holds of sessions and streams, keep the tenant for
/// a second: those have ended, so repeat it; `store.in_use`, where another process has it.
struct Migrate {
  using Output = Tenant;
  TenantId id{};

  static constexpr Operation operation{.name = "tenants.migrate",
                                       .method = Method::post,
                                       .path = "/admin/tenants/{id}/migrate",
                                       .permission = Permission::schema_migrate,
                                       .effect = Effect::write,
                                       .summary = "Bring a tenant's tables to the version of this build",
                                       .realm = Realm::platform,
                                       .object = "tenant"};
};

}  // namespace medflow::inline v1::tenants

namespace medflow::inline v1::platforms {

/// To whom copies of key stores are to be sealed: the public half of a key pair whose secret half, the recovery file, is kept offline.
struct Recovery {
  std::uint64_t revision = 0;
  std::string public_key{};   ///< X25519, 64 hexadecimal digits
  std::string fingerprint{};  ///< for people to compare with their recovery file
  Instant updated_at{};
};

/// What runs here.
struct Status {
  std::string version{};
  std::string engine{};
  std::string tz_version{};
  std::uint64_t tenants = 0;
  std::uint32_t schema_version = 0;  ///< of tenants' tables, as this build has them
  Instant now{};
  std::vector<std::string> degradations{};  ///< as `Platform::degradations`
  std::optional<Recovery> recovery{};       ///< none while none is set
};

/// The state of the platform: versions and counts, nothing about patients.
/// Fails: forbidden.
struct GetStatus {
  using Output = Status;

  static constexpr Operation operation{.name = "platform.status",
                                       .method = Method::get,
                                       .path = "/admin/status",
                                       .permission = Permission::platform_read,
                                       .summary = "Read the state of the platform",
                                       .realm = Realm::platform,
                                       .object = "platform"};
};

/// Sets the recovery recipient, or puts another in its place: copies of key stores that are made from then on are sealed to it, and what
/// was sealed before stays with the one before. This version makes none by itself. `confirmation` shows that somebody has looked at the recovery file: the last two groups of its fingerprint.
/// The recipient in force, sent again without a revision, changes nothing.
/// Fails, first match wins: forbidden; invalid `format.public_key`; precondition_required; conflict `conflict.revision`; invalid.
struct SetRecovery {
  using Output = Recovery;
  std::optional<std::uint64_t> revision{};  ///< of the one that is replaced
  std::string public_key{};
  std::string confirmation{};

  static constexpr Operation operation{.name = "platform.set_recovery",
                                       .method = Method::put,
                                       .path = "/admin/recovery",
                                       .permission = Permission::key_rotate,
                                       .effect = Effect::write,
                                       .summary = "Set the recipient of key store copies",
                                       .realm = Realm::platform,
                                       .object = "recovery"};
};

}  // namespace medflow::inline v1::platforms

namespace medflow::inline v1::settings {

/// How record numbers are made (PAT-2).
enum class MrnStrategy : std::uint8_t { serial, year_serial, facility_serial, manual };

/// The prefix by which a facility numbers its own invoices and credit notes.
struct FacilityPrefix {
  FacilityId facility_id{};
  std::string invoice_prefix{};
  std::string credit_note_prefix{};
};

/// The tenant's settings; every change is kept, with who made it and when.
struct Settings {
  std::uint64_t revision = 0;
  MrnStrategy mrn_strategy = MrnStrategy::serial;
  std::string mrn_prefix = "MF";
  bool self_registration = false;              ///< whether `auth.register` without an invitation is open
  std::vector<std::string> trusted_issuers{};  ///< whose identities `Platform::session` accepts (USR-10)
  // How long a session lasts (USR-5), in seconds. Who has any role but `patient` is staff.
  std::uint32_t staff_idle_s = 15 * 60;                ///< without a call
  std::uint32_t patient_idle_s = 30 * 60;              ///< the same; 0 for no such limit
  std::uint32_t staff_session_s = 12 * 60 * 60;        ///< in all
  std::uint32_t patient_session_s = 7 * 24 * 60 * 60;  ///< in all; also of a host's identities
  /// By whose plan telephone numbers are read (ISO 3166-1 alpha-2, PAT-10); empty: in international form only.
  std::string country{};
  /// Who has missed so many visits in 180 days is booked only by whoever may override policy (APT-18); 0: no matter.
  std::uint32_t no_show_block = 0;
  /// Hours after which a signed record shows itself to its patient (REC-10), up to a year; absent: when somebody releases it.
  std::optional<std::uint32_t> record_release_h{};
  // What is taken as a document (DOC-1, DOC-2).
  std::optional<std::uint64_t> file_size_max{};  ///< bytes, up to 1 GiB; absent: as the server is set
  /// Endings of the files that are taken; none: as the server is set.
  std::vector<std::string> file_types{};
  /// Also files that may hold programs: doc, docx with macros, and pdf with scripts, launch actions or embedded files.
  bool macros_allowed = false;
  std::uint32_t patient_files_max = 200;   ///< of one patient, all versions counted
  std::uint64_t files_bytes_max = 0;       ///< of the whole tenant; 0: no limit
  std::uint64_t user_files_bytes_max = 0;  ///< of what one user has sent, all versions counted; 0: no limit of its own
  // Of invoices. What an invoice was made by is kept on it.
  std::uint32_t fiscal_year_start_month = 1;  ///< 1 to 12; a year is named by the calendar year in which it begins
  std::string invoice_prefix = "INV";         ///< of numbers, at most 12 visible ASCII characters
  std::string credit_note_prefix = "CN";      ///< the same
  std::vector<FacilityPrefix> facility_prefixes{};  ///< facilities that number their own invoices
  Rounding money_rounding = Rounding::half_up;
  std::uint32_t cash_rounding = 0;  ///< totals in its currency are a multiple of so many minor units; 0: of one
  TaxMode tax_mode = TaxMode::exclusive;
  std::uint32_t payment_terms_days = 30;  ///< 0 to 365
  std::string price_list = "standard";
  std::vector<std::uint32_t> dunning_days{};  ///< so many days after it was due a patient is reminded; at most 5
  Instant updated_at{};
  UserId updated_by{};
};

/// The settings in force.
/// Fails: forbidden.
struct Get {
  using Output = Settings;

  static constexpr Operation operation{.name = "settings.get",
                                       .method = Method::get,
                                       .path = "/settings",
                                       .permission = Permission::setting_read,
                                       .summary = "Read the tenant's settings",
                                       .object = "setting"};
};

/// Changes the settings that are given. What it says about sessions also goes for those that there are.
/// Fails, first match wins: forbidden; invalid; precondition_required; conflict `conflict.revision`.
struct Update {
  using Output = Settings;
  std::optional<std::uint64_t> revision{};
  Change<MrnStrategy> mrn_strategy{};
  Change<std::string> mrn_prefix{};
  Change<bool> self_registration{};
  Change<std::vector<std::string>> trusted_issuers{};
  Change<std::uint32_t> staff_idle_s{};
  Change<std::uint32_t> patient_idle_s{};
  Change<std::uint32_t> staff_session_s{};
  Change<std::uint32_t> patient_session_s{};
  Change<std::string> country{};
  Change<std::uint32_t> no_show_block{};
  Change<std::uint32_t> record_release_h{};
  Change<std::uint64_t> file_size_max{};
  Change<std::vector<std::string>> file_types{};
  Change<bool> macros_allowed{};
  Change<std::uint32_t> patient_files_max{};
  Change<std::uint64_t> files_bytes_max{};
  Change<std::uint64_t> user_files_bytes_max{};
  Change<std::uint32_t> fiscal_year_start_month{};
  Change<std::string> invoice_prefix{};
  Change<std::string> credit_note_prefix{};
  Change<std::vector<FacilityPrefix>> facility_prefixes{};
  Change<Rounding> money_rounding{};
  Change<std::uint32_t> cash_rounding{};
  Change<TaxMode> tax_mode{};
  Change<std::uint32_t> payment_terms_days{};
  Change<std::string> price_list{};
  Change<std::vector<std::uint32_t>> dunning_days{};

  static constexpr Operation operation{.name = "settings.update",
                                       .method = Method::patch,
                                       .path = "/settings",
                                       .permission = Permission::tenant_configure,
                                       .effect = Effect::write,
                                       .summary = "Change the tenant's settings",
                                       .object = "setting"};
};

/// The settings as they were, newest first.
/// Fails: forbidden.
struct History {
  using Output = Page<Settings>;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "settings.history",
                                       .method = Method::get,
                                       .path = "/settings/history",
                                       .permission = Permission::setting_read,
                                       .summary = "List the tenant's settings as they were",
                                       .object = "setting"};
};

}  // namespace medflow::inline v1::settings
