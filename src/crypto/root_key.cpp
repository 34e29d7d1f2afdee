// Root keys in a file and in memory (medflow/ports.hpp).
#include "crypto/root_key.hpp"

#include <algorithm>
#include <utility>

#include "crypto/codec.hpp"
#include "crypto/key_file.hpp"
#include "crypto/secret.hpp"
#include "crypto/wrap.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {
namespace {

constexpr std::size_t file_max = 1'024;
constexpr std::size_t file_size = 2 * key_size + 1;  // hexadecimal and a line feed

/// One root key, in a guarded region of its own.
class OneRootKey final : public RootKeyProvider {
 public:
  explicit OneRootKey(KeyView key) : slot_(KeyArena::create(KeyArena::slot_size)->take()), id_(key_id(key)) {
    slot_.set(key);
  }

  RootId current() override { return id_; }

  std::vector<std::byte> wrap(const RootId& root, std::span<const std::byte> associated,
                              std::span<const std::byte, 32> key) override {
    require(root == id_);
    const WrappedKey out = wrap_key(slot_.key(), 0, associated, key, *rng_);
    return {out.begin(), out.end()};
  }

  void unwrap(const RootId& root, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
              std::span<std::byte, 32> key) override {
    require(root == id_);
    const auto out = unwrap_key(slot_.key(), associated, wrapped);
    require(out.has_value());
    std::copy(out->view().begin(), out->view().end(), key.begin());
  }

  std::vector<RootId> list() override { return {id_}; }

 private:
  static void require(bool holds) {
    if (!holds) throw Failure{medflow::codes::key_mismatch};
  }

  ArenaSlot slot_{};
  RootId id_{};
  std::shared_ptr<Rng> rng_ = system_rng();  // nonces of wraps; what is wrapped never depends on them
};

SecureKey read_key(const std::string& path) {
  const SecureBytes text = read_key_file(path, file_max);
  SecureKey key;
  if (text.view().size() != file_size || text.text()[file_size - 1] != '\n' ||
      !from_hex(text.text().substr(0, 2 * key_size), key.writable()))
    refuse_key_file(path, "must hold 64 hexadecimal digits and a line feed");
  return key;
}

}  // namespace

std::shared_ptr<RootKeyProvider> one_root_key(KeyView key) { return std::make_shared<OneRootKey>(key); }

}  // namespace medflow::crypto

namespace medflow::inline v1 {

std::shared_ptr<RootKeyProvider> file_root_key(const std::string& path) {
  return crypto::one_root_key(crypto::read_key(path));
}

void create_root_key_file(const std::string& path, Rng& rng) {
  using namespace crypto;
  SecureKey key;
  rng.fill(key.writable());
  SecureBytes text(file_size);
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < key_size; ++i) {
    text.writable()[2 * i] = static_cast<std::byte>(digits[std::to_integer<std::size_t>(key.view()[i] >> 4U)]);
    text.writable()[2 * i + 1] =
        static_cast<std::byte>(digits[std::to_integer<std::size_t>(key.view()[i] & std::byte{15})]);
  }
  text.writable()[file_size - 1] = std::byte{'\n'};
  write_key_file(path, text.text());
}

std::shared_ptr<RootKeyProvider> memory_root_key(std::span<const std::byte, 32> key) {
  return crypto::one_root_key(key);
}

}  // namespace medflow::inline v1
