#include "documents/storing.hpp"

#include <algorithm>
#include <cstring>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "crypto/wrap.hpp"
#include "documents/due.hpp"
#include "jobs/jobs.hpp"
#include "tenants/entities.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::documents {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t frames_at_once = 16;  ///< in one transaction: 1 MiB
constexpr std::size_t removed_at_once = 64;
constexpr std::size_t piece_bytes = 64UL * 1024;
/// Ids of rows that count what a user has sent begin with so many bytes of 0xFF, as no id does that is made by chance or by the time.
constexpr std::size_t usage_mark = 6;
constexpr std::size_t head_bytes = 4096;
constexpr std::string_view key_purpose = "mfDocKey";

/// What the writes of frames are called in the audit log; nobody calls them.
constexpr Operation frames_operation{.name = "documents.store_frames",
                                     .permission = Permission::document_upload,
                                     .effect = Effect::write,
                                     .summary = "Keep a part of a file that is on its way",
                                     .object = "document"};
constexpr OperationRow frames_row{.operation = &frames_operation};

/// A write of the system's own.
template <class Body>
void write(kernel::PlatformState& platform, const std::shared_ptr<kernel::Store>& store, Body&& body) {
  const auto system = platform.system_session(store, "documents");
  kernel::CallFrame frame{
      .session = system.get(), .store = store.get(), .row = &frames_row, .now = platform.clock().now()};
  Outside(frame).write_in(*store, body);
}

/// What an upload has left behind; the sweep finds what this does not.
void remove_all(kernel::PlatformState& platform, const std::shared_ptr<kernel::Store>& store,
                const UploadId& id) noexcept {
  try {
    bool more = true;
    while (more) write(platform, store, [&](Work& work) { more = remove_frames(work, id, removed_at_once); });
  } catch (...) {
    return;
  }
}

/// Reads a content to its end, and knows how much came.
class Source {
 public:
  Source(const Content& content, std::uint64_t size_max) : content_(content), size_max_(size_max) {
    if (content.size_bytes.value_or(0) > size_max) too_large();
  }

  /// The next bytes; none at the end.
  std::string_view next() {
    const auto count = content_.pull(std::as_writable_bytes(std::span(buffer_)));
    if (!count.ok()) throw Failure(count.error());
    total_ += *count;
    if (total_ > size_max_) too_large();
    if (*count == 0 && content_.size_bytes && *content_.size_bytes != total_) throw Failure(cut_short);
    return std::string_view(buffer_).substr(0, *count);
  }

 private:
  [[noreturn]] void too_large() const {
    throw Failure(codes::too_large, "files may have " + std::to_string(size_max_) + " bytes at most");
  }

  const Content& content_;
  std::uint64_t size_max_;
  std::uint64_t total_ = 0;
  std::string buffer_ = std::string(piece_bytes, '\0');
};

/// At most 255 bytes: what stands before the ending is cut.
std::string shortened(std::string name) {
  constexpr std::size_t bytes_max = 255;
  if (name.size() <= bytes_max) return name;
  const std::string ending = "." + types::ending_of(name);
  std::size_t end = bytes_max - std::min(bytes_max, ending.size());
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80) --end;
  return name.substr(0, end) + ending;
}

types::Family family_by_name(std::string_view file_name, std::string_view media_type, const Terms& terms) {
  const std::string ending = types::ending_of(file_name);
  const auto family = types::family_of_ending(ending);
  const bool taken = std::find(terms.endings.begin(), terms.endings.end(), ending) != terms.endings.end();
  if (!family || !taken) throw Failure(type_refused, "the tenant takes no files with this ending");
  if (*family == types::Family::doc && !terms.macros_allowed)
    throw Failure(type_refused, "files of this type may hold programs; send it as docx or pdf");
  if (!types::declared_fits(*family, media_type))
    throw Failure(type_refused, "the type that was said is not that of the name");
  return *family;
}

}  // namespace

