// `audit.verify`: the log, then every row against the last event about it, then the tables that patients are found by and the calendars that
// appointments are in. Everything is read in pages, each on a new snapshot, so that the largest hospital holds up no file for longer than
// a page takes. What was written meanwhile is caught up with first in each page: the page's rows and the events about them are of one
// moment.
#include <algorithm>
#include <cstring>

#include "appointments/claims.hpp"
#include "audit/audit.fields.hpp"
#include "audit/row_ledger.hpp"
#include "audit/tables.hpp"
#include "audit/verify.hpp"
#include "crypto/codec.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "patients/registry.hpp"

namespace medflow::inline v1::audit {

using kernel::Outside;
using kernel::Work;
using storage::Cell;
using storage::Layout;
using storage::RowView;

namespace {

constexpr std::size_t page_rows = 4'096;
constexpr std::size_t page_missing = 1'024;

Uuid uuid_of(std::string_view bytes) {
  Uuid id;
  if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

const Layout* layout_of_table(std::uint16_t id) {
  for (const Layout* layout : storage::layouts())
    if (layout->table().id == id) return layout;
  return nullptr;
}

std::string table_name(std::uint16_t id) {
  const Layout* layout = layout_of_table(id);
  return layout == nullptr ? "?" : std::string(layout->table().name);
}

bool in_schema(const storage::Schema& schema, const Layout& layout) {
  const auto& changes = schema.migrations.front().changes;
  return std::any_of(changes.begin(), changes.end(),
                     [&](const storage::SchemaChange& change) { return change.table == &layout.table(); });
}

bool opens(Work& work, const Layout& layout, RowView row) {
  try {
    Value object(*layout.entity().type);
    work.read_row(layout, row, object.data());
    work.open_row(layout, row, object.data(), block_flags);
    return true;
  } catch (const Failure&) {
    return false;
  }
}

/// The key of a row, kept while the pages go on.
class Position {
 public:
  void take(const storage::Table& table, RowView row) {
    cells_.assign(row.begin(), row.begin() + table.key_columns);
    texts_.assign(cells_.size(), {});
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      texts_[i] = cells_[i].data;
      cells_[i].data = texts_[i];
    }
  }
  std::span<const Cell> cells() const { return cells_; }

 private:
  std::vector<Cell> cells_{};
  std::vector<std::string> texts_{};
};

class TenantVerifier {
 public:
  TenantVerifier(Outside& outside, const Verify& request) : outside_(outside), request_(request) {}

  Verification run() {
    check_log();
    const auto& schema = outside_.store()->schema(storage::Part::data);
    for (const Layout* layout : storage::layouts())
      if (in_schema(schema, *layout)) check_rows(*layout);
    check_missing();
    // What the indexes hold beyond the rows can be told only where all rows are whole.
    const bool whole = result_.intact;
    if (outside_.store()->realm() != Realm::tenant) return std::move(result_);
    check_patient_indexes(whole);
    check_claims(whole);
    return std::move(result_);
  }

 private:
  void add(std::string_view kind, std::uint64_t seq, std::string object, std::optional<Uuid> id = std::nullopt) {
    add({.kind = std::string(kind), .seq = seq, .object = std::move(object), .id = id});
  }
  void add(Finding finding) {
    result_.intact = false;
    if (result_.findings.size() < findings_max) result_.findings.push_back(std::move(finding));
  }

  void check_log() {
    auto& checkpoints = outside_.store()->checkpoints();
    VerifyOptions options{
        .sealer = outside_.store()->head_sealer(), .origin = checkpoints.origin(), .key = checkpoints.key()};
    std::vector<std::string> texts =
        checkpoints.held();  // before the log is read, so that it is not older than they are
    texts.insert(texts.end(), request_.checkpoints.begin(), request_.checkpoints.end());
    for (const std::string& text : texts)
      for (const std::string_view note : split_notes(text)) options.checkpoints.emplace_back(note);
    const auto snapshots = [&](storage::Body body) { outside_.read([&](Work& work) { body(work.transaction()); }); };
    const auto on_event = [&](const Event& event, std::string_view) { note(event); };
    LogReport log = verify(snapshots, on_event, options);
    for (Finding& finding : log.findings) add(std::move(finding));
    result_.events = log.events;
    result_.checkpoints = log.checkpoints;
    if (log.root) result_.root = crypto::base64(*log.root);
    next_event_ = log.size + 1;
  }

