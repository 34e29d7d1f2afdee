#include <algorithm>
#include <cstring>

#include "audit/audit.fields.hpp"
#include "audit/tables.hpp"
#include "crypto/codec.hpp"
#include "kernel/handler.hpp"
#include "kernel/stream_end.hpp"

namespace medflow::inline v1::audit {

using kernel::Store;
using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::size_t export_batch = 256;

/// Reads the log batch by batch as the caller pulls, and leaves an event that says how many events went out.
class ExportSource {
 public:
  ExportSource(const kernel::SessionState& session, std::uint64_t from, std::uint64_t to)
      : store_(session.store()),
        next_(from),
        end_(to + 1),
        stream_end_(session, *find_operation("audit.export"), "export") {}

  Result<std::size_t> pull(std::span<std::byte> out) {
    return stream_end_.pull(out, [this](std::span<std::byte> room) { return read(room); });
  }

 private:
  std::size_t read(std::span<std::byte> out) {
    if (buffer_.size() == sent_) fill();
    const std::size_t n = std::min(out.size(), buffer_.size() - sent_);
    std::memcpy(out.data(), buffer_.data() + sent_, n);
    sent_ += n;
    return n;
  }

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
        stream_end_.count(1);
        return true;
      });
    });
  }

  std::shared_ptr<Store> store_;
  std::uint64_t next_;
  std::uint64_t end_;
  std::string buffer_{};
  std::size_t sent_ = 0;
  kernel::StreamEnd stream_end_;
};

}  // namespace

Stream handle(Work& work, const Export& request) {
  const std::uint64_t from = std::max<std::uint64_t>(request.from_seq, 1);
  return {.media_type = "application/x-ndjson",
          .file_name = "audit.ndjson",
          .pull = kernel::pulled_from(
              work, [session = work.session().shared_from_this(), from, to = work.store().log().last_seq()] {
                return std::make_unique<ExportSource>(*session, from, to);
              })};
}

}  // namespace medflow::inline v1::audit

MEDFLOW_HANDLE(medflow::audit::Export);
