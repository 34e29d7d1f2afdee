// The system's randomness. A nonce of 24 bytes should not cost a system call, so each thread takes 4 KiB at a time and wipes
// what it hands out. The buffer lies in a page of its own that the kernel empties in a forked child: two processes never
// draw the same bytes.
#include <sodium.h>
#include <sys/mman.h>

#include <cstring>

#include "crypto/secret.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {
namespace {

constexpr std::size_t page_size = 4096;

/// All zero means empty, which is what a forked child finds.
struct Page {
  std::size_t left;
  std::byte bytes[page_size - sizeof(std::size_t)];
};
static_assert(sizeof(Page) == page_size);

class ThreadBuffer {
 public:
  ThreadBuffer() {
    void* at = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return;
    if (madvise(at, page_size, MADV_WIPEONFORK) != 0) {
      munmap(at, page_size);
      return;
    }
    madvise(at, page_size, MADV_DONTDUMP);
    page_ = static_cast<Page*>(at);
  }
  ~ThreadBuffer() {
    if (page_ == nullptr) return;
    sodium_memzero(page_, page_size);
    munmap(page_, page_size);
  }
  ThreadBuffer(const ThreadBuffer&) = delete;
  ThreadBuffer& operator=(const ThreadBuffer&) = delete;

  void fill(std::span<std::byte> out) {
    constexpr std::size_t small = 256;
    if (page_ == nullptr || out.size() > small) {
      randombytes_buf(out.data(), out.size());
      return;
    }
    if (page_->left < out.size()) {
      randombytes_buf(page_->bytes, sizeof page_->bytes);
      page_->left = sizeof page_->bytes;
    }
    page_->left -= out.size();
    std::memcpy(out.data(), page_->bytes + page_->left, out.size());
    sodium_memzero(page_->bytes + page_->left, out.size());
  }

 private:
  Page* page_ = nullptr;  // none where the system cannot empty it on fork: then every call asks the system
};

class SystemRng final : public Rng {
 public:
  SystemRng() { init(); }
  void fill(std::span<std::byte> out) override {
    if (out.empty()) return;
    thread_local ThreadBuffer buffer;
    buffer.fill(out);
  }
};

}  // namespace
}  // namespace medflow::crypto

namespace medflow::inline v1 {

std::shared_ptr<Rng> system_rng() { return std::make_shared<crypto::SystemRng>(); }

}  // namespace medflow::inline v1
