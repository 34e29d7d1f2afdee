#include "medflow/platform.hpp"

#include <set>

#include "crypto/token.hpp"
#include "documents/types/family.hpp"
#include "kernel/background.hpp"
#include "kernel/platform_state.hpp"
#include "users/sessions.hpp"

namespace medflow::inline v1 {
namespace {

using kernel::PlatformState;
using kernel::SessionState;

constexpr std::size_t label_max = 60;
constexpr std::size_t slug_max = 40;

bool is_placement(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name != default_placement &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

/// What is wrong with the options, if anything.
void check(const PlatformOptions& options) {
  std::vector<FieldError> errors;
  const auto wrong = [&](std::string_view field, std::string_view message) {
    errors.push_back({.pointer = "/" + std::string(field), .code = "invalid", .message = std::string(message)});
  };
  if (!options.engine) wrong("engine", "an engine is needed");
  std::set<const storage::Engine*> engines{options.engine.get()};
  for (const auto& [name, engine] : options.placements) {
    if (!engine || !is_placement(name)) wrong("placements", "engines by names of 1 to 40 of a to z, 0 to 9 and '-'");
    if (engine && !engines.insert(engine.get()).second) wrong("placements", "each of them another engine");
  }
  if (options.open_tenants_max == 0) wrong("open_tenants_max", "at least 1");
  if (!options.root_key) wrong("root_key", "a root key is needed");
  if (options.access_ttl_s < 60 || options.access_ttl_s > 86'400) wrong("access_ttl_s", "60 to 86,400 seconds");
  if (options.refresh_ttl_s < 60 || options.refresh_ttl_s > 90U * 86'400U)
    wrong("refresh_ttl_s", "60 seconds to 90 days");
  const bool named =
      !options.deployment.empty() && options.deployment.size() <= 63 &&
      options.deployment.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
  if (!named) wrong("deployment", "1 to 63 lower-case letters, digits, '-' and '.'");
  if (!crypto::password_cost_allowed({.passes = options.password_passes, .memory_kib = options.password_memory_kib}))
    wrong("password_memory_kib", "Argon2id needs at least 19 MiB and 2 passes");
  if (options.max_file_size == 0 || options.max_file_size > (std::uint64_t{1} << 30))
    wrong("max_file_size", "1 byte to 1 GiB");
  for (const auto& ending : options.file_types)
    if (!documents::types::family_of_ending(ending))
      wrong("file_types", "no files of the type " + ending + " are known");
  if (errors.empty()) return;
  Error error{.code = codes::invalid};
  error.fields = std::move(errors);
  throw Failure(std::move(error));
}

Session wrap(std::shared_ptr<SessionState> state) { return Session(std::move(state)); }

}  // namespace

Platform::Platform(std::shared_ptr<PlatformState> state) : state_(std::move(state)) {}
Platform::Platform(Platform&&) noexcept = default;
Platform& Platform::operator=(Platform&& other) noexcept {
  state_.swap(other.state_);  // what this was goes with the other
  return *this;
}
Platform::~Platform() {
  if (state_) state_->close();
}

Result<Platform> Platform::open(PlatformOptions options) {
  try {
    check(options);
    auto state = std::make_shared<PlatformState>(std::move(options));
    state->open();
    return Platform(std::move(state));
  } catch (...) {
    return kernel::error_of(std::current_exception());
  }
}

Session Platform::visit(std::string_view tenant) const {
  std::shared_ptr<kernel::Store> store;
  try {
    store = state_->store_for_stranger(tenant);
  } catch (...) {
    store = nullptr;  // a store that cannot be opened answers as one that is not there: nobody is signed in yet
  }
  kernel::Actor nobody;
  if (!store) nobody.unknown_tenant = tenant.substr(0, slug_max);
  return wrap(std::make_shared<SessionState>(state_, std::move(store), std::move(nobody),
                                             kernel::Access(std::span<const Role>{})));
}

Result<Session> Platform::authenticate(std::string_view access_token) const {
  try {
    const auto tenant = crypto::AccessTokens::tenant_of(access_token);
    const auto store = tenant ? state_->store(*tenant) : nullptr;
    crypto::AccessClaims claims;
    if (!store || store->tokens().verify(access_token, state_->clock().now(), claims) != crypto::TokenStatus::ok)
      return Error{.code = codes::unauthenticated};
    store->keep_up(state_->clock().now());
    auto session = store->sessions().find(claims.session);
    if (session && !session->usable(state_->clock().now())) return Error{.code = codes::unauthenticated};
    if (!session) session = users::resume(state_, store, claims.session);
    if (!session || session->actor().user != claims.subject) return Error{.code = codes::unauthenticated};
    return wrap(std::move(session));
  } catch (...) {
    return kernel::error_of(std::current_exception());
  }
}

Result<Session> Platform::session(std::string_view tenant, const Principal& principal) const {
  try {
    const auto store = state_->store(tenant);
    if (!store || store->realm() == Realm::platform) return Error{.code = codes::not_found};
    store->keep_up(state_->clock().now());
    return wrap(users::host_session(state_, store, principal));
  } catch (...) {
    return kernel::error_of(std::current_exception());
  }
}

Session Platform::local_operator(std::string_view label) const {
  return wrap(state_->operator_session(label.substr(0, label_max)));
}

std::vector<BackgroundTrouble> Platform::tick(Instant now) const {
  const std::unique_lock lock(state_->ticking(), std::try_to_lock);
  if (!lock.owns_lock()) return {};
  const kernel::InFlight in_flight(state_->flight_gate());
  return kernel::run_background(*state_, now);
}

std::vector<std::string> Platform::degradations() const { return state_->degradations(); }

std::string_view version() { return "0.1.0"; }

}  // namespace medflow::inline v1
