#include <algorithm>
#include <cstring>

#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "kernel/paging.hpp"
#include "patients/content.hpp"
#include "patients/registry.hpp"
#include "tenants/facts.hpp"
#include "text/phone.hpp"

namespace medflow::inline v1::patients {

using kernel::Opening;
using kernel::Outside;
using kernel::Place;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::size_t candidates_max = 2000;  ///< looked at for one page; then it is short and has a cursor

/// What a list is narrowed by, the same for `List` and `Search`.
struct Query {
  std::string name{};
  std::string mrn{};
  std::string identifier{};
  std::string phone{};
  std::string email{};
  std::optional<PartialDate> birth{};
  bool with_deleted = false;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};
  std::vector<text::QueryToken> words{};

  bool exact() const { return !mrn.empty() || !identifier.empty() || !phone.empty() || !email.empty(); }
  /// What a cursor is bound to.
  std::string key() const {
    std::string key;
    for (const std::string* part : {&name, &mrn, &identifier, &phone, &email}) key.append(*part).push_back('\n');
    return key + (birth ? birth->text() : std::string()) + (with_deleted ? "+" : "-");
  }
};

template <class Request>
Query query_of(const Request& request) {
  Query query{.name = request.name,
              .mrn = request.mrn,
              .identifier = request.identifier,
              .phone = request.phone,
              .email = request.email,
              .birth = request.birth,
              .with_deleted = request.include == "deleted",
              .limit = request.limit,
              .cursor = request.cursor,
              .words = text::query_tokens(request.name)};
  if (!request.include.empty() && !query.with_deleted)
    throw Failure(codes::invalid, "/include", "enum.unknown", "only \"deleted\" can be included");
  if (!query.name.empty() && !text::searchable(query.words))
    throw Failure(query_too_broad, "/name", "query.too_broad", "give at least two letters of a name");
  if (query.birth && query.name.empty() && !query.exact())
    throw Failure(query_too_broad, "/birth", "query.too_broad", "a birth date narrows a search by name or identifier");
  return query;
}

/// A date known to the month or the year matches every date within it.
bool birth_matches(const Patient& patient, const std::optional<PartialDate>& wanted) {
  if (!wanted) return true;
  if (!patient.birth) return false;
  const PartialDate& date = patient.birth->date;
  return date.year == wanted->year && (wanted->month == 0 || date.month == wanted->month) &&
         (wanted->day == 0 || date.day == wanted->day);
}

bool has_identifier(const Patient& patient, std::string_view wanted) {
  const std::size_t bar = wanted.rfind('|');
  return std::any_of(patient.identifiers.begin(), patient.identifiers.end(), [&](const Identifier& identifier) {
    if (bar == std::string_view::npos) return normalise_identifier(identifier.value) == normalise_identifier(wanted);
    return identifier.system == wanted.substr(0, bar) &&
           normalise_identifier(identifier.value) == normalise_identifier(wanted.substr(bar + 1));
  });
}

/// What is masked in the answer cannot wait until the row is out of reach.
Opening opening_of(const Work& work, const Patient& patient) {
  return shows_identifiers(work, patient) ? Opening::later : Opening::now;
}

/// The row itself decides: whatever an index said may be older, or about another row with the same token. By an identifier nobody is found whose
/// identifiers are masked.
bool matches(const Work& work, const Patient& patient, const Query& query) {
  const auto has_phone = [&](const Phone& phone) { return phone.e164 == query.phone; };
  const auto has_email = [&](const std::string& email) {
    return normalise_email(email) == normalise_email(query.email);
  };
  return birth_matches(patient, query.birth) &&
         (query.mrn.empty() || normalise_identifier(patient.mrn) == normalise_identifier(query.mrn)) &&
         (query.identifier.empty() ||
          (shows_identifiers(work, patient) && has_identifier(patient, query.identifier))) &&
         (query.phone.empty() || std::any_of(patient.phones.begin(), patient.phones.end(), has_phone)) &&
         (query.email.empty() || std::any_of(patient.emails.begin(), patient.emails.end(), has_email)) &&
         (query.words.empty() || name_matches(patient, query.words));
}

