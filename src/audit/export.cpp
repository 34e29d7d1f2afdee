#include <algorithm>
#include <cstring>

#include "audit/audit.fields.hpp"
#include "audit/tables.hpp"
#include "crypto/codec.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"

namespace medflow::inline v1::audit {

using kernel::Outside;
using kernel::Store;
using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::size_t export_batch = 256;

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

MEDFLOW_HANDLE(medflow::audit::Export);
