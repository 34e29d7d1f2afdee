#include "documents/content.hpp"

#include <algorithm>

#include "crypto/codec.hpp"
#include "documents/storing.hpp"

namespace medflow::inline v1::documents {

using kernel::Work;
using storage::Cell;

ContentReader::ContentReader(Work& work, const StoredDocument& document, const Work::Subject& subject)
    : store_(work.store().shared_from_this()),
      id_(document.id),
      size_bytes_(document.size_bytes),
      key_(document_key(work, document, subject)) {
  const FileNames* given = names(document);
  if (given == nullptr || !crypto::from_hex(document.nonce, nonce_)) throw Failure(codes::integrity);
  hash_ = given->blake2b_256;
}

std::uint32_t ContentReader::frames() const {
  return static_cast<std::uint32_t>((size_bytes_ + crypto::frame_size - 1) / crypto::frame_size);
}

std::string ContentReader::frame(std::uint32_t index) const {
  std::string sealed;
  store_->data().read([&](storage::Transaction& transaction) {
    const Cell cells[] = {Cell::bytes(id_.uuid.view()), Cell::of(static_cast<std::int64_t>(index))};
    const storage::Key keys[] = {cells};
    transaction.get(chunks_table, keys, [&](std::size_t, storage::RowView row) { sealed = row[2].data; });
  });
  const bool last = index + 1 == frames();
  const crypto::FramePlace place{
      .tenant = store_->id().uuid, .document = id_.uuid, .nonce = nonce_, .index = index, .last = last};
  const std::uint64_t expected =
      last ? size_bytes_ - static_cast<std::uint64_t>(index) * crypto::frame_size : crypto::frame_size;
  std::string content;
  if (!crypto::open_frame(key_, place, sealed, content) || content.size() != expected)
    throw Failure(codes::integrity, "a part of a document does not open");
  return content;
}

}  // namespace medflow::inline v1::documents