Uuid uuid_of(std::string_view bytes) {
  Uuid id;
  if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

/// The value's; the system is compared on the rows.
std::string_view value_of(std::string_view wanted) {
  const std::size_t bar = wanted.rfind('|');
  return bar == std::string_view::npos ? wanted : wanted.substr(bar + 1);
}

std::vector<PatientId> holders_of_exact(Work& work, const Query& query) {
  if (!query.mrn.empty()) return holders(work, TokenKind::mrn, normalise_identifier(query.mrn));
  if (!query.identifier.empty())
    return holders(work, TokenKind::identifier, normalise_identifier(value_of(query.identifier)));
  if (!query.phone.empty()) return holders(work, TokenKind::phone, query.phone);
  return holders(work, TokenKind::email, normalise_email(query.email));
}

/// By the most telling of the exact criteria; the others are checked on the rows.
Page<Patient> exact_page(Work& work, const Query& query) {
  const Place place(work, query.key(), query.cursor);
  std::vector<PatientId> ids = holders_of_exact(work, query);
  if (place.to_front()) std::reverse(ids.begin(), ids.end());
  if (!place.is_first()) {
    const PatientId at{kernel::id_in(place.position())};
    std::erase_if(ids, [&](const PatientId& id) { return place.to_front() ? id >= at : id <= at; });
  }
  Page<Patient> page{.page = {.limit = query.limit}};
  std::optional<Uuid> onwards;
  std::size_t looked_at = 0;
  // Mostly the first slice is enough. Each is twice the one before, so that where few match storage is not asked often.
  for (std::size_t slice = query.limit + 1; !onwards && looked_at < std::min(ids.size(), candidates_max); slice *= 2) {
    const auto next =
        std::span(ids).subspan(looked_at).first(std::min({slice, ids.size() - looked_at, candidates_max - looked_at}));
    looked_at += next.size();
    for (Patient& patient : Rows<Patient>(work).get_many(next, query.with_deleted)) {
      if (!matches(work, patient, query)) continue;
      if (page.data.size() == query.limit) {
        onwards = page.data.back().id.uuid;
        break;
      }
      page.data.push_back(std::move(patient));
    }
  }
  if (!onwards && looked_at < ids.size()) onwards = ids[looked_at - 1].uuid;
  place.finish_ids(page, onwards);
  return page;
}

std::string position_of(const text::NameHit& hit) {
  std::string bytes(1, static_cast<char>(hit.rank));
  bytes.append(reinterpret_cast<const char*>(&hit.birth), sizeof hit.birth);
  bytes += hit.id.view();
  return bytes + hit.family + '\n' + hit.given;
}

text::NameHit hit_of(std::string_view bytes) {
  constexpr std::size_t head = 1 + sizeof(std::int32_t) + 16;
  const std::size_t line = bytes.find('\n', std::min(head, bytes.size()));
  if (bytes.size() < head || line == std::string_view::npos) throw Failure(codes::cursor_invalid);
  text::NameHit hit{.rank = static_cast<std::uint8_t>(bytes[0])};
  std::memcpy(&hit.birth, bytes.data() + 1, sizeof hit.birth);
  hit.id = uuid_of(bytes.substr(head - 16, 16));
  hit.family = bytes.substr(head, line - head);
  hit.given = bytes.substr(line + 1);
  return hit;
}

/// Candidates in the order of the index, away from a place, of which a page takes those that it shows.
class NameWalk {
 public:
  NameWalk(Work& work, const Query& query, const Place& place) : work_(work), query_(query), place_(place) {
    if (!place.is_first()) at_ = hit_of(place.position());
  }

  Page<Patient> run() {
    while (more_ && !full_ && looked_at_ < candidates_max) step();
    std::optional<std::string> onwards;
    if (full_) {
      onwards = position_of(*last_shown_);
    } else if (more_ && at_) {
      onwards = position_of(*at_);
    }
    place_.finish(page_, onwards, back());
    return std::move(page_);
  }

 private:
  void step() {
    const std::size_t wanted = query_.limit - page_.data.size() + 1;
    const auto hits = work_.store().names().search(query_.words, wanted, at_ ? &*at_ : nullptr, place_.to_front());
    more_ = hits.size() == wanted;
    looked_at_ += hits.size();
    std::vector<PatientId> ids;
    for (const text::NameHit& hit : hits) ids.push_back({hit.id});
    // Of a row in the state by which it was found, the index has said what its names would say.
    const auto known = [&](std::size_t at, const Patient& patient) {
      return !query_.birth && hits[at].revision == static_cast<std::uint32_t>(patient.revision);
    };
    const auto opening = [&](std::size_t at, const Patient& patient) {
      return known(at, patient) ? opening_of(work_, patient) : Opening::now;
    };
    auto rows = Rows<Patient>(work_).get_many(ids, false, opening);
    page_.data.reserve(std::min<std::size_t>(query_.limit, page_.data.size() + rows.size()));
    std::size_t next_row = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const bool there = next_row < rows.size() && rows[next_row].id.uuid == hits[i].id;
      if (there) {
        Patient& patient = rows[next_row++];
        if ((known(i, patient) || matches(work_, patient, query_)) && !show(std::move(patient), hits[i])) return;
      }
      at_ = hits[i];
    }
  }

  /// False where the page is full already.
  bool show(Patient&& patient, const text::NameHit& hit) {
    full_ = page_.data.size() == query_.limit;
    if (full_) return false;
    page_.data.push_back(std::move(patient));
    if (!first_shown_) first_shown_ = hit;
    last_shown_ = hit;
    return true;
  }

  /// The way back leads over what was at the place, if nothing is left here.
  std::string back() const {
    if (first_shown_) return position_of(*first_shown_);
    if (place_.is_first()) return {};
    text::NameHit hit = hit_of(place_.position());
    hit.id = kernel::neighbour(hit.id, !place_.to_front());
    return position_of(hit);
  }

  Work& work_;
  const Query& query_;
  const Place& place_;
  Page<Patient> page_{.page = {.limit = query_.limit}};
  std::optional<text::NameHit> at_{};  ///< the last candidate that was looked at
  std::optional<text::NameHit> first_shown_{};
  std::optional<text::NameHit> last_shown_{};
  std::size_t looked_at_ = 0;
  bool more_ = true;
  bool full_ = false;
};

