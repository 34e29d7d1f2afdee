#include "adapters/http/puller.hpp"

#include <exception>
#include <span>
#include <utility>

namespace medflow::http {
namespace {

Piece next_piece(const Stream& stream) {
  Piece piece;
  piece.bytes.resize(Puller::piece_bytes);
  try {
    const auto count = stream.pull(std::as_writable_bytes(std::span(piece.bytes)));
    if (!count.ok()) piece.error = count.error();
    piece.bytes.resize(count.ok() ? *count : 0);
  } catch (const std::exception&) {  // what it says may quote the data
    piece.error = Error{.code = codes::internal};
    piece.bytes.clear();
  }
  piece.is_last = piece.bytes.empty();
  return piece;
}

}  // namespace

Puller::~Puller() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Puller::pull(std::shared_ptr<Stream> stream, std::shared_ptr<Mailbox> mailbox, Letter letter) {
  auto shared = std::make_shared<Letter>(std::move(letter));
  post([stream = std::move(stream), mailbox = std::move(mailbox), shared] {
    shared->piece = next_piece(*stream);
    mailbox->post(std::move(*shared));
  });
}

void Puller::drop(std::shared_ptr<Stream> stream) {
  post([stream = std::move(stream)] {});
}

void Puller::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  wake_.notify_one();
}

void Puller::run() {
  processors_.keep_to_none();
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;  // stopping, and all is done
    {
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
    }  // what the work held is let go without the lock
    lock.lock();
  }
}

}  // namespace medflow::http