  void note(const Event& event) {
    ledger_.add(event,
                [&](const RowEntry& entry) { add("rolled_back", event.seq, table_name(entry.table), entry.id); });
    const auto names = [&](const Layout& layout) {
      return std::any_of(event.rows.begin(), event.rows.end(),
                         [id = layout.table().id](const RowEntry& row) { return row.table == id; });
    };
    patients_changed_ = patients_changed_ || names(kernel::Rows<patients::Patient>::layout());
    visits_changed_ = visits_changed_ || names(kernel::Rows<appointments::Appointment>::layout());
  }

  /// The events since the last page. They are checked by the next verification; here they say what the rows should be.
  void catch_up(Work& work) {
    Event event;
    work.transaction().scan({.table = &events_table, .from = Cell::of(static_cast<std::int64_t>(next_event_))},
                            [&](RowView row) {
                              const auto seq = static_cast<std::uint64_t>(row[0].integer);
                              if (decode(row[1].data, event) && event.seq == seq)
                                note(event);
                              else
                                add("event", seq, "audit");
                              next_event_ = seq + 1;
                              return true;
                            });
  }

  /// Visits all rows of a table, page by page.
  template <class Visit>
  void for_each_row(const storage::Table& table, const Visit& visit) {
    Position position;
    for (std::size_t seen = page_rows; seen == page_rows;) {
      seen = 0;
      outside_.read([&](Work& work) {
        catch_up(work);
        const storage::Scan scan{.table = &table, .after = position.cells(), .limit = page_rows};
        Position last;
        work.transaction().scan(scan, [&](RowView row) {
          ++seen;
          if (seen == page_rows) last.take(table, row);
          visit(work, row);
          return true;
        });
        position = std::move(last);
      });
    }
  }

  void check_rows(const Layout& layout) {
    for_each_row(layout.table(), [&](Work& work, RowView row) {
      ++result_.rows;
      check_row(work, layout, row);
    });
  }

  /// A row is as its last event says, and everything in it opens.
  void check_row(Work& work, const Layout& layout, RowView row) {
    const Uuid id = uuid_of(row[0].data);
    const RowState* last = ledger_.find(layout.table().id, id);
    const auto finding = [&](std::string_view kind) {
      add(kind, last == nullptr ? 0 : last->seq, std::string(layout.table().name), id);
    };
    if (!work.store().rows().intact(layout, row)) return finding("row_seal");
    if (!opens(work, layout, row)) return finding("block");
    if (last == nullptr || last->removed) return add("unknown", 0, std::string(layout.table().name), id);
    const bool same = crypto::constant_time_equal(crypto::bytes_of(row[layout.seal()].data), last->seal);
    if (!same || static_cast<std::uint64_t>(row[1].integer) != last->revision) finding("rolled_back");
  }

  /// Rows that no page showed. One that was written behind its page's back is there nevertheless.
  void check_missing() {
    std::vector<std::pair<std::uint16_t, Uuid>> candidates;
    ledger_.for_each_missing([&](const RowState& row) { candidates.emplace_back(row.table, row.id); });
    for (std::size_t first = 0; first < candidates.size(); first += page_missing) {
      const auto page = std::span(candidates).subspan(first, std::min(page_missing, candidates.size() - first));
      outside_.read([&](Work& work) {
        catch_up(work);
        for (const auto& [table, id] : page) look_for(work, table, id);
      });
    }
  }

  void look_for(Work& work, std::uint16_t table, const Uuid& id) {
    const RowState* state = ledger_.find(table, id);
    if (state == nullptr || state->removed) return;
    bool there = false;
    if (const Layout* layout = layout_of_table(table)) {
      const Cell cells[] = {Cell::bytes(id.view())};
      const storage::Key keys[] = {cells};
      work.transaction().get(layout->table(), keys, [&](std::size_t, RowView row) {
        there = true;
        ++result_.rows;
        check_row(work, *layout, row);
      });
    }
    if (!there) add("missing", state->seq, table_name(table), id);
  }

  /// The tables that patients are found by hold what the patients' rows say, and nothing else.
  void check_patient_indexes(bool whole) {
    const Layout& layout = kernel::Rows<patients::Patient>::layout();
    patients_changed_ = false;
    std::size_t tokens = 0;
    std::size_t facilities = 0;
    for_each_row(layout.table(), [&](Work& work, RowView row) {
      patients::Patient patient;
      if (!open_patient(work, row, patient)) return;  // told of already, as a row
      const patients::IndexRows rows = index_rows(work, patient);
      tokens += rows.tokens;
      facilities += rows.facilities;
      if (!rows.all_there) add("index", 0, std::string(layout.table().name), patient.id.uuid);
    });
    if (!whole) return;
    for (const auto& [table, expected] :
         {std::pair(&patients::tokens_table, tokens), std::pair(&patients::facilities_table, facilities)}) {
      std::size_t count = 0;
      for_each_row(*table, [&](Work&, RowView) { ++count; });
      if (count > expected || patients_changed_) check_index(*table);
    }
  }

