// Reading the content of documents, frame by frame.
#pragma once

#include <memory>
#include <string>

#include "crypto/frames.hpp"
#include "documents/access.hpp"
#include "kernel/store.hpp"

namespace medflow::inline v1::documents {

/// What opens the frames of one document. Holds its key: keep it as long as it is needed, and no longer.
class ContentReader {
 public:
  /// Throws Failure `integrity` where its key does not open.
  ContentReader(kernel::Work& work, const StoredDocument& document, const kernel::Work::Subject& subject);

  std::uint64_t size_bytes() const { return size_bytes_; }
  std::uint32_t frames() const;
  /// Throws Failure `integrity` where the frame is missing or was changed.
  std::string frame(std::uint32_t index) const;
  const std::string& blake2b_256() const { return hash_; }

 private:
  std::shared_ptr<kernel::Store> store_;
  DocumentId id_;
  std::uint64_t size_bytes_;
  std::string hash_{};
  crypto::FrameNonce nonce_{};
  crypto::SecureKey key_;
};

}  // namespace medflow::inline v1::documents
