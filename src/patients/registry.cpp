#include "patients/registry.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "patients/content.hpp"
#include "patients/mrn.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::patients {
namespace {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

constexpr std::uint16_t normaliser_version = 1;

/// One token of a patient. An ordered set of these makes the difference between two states.
struct Token {
  TokenKind kind{};
  std::string normalised{};

  friend auto operator<=>(const Token&, const Token&) = default;
};

crypto::BlindToken blind(Work& work, std::uint16_t field, TokenKind kind, std::string_view normalised) {
  const crypto::BlindField where{
      .table = tokens_table.id, .field = field, .index = 1, .normaliser_version = normaliser_version};
  return work.store().blind().token(where, static_cast<std::uint8_t>(kind), 0, normalised);
}

std::set<Token> tokens_of(const Patient& patient) {
  std::set<Token> tokens;
  for (const Identifier& identifier : patient.identifiers) {
    tokens.insert({TokenKind::identifier, identifier_key(identifier.system, identifier.value)});
    tokens.insert({TokenKind::value, normalise_identifier(identifier.value)});
  }
  for (const Phone& phone : patient.phones) tokens.insert({TokenKind::phone, phone.e164});
  for (const std::string& email : patient.emails) tokens.insert({TokenKind::email, normalise_email(email)});
  return tokens;
}

template <class Act>
void with_token_row(Work& work, const Token& token, const PatientId& patient, Act&& act) {
  const crypto::BlindToken blinded = blind(work, 1, token.kind, token.normalised);
  const Cell row[] = {Cell::of(static_cast<std::int64_t>(token.kind)), Cell::bytes(crypto::text_of(blinded)),
                      Cell::bytes(patient.uuid.view())};
  act(row);
}

void write_tokens(Work& work, const PatientId& patient, const std::set<Token>& before, const std::set<Token>& after) {
  for (const Token& token : before)
    if (!after.contains(token))
      with_token_row(work, token, patient, [&](const auto& row) { work.erase_plain(tokens_table, row); });
  for (const Token& token : after)
    if (!before.contains(token))
      with_token_row(work, token, patient, [&](const auto& row) { work.insert_plain(tokens_table, row); });
}

/// Who else holds one of these identifiers. Deleted patients hold nothing.
std::set<PatientId> other_holders(Work& work, const PatientId& patient, const std::set<Token>& tokens) {
  std::set<PatientId> found;
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::identifier) continue;
    for (const PatientId& holder : holders(work, token.kind, token.normalised)) {
      if (holder == patient) continue;
      const auto other = Rows<Patient>(work).find_unchecked(holder, 0);
      if (other && !other->deleted_at) found.insert(holder);
    }
  }
  return found;
}

/// A second holder is refused unless the caller insists and says why.
void refuse_duplicates(Work& work, const PatientId& patient, const std::set<Token>& tokens,
                       const Insistence& insistence) {
  const std::set<PatientId> found = other_holders(work, patient, tokens);
  if (found.empty()) return;
  if (insistence.force) {
    if (!insistence.reason.empty()) return;
    throw Failure(codes::reason_required, "/reason", "reason.required",
                  "say why a second patient holds this identifier");
  }
  Error error{.code = duplicate};
  for (const PatientId& holder : found) {
    const auto other = Rows<Patient>(work).find_unchecked(holder, 0);
    if (other && reaches(work, *other, Permission::patient_read)) error.ids.push_back(holder.text());
  }
  throw Failure(std::move(error));
}

void write_facilities(Work& work, const Patient& patient) {
  for (const FacilityId& facility : patient.facilities) {
    const Cell row[] = {Cell::bytes(facility.uuid.view()), Cell::bytes(patient.id.uuid.view())};
    work.insert_plain(facilities_table, row);
  }
}

void follow_names(Work& work, const Patient& patient) {
  NameDirectory& names = work.store().names();
  // Always: whether the index is in use is known only when the change is durable.
  std::optional<NameEntry> entry;
  if (!patient.deleted_at) entry = name_entry(patient);
  work.after_commit([&names, id = patient.id.uuid, entry = std::move(entry)] { names.changed(id, entry); });
}

}  // namespace

std::string identifier_key(std::string_view system, std::string_view value) {
  return std::string(system) + '\n' + normalise_identifier(value);
}

crypto::BlindToken mrn_token(Work& work, std::string_view mrn) {
  return blind(work, 2, TokenKind::identifier, normalise_identifier(mrn));
}

Zone zone_of(Work& work, FacilityId facility) {
  const auto found = Rows<facilities::Facility>(work).find(facility);
  return found ? found->zone : Zone{"UTC"};
}

std::vector<PatientId> holders(Work& work, TokenKind kind, std::string_view normalised) {
  const crypto::BlindToken blinded = blind(work, 1, kind, normalised);
  const Cell equal[] = {Cell::of(static_cast<std::int64_t>(kind)), Cell::bytes(crypto::text_of(blinded))};
  std::vector<PatientId> ids;
  work.transaction().scan({.table = &tokens_table, .equal = equal}, [&](storage::RowView row) {
    PatientId id;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(row[2].data.data()), id.uuid.bytes.size(), id.uuid.bytes.begin());
    ids.push_back(id);
    return true;
  });
  return ids;
}

IndexRows index_rows(Work& work, const Patient& patient) {
  IndexRows rows;
  const auto look = [&](const storage::Table& table, storage::Key key) {
    const storage::Key keys[] = {key};
    bool there = false;
    work.transaction().get(table, keys, [&](std::size_t, storage::RowView) { there = true; });
    if (!there) rows.all_there = false;
  };
  for (const Token& token : tokens_of(patient)) {
    ++rows.tokens;
    with_token_row(work, token, patient.id, [&](const auto& row) { look(tokens_table, row); });
  }
  for (const FacilityId& facility : patient.facilities) {
    ++rows.facilities;
    const Cell row[] = {Cell::bytes(facility.uuid.view()), Cell::bytes(patient.id.uuid.view())};
    look(facilities_table, row);
  }
  return rows;
}

void create(Work& work, Patient& patient, const Zone& zone, const Insistence& insistence) {
  const std::set<Token> tokens = tokens_of(patient);
  refuse_duplicates(work, patient.id, tokens, insistence);
  const FacilityId home = patient.facilities.empty() ? FacilityId{} : patient.facilities.front();
  patient.mrn = make_mrn(work, settings::current(work), patient.mrn, home, zone);
  const crypto::BlindToken mrn = mrn_token(work, patient.mrn);
  const Cell extras[] = {Cell::bytes(crypto::text_of(mrn))};
  Rows<Patient>(work).insert(patient, extras, patient.id.uuid);
  write_tokens(work, patient.id, {}, tokens);
  write_facilities(work, patient);
  follow_names(work, patient);
  work.concerns(patient.id);
}

void change(Work& work, const Patient& before, Patient& after, std::optional<std::uint64_t> revision,
            const Insistence& insistence) {
  const std::set<Token> old_tokens = tokens_of(before);
  const std::set<Token> tokens = tokens_of(after);
  std::set<Token> added;
  std::set_difference(tokens.begin(), tokens.end(), old_tokens.begin(), old_tokens.end(),
                      std::inserter(added, added.end()));
  if (before.deleted_at && !after.deleted_at) added = tokens;
  // A stale change is told so before anything is said about others.
  if (revision && *revision == before.revision) refuse_duplicates(work, after.id, added, insistence);
  Rows<Patient>(work).update(after, revision);
  write_tokens(work, after.id, old_tokens, tokens);
  follow_names(work, after);
  work.concerns(after.id);
}

}  // namespace medflow::inline v1::patients
