#include "users/devices.hpp"

#include <cstring>

#include "crypto/token.hpp"

namespace medflow::inline v1::users {
namespace {

constexpr std::string_view binding{"device\0", 7};
constexpr std::size_t id_size = 16;
constexpr std::int64_t ttl_s = 365LL * 24 * 60 * 60;

}  // namespace

std::string device_token(kernel::Store& store, const KnownDevice& known, Instant now) {
  std::string bytes(known.user.uuid.view());
  bytes += known.device.view();
  bytes.append(reinterpret_cast<const char*>(&now.us), sizeof now.us);
  std::string token;
  const auto& keys = store.keys().tenant();
  crypto::seal_token(keys.token_sealing(), keys.version(), binding, bytes, store.rng(), token);
  return token;
}

std::optional<KnownDevice> open_device_token(kernel::Store& store, std::string_view token, Instant now) {
  const auto bytes = crypto::open_token(store.keys().tenant().token_sealing(), binding, token);
  Instant issued;
  if (!bytes || bytes->size() != 2 * id_size + sizeof issued.us) return std::nullopt;
  KnownDevice known;
  std::memcpy(known.user.uuid.bytes.data(), bytes->data(), id_size);
  std::memcpy(known.device.bytes.data(), bytes->data() + id_size, id_size);
  std::memcpy(&issued.us, bytes->data() + 2 * id_size, sizeof issued.us);
  if (now >= issued.plus_s(ttl_s)) return std::nullopt;
  return known;
}

}  // namespace medflow::inline v1::users