/// Candidates come from the index in rank order; a page is filled from those that the transaction shows and the session reaches.
Page<Patient> name_page(Work& work, const Query& query) {
  const Place place(work, query.key(), query.cursor);
  return NameWalk(work, query, place).run();
}

/// The first ids beyond a place of those that the session's own facilities know, in the order of the walk.
std::vector<PatientId> known_there(Work& work, const std::optional<Uuid>& at, bool backwards, std::size_t wanted) {
  std::vector<PatientId> ids;
  for (const FacilityId& facility : work.actor().facilities) {
    const storage::Cell equal[] = {storage::Cell::bytes(facility.uuid.view())};
    const storage::Cell beyond[] = {storage::Cell::bytes(at ? at->view() : std::string_view())};
    storage::Scan scan{.table = &facilities_table, .equal = equal, .backwards = backwards, .limit = wanted};
    if (at) scan.after = beyond;
    work.transaction().scan(scan, [&](storage::RowView row) {
      ids.push_back({uuid_of(row[1].data)});
      return true;
    });
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (backwards) std::reverse(ids.begin(), ids.end());
  return ids;
}

/// Patients of the session's own facilities, by id: each facility's index is walked, and the walks are merged.
Page<Patient> facility_page(Work& work, const Query& query) {
  const Place place(work, query.key(), query.cursor);
  std::optional<Uuid> at;
  if (!place.is_first()) at = kernel::id_in(place.position());
  Page<Patient> page{.page = {.limit = query.limit}};
  std::optional<Uuid> onwards;
  bool more = true;
  std::size_t looked_at = 0;
  while (more && !onwards && looked_at < candidates_max) {
    const std::size_t wanted = query.limit - page.data.size() + 1;
    std::vector<PatientId> ids = known_there(work, at, place.to_front(), wanted);
    more = ids.size() >= wanted;
    if (ids.size() > wanted) ids.resize(wanted);
    looked_at += ids.size();
    const auto opening = [&](std::size_t, const Patient& patient) { return opening_of(work, patient); };
    for (Patient& patient : Rows<Patient>(work).get_many(ids, query.with_deleted, opening)) {
      if (page.data.size() == query.limit) {
        onwards = page.data.back().id.uuid;
        break;
      }
      page.data.push_back(std::move(patient));
    }
    if (!ids.empty()) at = ids.back().uuid;
  }
  if (!onwards && more) onwards = at;
  place.finish_ids(page, onwards);
  return page;
}

Page<Patient> own_page(Work& work, const Query& query) {
  Page<Patient> page{.page = {.limit = query.limit}};
  if (work.actor().patient_id)
    if (auto self = Rows<Patient>(work).find(*work.actor().patient_id)) page.data.push_back(std::move(*self));
  return page;
}

bool holds_any(Work& work, std::initializer_list<Scope> scopes) {
  const auto ways = work.access().ways(work.permission());
  return std::any_of(ways.begin(), ways.end(), [&](const kernel::Granted& way) {
    return std::find(scopes.begin(), scopes.end(), way.scope) != scopes.end();
  });
}

/// A list without a criterion walks the index of the session's scope.
Page<Patient> whole_page(Work& work, const Query& query) {
  if (holds_any(work, {Scope::all}))
    return kernel::page_by_id<Patient>(
        work, query.limit, query.cursor, query.key(), [](const Patient&) { return true; },
        {.with_hidden = query.with_deleted}, [&](const Patient& patient) { return opening_of(work, patient); });
  if (holds_any(work, {Scope::facility, Scope::care})) return facility_page(work, query);
  return own_page(work, query);
}

/// A number is sought in the form in which it is stored. Nobody has to be asked about one in international form.
Query with_phone(Work& work, Query query) {
  const bool international = query.phone.starts_with('+');
  auto number = text::e164_of(query.phone, international ? "" : tenants::settings_in_force(work).country);
  if (!number) throw Failure(codes::invalid, "/phone", "format.e164", std::string(text::no_phone));
  query.phone = std::move(*number);
  return query;
}

bool seeks_identifiers(const Work& work) {
  return work.actor().kind == audit::ActorKind::system ||
         work.access().holds(Permission::patient_read_full_identifiers);
}

Page<Patient> find(Work& work, const Query& query) {
  if (query.with_deleted && !work.access().holds(Permission::patient_restore)) throw Failure(codes::forbidden);
  if (!query.identifier.empty() && !seeks_identifiers(work))
    throw Failure(filter_masked, "/identifier", "filter.masked", "this account sees identifiers masked");
  // The name index forgets who is deleted.
  if (query.with_deleted && !query.name.empty() && !query.exact())
    throw Failure(codes::invalid, "/include", "include.by_name",
                  "deleted patients are not found by name; give a record number or another identifier, or list all");
  Page<Patient> page = query.exact()         ? exact_page(work, query)
                       : query.words.empty() ? whole_page(work, query)
                                             : name_page(work, query);
  work.event().count = static_cast<std::uint32_t>(page.data.size());
  work.event().table = Rows<Patient>::layout().table().id;
  for (Patient& patient : page.data) {
    hide_closed(work, patient);
    work.concerns(patient.id);
  }
  return page;
}

/// Does that with one patient's row. A damaged row is found by no name; who reads or verifies it is told.
template <class Body>
void unless_damaged(Body&& body) {
  try {
    body();
  } catch (const Failure& failure) {
    if (failure.error.kind() != Errc::integrity) throw;
  }
}

/// Reads every patient of a snapshot into the name index, if nobody has. Other people's work goes on meanwhile.
Query prepared(Outside& outside, Query query) {
  if (query.words.empty() || outside.store() == nullptr) return query;
  outside.store()->catch_up();
  outside.store()->names().build_once([&](NameDirectory::Add add) {
    outside.read([&](Work& work) {
      const storage::Layout& layout = Rows<Patient>::layout();
      work.transaction().scan({.table = &layout.table()}, [&](storage::RowView row) {
        unless_damaged([&] {
          Patient patient;
          work.read_row(layout, row, &patient);
          if (patient.deleted_at) return;
          work.open_row(layout, row, &patient, identity);
          add(patient.id.uuid, name_entry(patient));
        });
        return true;
      });
    });
  });
  outside.store()->names().catch_up([&](std::span<const Uuid> ids, NameDirectory::Add add) {
    outside.read([&](Work& work) {
      for (const Uuid& id : ids)
        unless_damaged([&] {
          if (const auto patient = Rows<Patient>(work).find_unchecked({id}, identity); patient && !patient->deleted_at)
            add(id, name_entry(*patient));
        });
    });
  });
  return query;
}

}  // namespace

