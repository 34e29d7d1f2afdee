#include "kernel/stream_end.hpp"

#include <algorithm>
#include <utility>

#include "kernel/outside.hpp"

namespace medflow::kernel {

StreamEnd::StreamEnd(const SessionState& session, const OperationRow& row, std::string_view label,
                     std::function<void(Work&)> note)
    : session_(session.shared_from_this()), row_(row), label_(label), note_(std::move(note)) {}

StreamEnd::~StreamEnd() {
  if (!closed_) close("stream.broken_off");
}

Result<std::size_t> StreamEnd::pull(std::span<std::byte> out, FunctionRef<std::size_t(std::span<std::byte>)> more) {
  try {
    if (!session_->use(session_->store()->clock().now())) throw Failure(codes::unauthenticated);
    const std::size_t n = more(out);
    if (n == 0 && !closed_ && !close({})) return Error{.code = codes::store_unavailable};
    return n;
  } catch (...) {
    Error error = error_of(std::current_exception());
    if (!closed_) close(error.code.name);
    return error;
  }
}

bool StreamEnd::close(std::string_view error) noexcept {
  closed_ = true;
  try {
    Store& store = *session_->store();
    const auto system = session_->platform().system_session(session_->store(), label_);
    CallFrame frame{.session = system.get(), .store = &store, .row = &row_, .now = store.clock().now()};
    Outside(frame).write_in(store, [&](Work& work) {
      note_(work);
      work.event().count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count_, UINT32_MAX));
      work.event().on_behalf_of = session_->actor().user.uuid;
      if (error.empty()) return;
      work.event().outcome = audit::Outcome::error;
      work.event().error = error;
    });
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace medflow::kernel
