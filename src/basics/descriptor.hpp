// Files by their descriptors, where durability or permissions matter: what the standard library's streams do not tell.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace medflow::basics {

/// A file descriptor, closed when this goes.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// Writes all of it. Zero, or the error (errno).
int write_all(const Descriptor& file, std::string_view text);

/// Waits until the folder's own entries are on the disk. Zero, or the error (errno).
int sync_folder(const std::string& path);

}  // namespace medflow::basics
