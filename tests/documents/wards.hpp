// A hospital with a patient whose documents a test stores and reads.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "documents/entities.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "patients/entities.hpp"
#include "tests/documents/files.hpp"
#include "tests/support/messages.hpp"

namespace medflow::testing {

/// An engine that counts the frames that are stored, and spoils them, and rows of documents and patients, if it is told to.
struct Frames {
  std::atomic<std::size_t> written{0};
  std::atomic<std::size_t> erased{0};
  std::size_t largest_write = 0;  ///< bytes of frames in one transaction
  std::optional<std::int64_t> spoilt{};
  std::set<Uuid> spoilt_rows{};  ///< by the ids of their documents and patients
  bool refuses = false;          ///< to write
  std::function<void()> on_frame{};
  std::size_t left() const { return written - erased; }
};

class WatchedTransaction final : public WrappedTransaction {
 public:
  WatchedTransaction(storage::Transaction& inner, Frames& frames) : WrappedTransaction(inner), frames_(frames) {}
  void insert(const storage::Table& table, storage::RowView row) override {
    WrappedTransaction::insert(table, row);
    if (table.id != documents::chunks_table.id) return;
    ++frames_.written;
    if (frames_.on_frame) frames_.on_frame();
    bytes_ += row[2].data.size();
    frames_.largest_write = std::max(frames_.largest_write, bytes_);
  }
  void erase(const storage::Table& table, storage::Key key) override {
    WrappedTransaction::erase(table, key);
    if (table.id == documents::chunks_table.id) ++frames_.erased;
  }
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    const auto seal = seal_in(*scan.table);
    if (!seal) return WrappedTransaction::scan(scan, visit);
    WrappedTransaction::scan(scan, [&](storage::RowView row) {
      std::string spoilt;
      return visit(spoil(row, *seal, spoilt));
    });
  }
  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    if (const auto seal = seal_in(table))
      return WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView row) {
        std::string spoilt;
        visit(at, spoil(row, *seal, spoilt));
      });
    if (table.id != documents::chunks_table.id || !frames_.spoilt) return WrappedTransaction::get(table, keys, visit);
    WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView row) {
      std::string frame(row[2].data);
      if (row[1].integer == *frames_.spoilt) frame[frame.size() / 2] ^= 1;
      const storage::Cell cells[] = {row[0], row[1], storage::Cell::bytes(frame)};
      visit(at, cells);
    });
  }

 private:
  /// The column of the row seal, in a table of which rows are spoilt.
  std::optional<std::size_t> seal_in(const storage::Table& table) const {
    if (frames_.spoilt_rows.empty()) return std::nullopt;
    for (const storage::Layout* layout :
         {&storage::layout_of<documents::StoredDocument>(), &storage::layout_of<patients::Patient>()})
      if (layout->table().id == table.id) return layout->seal();
    return std::nullopt;
  }
  storage::RowView spoil(storage::RowView row, std::size_t seal, std::string& spoilt) {
    Uuid id;
    std::copy(row[0].data.begin(), row[0].data.end(), reinterpret_cast<char*>(id.bytes.data()));
    if (!frames_.spoilt_rows.contains(id)) return row;
    spoilt = row[seal].data;
    spoilt[spoilt.size() / 2] ^= 1;
    cells_.assign(row.begin(), row.end());
    cells_[seal] = storage::Cell::bytes(spoilt);
    return cells_;
  }

  Frames& frames_;
  std::size_t bytes_ = 0;
  std::vector<storage::Cell> cells_{};
};

class WatchedDatabase final : public WrappedDatabase {
 public:
  WatchedDatabase(std::unique_ptr<storage::Database> inner, std::shared_ptr<Frames> frames)
      : WrappedDatabase(std::move(inner)), frames_(std::move(frames)) {}
  void read(storage::Body body) override {
    WrappedDatabase::read([&](storage::Transaction& transaction) {
      WatchedTransaction watched(transaction, *frames_);
      body(watched);
    });
  }
  void write(storage::Body body) override {
    if (frames_->refuses) throw storage::Fault(storage::FaultKind::unavailable, "test");
    WrappedDatabase::write([&](storage::Transaction& transaction) {
      WatchedTransaction watched(transaction, *frames_);
      body(watched);
    });
  }

