#include "crypto/row_seal.hpp"

#include <sodium.h>

#include <cassert>

#include "crypto/seal_core.hpp"

namespace medflow::crypto {
namespace {

using State = crypto_generichash_blake2b_state;

State* state_in(std::array<std::byte, 384>& bytes) { return reinterpret_cast<State*>(bytes.data()); }

void update(std::array<std::byte, 384>& state, std::span<const std::byte> bytes) {
  if (!bytes.empty())
    crypto_generichash_blake2b_update(state_in(state), reinterpret_cast<const unsigned char*>(bytes.data()),
                                      bytes.size());
}

}  // namespace

RowSealer::RowSealer(KeyView row_mac, std::uint16_t key_version, const SealContext& context)
    : key_version_(key_version) {
  static_assert(sizeof(State) == 384 && alignof(State) <= 64);
  init();
  crypto_generichash_blake2b_init(state_in(state_), reinterpret_cast<const unsigned char*>(row_mac.data()),
                                  row_mac.size(), 16);
  update(state_, associated_data(context));
}

RowSealer::~RowSealer() { wipe(state_); }  // it holds the key until enough was hashed

RowSealer& RowSealer::plain(std::string_view canonical) {
  assert(!blocks_began_ && !finished_);
  update(state_, bytes_of(canonical));
  return *this;
}

RowSealer& RowSealer::block(std::string_view sealed) {
  assert(!finished_);
  blocks_began_ = true;
  std::array<std::byte, 32> digest;
  crypto_generichash_blake2b(reinterpret_cast<unsigned char*>(digest.data()), digest.size(),
                             reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(), nullptr, 0);
  update(state_, digest);
  return *this;
}

RowSeal RowSealer::finish() {
  assert(!finished_);
  finished_ = true;
  RowSeal out;
  std::byte* mac = core::put_u16(out.data(), key_version_);
  crypto_generichash_blake2b_final(state_in(state_), reinterpret_cast<unsigned char*>(mac), 16);
  return out;
}

bool RowSealer::matches(std::span<const std::byte> seal) { return constant_time_equal(finish(), seal); }

std::optional<std::uint16_t> row_seal_version(std::span<const std::byte> seal) {
  return seal.size() == row_seal_size ? std::optional(core::get_u16(seal.data())) : std::nullopt;
}

}  // namespace medflow::crypto
