// How the text of a setting is read: durations, engine URLs, lists; and how secrets are shown.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/config/table.hpp"

namespace medflow::config {

/// Seconds of "15m", "7d", "90s", "2h"; none for anything else, and for more than 10,000 days.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// A decimal number without sign, spaces or leading zeros.
std::optional<std::int64_t> parse_integer(std::string_view text);

enum class EngineKind : std::uint8_t { memory, sqlite, sqlcipher, postgresql };

/// Where the data is. `folder` for the file engines only.
struct EngineUrl {
  EngineKind kind = EngineKind::memory;
  std::string folder{};      ///< of the engines that keep files
  std::string url{};         ///< PostgreSQL: of the role that works
  std::string direct_url{};  ///< PostgreSQL: of the migrator; empty for none
  std::size_t connections_max = 16;
  bool tenant_database = false;  ///< PostgreSQL: each tenant has a database of its own
};

/// None for anything that is no engine's URL.
std::optional<EngineUrl> parse_engine(std::string_view text);

/// The engines of "name=URL,name=URL", by name; none where a part is no such thing, or a name comes twice or is "default".
std::optional<std::map<std::string, EngineUrl>> parse_engines(std::string_view text);

/// The hosts and slugs of "host=slug,host=slug", in that order; none where a part is no such thing, or a host comes twice.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_tenants(std::string_view text);

/// The parts of a comma-separated list without the spaces around them; an empty text has none.
std::vector<std::string> parse_list(std::string_view text);

/// Why this text is no value of the setting, as the rest of a sentence that begins with its name; empty where it is one. Never
/// repeats a secret.
std::string complaint(const Row& row, std::string_view text);

/// The text as it may be shown: eight asterisks for a secret, and for the password in a URL.
std::string masked(const Row& row, std::string_view text);

}  // namespace medflow::config
