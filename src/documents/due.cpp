#include "documents/due.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <vector>

#include "documents/content.hpp"
#include "documents/storing.hpp"
#include "jobs/jobs.hpp"
#include "kernel/index_places.hpp"
#include "messages/outbox.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::documents {

using jobs::Next;
using jobs::Progress;
using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::Store;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::string_view due_index = "documents_scan_due";
constexpr std::size_t frames_at_once = 64;
constexpr std::size_t scans_at_once = 10;     ///< of one tenant in one tick
constexpr std::size_t looked_at_max = 1'000;  ///< for these, where some do not open
constexpr std::int64_t retry_s = 30;
constexpr std::int64_t retry_s_max = 60 * 60;
/// So long nobody else gives a document to the scanner; whoever has not said by then what came of it is dead.
constexpr std::int64_t lease_s = 5 * 60;
constexpr std::int64_t message_s = 7 * 24 * 60 * 60;

constexpr Operation sweep_operation{.name = "documents.sweep",
                                    .permission = Permission::job_manage,
                                    .effect = Effect::write,
                                    .summary = "Remove what is left of uploads that broke off",
                                    .object = "document"};
constexpr OperationRow sweep_row{.operation = &sweep_operation};
constexpr Operation scan_operation{.name = "documents.scan",
                                   .permission = Permission::document_release_quarantine,
                                   .effect = Effect::write,
                                   .summary = "Have a document scanned",
                                   .object = "document"};
constexpr OperationRow scan_row{.operation = &scan_operation};

std::optional<StoredUpload> oldest_upload(Work& work) {
  std::optional<StoredUpload> oldest;
  Rows<StoredUpload>(work).scan({.index = "document_uploads_started", .limit = 1}, [&](StoredUpload upload) {
    if (upload.started_at != usage_started) oldest = upload;
    return false;
  });
  return oldest;
}

std::optional<Instant> next_scan(Work& work) {
  const auto first =
      kernel::places_in(work, Rows<StoredDocument>::layout(), {.index = due_index, .from = Cell::of(0), .limit = 1});
  return first.empty() ? std::nullopt : std::optional(Instant{first.front().value});
}

/// Scanning itself waits for the scanner, and so is no step of a job; but a job is due then, so that the tenant is open.
Next sweep(Work& work, Progress& progress) {
  std::optional<Instant> due;
  if (const auto upload = oldest_upload(work)) {
    if (upload->started_at.plus_s(orphan_s) <= work.now()) {
      work.about(upload->id.uuid);
      if (!remove_frames(work, upload->id, frames_at_once)) ++progress.done;
      return Next::again();
    }
    due = upload->started_at.plus_s(orphan_s);
  }
  const auto scan = next_scan(work);
  // One that is overdue is the scanner's affair: it is looked at with each tick as long as the tenant is open.
  if (scan && (!due || *scan < *due)) due = std::max(*scan, work.now().plus_s(retry_s));
  return Next::at(due);
}

class Scanning {
 public:
  Scanning(PlatformState& platform, Store& store, Instant now)
      : platform_(platform),
        store_(store),
        now_(now),
        system_(platform.system_session(store.shared_from_this(), "documents")) {}

  /// One that is damaged keeps no other from being scanned; it is told of at the end.
  void run() {
    for (const DocumentId& id : due()) {
      try {
        scan(id);
      } catch (const Failure& failure) {
        if (failure.error.kind() != Errc::integrity) throw;
        damage_ = std::current_exception();
      }
    }
    if (damage_) std::rethrow_exception(damage_);
  }

 private:
  kernel::CallFrame frame() const {
    return {.session = system_.get(), .store = &store_, .row = &scan_row, .now = now_};
  }

  template <class Body>
  void write(Body&& body) {
    kernel::CallFrame one = frame();
    Outside(one).write_in(store_, body);
  }

  /// Those whose turn it is. A row that does not open cannot be put off either, so it is passed over.
  std::vector<DocumentId> due() {
    std::vector<DocumentId> ids;
    kernel::CallFrame one = frame();
    Outside(one).read([&](Work& work) {
      ids.clear();
      std::vector<kernel::IndexPlace> places;
      std::optional<kernel::IndexPlace> last;
      for (std::size_t looked_at = 0; ids.size() < scans_at_once && looked_at < looked_at_max;
           looked_at += places.size()) {
        const Cell beyond[] = {Cell::of(last ? last->value : 0),
                               Cell::bytes(last ? last->id.view() : std::string_view())};
        storage::Scan scan{.index = due_index, .to = Cell::of(now_.us + 1), .limit = scans_at_once};
        if (last)
          scan.after = beyond;
        else
          scan.from = Cell::of(0);
        places = kernel::places_in(work, Rows<StoredDocument>::layout(), scan);
        if (places.empty()) return;
        last = places.back();
        for (const kernel::IndexPlace& place : places)
          if (ids.size() < scans_at_once && opens(work, DocumentId{place.id})) ids.push_back(DocumentId{place.id});
      }
    });
    return ids;
  }

  bool opens(Work& work, const DocumentId& id) {
    const auto look = [&] { Rows<StoredDocument>(work).find_unchecked(id, block_flags); };
    if (kernel::opens(work, look)) return true;
    damage_ = std::make_exception_ptr(Failure(codes::integrity));
    return false;
  }

