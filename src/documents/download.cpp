#include <algorithm>
#include <charconv>
#include <cstring>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "documents/content.hpp"
#include "kernel/handler.hpp"
#include "kernel/stream_end.hpp"

namespace medflow::inline v1::documents {

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
  Sending(const kernel::SessionState& session, const DocumentId& document, const PatientId& patient,
          std::shared_ptr<const ContentReader> reader, const Stream::Part& part)
      : reader_(std::move(reader)),
        at_(part.first),
        end_(part.first + part.size_bytes),
        stream_end_(session, *find_operation("documents.download"), "download", [document, patient](Work& work) {
          work.about(document.uuid);
          work.event().table = kernel::Rows<StoredDocument>::layout().table().id;
          work.concerns(patient);
        }) {
    whole_ = part.first == 0 && end_ == reader_->size_bytes();
  }

  Result<std::size_t> pull(std::span<std::byte> out) {
    return stream_end_.pull(out, [this](std::span<std::byte> room) { return read(room); });
  }

 private:
  std::size_t read(std::span<std::byte> out) {
    if (sent_of_frame_ == frame_.size() && at_ < end_) fill();
    const std::size_t count = std::min(out.size(), frame_.size() - sent_of_frame_);
    std::memcpy(out.data(), frame_.data() + sent_of_frame_, count);
    sent_of_frame_ += count;
    stream_end_.count(count);
    return count;
  }

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

  std::shared_ptr<const ContentReader> reader_;
  std::uint64_t at_;
  std::uint64_t end_;
  bool whole_ = false;
  crypto::Blake2b256 hash_{};
  std::string frame_{};
  std::size_t sent_of_frame_ = 0;
  kernel::StreamEnd stream_end_;
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
  stream.pull = kernel::pulled_from(
      work, [session = work.session().shared_from_this(), id = document.id, patient = document.patient_id, reader,
             sent] { return std::make_unique<Sending>(*session, id, patient, reader, sent); });
  return stream;
}

}  // namespace medflow::inline v1::documents

MEDFLOW_HANDLE(medflow::documents::Download);