Terms terms_of(Work& work, const PlatformOptions& options) {
  const settings::Settings settings = settings::current(work);
  return {.size_max = settings.file_size_max.value_or(options.max_file_size),
          .endings = settings.file_types.empty() ? options.file_types : settings.file_types,
          .macros_allowed = settings.macros_allowed};
}

Incoming::Incoming(Outside& outside, const DocumentId& id)
    : platform_(outside.platform()), store_(outside.store()->shared_from_this()), id_(id) {
  platform_.rng().fill(key_.writable());
  platform_.rng().fill(nonce_);
}

Incoming::~Incoming() {
  if (!begun_ || *settled_) return;
  // The last holder may be a thread in the midst of a group commit, which must not begin another one.
  platform_.workers().post([flight = kernel::InFlight(platform_.flight_gate()), &platform = platform_, store = store_,
                            id = id_] { remove_all(platform, store, id); });
}

void Incoming::receive(const Content& content, std::string_view file_name, const Terms& terms, bool compared) {
  compared_ = compared;
  try {
    look_through(content, file_name, terms);
  } catch (...) {
    if (std::exchange(begun_, false)) remove_all(platform_, store_, id_);
    throw;
  }
}

void Incoming::look_through(const Content& content, std::string_view file_name, const Terms& terms) {
  const types::Family family = family_by_name(file_name, content.media_type, terms);
  Source source(content, terms.size_max);
  std::string head;
  std::string_view piece = source.next();
  while (!piece.empty() && head.size() + piece.size() < head_bytes) {
    head += piece;
    piece = source.next();
  }
  head += piece;
  if (head.empty()) throw Failure(broken, "the file is empty");
  if (!types::begins_as(family, head) || !types::libmagic_agrees(family, head))
    throw Failure(type_refused, "what is in the file is not what its name says");
  media_type_ = types::media_type_of(family);

  const auto inspector = types::inspect(family, {.macros_allowed = terms.macros_allowed});
  crypto::Blake2b256 hash;
  std::string kept;
  const auto cut = [&](bool last) {
    std::size_t at = 0;
    // What may be the last frame is not sealed before it is known whether it is.
    for (; kept.size() - at > crypto::frame_size; at += crypto::frame_size)
      seal(std::string_view(kept).substr(at, crypto::frame_size), false);
    if (last) {
      seal(std::string_view(kept).substr(at), true);
      at = kept.size();
    }
    hash.update(std::as_bytes(std::span(kept).first(at)));
    kept.erase(0, at);
  };
  inspector->take(head, kept);
  head = {};
  cut(false);
  for (piece = source.next(); !piece.empty(); piece = source.next()) {
    inspector->take(piece, kept);
    cut(false);
  }
  inspector->finish(kept);
  cut(true);
  hash_ = crypto::hex(hash.finish());
}

void Incoming::seal(std::string_view content, bool last) {
  size_bytes_ += content.size();
  const crypto::FramePlace place{
      .tenant = store_->id().uuid, .document = id_.uuid, .nonce = nonce_, .index = next_, .last = last};
  if (!compared_) waiting_.emplace_back(next_, crypto::seal_frame(key_, place, content));
  ++next_;
  if (!last && waiting_.size() == frames_at_once) store_waiting();
}

void Incoming::store_waiting() {
  write(platform_, store_, [&](Work& work) {
    if (!begun_) {
      // Another upload under the same id, of the caller's making: its frames are not ours to touch.
      if (Rows<StoredUpload>(work).find(id_)) throw Failure(codes::id_reused);
      StoredUpload upload{.id = id_, .started_at = work.now()};
      Rows<StoredUpload>(work).insert(upload);
      jobs::wake(work, upload_sweep, work.now().plus_s(orphan_s));
    }
    for (const auto& [index, sealed] : waiting_) {
      const Cell cells[] = {Cell::bytes(id_.uuid.view()), Cell::of(static_cast<std::int64_t>(index)),
                            Cell::bytes(sealed)};
      work.insert_plain(chunks_table, cells);
    }
  });
  begun_ = true;
  waiting_.clear();
}

