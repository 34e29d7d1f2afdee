#include "adapters/cli/client.hpp"

#include <array>
#include <cstddef>

#include "adapters/cli/files.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/ports.hpp"

namespace medflow::cli {
namespace {

constexpr std::int64_t margin_s = 30;  // a token that dies on its way is of no use
constexpr std::size_t answer_bytes_max = std::size_t{64} << 20U;

bool expires_soon(const StoredSession& session) { return session.expires_at <= system_clock()->now().plus_s(margin_s); }

void take(StoredSession& session, const auth::Tokens& tokens) {
  session.access_token = tokens.access_token;
  session.refresh_token = tokens.refresh_token;
  session.expires_at = system_clock()->now().plus_s(tokens.expires_in);
}

auth::Tokens tokens_of(Connection& connection, const OperationRow& row, Value request, const std::string& tenant) {
  const Value output = read_answer(row, connection.call(row, std::move(request), {.tenant = tenant}, {}));
  return *static_cast<const auth::Tokens*>(output.data());
}

template <class Op>
const OperationRow& row_of() {
  return operations()[Operations::index_of<Op>()];
}

/// A key that nobody has used.
std::string random_key() {
  std::array<std::byte, 16> bytes{};
  system_rng()->fill(bytes);
  std::string text;
  for (const std::byte byte : bytes)
    for (const unsigned shift : {4U, 0U}) text += "0123456789abcdef"[(std::to_integer<unsigned>(byte) >> shift) & 15U];
  return text;
}

bool is_server(const std::string& place) { return place.starts_with("http://") || place.starts_with("https://"); }

}  // namespace

Value read_answer(const OperationRow& row, const std::string& json) {
  Value output(*row.output);
  Error error{.code = codes::malformed};
  if (!row.output->fields.empty() && !json::decode(json, *row.output, output.data(), error, answer_bytes_max))
    throw Trouble(exit_code::failure,
                  "the answer of " + std::string(row.operation->name) + " cannot be read; --json shows it");
  return output;
}

Client::Client(std::unique_ptr<Connection> connection, std::optional<StoredSession> session, Globals globals)
    : connection_(std::move(connection)),
      session_(std::move(session)),
      globals_(std::move(globals)),
      here_(!is_server(connection_->place())) {}

Client Client::open(const Globals& globals) {
  config::Settings settings = load_settings(globals);
  const std::string folder = config::config_folder(globals.environment);
  SessionChoice choice{.tenant = globals.tenant, .email = globals.as};
  const bool named_here = !globals.data_dir.empty() || settings.get("database_url").origin != config::Origin::standard;
  if (!globals.server.empty()) {
    choice.place = server_place(globals.server);
  } else if (named_here) {
    choice.place = local_place(settings);
  }
  auto session = folder.empty() ? std::nullopt : SessionFile(folder).find(choice);
  if (!session && !globals.as.empty())
    throw Trouble(describe(Errc::unauthenticated).exit_code,
                  "no session of " + globals.as + " is stored: `medflow login`");

  const std::string place = session ? session->place : choice.place;
  const std::string version = settings.text("api_version");
  if (is_server(place)) return {connect_to(place, version), std::move(session), globals};
  if (session && place.starts_with("postgres")) {
    if (place != local_place(settings))
      throw usage("the session is one of " + place + ": name that in DATABASE_URL, or choose another by --tenant");
  } else if (session) {
    Globals there = globals;  // where it was signed in, with the key it was signed in with
    there.data_dir.clear();
    there.flags["database_url"] = place;
    if (settings.get("root_key_file").origin == config::Origin::standard && !session->root_key_file.empty())
      there.flags["root_key_file"] = session->root_key_file;
    settings = load_settings(there);
  }
  return {connect_here(settings), std::move(session), globals};
}

void Client::renew() {
  SessionFile file(config::config_folder(globals_.environment));
  const FileLock lock(file.lock_path());
  // Somebody else may have renewed it meanwhile, and a refresh token that is used twice ends the session.
  if (auto kept = file.find({.place = session_->place, .tenant = session_->tenant, .email = session_->email}))
    session_ = std::move(kept);
  if (!expires_soon(*session_)) return;
  const OperationRow& row = row_of<auth::Refresh>();
  auth::Refresh request{.refresh_token = Secret(session_->refresh_token)};
  take(*session_, tokens_of(*connection_, row, Value::of(*row.request, std::move(request)), session_->tenant));
  file.keep(*session_);
}

Caller Client::caller(const OperationRow& row) {
  const Operation& operation = *row.operation;
  const std::string& tenant = session_ ? session_->tenant : globals_.tenant;
  if (operation.permission == Permission::anonymous) {
    if (tenant.empty()) throw usage("name the tenant with --tenant");
    return {.tenant = tenant};
  }
  // Whoever can read the root key is the platform's operator; a stored session is used where it is one of the platform.
  const bool for_platform =
      operation.realm == Realm::platform || (operation.realm == Realm::any && globals_.tenant == "platform");
  const bool fits = session_ && (operation.realm != Realm::platform || session_->tenant == "platform");
  if (fits) {
    if (expires_soon(*session_)) renew();
    return {.tenant = tenant, .access_token = session_->access_token};
  }
  if (for_platform && here_) return {.tenant = "platform", .holds_root_key = true};
  throw Trouble(describe(Errc::unauthenticated).exit_code, "no session is stored for this: `medflow login`");
}

std::string Client::call(const OperationRow& row, Value request, const ByteSink& sink, std::string idempotency_key) {
  Caller who = caller(row);
  who.idempotency_key =
      idempotency_key.empty() && row.operation->key_required ? random_key() : std::move(idempotency_key);
  return connection_->call(row, std::move(request), who, sink);
}

StoredSession sign_in(Connection& connection, const std::string& tenant, const std::string& email, Secret password) {
  const OperationRow& row = row_of<auth::Login>();
  auth::Login request{.email = email, .password = std::move(password), .device = "medflow command line"};
  StoredSession session{.place = connection.place(), .tenant = tenant, .email = email};
  take(session, tokens_of(connection, row, Value::of(*row.request, std::move(request)), tenant));
  session.signed_in_at = system_clock()->now();
  return session;
}

}  // namespace medflow::cli
