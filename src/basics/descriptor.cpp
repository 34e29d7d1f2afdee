#include "basics/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace medflow::basics {

Descriptor::~Descriptor() {
  if (valid()) ::close(fd_);
}

int write_all(const Descriptor& file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(file.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int sync_folder(const std::string& path) {
  const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return folder.valid() && ::fsync(folder.get()) == 0 ? 0 : errno;
}

}  // namespace medflow::basics
