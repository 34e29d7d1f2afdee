// A root key that the host keeps, behind its own functions (medflow/ports.hpp).
#include <utility>

#include "crypto/root_key.hpp"

namespace medflow::crypto {
namespace {

/// A host's function may throw anything, and nothing of it is for a caller's eyes.
template <class Ask>
auto asked(const Ask& ask) {
  try {
    return ask();
  } catch (const Failure&) {
    throw;
  } catch (...) {
    throw Failure{codes::key_unavailable};
  }
}

class CallbackRootKey final : public RootKeyProvider {
 public:
  explicit CallbackRootKey(RootKeyCallbacks callbacks) : callbacks_(std::move(callbacks)) {}

  RootId current() override {
    return asked([&] { return callbacks_.current(); });
  }

  std::vector<std::byte> wrap(const RootId& root, std::span<const std::byte> associated,
                              std::span<const std::byte, 32> key) override {
    auto wrapped = asked([&] { return callbacks_.wrap(root, associated, key); });
    if (wrapped.empty()) throw Failure{codes::key_unavailable};
    return wrapped;
  }

  void unwrap(const RootId& root, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
              std::span<std::byte, 32> key) override {
    if (asked([&] { return callbacks_.unwrap(root, associated, wrapped, key); })) return;
    wipe(key);
    throw Failure{medflow::codes::key_mismatch};
  }

  std::vector<RootId> list() override {
    if (!callbacks_.list) return {current()};
    return asked([&] { return callbacks_.list(); });
  }

 private:
  const RootKeyCallbacks callbacks_;
};

}  // namespace
}  // namespace medflow::crypto

namespace medflow::inline v1 {

std::shared_ptr<RootKeyProvider> callback_root_key(RootKeyCallbacks callbacks) {
  if (!callbacks.current || !callbacks.wrap || !callbacks.unwrap)
    throw Failure{medflow::codes::invalid, "/root_key", "required", "current, wrap and unwrap are needed"};
  return std::make_shared<crypto::CallbackRootKey>(std::move(callbacks));
}

}  // namespace medflow::inline v1
