// Who pays beside the patient: payers, and what they cover of whom (FHIR Coverage).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::inline v1::payers {

/// An insurer, an employer or an office that pays for patients.
struct Payer {
  PayerId id{};
  std::uint64_t revision = 0;
  std::string code{};  ///< unique in the tenant, at most 40 visible ASCII characters
  std::string name{};
  std::string address{};  ///< at most 500 characters, in lines
  std::string email{};
  std::uint32_t terms_days = 30;  ///< 0 to 365: until when it pays
  bool active = true;
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// All payers, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<Payer>;
  std::optional<bool> active{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "payers.list",
                                       .method = Method::get,
                                       .path = "/payers",
                                       .permission = Permission::catalog_read,
                                       .summary = "List payers",
                                       .object = "payer"};
};

/// One payer.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Payer;
  PayerId id{};

  static constexpr Operation operation{.name = "payers.get",
                                       .method = Method::get,
                                       .path = "/payers/{id}",
                                       .permission = Permission::catalog_read,
                                       .summary = "Read a payer",
                                       .object = "payer"};
};

/// Adds a payer. With `id`, the same call again answers what there is.
/// Fails, first match wins: forbidden; invalid; conflict `conflict.id_reused`, `payer.code_taken`.
struct Create {
  using Output = Payer;
  std::optional<PayerId> id{};
  std::string code{};
  std::string name{};
  std::string address{};
  std::string email{};
  std::uint32_t terms_days = 30;

  static constexpr Operation operation{.name = "payers.create",
                                       .method = Method::post,
                                       .path = "/payers",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a payer",
                                       .object = "payer",
                                       .status = 201};
};

/// Changes a payer.
/// Fails, first match wins: forbidden; not_found; invalid; `conflict.revision`.
struct Update {
  using Output = Payer;
  PayerId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  std::string address{};
  std::string email{};
  std::uint32_t terms_days = 30;
  std::optional<bool> active{};  ///< as it is where it is not said

  static constexpr Operation operation{.name = "payers.update",
                                       .method = Method::put,
                                       .path = "/payers/{id}",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a payer",
                                       .object = "payer"};
};

}  // namespace medflow::inline v1::payers

namespace medflow::inline v1::coverages {

/// FHIR's subscriber-relationship.
enum class Relationship : std::uint8_t { self, spouse, child, parent, other };

enum class CoverageStatus : std::uint8_t {
  proposed,  ///< a patient says so; nobody has looked yet
  active,
  ended,
};

enum class CopayKind : std::uint8_t { none, fixed, percent };

/// What the patient pays of each invoice before the payer does.
struct Copay {
  CopayKind kind = CopayKind::none;
  std::int64_t value = 0;  ///< fixed: in minor units of the coverage's currency; percent: in parts of a million
};

/// Up to how much a payer pays, in minor units of the coverage's currency.
struct Limits {
  std::optional<std::int64_t> per_visit{};  ///< of one invoice
  std::optional<std::int64_t> per_year{};   ///< of what is issued in one calendar year
};

/// That a payer pays for a patient. Of several, the one with the lowest rank pays first. What a payer pays is reckoned on the invoice's whole
/// total by its own terms alone, so that it does not change with another payer's; only when nothing is left to pay it is less. What an issued
/// invoice used of it in its year comes back with what takes the invoice back: all with a void, the credited part with a credit note.
struct Coverage {
  CoverageId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  PayerId payer_id{};
  std::string member_id{};
  std::string policy_no{};
  std::string plan{};
  Relationship relationship = Relationship::self;
  std::uint32_t rank = 1;  ///< 1 to 20
  Date valid_from{};
  std::optional<Date> valid_to{};  ///< the last day
  Currency currency{};
  Limits limits{};
  Copay copay{};
  std::int64_t deductible = 0;       ///< what the patient pays of a calendar year before the payer does
  std::int64_t deductible_used = 0;  ///< of `used_year`
  std::int64_t paid_in_year = 0;     ///< the payer's shares that were issued in `used_year` and not taken back
  std::uint32_t used_year = 0;
  CoverageStatus status = CoverageStatus::active;
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// A patient's coverages, by id.
/// Fails, first match wins: forbidden; not_found (the patient).
struct List {
  using Output = Page<Coverage>;
  PatientId patient_id{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "coverages.list",
                                       .method = Method::get,
                                       .path = "/patients/{patient_id}/coverages",
                                       .permission = Permission::coverage_read,
                                       .summary = "List a patient's coverages",
                                       .object = "coverage"};
};

/// One coverage.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Coverage;
  CoverageId id{};

  static constexpr Operation operation{.name = "coverages.get",
                                       .method = Method::get,
                                       .path = "/coverages/{id}",
                                       .permission = Permission::coverage_read,
                                       .summary = "Read a coverage",
                                       .object = "coverage"};
};

/// Says that a payer pays for a patient. A patient's own word is a proposal. With `id`, the same call again answers what there is.
/// Fails, first match wins: forbidden; invalid (an unknown patient or payer; `valid_to` before `valid_from`; a copay above the whole);
/// conflict `conflict.id_reused`.
struct Create {
  using Output = Coverage;
  std::optional<CoverageId> id{};
  PatientId patient_id{};
  PayerId payer_id{};
  std::string member_id{};
  std::string policy_no{};
  std::string plan{};
  Relationship relationship = Relationship::self;
  std::uint32_t rank = 1;
  Date valid_from{};
  std::optional<Date> valid_to{};
  std::optional<Currency> currency{};  ///< the tenant's where it is not said
  Limits limits{};
  Copay copay{};
  std::int64_t deductible = 0;

  static constexpr Operation operation{.name = "coverages.create",
                                       .method = Method::post,
                                       .path = "/coverages",
                                       .permission = Permission::coverage_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a coverage",
                                       .object = "coverage",
                                       .status = 201};
};

/// Replaces what is said of a coverage: what is not given is emptied, but its status stays as it is where none is given. Staff accept a proposal by
/// making it active. Invoices that were issued keep their shares. A patient changes only what they have proposed, and it stays a proposal.
/// Fails, first match wins: forbidden; not_found; invalid; `conflict.revision`.
struct Update {
  using Output = Coverage;
  CoverageId id{};
  std::optional<std::uint64_t> revision{};
  std::string member_id{};
  std::string policy_no{};
  std::string plan{};
  Relationship relationship = Relationship::self;
  std::uint32_t rank = 1;
  Date valid_from{};
  std::optional<Date> valid_to{};
  Limits limits{};
  Copay copay{};
  std::int64_t deductible = 0;
  std::optional<CoverageStatus> status{};  ///< as it is where it is not said

  static constexpr Operation operation{.name = "coverages.update",
                                       .method = Method::put,
                                       .path = "/coverages/{id}",
                                       .permission = Permission::coverage_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a coverage",
                                       .object = "coverage"};
};

}  // namespace medflow::inline v1::coverages
