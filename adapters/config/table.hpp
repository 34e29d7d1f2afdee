// The one table of settings (R16): what the server and the command line can be told. The library itself reads none of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace medflow::config {

/// How a setting's text is read, and so what is refused.
enum class Form : std::uint8_t {
  text,      ///< anything on one line
  slug,      ///< a tenant's
  word,      ///< one of `Row::words`, comma between them
  integer,   ///< a decimal number from `min` to `max`
  duration,  ///< a number and one of `s m h d`; `min` and `max` in seconds
  path,      ///< a file
  engine,    ///< `memory:`, `sqlite:DIR`, `sqlcipher:DIR`, `postgresql://…`
  engines,   ///< `name=` and an engine's URL, comma between them
  url,       ///< `scheme://host…`
  origins,   ///< `http://` or `https://` origins, comma between them
  words,     ///< lower-case words, comma between them
  hosts,     ///< host names or addresses without a port, comma between them
  tenants,   ///< such a host, `=` and a tenant's slug, comma between them
  networks,  ///< IP addresses, alone or with `/` and a number of bits, comma between them
};

/// What becomes of a setting.
enum class Fate : std::uint8_t {
  used,
  unused,  ///< a name of the seed's environment that is accepted and does nothing: one warning line says why
};

/// One setting. `name` is its command-line flag with `-` for `_`; a secret has no flag, for what stands in argv is no secret.
struct Row {
  std::string_view name{};
  std::string_view environment{};
  Form form = Form::text;
  std::string_view standard{};  ///< the default's text; empty is none
  bool secret = false;
  std::string_view meaning{};  ///< one line; for an unused name, why it is not used
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view words{};
  Fate fate = Fate::used;
};

/// Every setting, in the order in which they are shown.
std::span<const Row> table();

/// The row of this name or environment name, none where there is none.
const Row* find(std::string_view name);

/// Whether a `MEDFLOW_*` name belongs to somebody else of the house: the bindings and the project's own tests.
bool foreign(std::string_view environment);

}  // namespace medflow::config
