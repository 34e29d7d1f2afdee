// Storing the content of documents: it is looked through, cut into frames and sealed as it comes, a mebibyte at a time. Frames lie in the engine before
// their document does; nobody finds them there, and the key that opens them is in this process alone until the document's row is written.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/frames.hpp"
#include "documents/entities.hpp"
#include "documents/types/inspector.hpp"
#include "kernel/outside.hpp"
#include "medflow/platform.hpp"

namespace medflow::inline v1::documents {

/// What a tenant takes.
struct Terms {
  std::uint64_t size_max = 0;
  std::vector<std::string> endings{};
  bool macros_allowed = false;
};
Terms terms_of(kernel::Work& work, const PlatformOptions& options);

/// Content that came whole and is what it says. Unless a document is made of it (`settle`), its frames are removed when it goes.
class Incoming {
 public:
  Incoming(kernel::Outside& outside, const DocumentId& id);
  ~Incoming();
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  /// Pulls all of it. Throws Failure as `documents.upload` fails. Where it is only to be `compared`, nothing is stored.
  void receive(const Content& content, std::string_view file_name, const Terms& terms, bool compared);

  const DocumentId& id() const { return id_; }
  bool only_compared() const { return compared_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  const std::string& blake2b_256() const { return hash_; }
  std::string_view media_type() const { return media_type_; }
  std::string nonce_hex() const;

  /// Writes what was kept back, and ends the upload: its frames belong to a document now. In the transaction of the document's row.
  void settle(kernel::Work& work) const;
  /// Its key, wrapped under the patient's.
  std::string wrapped_key(kernel::Work& work, const kernel::Work::Subject& subject) const;

 private:
  using Frame = std::pair<std::uint32_t, std::string>;

  void look_through(const Content& content, std::string_view file_name, const Terms& terms);
  void seal(std::string_view content, bool last);
  void store_waiting();

  kernel::PlatformState& platform_;
  std::shared_ptr<kernel::Store> store_;
  DocumentId id_;
  crypto::SecureKey key_{};
  crypto::FrameNonce nonce_{};
  std::uint32_t next_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::string hash_{};
  std::string_view media_type_{};
  std::vector<Frame> waiting_{};
  bool begun_ = false;     ///< frames lie in the engine
  bool compared_ = false;  ///< nothing does
  std::shared_ptr<bool> settled_ = std::make_shared<bool>(false);
};

/// The key of a document. Throws Failure `integrity`.
crypto::SecureKey document_key(kernel::Work& work, const StoredDocument& document,
                               const kernel::Work::Subject& subject);

/// Takes away at most `max` frames of an upload, and its row with the last of them. Whether there are more.
bool remove_frames(kernel::Work& work, const UploadId& id, std::size_t max);

/// A file's name without folders, controls and marks of direction, of at most 255 bytes, with its ending.
std::string clean_file_name(std::string_view given);

}  // namespace medflow::inline v1::documents
