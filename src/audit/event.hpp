// One event of the audit log and its bytes. The bytes are canonical: one event has one form, and only that form is read, so
// the hash of what is stored is the hash of what it says. Nothing in the clear part tells of a patient but ids.
//
// Form, version 1, all numbers little-endian:
//   u8 version | u64 seq | i64 at | u8 actor kind | actor[16] | session[16] | u16 roles | u8 n, action[n]
//   | u16 table | object[16] | u64 revision | u8 n, n × patient[16] | u8 outcome | u8 n, error[n] | u8 purpose
//   | address hash[16] | user agent hash[16] | request[16] | u32 count
//   | u16 n, n × (u16 table | id[16] | u64 revision | seal[18] | u8 removed)
//   | u8 marks (1: on behalf of somebody, 2: the clock was known to be right), on behalf of[16 if marked]
//   | u32 n, detail[n]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/row_seal.hpp"
#include "medflow/audit.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1::audit {

inline constexpr std::uint8_t event_version = 1;
inline constexpr std::size_t event_patients_max = 200;
inline constexpr std::size_t event_rows_max = 65'535;
inline constexpr std::size_t event_word_bytes_max = 255;  ///< an action, an error's code
inline constexpr std::size_t event_detail_bytes_max = 16 * 1024 * 1024;

enum class ActorKind : std::uint8_t { anonymous, user, client, system };

/// A row as a write left it.
struct RowEntry {
  std::uint16_t table = 0;
  Uuid id{};
  /// 1 for a new row, one more with each write; a removal counts as a write. After a removal the next one is 1 again.
  std::uint64_t revision = 0;
  crypto::RowSeal seal{};
  bool removed = false;

  friend bool operator==(const RowEntry&, const RowEntry&) = default;
};

/// The texts are borrowed: from the operation's description where it is made, from the stored bytes where it was read.
struct Event {
  std::uint64_t seq = 0;  ///< from 1, without gaps; given by Log::append
  Instant at{};
  ActorKind actor_kind = ActorKind::anonymous;
  Uuid actor{};
  Uuid session{};
  std::uint16_t roles = 0;    ///< bit n for the n-th Role
  std::string_view action{};  ///< the operation's name
  std::uint16_t table = 0;    ///< the object's; 0 where the event is about none
  Uuid object{};
  std::uint64_t revision = 0;
  std::vector<Uuid> patients{};  ///< whose data was shown or written, at most `event_patients_max`
  Outcome outcome = Outcome::ok;
  std::string_view error{};  ///< the code's name where the outcome is not ok, else empty
  std::uint8_t purpose = 0;
  std::array<std::byte, 16> address_hash{};
  std::array<std::byte, 16> user_agent_hash{};
  Uuid request{};
  std::uint32_t count = 0;  ///< rows shown
  std::vector<RowEntry> rows{};
  std::optional<Uuid> on_behalf_of{};
  bool clock_synchronised = false;  ///< as far as the system knew
  std::string_view detail{};        ///< a sealed block, or nothing

  friend bool operator==(const Event&, const Event&) = default;
};

/// Writes the canonical form into `out`, which is overwritten; no allocation where its capacity suffices.
/// Throws Failure internal where a limit above is passed, or an event that went well names an error.
void encode(const Event& event, std::string& out);

/// Reads the canonical form, and nothing else: false where a byte is missing, left over or out of its range; `out` is then
/// unspecified. Afterwards `out` borrows from `bytes`. Its vectors keep their capacity from call to call.
bool decode(std::string_view bytes, Event& out);

}  // namespace medflow::inline v1::audit
