#include <algorithm>
#include <cstring>

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
using kernel::Store;
using kernel::Work;
using storage::Cell;
using storage::Layout;
using storage::RowView;

namespace {

constexpr std::size_t export_batch = 256;

class Findings {
 public:
  explicit Findings(Verification& verification) : verification_(verification) {}
  void add(Finding finding) {
    verification_.intact = false;
    if (verification_.findings.size() < findings_max) verification_.findings.push_back(std::move(finding));
  }

 private:
  Verification& verification_;
};

Uuid uuid_of(std::string_view bytes) {
  Uuid id;
  if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
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

/// A row is as its last event says, and everything in it opens.
void check_row(Work& work, const Layout& layout, RowView row, RowLedger& ledger, Findings& findings) {
  const Uuid id = uuid_of(row[0].data);
  const auto finding = [&](std::string_view kind, std::uint64_t seq) {
    findings.add({.kind = std::string(kind), .seq = seq, .object = std::string(layout.table().name), .id = id});
  };
  const RowState* last = ledger.find(layout.table().id, id);
  if (!work.store().rows().intact(layout, row)) return finding("row_seal", last == nullptr ? 0 : last->seq);
  if (!opens(work, layout, row)) return finding("block", last == nullptr ? 0 : last->seq);
  if (last == nullptr || last->removed) return finding("unknown", 0);
  const bool same = crypto::constant_time_equal(crypto::bytes_of(row[layout.seal()].data), last->seal);
  if (!same || static_cast<std::uint64_t>(row[1].integer) != last->revision) finding("rolled_back", last->seq);
}

std::string_view table_name(std::uint16_t id) {
  for (const Layout* layout : storage::layouts())
    if (layout->table().id == id) return layout->table().name;
  return "?";
}

bool in_schema(const storage::Schema& schema, const Layout& layout) {
  const auto& changes = schema.migrations.front().changes;
  return std::any_of(changes.begin(), changes.end(),
                     [&](const storage::SchemaChange& change) { return change.table == &layout.table(); });
}

std::size_t rows_of(Work& work, const storage::Table& table) {
  std::size_t count = 0;
  work.transaction().scan({.table = &table}, [&](RowView) {
    ++count;
    return true;
  });
  return count;
}

/// The tables that patients are found by hold what the patients' rows say, and nothing else. What they hold beyond that can be told
/// only where all rows are `whole`.
void check_patient_indexes(Work& work, bool whole, Findings& findings) {
  const Layout& layout = kernel::Rows<patients::Patient>::layout();
  std::size_t tokens = 0;
  std::size_t facilities = 0;
  work.transaction().scan({.table = &layout.table()}, [&](RowView row) {
    patients::Patient patient;
    try {
      work.read_row(layout, row, &patient);
      work.open_row(layout, row, &patient, block_flags);
    } catch (const Failure&) {
      return true;  // told of already, as a row
    }
    const patients::IndexRows rows = patients::index_rows(work, patient);
    tokens += rows.tokens;
    facilities += rows.facilities;
    if (!rows.all_there)
      findings.add({.kind = "index", .object = std::string(layout.table().name), .id = patient.id.uuid});
    return true;
  });
  if (!whole) return;
  for (const auto& [table, expected] :
       {std::pair(&patients::tokens_table, tokens), std::pair(&patients::facilities_table, facilities)})
    if (rows_of(work, *table) > expected) findings.add({.kind = "index", .object = std::string(table->name)});
}

Verification verify_all(Work& work) {
  Verification verification;
  Findings findings(verification);
  RowLedger ledger;
  const auto on_event = [&](const Event& event, std::string_view) {
    ledger.add(event, [&](const RowEntry& entry) {
      findings.add(
          {.kind = "rolled_back", .seq = event.seq, .object = std::string(table_name(entry.table)), .id = entry.id});
    });
  };
  LogReport log = verify(work.transaction(), on_event, {.sealer = work.store().head_sealer()});
  for (Finding& finding : log.findings) findings.add(std::move(finding));
  verification.events = log.events;
  if (log.root) verification.root = crypto::base64(*log.root);
  for (const Layout* layout : storage::layouts()) {
    if (!in_schema(kernel::data_schema(work.store().realm()), *layout)) continue;
    work.transaction().scan({.table = &layout->table()}, [&](RowView row) {
      ++verification.rows;
      check_row(work, *layout, row, ledger, findings);
      return true;
    });
  }
  ledger.for_each_missing([&](const RowState& row) {
    findings.add({.kind = "missing", .seq = row.seq, .object = std::string(table_name(row.table)), .id = row.id});
  });
  if (work.store().realm() == Realm::tenant) check_patient_indexes(work, verification.intact, findings);
  return verification;
}

/// Reads the log batch by batch as the caller pulls, and leaves an event that says how much went out.
class ExportSource {
 public:
  ExportSource(std::shared_ptr<kernel::PlatformState> platform, std::shared_ptr<Store> store,
               const kernel::Actor& actor, const OperationRow& row, std::uint64_t from, std::uint64_t to)
      : platform_(std::move(platform)), store_(std::move(store)), row_(row), next_(from), end_(to + 1) {
    session_ = platform_->system_session(store_, "export");
    actor_ = actor.user.uuid;
  }
  ~ExportSource() {
    if (!closed_) close(Outcome::error);
  }
  ExportSource(const ExportSource&) = delete;
  ExportSource& operator=(const ExportSource&) = delete;

  Result<std::size_t> pull(std::span<std::byte> out) {
    try {
      if (buffer_.size() == sent_) fill();
      const std::size_t n = std::min(out.size(), buffer_.size() - sent_);
      std::memcpy(out.data(), buffer_.data() + sent_, n);
      sent_ += n;
      if (n == 0 && !closed_ && !close(Outcome::ok)) return Error{.code = codes::store_unavailable};
      return n;
    } catch (...) {
      return kernel::error_of(std::current_exception());
    }
  }

 private:
  void fill() {
    buffer_.clear();
    sent_ = 0;
    const storage::Scan scan{.table = &events_table,
                             .from = Cell::of(static_cast<std::int64_t>(next_)),
                             .to = Cell::of(static_cast<std::int64_t>(end_)),
                             .limit = export_batch};
    store_->data().read([&](storage::Transaction& transaction) {
      transaction.scan(scan, [&](RowView row) {
        buffer_ += R"({"seq":)" + std::to_string(row[0].integer) + R"(,"event":")" +
                   crypto::base64(crypto::bytes_of(row[1].data)) + "\"}\n";
        next_ = static_cast<std::uint64_t>(row[0].integer) + 1;
        ++count_;
        return true;
      });
    });
  }

  /// The closing event. False where it could not be written: then the export has not come to its end.
  bool close(Outcome outcome) noexcept {
    closed_ = true;
    try {
      kernel::CallFrame frame{
          .session = session_.get(), .store = store_.get(), .row = &row_, .now = store_->clock().now()};
      Outside outside(frame);
      outside.write_in(*store_, [&](Work& work) {
        work.event().count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count_, UINT32_MAX));
        work.event().on_behalf_of = actor_;
        if (outcome != Outcome::ok) {
          work.event().outcome = outcome;
          work.event().error = "stream.broken_off";
        }
      });
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  std::shared_ptr<kernel::PlatformState> platform_;
  std::shared_ptr<Store> store_;
  std::shared_ptr<kernel::SessionState> session_{};
  Uuid actor_{};
  const OperationRow& row_;
  std::uint64_t next_;
  std::uint64_t end_;
  std::uint64_t count_ = 0;
  std::string buffer_{};
  std::size_t sent_ = 0;
  bool closed_ = false;
};

}  // namespace

