#include "crypto/password.hpp"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <memory>

#include "crypto/codec.hpp"

namespace medflow::crypto {
namespace {

constexpr std::size_t salt_size = crypto_pwhash_SALTBYTES;
constexpr std::size_t hash_size = 32;
constexpr std::size_t hash_size_max = 64;
constexpr PasswordCost cost_max{.passes = 16, .memory_kib = 1024 * 1024};
constexpr std::size_t bcrypt_password_max = 72;

struct ArgonHash {
  PasswordCost cost{};
  std::array<std::byte, salt_size> salt{};
  std::array<std::byte, hash_size_max> hash{};
  std::size_t size = 0;
};

/// What the time of a hash goes by: KiB that are filled, over all passes.
std::uint64_t work_of(const PasswordCost& cost) { return std::uint64_t{cost.passes} * cost.memory_kib; }

/// Takes the text up to `end` off `rest`.
std::optional<std::string_view> take_until(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const auto out = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return out;
}

bool read_number(std::string_view text, std::uint32_t& out) {
  if (text.empty() || text[0] == '0') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "m=…,t=…,p=1"; some writers put `p` before `t`.
std::optional<PasswordCost> read_parameters(std::string_view text) {
  PasswordCost cost{.passes = 0, .memory_kib = 0};
  std::uint32_t lanes = 0;
  for (int i = 0; i < 3; ++i) {
    const auto comma = text.find(',');
    if ((comma == std::string_view::npos) != (i == 2)) return std::nullopt;
    const auto part = text.substr(0, comma);
    if (part.size() < 3 || part[1] != '=') return std::nullopt;
    std::uint32_t& target = part[0] == 'm' ? cost.memory_kib : part[0] == 't' ? cost.passes : lanes;
    if ((part[0] != 'm' && part[0] != 't' && part[0] != 'p') || target != 0 || !read_number(part.substr(2), target))
      return std::nullopt;
    if (i < 2) text.remove_prefix(comma + 1);
  }
  const bool possible =
      lanes == 1 && cost.memory_kib >= 8 && cost.memory_kib <= cost_max.memory_kib && cost.passes <= cost_max.passes;
  return possible ? std::optional(cost) : std::nullopt;
}

std::optional<ArgonHash> read_argon2id(std::string_view stored) {
  constexpr std::string_view start = "$argon2id$v=19$";
  if (stored.substr(0, start.size()) != start) return std::nullopt;
  stored.remove_prefix(start.size());
  const auto parameters = take_until(stored, '$');
  const auto salt = take_until(stored, '$');
  if (!parameters || !salt) return std::nullopt;
  const auto cost = read_parameters(*parameters);
  if (!cost) return std::nullopt;
  ArgonHash out{.cost = *cost};
  const auto salt_bytes = decode_base64_unpadded(*salt, out.salt);
  const auto hash_bytes = decode_base64_unpadded(stored, out.hash);
  if (!salt_bytes || *salt_bytes != salt_size || !hash_bytes || *hash_bytes < crypto_pwhash_BYTES_MIN)
    return std::nullopt;
  out.size = *hash_bytes;
  return out;
}

bool is_bcrypt(std::string_view stored) {
  if (stored.size() != 60 || stored.substr(0, 2) != "$2" || stored[3] != '$' || stored[6] != '$') return false;
  if (stored[2] != 'a' && stored[2] != 'b' && stored[2] != 'y') return false;
  const auto cost = stored.substr(4, 2);
  if (!(cost >= "04" && cost <= "15" && cost[1] >= '0' && cost[1] <= '9')) return false;  // 15 takes seconds already
  return stored.find_first_not_of("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 7) ==
         std::string_view::npos;
}

void argon2id(std::string_view password, const PasswordCost& cost, std::span<const std::byte, salt_size> salt,
              std::span<std::byte> out) {
  init();
  const int status = crypto_pwhash(reinterpret_cast<unsigned char*>(out.data()), out.size(), password.data(),
                                   password.size(), reinterpret_cast<const unsigned char*>(salt.data()), cost.passes,
                                   std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (status != 0)
    throw Failure{Error{.code = codes::auth_busy, .detail = "no memory for a password hash", .retry_after_s = 1}};
}

PasswordCheck verify_bcrypt(std::string_view password, std::string_view stored) {
  if (password.size() > bcrypt_password_max || password.find('\0') != std::string_view::npos)
    return PasswordCheck::too_long_for_bcrypt;
  struct Work {  // 32 KiB: not on the stack
    crypt_data data{};
    std::array<char, bcrypt_password_max + 1> password{};
    std::array<char, 61> setting{};
    ~Work() { sodium_memzero(this, sizeof *this); }
  };
  const auto work = std::make_unique<Work>();
  password.copy(work->password.data(), password.size());
  stored.copy(work->setting.data(), stored.size());
  const char* out = crypt_r(work->password.data(), work->setting.data(), &work->data);
  const bool right = out != nullptr && constant_time_equal(bytes_of(out), bytes_of(stored));
  return right ? PasswordCheck::right : PasswordCheck::wrong;
}

}  // namespace

bool password_cost_allowed(const PasswordCost& cost) {
  return cost.passes >= password_cost_floor.passes && cost.memory_kib >= password_cost_floor.memory_kib &&
         cost.passes <= cost_max.passes && cost.memory_kib <= cost_max.memory_kib;
}

std::string hash_password(std::string_view password, const PasswordCost& cost, Rng& rng) {
  assert(password_cost_allowed(cost));
  std::array<std::byte, salt_size> salt;
  rng.fill(salt);
  std::array<std::byte, hash_size> hash;
  argon2id(password, cost, salt, hash);
  std::string out =
      "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) + ",p=1$";
  append_base64_unpadded(salt, out);
  out += '$';
  append_base64_unpadded(hash, out);
  return out;
}

PasswordCheck verify_password(std::string_view password, std::string_view stored) {
  if (is_bcrypt(stored)) return verify_bcrypt(password, stored);
  const auto known = read_argon2id(stored);
  if (!known) return PasswordCheck::unsupported;
  std::array<std::byte, hash_size_max> hash{};
  const auto out = std::span(hash).first(known->size);
  argon2id(password, known->cost, known->salt, out);
  const bool right = constant_time_equal(out, std::span(known->hash).first(known->size));
  return right ? PasswordCheck::right : PasswordCheck::wrong;
}

bool password_hash_supported(std::string_view stored) { return is_bcrypt(stored) || read_argon2id(stored).has_value(); }

bool needs_rehash(std::string_view stored, const PasswordCost& cost) {
  const auto known = read_argon2id(stored);
  return !known || known->cost.passes < cost.passes || known->cost.memory_kib < cost.memory_kib;
}

PasswordCheck verify_nobody(std::string_view password, const PasswordCost& cost) {
  constexpr std::array<std::byte, salt_size> salt{};
  std::array<std::byte, hash_size> hash;
  argon2id(password, cost, salt, hash);
  wipe(hash);
  return PasswordCheck::wrong;
}

PasswordCheck verify_password_or_nobody(std::string_view password, std::string_view stored, const PasswordCost& cost) {
  constexpr std::uint64_t memory_kib_min = 8;
  const PasswordCheck check = verify_password(password, stored);
  if (check == PasswordCheck::right) return check;
  const auto known = read_argon2id(stored);
  const std::uint64_t done = known ? work_of(known->cost) : 0;
  if (done >= work_of(cost)) return check;
  const std::uint64_t left_kib = std::max((work_of(cost) - done) / cost.passes, memory_kib_min);
  static_cast<void>(
      verify_nobody(password, {.passes = cost.passes, .memory_kib = static_cast<std::uint32_t>(left_kib)}));
  return check;
}

std::string wrap_password_hash(KeyView pepper, std::uint16_t key_version, const SealContext& context,
                               std::string_view hash, Rng& rng) {
  std::string out;
  seal(pepper, {.key_version = key_version, .block_class = 6, .schema_version = 1}, context, hash, rng, out,
       Suite::wrap);
  return out;
}

std::optional<std::string> unwrap_password_hash(KeyView pepper, const SealContext& context, std::string_view wrapped) {
  std::string out;
  if (open(pepper, context, wrapped, out, Suite::wrap) != OpenResult::ok) return std::nullopt;
  return out;
}

PasswordGate::PasswordGate(std::uint32_t at_once, std::uint32_t queue_max) : at_once_(at_once), queue_max_(queue_max) {
  assert(at_once > 0);
}

PasswordGate::Pass PasswordGate::enter() {
  constexpr std::uint32_t retry_after_s = 5;
  std::unique_lock lock(mutex_);
  if (next_ticket_ - served_ >= std::uint64_t{at_once_} + queue_max_)
    throw Failure{Error{.code = codes::auth_busy, .retry_after_s = retry_after_s}};
  const std::uint64_t ticket = next_ticket_++;
  turn_.wait(lock, [&] { return ticket < served_ + at_once_; });
  return Pass(this);
}

void PasswordGate::leave() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ++served_;
  }
  turn_.notify_all();
}

}  // namespace medflow::crypto
