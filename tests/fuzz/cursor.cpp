// Cursors: they give back what was sealed, to the same caller, for the same operation and query, for a day; all else is `cursor.invalid`.
//   input: what is tried, 1 byte | 0: operation, query, other query (texts), other caller, age in 8 s, turned bit (2 bytes each), position
//                                | 1: a cursor as it comes
#include "kernel/cursor.hpp"

#include <array>
#include <optional>
#include <string>

#include "crypto/codec.hpp"
#include "medflow/error.hpp"
#include "tests/crypto/support.hpp"
#include "tests/fuzz/target.hpp"

namespace medflow::fuzz {
namespace {

using kernel::CursorScope;

constexpr Instant issued{1'795'305'600'000'000};
constexpr std::int64_t day_s = 86'400;
const UserId caller{crypto::testing::uuid_of(7)};

const crypto::TenantKeys& keys() {
  static const crypto::TenantKeys one(crypto::KeyArena::create(std::size_t{1} << 16U), crypto::testing::uuid_of(1), 3,
                                      crypto::testing::key_counting_from(0));
  return one;
}

/// The plant: a cursor is good for any longer query that begins with its own.
std::optional<std::string> opened(CursorScope scope, std::int64_t age_s, std::string_view cursor) {
  while (true) {
    try {
      return kernel::open_cursor(keys(), scope, issued.plus_s(age_s), cursor);
    } catch (const Failure& failure) {
      demand(failure.error.code.name == codes::cursor_invalid.name, "a cursor that is no good is cursor.invalid");
    }
    if (!planted || scope.query.empty()) return std::nullopt;
    scope.query.remove_suffix(1);
  }
}

void check_sealed(Input& input) {
  const std::string operation(input.text());
  const std::string query(input.text());
  const std::string other_query(input.text());
  const UserId other{crypto::testing::uuid_of(static_cast<std::uint8_t>(input.number(2)))};
  const auto age_s = static_cast<std::int64_t>(input.number(2)) * 8;
  const std::uint64_t turned = input.number(2);
  const std::string_view position = input.rest();
  if (operation.find('\0') != std::string::npos) return;  // names of operations are words

  const CursorScope scope{.operation = operation, .user = caller, .query = query};
  crypto::testing::SeededRng rng(turned);
  std::string cursor = kernel::seal_cursor(keys(), scope, issued, position, rng);
  if (cursor.size() > 8192) return;  // longer ones are never made

  const auto same = opened(scope, age_s, cursor);
  demand(same.has_value() == (age_s <= day_s), "a cursor is good for a day");
  demand(!same || *same == position, "a cursor gives back what was sealed");
  if (other_query != query)
    demand(!opened({.operation = operation, .user = caller, .query = other_query}, 0, cursor),
           "a cursor is good for no other query");
  if (other != caller)
    demand(!opened({.operation = operation, .user = other, .query = query}, 0, cursor),
           "a cursor is good for nobody else");
  demand(!opened({.operation = operation + "x", .user = caller, .query = query}, 0, cursor),
         "a cursor is good for no other operation");
  char& letter = cursor[turned % cursor.size()];
  letter = static_cast<char>(letter ^ (1 << (turned >> 8U) % 8));
  demand(!opened(scope, 0, cursor), "a cursor with a turned bit is no good");
}

void run(std::string_view bytes) {
  Input input(bytes);
  if (input.byte() % 2 == 0) return check_sealed(input);
  demand(!opened({.operation = "patients.list", .user = caller}, 0, input.rest()),
         "what was never sealed is no cursor");
}

std::vector<std::string> seeds() {
  const auto text = [](std::string_view of) { return static_cast<char>(of.size()) + std::string(of); };
  const std::string list = '\0' + text("patients.list");
  const std::string other_and_age("\0\7\x2a\x30\1\2", 6);
  const std::string position = "n" + std::string(crypto::testing::uuid_of(9).view());
  crypto::testing::SeededRng rng(5);
  return {list + text("") + text("q=lee") + other_and_age + position,
          list + text("q=lee") + text("q=lee") + std::string("\0\6\0\0\0\0", 6) + position,
          list + text("q=lee") + text("") + std::string("\0\7\x2a\x31\xff\xff", 6) + std::string(40, 'p'),
          '\1' + kernel::seal_cursor(keys(), {.operation = "patients.list", .user = {crypto::testing::uuid_of(8)}},
                                     issued, position, rng),
          "\1cursor",
          "\1"};
}

}  // namespace

const Target cursor_target{
    .name = "cursor", .plant = "a cursor is good for longer queries too", .run = run, .seeds = seeds};

}  // namespace medflow::fuzz
