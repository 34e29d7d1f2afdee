// Sealed blocks and what is in them: what opens was sealed, by this key, in this place; fields that are read are written as they were.
//   input: what is tried, 1 byte | 0: type of an operation, 2 bytes, and fields as they are stored
//                                | 1: a place, another place, where a bit is turned, 2 bytes, and a plaintext
//                                | 2: a block as it comes
#include <algorithm>
#include <string>

#include "crypto/seal.hpp"
#include "storage/block_codec.hpp"
#include "tests/crypto/support.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/fuzz/types.hpp"

namespace medflow::fuzz {
namespace {

using crypto::OpenResult;
using crypto::SealContext;

constexpr std::size_t place_size = 8;

const crypto::SecureKey& key() {
  static const crypto::SecureKey one = crypto::testing::key_counting_from(0);
  return one;
}

SealContext place(Input& input) {
  return {.tenant = crypto::testing::uuid_of(input.byte()),
          .table_id = static_cast<std::uint16_t>(input.number(2)),
          .row_id = crypto::testing::uuid_of(input.byte()),
          .subject_id = crypto::testing::uuid_of(input.byte()),
          .block = input.byte(),
          .block_version = static_cast<std::uint32_t>(input.number(2))};
}

bool same(const SealContext& a, const SealContext& b) { return associated_data(a) == associated_data(b); }

/// The plant: an old version of a block opens in the place of a new one.
OpenResult opened(const SealContext& where, const std::string& block, std::string& out) {
  OpenResult result = crypto::open(key(), where, block, out);
  SealContext before = where;
  while (planted && result == OpenResult::wrong_key_or_moved && before.block_version % 256 > 0) {
    --before.block_version;
    result = crypto::open(key(), before, block, out);
  }
  return result;
}

void refused(const SealContext& where, const std::string& block, const char* sentence) {
  std::string out = "kept";
  demand(opened(where, block, out) != OpenResult::ok, sentence);
  demand(out == "kept", "what does not open leaves nothing behind");
}

void check_sealed(Input& input) {
  const SealContext here = place(input);
  const SealContext there = place(input);
  const std::uint64_t turned = input.number(2);
  const std::string_view text = input.rest();
  const crypto::SealHeader header{
      .key_version = static_cast<std::uint16_t>(turned), .block_class = 1, .schema_version = 1};

  std::string block;
  crypto::testing::SeededRng rng(turned);
  crypto::seal(key(), header, here, text, rng, block);
  demand(block.size() == crypto::sealed_size(text.size()), "a block has the size that is said");
  demand(crypto::header_of(block) == header, "a block says its header");
  std::string out;
  demand(opened(here, block, out) == OpenResult::ok && out == text, "what was sealed opens where it was sealed");
  if (!same(here, there)) refused(there, block, "a block opens in no other place");

  std::string shorter = block.substr(0, turned % block.size());
  refused(here, shorter, "a block that was cut does not open");
  block[turned % block.size()] = static_cast<char>(block[turned % block.size()] ^ (1 << (turned >> 8U) % 8));
  refused(here, block, "a block with a turned bit does not open");
}

void check_fields(Input& input) {
  const Type& type = *operation_types()[input.number(2) % operation_types().size()];
  if (!is_storable(type)) return;
  Value first(type);
  if (!storage::decode_fields(type, input.rest(), first.data())) return;
  std::string once;
  storage::encode_fields(type, first.data(), 0, once);
  Value second(type);
  demand(storage::decode_fields(type, once, second.data()), "what was written is read");
  std::string twice;
  storage::encode_fields(type, second.data(), 0, twice);
  demand(once == twice, "fields that are read are written as they were");
}

void run(std::string_view bytes) {
  Input input(bytes);
  switch (input.byte() % 3) {
    case 0:
      return check_fields(input);
    case 1:
      return check_sealed(input);
    default: {
      const SealContext where = place(input);
      const std::string block(input.rest());
      if (const auto header = crypto::header_of(block))
        demand(crypto::key_version_of(block) == header->key_version, "a block has one key version");
      return refused(where, block, "what was never sealed does not open");
    }
  }
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < operation_types().size(); ++i) {
    if (!is_storable(*operation_types()[i])) continue;
    const Value empty(*operation_types()[i]);
    std::string seed{'\0', static_cast<char>(i >> 8U), static_cast<char>(i)};
    storage::encode_fields(empty.type(), empty.data(), 0, seed);
    all.push_back(seed);
  }
  const std::string here("\x11\x01\x02\x22\x33\x07\x00\x09", place_size);
  const std::string there("\x11\x01\x02\x22\x34\x07\x00\x09", place_size);
  all.push_back('\1' + here + here + std::string(2, '\0') + "Maria Garcia-Lopez");
  all.push_back('\1' + here + there + "\x12\x34" + std::string(32, 'a'));
  all.push_back('\1' + here + there + "\x12\x34");
  const std::string newer("\x11\x01\x02\x22\x33\x07\x00\x0a", place_size);
  all.push_back('\1' + here + newer + "\x12\x34" + "as it was");
  Input input(here);
  crypto::testing::SeededRng rng(1);
  std::string block;
  crypto::seal(crypto::testing::key_counting_from(1), {.key_version = 3, .block_class = 1, .schema_version = 1},
               place(input), "of another key", rng, block);
  all.push_back('\2' + here + block);
  return all;
}

}  // namespace

const Target block_target{
    .name = "block", .plant = "an old version of a block opens in the place of a new one", .run = run, .seeds = seeds};

}  // namespace medflow::fuzz