std::string Incoming::nonce_hex() const { return crypto::hex(nonce_); }

void Incoming::settle(Work& work) const {
  if (begun_) {
    const auto upload = Rows<StoredUpload>(work).find(id_);
    if (!upload) throw Failure(cut_short, "it took longer than a day");
    Rows<StoredUpload>(work).remove(id_, upload->revision);
  }
  for (const auto& [index, sealed] : waiting_) {
    const Cell cells[] = {Cell::bytes(id_.uuid.view()), Cell::of(static_cast<std::int64_t>(index)),
                          Cell::bytes(sealed)};
    work.insert_plain(chunks_table, cells);
  }
  work.after_commit([settled = settled_] { *settled = true; });
}

std::string Incoming::wrapped_key(Work& work, const Work::Subject& subject) const {
  const auto patient = work.store().keys().patient_key(subject.slot, work.now());
  const auto associated = crypto::associated_data(
      {.tenant = work.store().id().uuid, .subject = subject.id, .purpose = key_purpose, .version = 1});
  return crypto::base64(crypto::wrap_key(patient, 1, associated, key_, work.store().rng()));
}

crypto::SecureKey document_key(Work& work, const StoredDocument& document, const Work::Subject& subject) {
  const auto patient = work.store().keys().patient_key(subject.slot, work.now());
  const auto associated = crypto::associated_data(
      {.tenant = work.store().id().uuid, .subject = subject.id, .purpose = key_purpose, .version = 1});
  const auto wrapped = crypto::from_base64(document.document_key);
  auto key = wrapped ? crypto::unwrap_key(patient, associated, crypto::bytes_of(*wrapped)) : std::nullopt;
  if (!key) throw Failure(codes::integrity);
  return std::move(*key);
}

UploadId usage_id_of(const UserId& user) {
  const auto digest = crypto::blake2b_256({usage_id.uuid.view(), user.uuid.view()});
  UploadId id;
  id.uuid.bytes.fill(0xFF);
  std::memcpy(id.uuid.bytes.data() + usage_mark, digest.data(), id.uuid.bytes.size() - usage_mark);
  return id;
}

bool counts_usage(const UploadId& id) {
  const auto& bytes = id.uuid.bytes;
  return id == usage_id || std::all_of(bytes.begin(), bytes.begin() + usage_mark, [](auto one) { return one == 0xFF; });
}

bool remove_frames(Work& work, const UploadId& id, std::size_t max) {
  Rows<StoredUpload> rows(work);
  const auto upload = rows.find(id);
  if (!upload) return false;  // it has become a document, or somebody else was here
  std::vector<std::int64_t> frames;
  const Cell equal[] = {Cell::bytes(id.uuid.view())};
  work.transaction().scan({.table = &chunks_table, .equal = equal, .limit = max}, [&](storage::RowView row) {
    frames.push_back(row[1].integer);
    return true;
  });
  for (const std::int64_t index : frames) {
    const Cell key[] = {Cell::bytes(id.uuid.view()), Cell::of(index)};
    work.erase_plain(chunks_table, key);
  }
  if (frames.size() == max) return true;
  rows.remove(id, upload->revision);
  return false;
}

std::string clean_file_name(std::string_view given) {
  given.remove_prefix(std::min(given.find_last_of("/\\") + 1, given.size()));
  std::string name;
  while (!given.empty()) {
    const auto lead = static_cast<unsigned char>(given.front());
    const std::size_t length = std::min<std::size_t>(lead < 0x80   ? 1
                                                     : lead < 0xE0 ? 2
                                                     : lead < 0xF0 ? 3
                                                                   : 4,
                                                     given.size());
    const std::string_view point = given.substr(0, length);
    if (text::check(point, text::Use::name) == text::TextFault::none) name += point;
    given.remove_prefix(length);
  }
  return shortened(std::move(name));
}

}  // namespace medflow::inline v1::documents
