#include "patients/registry.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernel/facts.hpp"
#include "kernel/tables.hpp"
#include "patients/content.hpp"
#include "patients/mrn.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::patients {
namespace {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

constexpr std::uint16_t normaliser_version = 1;
constexpr int numbers_tried_max = 1'000;

PatientId patient_of(const Cell& cell) {
  PatientId id;
  if (cell.data.size() == id.uuid.bytes.size())
    std::copy_n(reinterpret_cast<const std::uint8_t*>(cell.data.data()), id.uuid.bytes.size(), id.uuid.bytes.begin());
  return id;
}

bool is_there(Work& work, const storage::Table& table, storage::Key key) {
  const storage::Key keys[] = {key};
  bool there = false;
  work.transaction().get(table, keys, [&](std::size_t, storage::RowView) { there = true; });
  return there;
}

bool in_table(Work& work, const crypto::BlindToken& token, const PatientId& patient) {
  const Cell row[] = {Cell::bytes(crypto::text_of(token)), Cell::bytes(patient.uuid.view())};
  return is_there(work, tokens_table, row);
}

/// As this transaction sees it; 0 where nothing was ever merged.
std::int64_t stored_mark(Work& work) {
  const Cell key_cells[] = {Cell::text(TokenIndex::mark_counter)};
  const storage::Key keys[] = {key_cells};
  std::int64_t mark = 0;
  work.transaction().get(kernel::counters_table, keys,
                         [&](std::size_t, storage::RowView row) { mark = row[2].integer; });
  return mark;
}

crypto::BlindToken blind(Work& work, TokenKind kind, std::string_view normalised) {
  constexpr crypto::BlindField where{
      .table = tokens_table.id, .field = 1, .index = 1, .normaliser_version = normaliser_version};
  return work.store().blind().token(where, static_cast<std::uint8_t>(kind), 0, normalised);
}

using Tokens = std::vector<crypto::BlindToken>;

/// The tokens of what a patient is found by, beside the record number; those of the identifiers come first, in their order.
Tokens tokens_said(Work& work, const Patient& patient) {
  Tokens tokens;
  tokens.reserve(patient.identifiers.size() + patient.phones.size() + patient.emails.size() + 1);
  for (const Identifier& identifier : patient.identifiers)
    tokens.push_back(blind(work, TokenKind::identifier, normalise_identifier(identifier.value)));
  for (const Phone& phone : patient.phones) tokens.push_back(blind(work, TokenKind::phone, phone.e164));
  for (const std::string& email : patient.emails)
    tokens.push_back(blind(work, TokenKind::email, normalise_email(email)));
  return tokens;
}

crypto::BlindToken mrn_token(Work& work, const Patient& patient) {
  return blind(work, TokenKind::mrn, normalise_identifier(patient.mrn));
}

/// The same with the record number's, each once and in order.
Tokens with_mrn(Tokens said, const crypto::BlindToken& mrn) {
  said.push_back(mrn);
  std::sort(said.begin(), said.end());
  said.erase(std::unique(said.begin(), said.end()), said.end());
  return said;
}

Tokens all_tokens(Work& work, const Patient& patient) {
  return with_mrn(tokens_said(work, patient), mrn_token(work, patient));
}

/// Reads the tokens of the patients that changed after the table's mark, if this process has not yet, or of those that others changed.
TokenIndex& token_index(Work& work) {
  TokenIndex& index = work.store().token_index();
  if (index.loaded()) return index;
  const std::set<PatientId>* behind = index.behind();
  const auto ids =
      behind != nullptr ? std::vector<PatientId>(behind->begin(), behind->end()) : changed_since_mark(work);
  std::vector<TokenIndex::Entry> entries;
  for (const PatientId& id : ids) {
    std::optional<Patient> patient;
    try {
      patient = Rows<Patient>(work).find_unchecked(id, block_flags);
    } catch (const Failure& failure) {
      if (failure.error.kind() != Errc::integrity) throw;
      continue;  // a damaged row is found by nothing; who reads or verifies it is told
    }
    if (!patient) continue;
    for (const crypto::BlindToken& token : all_tokens(work, *patient))
      if (!in_table(work, token, id)) entries.push_back({.token = token, .patient = id});
  }
  index.load(entries);
  return index;
}

std::vector<PatientId> holders_of(Work& work, const crypto::BlindToken& token) {
  std::vector<PatientId> ids;
  token_index(work).find(work.transaction(), token, [&](const PatientId& id) { ids.push_back(id); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool same(const Identifier& one, const Identifier& other) {
  return one.system == other.system && normalise_identifier(one.value) == normalise_identifier(other.value);
}

/// Who else holds this identifier. Deleted patients hold nothing.
void add_other_holders(Work& work, const PatientId& patient, const Identifier& identifier,
                       const crypto::BlindToken& token, std::vector<Patient>& found) {
  for (const PatientId& holder : holders_of(work, token)) {
    if (holder == patient) continue;
    auto other = Rows<Patient>(work).find_unchecked(holder, identity);
    if (!other || other->deleted_at) continue;
    const auto& theirs = other->identifiers;
    if (std::any_of(theirs.begin(), theirs.end(), [&](const Identifier& each) { return same(each, identifier); }))
      found.push_back(std::move(*other));
  }
}

/// A second holder is refused unless the caller insists and says why. `before` may be null.
void refuse_duplicates(Work& work, const Patient& patient, const Tokens& tokens, const Patient* before,
                       const Insistence& insistence) {
  std::vector<Patient> found;
  for (std::size_t i = 0; i < patient.identifiers.size(); ++i) {
    const Identifier& identifier = patient.identifiers[i];
    const bool held = before != nullptr && !before->deleted_at &&
                      std::any_of(before->identifiers.begin(), before->identifiers.end(),
                                  [&](const Identifier& each) { return same(each, identifier); });
    if (!held) add_other_holders(work, patient.id, identifier, tokens[i], found);
  }
  if (found.empty()) return;
  if (insistence.force) {
    if (!insistence.reason.empty()) return;
    throw Failure(codes::reason_required, "/reason", "reason.required",
                  "say why a second patient holds this identifier");
  }
  std::sort(found.begin(), found.end(), [](const Patient& a, const Patient& b) { return a.id < b.id; });
  Error error{.code = duplicate};
  for (const Patient& other : found) {
    if (!reaches(work, other, Permission::patient_read)) continue;
    if (error.ids.empty() || error.ids.back() != other.id.text()) error.ids.push_back(other.id.text());
  }
  throw Failure(std::move(error));
}

void write_facilities(Work& work, const Patient& patient) {
  for (const FacilityId& facility : patient.facilities) {
    const Cell row[] = {Cell::bytes(facility.uuid.view()), Cell::bytes(patient.id.uuid.view())};
    work.insert_plain(facilities_table, row);
  }
}

/// Gives a patient a record number that nobody has, and says its token. A counter's that was given by hand before is passed over.
crypto::BlindToken number(Work& work, Patient& patient, FacilityId home, const Zone& zone) {
  const std::string given = patient.mrn;
  for (int tries_left = numbers_tried_max;; --tries_left) {
    MadeMrn made = make_mrn(work, tenants::settings_in_force(work), given, home, zone);
    patient.mrn = std::move(made.text);
    const crypto::BlindToken token = mrn_token(work, patient);
    if (made.unused) return token;
    const bool taken = !holders_of(work, token).empty();
    looked_up(work, made, taken);
    if (!taken) return token;
    if (made.counter.empty() || tries_left == 0) throw Failure(mrn_taken);
  }
}

void follow_names(Work& work, const Patient& patient) {
  NameDirectory& names = work.store().names();
  if (!names.in_use()) return work.after_commit([&names, id = patient.id.uuid] { names.missed(id); });
  std::optional<NameEntry> entry;
  if (!patient.deleted_at) entry = name_entry(patient);
  work.after_commit([&names, id = patient.id.uuid, entry = std::move(entry)] { names.changed(id, entry); });
}

}  // namespace

Zone zone_of(Work& work, FacilityId facility) {
  const auto* found = tenants::facility_of(work, facility);
  return found != nullptr ? found->zone : Zone{"UTC"};
}

std::optional<KnownPatient> known(Work& work, const PatientId& id, std::uint32_t classes) {
  const storage::Layout& layout = Rows<Patient>::layout();
  std::optional<KnownPatient> found;
  work.get_row(layout, id.uuid, [&](storage::RowView row) {
    found.emplace();
    work.read_row(layout, row, &found->patient);
    work.open_row(layout, row, &found->patient, classes);
    found->subject.slot = static_cast<std::uint64_t>(row[*layout.key_slot()].integer);
    std::memcpy(found->subject.id.bytes.data(), row[*layout.subject()].data.data(), found->subject.id.bytes.size());
  });
  return found;
}

std::vector<PatientId> holders(Work& work, TokenKind kind, std::string_view normalised) {
  return holders_of(work, blind(work, kind, normalised));
}

std::vector<PatientId> changed_since_mark(Work& work) {
  std::vector<PatientId> ids;
  const storage::Scan scan{.table = &kernel::changes_table, .from = Cell::of(stored_mark(work) + 1)};
  work.transaction().scan(scan, [&](storage::RowView row) {
    if (row[1].integer == Rows<Patient>::layout().table().id) ids.push_back(patient_of(row[2]));
    return true;
  });
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

IndexRows index_rows(Work& work, const Patient& patient, bool recent) {
  IndexRows rows;
  for (const crypto::BlindToken& token : all_tokens(work, patient)) {
    const bool there = in_table(work, token, patient.id);
    if (there || !recent) ++rows.tokens;
    if (!there && !recent) rows.all_there = false;
  }
  for (const FacilityId& facility : patient.facilities) {
    ++rows.facilities;
    const Cell row[] = {Cell::bytes(facility.uuid.view()), Cell::bytes(patient.id.uuid.view())};
    if (!is_there(work, facilities_table, row)) rows.all_there = false;
  }
  return rows;
}

bool is_index_row(Work& work, const Patient& patient, const storage::Table& table, storage::RowView row) {
  if (&table == &facilities_table) {
    return std::any_of(patient.facilities.begin(), patient.facilities.end(),
                       [&](const FacilityId& facility) { return row[0].data == facility.uuid.view(); });
  }
  const Tokens tokens = all_tokens(work, patient);
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const crypto::BlindToken& token) { return row[0].data == crypto::text_of(token); });
}

void create(Work& work, Patient& patient, const Zone& zone, const Insistence& insistence) {
  TokenIndex& index = token_index(work);
  Tokens tokens = tokens_said(work, patient);
  refuse_duplicates(work, patient, tokens, nullptr, insistence);
  const FacilityId home = patient.facilities.empty() ? FacilityId{} : patient.facilities.front();
  const crypto::BlindToken mrn = number(work, patient, home, zone);
  Rows<Patient>(work).insert(patient, {}, patient.id.uuid);
  for (const crypto::BlindToken& token : with_mrn(std::move(tokens), mrn)) index.add(token, patient.id);
  write_facilities(work, patient);
  follow_names(work, patient);
  work.concerns(patient.id);
}

// The record number as far as what is known in memory tells it: where it turns out to be another, it is asked for then.
void foresee_create(Work& work, storage::Foresight& foresight, const Register& request) {
  for (const Identifier& identifier : request.identifiers)
    TokenIndex::foresee(foresight, blind(work, TokenKind::identifier, normalise_identifier(identifier.value)));
  const auto& homes = request.facilities.empty() ? work.actor().facilities : request.facilities;
  const kernel::Facts& facts = work.store().facts();
  if (!facts.settings || homes.empty()) return;
  const auto home = std::find_if(facts.facilities.begin(), facts.facilities.end(),
                                 [&](const facilities::Facility& each) { return each.id == homes.front(); });
  const Zone zone = home == facts.facilities.end() ? Zone{"UTC"} : home->zone;
  const std::string mrn = foreseen_mrn(work, *facts.settings, request.mrn, homes.front(), zone);
  if (!mrn.empty()) TokenIndex::foresee(foresight, blind(work, TokenKind::mrn, normalise_identifier(mrn)));
}

void change(Work& work, const Patient& before, Patient& after, std::optional<std::uint64_t> revision,
            const Insistence& insistence) {
  TokenIndex& index = token_index(work);
  const Tokens said = tokens_said(work, after);
  // A stale change is told so before anything is said about others.
  if (revision && *revision == before.revision) refuse_duplicates(work, after, said, &before, insistence);
  Rows<Patient>(work).update(after, revision, {}, classes(work, before));
  const Tokens old_tokens = all_tokens(work, before);
  const Tokens tokens = with_mrn(said, mrn_token(work, after));
  for (const crypto::BlindToken& token : old_tokens)
    if (!std::binary_search(tokens.begin(), tokens.end(), token)) index.remove(work.transaction(), token, after.id);
  for (const crypto::BlindToken& token : tokens)
    if (!std::binary_search(old_tokens.begin(), old_tokens.end(), token)) index.add(token, after.id);
  follow_names(work, after);
  work.concerns(after.id);
}

}  // namespace medflow::inline v1::patients
