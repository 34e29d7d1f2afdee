#include <algorithm>
#include <charconv>
#include <cstring>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "documents/content.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"

namespace medflow::inline v1::documents {

using kernel::Outside;
using kernel::Work;

namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// RFC 9110, 14.1.1. Nothing for what is no range; empty where it lies behind the end.
std::optional<Stream::Part> part_of(std::string_view range, std::uint64_t size) {
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number_of(range.substr(0, dash));
  const auto last = number_of(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    const std::uint64_t count = std::min(*last, size);
    return Stream::Part{.first = size - count, .size_bytes = count};
  }
  if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return Stream::Part{.first = *first};
  const std::uint64_t end = last ? std::min(*last, size - 1) + 1 : size;
  return Stream::Part{.first = *first, .size_bytes = end - *first};
}

/// Sends content, and leaves an event that says how much went out, and how that ended.
class Sending {
 public:
  struct About {
    std::shared_ptr<kernel::PlatformState> platform{};
    std::shared_ptr<kernel::Store> store{};
    Uuid actor{};
    DocumentId document{};
    PatientId patient{};
  };

  Sending(About about, std::shared_ptr<const ContentReader> reader, const Stream::Part& part)
      : about_(std::move(about)), reader_(std::move(reader)), at_(part.first), end_(part.first + part.size_bytes) {
    whole_ = part.first == 0 && end_ == reader_->size_bytes();
  }
  ~Sending() {
    if (!closed_) close("stream.broken_off");
  }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  Result<std::size_t> pull(std::span<std::byte> out) {
    try {
      if (sent_of_frame_ == frame_.size() && at_ < end_) fill();
      const std::size_t count = std::min(out.size(), frame_.size() - sent_of_frame_);
      std::memcpy(out.data(), frame_.data() + sent_of_frame_, count);
      sent_of_frame_ += count;
      sent_ += count;
      if (count == 0 && !closed_ && !close({})) return Error{.code = codes::store_unavailable};
      return count;
    } catch (...) {
      Error error = kernel::error_of(std::current_exception());
      if (!closed_) close(error.code.name);
      return error;
    }
  }

 private:
  /// The frame in which the next bytes lie; of the last one of a whole content nothing is given away unless the hash is right.
  void fill() {
    const auto index = static_cast<std::uint32_t>(at_ / crypto::frame_size);
    const std::uint64_t begin = static_cast<std::uint64_t>(index) * crypto::frame_size;
    std::string frame = reader_->frame(index);
    if (whole_) {
      hash_.update(std::as_bytes(std::span(frame)));
      if (index + 1 == reader_->frames() && crypto::hex(hash_.finish()) != reader_->blake2b_256())
        throw Failure(codes::integrity, "the content is not what its hash says");
    }
    const std::uint64_t frame_end = std::min<std::uint64_t>(begin + frame.size(), end_);
    frame_ = frame.substr(static_cast<std::size_t>(at_ - begin), static_cast<std::size_t>(frame_end - at_));
    sent_of_frame_ = 0;
    at_ = frame_end;
  }

  /// The closing event. False where it could not be written: then the content has not come to its end.
  bool close(std::string_view error) noexcept {
    closed_ = true;
    try {
      const auto system = about_.platform->system_session(about_.store, "download");
      kernel::CallFrame frame{.session = system.get(),
                              .store = about_.store.get(),
                              .row = find_operation("documents.download"),
                              .now = about_.store->clock().now()};
      Outside(frame).write_in(*about_.store, [&](Work& work) {
        work.about(about_.document.uuid);
        work.event().table = kernel::Rows<StoredDocument>::layout().table().id;
        work.concerns(about_.patient);
        work.event().count = static_cast<std::uint32_t>(std::min<std::uint64_t>(sent_, UINT32_MAX));
        work.event().on_behalf_of = about_.actor;
        if (error.empty()) return;
        work.event().outcome = audit::Outcome::error;
        work.event().error = error;
      });
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  About about_;
  std::shared_ptr<const ContentReader> reader_;
  std::uint64_t at_;
  std::uint64_t end_;
  bool whole_ = false;
  crypto::Blake2b256 hash_{};
  std::string frame_{};
  std::size_t sent_of_frame_ = 0;
  std::uint64_t sent_ = 0;
  bool closed_ = false;
};

void require_servable(const StoredDocument& document) {
  if (document.scan == ScanState::pending) throw Failure(is_pending);
  if (document.scan == ScanState::infected || document.scan == ScanState::failed) throw Failure(in_quarantine);
}

}  // namespace

Stream handle(Work& work, const Download& request) {
  const StoredDocument document = get(work, request.id);
  require_servable(document);
  const auto chart = Chart::of(work, document.patient_id, work.permission());
  auto reader = std::make_shared<const ContentReader>(work, document, chart->known().subject);
  Stream stream{.media_type = document.media_type,
                .file_name = view(work, document).file_name,
                .size_bytes = document.size_bytes};
  if (!request.range.empty()) stream.part = part_of(request.range, document.size_bytes);
  const Stream::Part sent = stream.part.value_or(Stream::Part{.size_bytes = document.size_bytes});
  const auto& session = work.session();
  const Sending::About about{.platform = session.platform_handle(),
                             .store = session.store(),
                             .actor = session.actor().user.uuid,
                             .document = document.id,
                             .patient = document.patient_id};
  // Made with the first pull, not here: a transaction that is run again must not leave one behind that broke off.
  auto sending = std::make_shared<std::unique_ptr<Sending>>();
  stream.pull = [sending, about, reader, sent](std::span<std::byte> out) {
    if (!*sending) *sending = std::make_unique<Sending>(about, reader, sent);
    return (*sending)->pull(out);
  };
  return stream;
}

}  // namespace medflow::inline v1::documents

MEDFLOW_HANDLE(medflow::documents::Download);
