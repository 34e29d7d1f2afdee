// A root key under a passphrase (medflow/ports.hpp, security.md "Hierarchy"). The file is four lines of text:
//   medflow root key 1
//   argon2id13 passes=3 memory_kib=262144
//   salt=<32 hexadecimal digits>
//   key=<240 hexadecimal digits>: the root key, wrapped (suite 2) under Argon2id of the passphrase, bound to the lines before it
#include <sodium.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "crypto/codec.hpp"
#include "crypto/key_file.hpp"
#include "crypto/root_key.hpp"
#include "crypto/wrap.hpp"

namespace medflow::crypto {
namespace {

constexpr std::uint32_t passes_floor = 3;
constexpr std::uint32_t memory_kib_floor = 256 * 1024;
constexpr std::uint32_t passes_max = 16;
constexpr std::uint32_t memory_kib_max = 4 * 1024 * 1024;
constexpr std::size_t passphrase_min = 12;
constexpr std::size_t passphrase_max = 1'024;
constexpr std::size_t salt_size = 16;
constexpr std::size_t file_max = 1'024;
constexpr std::string_view first_line = "medflow root key 1\n";
constexpr std::string_view cost_begin = "argon2id13 passes=";
constexpr std::string_view memory_begin = " memory_kib=";
constexpr std::string_view salt_begin = "salt=";
constexpr std::string_view key_begin = "key=";

struct Header {
  std::uint32_t passes = passes_floor;
  std::uint32_t memory_kib = memory_kib_floor;
  std::array<std::byte, salt_size> salt{};
};

/// The lines that the wrapped key is bound to.
std::string text_of(const Header& header) {
  std::string text(first_line);
  text.append(cost_begin).append(std::to_string(header.passes));
  text.append(memory_begin).append(std::to_string(header.memory_kib)).append("\n");
  return text.append(salt_begin).append(hex(header.salt)).append("\n");
}

/// Reads exactly what `text_of` writes, and takes it off the front.
std::optional<Header> take_header(std::string_view& text) {
  Header header;
  std::string_view rest = text;
  const auto skip = [&](std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  };
  const auto number = [&](std::uint32_t& to) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), to);
    if (error != std::errc{}) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
  };
  const bool read = skip(first_line) && skip(cost_begin) && number(header.passes) && skip(memory_begin) &&
                    number(header.memory_kib) && skip("\n") && skip(salt_begin) &&
                    from_hex(rest.substr(0, 2 * salt_size), header.salt);
  if (!read) return std::nullopt;
  const std::string written = text_of(header);
  if (!text.starts_with(written)) return std::nullopt;
  text.remove_prefix(written.size());
  return header;
}

SecureKey stretch(std::string_view passphrase, const Header& header) {
  init();
  SecureKey key;
  const int failed = crypto_pwhash(reinterpret_cast<unsigned char*>(key.writable().data()), key_size, passphrase.data(),
                                   passphrase.size(), reinterpret_cast<const unsigned char*>(header.salt.data()),
                                   header.passes, std::size_t{header.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) throw Failure{codes::key_unavailable, "there is not enough memory to open the root key"};
  return key;
}

SecureKey open_key(const std::string& path, std::string_view passphrase) {
  const SecureBytes bytes = read_key_file(path, file_max);
  std::string_view text = bytes.text();
  const std::size_t size = text.size();
  const auto header = take_header(text);
  if (!header) refuse_key_file(path, "is no root key under a passphrase");
  if (header->passes < passes_floor || header->memory_kib < memory_kib_floor)
    refuse_key_file(path, "asks for a weaker passphrase hash than was ever written: it was tampered with");
  if (header->passes > passes_max || header->memory_kib > memory_kib_max)
    refuse_key_file(path, "asks for more memory than a passphrase hash may take");
  const std::string_view bound = bytes.text().substr(0, size - text.size());
  WrappedKey wrapped{};
  if (text.size() != key_begin.size() + 2 * wrapped.size() + 1 || !text.starts_with(key_begin) || text.back() != '\n' ||
      !from_hex(text.substr(key_begin.size(), 2 * wrapped.size()), wrapped))
    refuse_key_file(path, "is no root key under a passphrase");
  auto key = unwrap_key(stretch(passphrase, *header), bytes_of(bound), wrapped);
  if (!key) refuse_key_file(path, "the passphrase does not open it");
  return std::move(*key);
}

}  // namespace
}  // namespace medflow::crypto

namespace medflow::inline v1 {

std::shared_ptr<RootKeyProvider> passphrase_root_key(const std::string& path, std::string_view passphrase) {
  return crypto::one_root_key(crypto::open_key(path, passphrase));
}

void create_passphrase_root_key_file(const std::string& path, std::string_view passphrase, Rng& rng) {
  using namespace crypto;
  if (passphrase.size() < passphrase_min || passphrase.size() > passphrase_max)
    throw Failure{medflow::codes::invalid, "/passphrase", "text.length", "12 to 1,024 bytes"};
  Header header;
  rng.fill(header.salt);
  SecureKey key;
  rng.fill(key.writable());
  std::string text = text_of(header);
  const WrappedKey wrapped = wrap_key(stretch(passphrase, header), 0, bytes_of(text), key, rng);
  text.append(key_begin).append(hex(wrapped)).append("\n");
  write_key_file(path, text);
}

}  // namespace medflow::inline v1