 private:
  std::shared_ptr<Frames> frames_;
};

class WatchedEngine final : public WrappedEngine {
 public:
  WatchedEngine(std::shared_ptr<storage::Engine> inner, std::shared_ptr<Frames> frames)
      : WrappedEngine(std::move(inner)), frames_(std::move(frames)) {}

 private:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> inner,
                                          const storage::StoreName&) override {
    return std::make_unique<WatchedDatabase>(std::move(inner), frames_);
  }

  std::shared_ptr<Frames> frames_;
};

/// Says what a test lets it say.
class FakeScanner final : public DocumentScanner {
 public:
  ScanVerdict scan(const std::function<std::size_t(std::span<std::byte>)>& content, std::uint64_t size_bytes) override {
    if (down) throw std::runtime_error("nobody listens");
    std::string all(size_bytes + 1, '\0');
    std::size_t at = 0;
    while (const std::size_t count = content(std::as_writable_bytes(std::span(all)).subspan(at))) at += count;
    all.resize(at);
    seen.push_back(all);
    return all.find("EICAR") != std::string::npos ? ScanVerdict::infected : verdict;
  }

  bool down = false;
  ScanVerdict verdict = ScanVerdict::clean;
  std::vector<std::string> seen{};
};

struct Ward {
  explicit Ward(std::shared_ptr<storage::Engine> engine, bool scans = false)
      : scanner(scans ? std::make_shared<FakeScanner>() : nullptr), hospital(make(std::move(engine))) {
    patient = hospital.add_patients(1).at(0).id;
  }

  Session doctor() { return hospital.as(Role::doctor); }
  Session admin() { return hospital.as(Role::tenant_admin); }
  void tick() { must_tick(hospital.platform.tick(hospital.clock->now())); }

  documents::Upload letter(std::string content = files::pdf()) const {
    return {.patient_id = patient,
            .title = "Letter",
            .file_name = "letter.pdf",
            .content = Content::of("application/pdf", std::move(content))};
  }

  std::shared_ptr<RecordingSender> sender = std::make_shared<RecordingSender>();
  std::shared_ptr<FakeScanner> scanner;
  Hospital hospital;
  PatientId patient{};

 private:
  static void must_tick(const std::vector<BackgroundTrouble>& troubles) {
    if (!troubles.empty()) throw std::runtime_error("a background task failed: " + troubles.front().task);
  }
  Hospital make(std::shared_ptr<storage::Engine> engine) const {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(std::move(engine), clock);
    options.messages = sender;
    options.scanner = scanner;
    return Hospital(std::move(options), std::move(clock));
  }
};

inline Result<std::string> read(const Session& session, const DocumentId& id, std::string range = {}) {
  auto stream = session.call(documents::Download{.id = id, .range = std::move(range)});
  if (!stream.ok()) return stream.error();
  return Content{.pull = stream->pull}.read_all(std::size_t{1} << 30);
}

/// Content that comes in pieces of this size and breaks off behind so many bytes.
inline Content breaking_off(std::string media_type, const std::string& bytes, std::size_t behind,
                            std::size_t piece = 10'000) {
  return {.media_type = std::move(media_type),
          .pull = [bytes, behind, piece, at = std::size_t{0}](std::span<std::byte> out) mutable {
            if (at >= behind)
              return Result<std::size_t>(Error{.code = Code{"document.cut_short", Errc::malformed, ""}});
            const std::size_t count = std::min({out.size(), piece, behind - at});
            std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()) + at, count, out.begin());
            at += count;
            return Result<std::size_t>(count);
          }};
}

}  // namespace medflow::testing