  /// The document, if it waits for the scanner still.
  static std::optional<StoredDocument> waiting(Work& work, const DocumentId& id) {
    auto document = Rows<StoredDocument>(work).find_unchecked(id, block_flags);
    if (!document || document->scan != ScanState::pending || !document->scan_due_at) return std::nullopt;
    work.about(id.uuid);
    work.concerns(document->patient_id);
    return document;
  }

  void scan(const DocumentId& id) {
    std::unique_ptr<ContentReader> reader;
    write([&](Work& work) {
      reader.reset();
      auto document = waiting(work, id);
      if (!document || *document->scan_due_at > now_) return;  // somebody else has it
      const bool has_key = kernel::opens(work, [&] {
        const auto known = patients::known(work, document->patient_id, 0);
        if (!known) throw Failure(codes::integrity);
        reader = std::make_unique<ContentReader>(work, *document, known->subject);
      });
      document->scan_due_at = now_.plus_s(has_key ? lease_s : retry_s_max);
      ++document->scan_attempts;
      if (!has_key) {
        jobs::wake(work, upload_sweep, *document->scan_due_at);
        work.fail_after_commit(Failure(codes::integrity));
      }
      Rows<StoredDocument>(work).update(*document, document->revision);
    });
    if (reader) settle(id, ask(*reader));
  }

  /// What came of asking: no verdict where the scanner is not there.
  struct Answer {
    std::optional<ScanVerdict> verdict{};
    std::optional<Failure> damage{};  ///< of a content that does not open, whatever the scanner makes of it
  };

  Answer ask(const ContentReader& reader) const {
    Answer answer;
    std::string frame;
    std::size_t at = 0;
    std::uint32_t next = 0;
    const auto pull = [&](std::span<std::byte> out) {
      if (at == frame.size() && next < reader.frames()) {
        try {
          frame = reader.frame(next++);
        } catch (const Failure& failure) {
          if (failure.error.kind() == Errc::integrity) answer.damage = failure;
          throw;
        }
        at = 0;
      }
      const std::size_t count = std::min(out.size(), frame.size() - at);
      std::memcpy(out.data(), frame.data() + at, count);
      at += count;
      return count;
    };
    try {
      answer.verdict = platform_.options().scanner->scan(pull, reader.size_bytes());
    } catch (...) {
      answer.verdict.reset();  // the port's contract: whatever it throws counts as not being there
    }
    if (answer.damage) answer.verdict = ScanVerdict::failed;
    return answer;
  }

  void settle(const DocumentId& id, const Answer& answer) {
    const std::optional<ScanVerdict>& verdict = answer.verdict;
    write([&](Work& work) {
      auto document = waiting(work, id);
      if (!document) return;
      if (!verdict) {
        const std::uint32_t doubled = std::min(document->scan_attempts, 10U);
        document->scan_due_at = now_.plus_s(std::min(retry_s << doubled, retry_s_max));
        jobs::wake(work, upload_sweep, *document->scan_due_at);
      } else {
        document->scan_due_at.reset();
        document->scan = *verdict == ScanVerdict::clean      ? ScanState::clean
                         : *verdict == ScanVerdict::infected ? ScanState::infected
                                                             : ScanState::failed;
        if (document->scan == ScanState::clean) {
          take_place(work, *document);
        } else {
          document->quarantined_at = now_;
          tell(work, *document);
        }
      }
      Rows<StoredDocument>(work).update(*document, document->revision);
      if (answer.damage) work.fail_after_commit(*answer.damage);
    });
  }

  /// Each time anew: a number of tries comes back when a document is released.
  static void tell(Work& work, const StoredDocument& document) {
    for (const UserId& admin : users::admins(work).active)
      messages::queue_once(
          work,
          {.kind = messages::MessageKind::quarantine, .user_id = admin, .expires_at = work.now().plus_s(message_s)},
          work.now(), document.id.text() + '\n' + std::to_string(document.revision));
  }

  PlatformState& platform_;
  Store& store_;
  Instant now_;
  std::shared_ptr<kernel::SessionState> system_;
  std::exception_ptr damage_{};
};

}  // namespace

void take_place(Work& work, StoredDocument& document) {
  if (document.current) return;
  Rows<StoredDocument> rows(work);
  const Cell equal[] = {Cell::bytes(document.root_id.uuid.view())};
  std::optional<StoredDocument> listed;
  rows.scan({.index = "documents_version", .equal = equal}, [&](StoredDocument each) {
    if (each.current) listed = std::move(each);
    return !listed;
  });
  if (listed && document.version < listed->version) return;
  document.current = true;
  if (!listed) return;
  listed->current = false;
  rows.update(*listed, listed->revision);
}

const jobs::JobKind upload_sweep{.row = &sweep_row, .step = sweep, .recurs = jobs::Recurs::sweep};

void scan_documents(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  if (platform.options().scanner == nullptr) return;
  kernel::for_each_writable_store(platform, trouble, [&](Store& store) {
    if (store.realm() == Realm::tenant) Scanning(platform, store, now).run();
  });
}

}  // namespace medflow::inline v1::documents
