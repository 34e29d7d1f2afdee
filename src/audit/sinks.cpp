// The checkpoint sinks that come with the library (medflow/ports.hpp): a folder of files, and the host's own function.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "basics/descriptor.hpp"
#include "crypto/codec.hpp"
#include "medflow/error.hpp"
#include "medflow/ports.hpp"

namespace medflow::inline v1 {

std::string CheckpointSink::held(std::string_view) { return {}; }

namespace {

using basics::Descriptor;

constexpr std::size_t held_bytes_max = std::size_t{4} << 20U;  // about 14,000 notes
constexpr std::string_view signature_begin = "\u2014 ";
constexpr std::size_t signature_size = 4 + 64;  // the key's id, and what Ed25519 gives

[[noreturn]] void cannot(const std::string& path, int error) {
  throw Failure{codes::store_unavailable, "checkpoints " + path + ": " + std::system_category().message(error)};
}

Descriptor opened(const std::string& path, int flags) {
  return Descriptor{::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)};
}

/// Whether a line is a signature to its end, be it right or wrong. Of a piece less is there.
bool is_signature(std::string_view line) {
  if (!line.starts_with(signature_begin)) return false;
  line.remove_prefix(signature_begin.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const auto bytes = crypto::from_base64(line.substr(space + 1));
  return bytes && bytes->size() == signature_size;
}

/// The whole notes of a text. A full disk or a power cut may have left pieces of one: a note begins with its origin's line and ends
/// with its first signature.
std::string whole_notes(std::string_view text, std::string_view origin) {
  std::string notes;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    const auto line = text.substr(at, end - at);
    if (line == origin) begin = at;
    if (begin != std::string_view::npos && is_signature(line)) {
      if (!notes.empty()) notes += '\n';
      notes += text.substr(begin, end + 1 - begin);
      begin = std::string_view::npos;
    }
    at = end + 1;
  }
  return notes;
}

class FolderSink final : public CheckpointSink {
 public:
  explicit FolderSink(std::string folder) : folder_(std::move(folder)) {}

  void keep(std::string_view origin, std::string_view note) override {
    const std::lock_guard lock(mutex_);
    std::error_code already;  // what is really wrong with the folder, opening the file says
    std::filesystem::create_directories(folder_, already);
    const std::string path = path_of(origin);
    const bool is_new = !std::filesystem::exists(path);
    const Descriptor file = opened(path, O_WRONLY | O_APPEND | O_CREAT);
    if (!file.valid()) cannot(path, errno);
    append(file, path, note);
    if (!is_new) return;
    if (const int error = basics::sync_folder(folder_)) cannot(folder_, error);
  }

  std::string held(std::string_view origin) override {
    const std::lock_guard lock(mutex_);
    const std::string path = path_of(origin);
    const Descriptor file = opened(path, O_RDONLY);
    if (!file.valid() && errno == ENOENT) return {};
    struct stat status {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0) cannot(path, errno);
    const auto size = static_cast<std::size_t>(status.st_size);
    std::string text(std::min(size, held_bytes_max), '\0');
    std::size_t got = 0;
    while (got < text.size()) {
      const ssize_t n =
          ::pread(file.get(), text.data() + got, text.size() - got, static_cast<off_t>(size - text.size() + got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) cannot(path, errno);
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    text.resize(got);
    return whole_notes(text, origin);
  }

 private:
  /// The whole note, or else nothing, where the disk lets it. The lock is there for other processes that append to the same file.
  static void append(const Descriptor& file, const std::string& path, std::string_view note) {
    struct stat before {};
    const bool alone = ::flock(file.get(), LOCK_EX) == 0 && ::fstat(file.get(), &before) == 0;
    int error = basics::write_all(file, std::string("\n").append(note));
    if (error == 0 && ::fdatasync(file.get()) != 0) error = errno;
    if (error == 0) return;
    if (alone && ::ftruncate(file.get(), before.st_size) != 0) {
      // A piece stays, which is passed over when the notes are read.
    }
    cannot(path, error);
  }

  std::string path_of(std::string_view origin) const {
    std::string name(origin);
    std::replace(name.begin(), name.end(), '/', '.');
    return folder_ + '/' + name + ".checkpoints";
  }

  const std::string folder_;
  std::mutex mutex_{};
};

class CallbackSink final : public CheckpointSink {
 public:
  explicit CallbackSink(std::function<void(std::string_view, std::string_view)> keep) : keep_(std::move(keep)) {}
  void keep(std::string_view origin, std::string_view note) override { keep_(origin, note); }

 private:
  std::function<void(std::string_view, std::string_view)> keep_;
};

}  // namespace

std::shared_ptr<CheckpointSink> file_checkpoint_sink(std::string folder) {
  return std::make_shared<FolderSink>(std::move(folder));
}

std::shared_ptr<CheckpointSink> callback_checkpoint_sink(
    std::function<void(std::string_view origin, std::string_view note)> keep) {
  return std::make_shared<CallbackSink>(std::move(keep));
}

}  // namespace medflow::inline v1
