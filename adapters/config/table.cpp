#include "adapters/config/table.hpp"

#include <algorithm>
#include <iterator>

namespace medflow::config {
namespace {

constexpr std::int64_t day_s = 24 * 60 * 60;

constexpr Row rows[] = {
    {.name = "node_env",
     .environment = "NODE_ENV",
     .form = Form::word,
     .standard = "production",
     .meaning = "development, test or production; production refuses the demo and the memory root key",
     .words = "development,test,production"},
    {.name = "host", .environment = "MEDFLOW_HOST", .standard = "127.0.0.1", .meaning = "address to listen on"},
    {.name = "port",
     .environment = "PORT",
     .form = Form::integer,
     .standard = "3001",
     .meaning = "port to listen on; 0 takes any that is free",
     .max = 65535},
    {.name = "api_version",
     .environment = "API_VERSION",
     .form = Form::word,
     .standard = "v1",
     .meaning = "base path /api/{API_VERSION}; only versions that this build has",
     .words = "v1"},
    {.name = "root_key_file",
     .environment = "MEDFLOW_ROOT_KEY_FILE",
     .form = Form::path,
     .standard = "$XDG_CONFIG_HOME/medflow/root.key",
     .meaning = "the root key file, outside the data folder; \"memory:\" makes a key that is lost at the end"},
    {.name = "frontend_url",
     .environment = "FRONTEND_URL",
     .form = Form::origins,
     .meaning = "allowed CORS origins, comma between several; the first is the base of links in messages"},
    {.name = "database_url",
     .environment = "DATABASE_URL",
     .form = Form::engine,
     .standard = "sqlcipher:./data",
     .meaning = "the engine: memory:, sqlite:DIR, sqlcipher:DIR or postgresql://USER@HOST/NAME"},
    {.name = "direct_url",
     .environment = "DIRECT_URL",
     .form = Form::engine,
     .meaning = "the migrator's connection (PostgreSQL); as DATABASE_URL where not set"},
    {.name = "jwt_expires_in",
     .environment = "JWT_EXPIRES_IN",
     .form = Form::duration,
     .standard = "15m",
     .meaning = "term of an access token: a number and s, m, h or d; 1m to 1d",
     .min = 60,
     .max = day_s},
    {.name = "jwt_refresh_expires_in",
     .environment = "JWT_REFRESH_EXPIRES_IN",
     .form = Form::duration,
     .standard = "7d",
     .meaning = "term of a refresh token: a number and s, m, h or d; 1m to 90d",
     .min = 60,
     .max = 90 * day_s},
    {.name = "max_file_size",
     .environment = "MAX_FILE_SIZE",
     .form = Form::integer,
     .standard = "5242880",
     .meaning = "largest document in bytes, for tenants that set none",
     .min = 1,
     .max = std::int64_t{1} << 30},
    {.name = "allowed_file_types",
     .environment = "ALLOWED_FILE_TYPES",
     .form = Form::words,
     .standard = "jpg,jpeg,png,pdf,doc,docx",
     .meaning = "types of documents, for tenants that set none"},
    {.name = "smtp_host",
     .environment = "SMTP_HOST",
     .meaning = "mail server; without one messages go to the file sink"},
    {.name = "smtp_port",
     .environment = "SMTP_PORT",
     .form = Form::integer,
     .standard = "587",
     .meaning = "587 speaks STARTTLS, 465 TLS",
     .min = 1,
     .max = 65535},
    {.name = "smtp_user", .environment = "SMTP_USER", .meaning = "name at the mail server"},
    {.name = "smtp_pass", .environment = "SMTP_PASS", .secret = true, .meaning = "password at the mail server"},
    {.name = "from_email", .environment = "FROM_EMAIL", .meaning = "sender address; required with SMTP_HOST"},
    {.name = "sentry_dsn",
     .environment = "SENTRY_DSN",
     .form = Form::url,
     .secret = true,
     .meaning = "error-report sink; empty is off"},
    {.name = "jwt_secret",
     .environment = "JWT_SECRET",
     .secret = true,
     .meaning = "not used: signing keys come from the key tree",
     .fate = Fate::unused},
    {.name = "jwt_refresh_secret",
     .environment = "JWT_REFRESH_SECRET",
     .secret = true,
     .meaning = "not used: refresh tokens are random",
     .fate = Fate::unused},
    {.name = "redis_url",
     .environment = "REDIS_URL",
     .secret = true,
     .meaning = "not used: sessions live in the engine",
     .fate = Fate::unused},
    {.name = "upload_path",
     .environment = "UPLOAD_PATH",
     .meaning = "not used: documents live in the engine, sealed",
     .fate = Fate::unused},
};

constexpr std::string_view of_others[] = {"MEDFLOW_LIBRARY", "MEDFLOW_PROGRAM", "MEDFLOW_SHARED_DATA",
                                          "MEDFLOW_SOURCE_DIR", "MEDFLOW_BINARY_DIR"};

}  // namespace

std::span<const Row> table() { return rows; }

const Row* find(std::string_view name) {
  const auto* row =
      std::ranges::find_if(rows, [&](const Row& one) { return one.name == name || one.environment == name; });
  return row == std::end(rows) ? nullptr : row;
}

bool foreign(std::string_view environment) { return std::ranges::find(of_others, environment) != std::end(of_others); }

}  // namespace medflow::config