  /// The tokens of patients that changed lately may still be missing; nobody else's.
  patients::IndexRows index_rows(Work& work, const patients::Patient& patient) {
    patients::IndexRows rows = patients::index_rows(work, patient, false);
    if (rows.all_there) return rows;
    const auto is_recent = [&] { return std::binary_search(recent_.begin(), recent_.end(), patient.id); };
    if (!is_recent()) recent_ = patients::changed_since_mark(work);
    return is_recent() ? patients::index_rows(work, patient, true) : rows;
  }

  static bool open_patient(Work& work, RowView row, patients::Patient& patient) {
    const Layout& layout = kernel::Rows<patients::Patient>::layout();
    try {
      work.read_row(layout, row, &patient);
      work.open_row(layout, row, &patient, block_flags);
      return true;
    } catch (const Failure&) {
      return false;
    }
  }

  /// The other way round, row by row: counting tells nothing where patients were written in between.
  void check_index(const storage::Table& table) {
    const Layout& layout = kernel::Rows<patients::Patient>::layout();
    const std::size_t holder = table.columns.size() - 1;  // patient_id is the last column of both
    bool found = false;
    for_each_row(table, [&](Work& work, RowView row) {
      bool expected = false;
      const Cell cells[] = {row[holder]};
      const storage::Key keys[] = {cells};
      work.transaction().get(layout.table(), keys, [&](std::size_t, RowView patient_row) {
        patients::Patient patient;
        expected = open_patient(work, patient_row, patient) && patients::is_index_row(work, patient, table, row);
      });
      found = found || !expected;
    });
    if (found) add("index", 0, std::string(table.name));
  }

  /// What appointments take of calendars is what their rows say, and nothing else is taken.
  void check_claims(bool whole) {
    const Layout& layout = kernel::Rows<appointments::Appointment>::layout();
    visits_changed_ = false;
    std::size_t expected = 0;
    for_each_row(layout.table(), [&](Work& work, RowView row) {
      appointments::Appointment visit;
      if (!read_visit(work, row, visit)) return;  // told of already, as a row
      const auto rows = appointments::claim_rows(work, visit);
      expected += rows.count;
      if (!rows.all_there) add("index", 0, std::string(layout.table().name), visit.id.uuid);
    });
    if (!whole) return;
    std::size_t count = 0;
    for_each_row(appointments::claims_table, [&](Work&, RowView) { ++count; });
    if (count > expected || visits_changed_) check_calendars();
  }

  static bool read_visit(Work& work, RowView row, appointments::Appointment& visit) {
    try {
      work.read_row(kernel::Rows<appointments::Appointment>::layout(), row, &visit);
      return true;
    } catch (const Failure&) {
      return false;
    }
  }

  /// The other way round, as with patients.
  void check_calendars() {
    const Layout& layout = kernel::Rows<appointments::Appointment>::layout();
    bool found = false;
    for_each_row(appointments::claims_table, [&](Work& work, RowView row) {
      bool expected = false;
      const Cell cells[] = {row[2]};  // appointment_id
      const storage::Key keys[] = {cells};
      work.transaction().get(layout.table(), keys, [&](std::size_t, RowView visit_row) {
        appointments::Appointment visit;
        expected = read_visit(work, visit_row, visit) && appointments::is_claim_row(work, visit, row);
      });
      found = found || !expected;
    });
    if (found) add("index", 0, std::string(appointments::claims_table.name));
  }

  Outside& outside_;
  const Verify& request_;
  Verification result_{};
  RowLedger ledger_{};
  std::uint64_t next_event_ = 1;
  bool patients_changed_ = false;
  bool visits_changed_ = false;
  std::vector<PatientId> recent_{};
};

}  // namespace

Verification prepare(Outside& outside, const Verify& request) {
  if (outside.store() == nullptr) return {};
  return TenantVerifier(outside, request).run();
}

constexpr kernel::Slow slow(const Verify*) { return kernel::Slow::long_work; }

Verification handle(Work& work, const Verify&, const Verification& verification) {
  work.event().count = static_cast<std::uint32_t>(std::min<std::uint64_t>(verification.events, UINT32_MAX));
  return verification;
}

}  // namespace medflow::inline v1::audit

MEDFLOW_HANDLE(medflow::audit::Verify);