void foresee(Work&, storage::Foresight& foresight, const Get& request) {
  Rows<Patient>::foresee(foresight, request.id);
}

Patient handle(Work& work, const Get& request) {
  Patient patient =
      Rows<Patient>(work).get_output(request.id, [&](const Patient& found) { return opening_of(work, found); });
  hide_closed(work, patient);
  work.concerns(patient.id);
  work.event().count = 1;
  return patient;
}

bool prepares_quickly(const kernel::Store& store, const List& request) {
  return request.name.empty() || (!store.shared() && store.names().ready());
}

Query prepare(Outside& outside, const List& request) { return prepared(outside, query_of(request)); }
Query prepare(Outside& outside, const Search& request) { return prepared(outside, query_of(request)); }

Page<Patient> handle(Work& work, const List&, const Query& query) {
  return query.phone.empty() ? find(work, query) : find(work, with_phone(work, query));
}
Page<Patient> handle(Work& work, const Search&, const Query& query) {
  return query.phone.empty() ? find(work, query) : find(work, with_phone(work, query));
}

}  // namespace medflow::inline v1::patients

MEDFLOW_HANDLE(medflow::patients::Get);
MEDFLOW_HANDLE(medflow::patients::List);
MEDFLOW_HANDLE(medflow::patients::Search);