/// On a snapshot: writers go on while the log is read.
Verification prepare(Outside& outside, const Verify&) {
  Verification verification;
  outside.read([&](Work& work) { verification = verify_all(work); });
  return verification;
}

Verification handle(Work& work, const Verify&, const Verification& verification) {
  work.event().count = static_cast<std::uint32_t>(std::min<std::uint64_t>(verification.events, UINT32_MAX));
  return verification;
}

Stream handle(Work& work, const Export& request) {
  const auto& session = work.session();
  const std::uint64_t from = std::max<std::uint64_t>(request.from_seq, 1);
  // The source is made with the first pull, not here: a transaction that is run again must not leave a broken-off export behind.
  auto source = std::make_shared<std::unique_ptr<ExportSource>>();
  auto open = [platform = session.platform_handle(), store = session.store(), actor = session.actor(), from,
               to = work.store().log().last_seq()] {
    return std::make_unique<ExportSource>(platform, store, actor, *find_operation("audit.export"), from, to);
  };
  return {.media_type = "application/x-ndjson",
          .file_name = "audit.ndjson",
          .pull = [source, open](std::span<std::byte> out) {
            if (!*source) *source = open();
            return (*source)->pull(out);
          }};
}

}  // namespace medflow::inline v1::audit

MEDFLOW_HANDLE(medflow::audit::Verify);
MEDFLOW_HANDLE(medflow::audit::Export);
