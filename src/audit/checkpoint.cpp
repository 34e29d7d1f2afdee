#include "audit/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include "crypto/codec.hpp"

namespace medflow::inline v1::audit {
namespace {

constexpr std::string_view dash = "\u2014 ";
constexpr char ed25519 = 1;
constexpr std::size_t key_id_size = 4;

std::string_view view(std::span<const std::byte> bytes) { return crypto::text_of(bytes); }

std::array<std::byte, key_id_size> key_id(std::string_view origin, const crypto::PublicKey& key) {
  const Digest hash = crypto::sha256({origin, std::string_view("\n\x01", 2), view(key)});
  std::array<std::byte, key_id_size> id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

/// Takes a line off the front, without its end; nothing where there is none.
std::optional<std::string_view> line_of(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

/// Decimal, without sign or leading zeros.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  if (!whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return value;
}

std::optional<Digest> digest_of(std::string_view text) {
  const auto bytes = crypto::from_base64(text);
  Digest digest;
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

/// Whether a signature's line is this key's and right; nothing where it is no such line.
std::optional<bool> signed_by(std::string_view line, std::string_view text, std::string_view origin,
                              const crypto::PublicKey& key) {
  if (!line.starts_with(dash)) return std::nullopt;
  line.remove_prefix(dash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  const auto bytes = crypto::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= key_id_size) return std::nullopt;
  if (line.substr(0, space) != origin || !bytes->starts_with(view(key_id(origin, key)))) return false;
  return crypto::signature_valid(key, text, crypto::bytes_of(std::string_view(*bytes).substr(key_id_size)));
}

}  // namespace

std::string sign_checkpoint(const crypto::Signer& signer, std::string_view origin, const SizeAndRoot& state) {
  std::string note;
  note.append(origin).append("\n").append(std::to_string(state.size)).append("\n");
  note.append(crypto::base64(state.root)).append("\n");
  const auto signature = signer.sign(note);
  std::string bytes(view(key_id(origin, signer.public_key())));
  bytes += view(signature);
  note.append("\n").append(dash).append(origin).append(" ");
  note.append(crypto::base64(crypto::bytes_of(bytes))).append("\n");
  return note;
}

std::optional<SizeAndRoot> open_checkpoint(std::string_view note, std::string_view origin,
                                           const crypto::PublicKey& key) {
  std::string_view rest = note;
  const auto first = line_of(rest);
  const auto size = line_of(rest);
  const auto root = line_of(rest);
  if (!first || !size || !root || *first != origin) return std::nullopt;
  const auto text = note.substr(0, note.size() - rest.size());
  const auto number = number_of(*size);
  const auto digest = digest_of(*root);
  if (const auto empty = line_of(rest); !number || !digest || !empty || !empty->empty()) return std::nullopt;
  bool ours = false;
  while (!rest.empty()) {
    const auto line = line_of(rest);
    const auto right = line ? signed_by(*line, text, origin, key) : std::nullopt;
    if (!right) return std::nullopt;
    ours = ours || *right;
  }
  if (!ours) return std::nullopt;
  return SizeAndRoot{.size = *number, .root = *digest};
}

std::string verifier_key(std::string_view origin, const crypto::PublicKey& key) {
  std::string bytes(1, ed25519);
  bytes += view(key);
  return std::string(origin) + '+' + crypto::hex(key_id(origin, key)) + '+' + crypto::base64(crypto::bytes_of(bytes));
}

std::vector<std::string_view> split_notes(std::string_view text) {
  std::vector<std::string_view> notes;
  std::size_t begin = 0;
  std::size_t at = 0;
  bool in_signatures = false;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const auto line = text.substr(at, end - at);
    if (line.starts_with(dash)) {
      in_signatures = true;
    } else if (in_signatures) {
      notes.push_back(text.substr(begin, at - begin));
      in_signatures = false;
      begin = line == "\n" ? end : at;
    }
    at = end;
  }
  if (begin < text.size()) notes.push_back(text.substr(begin));
  return notes;
}

}  // namespace medflow::inline v1::audit
